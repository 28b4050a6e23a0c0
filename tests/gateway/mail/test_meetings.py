"""What arrives in an inbox about meetings reaches the calendar once, if its sender may say it."""

import asyncio
import imaplib
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mail.mailserver import MailServer
from gateway.mail.watched import House, house
from gateway.meetings import ANNA, NOW, ZOE, calendar, entry, guest, meeting, unfolded
from pimgate import scheduling
from pimgate.core import Core
from pimgate.errors import AwayNow
from pimgate.items import keep
from pimgate.mail.imap import BadAnswer, Connection, Item
from pimgate.mail.imip import letter
from pimgate.mail.meetings import KEY, MOST_TRIES, Meetings
from pimgate.mail.senders import speaks_for
from pimgate.model.collections import CollectionKind, Standing
from pimgate.model.people import Account, Identity
from pimgate.settings import Invitations
from pimgate.text.itip import Message, Method, due

GERD, HANNA = "gerd@example.org", "hanna@example.org"


@pytest.fixture(scope="module")
def server() -> Iterator[MailServer]:
    with MailServer("full") as made:
        yield made


@pytest.fixture
def kind() -> str:
    return "sqlite"


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The effects of all that was brought, in order."""
    effects: list[str] = []
    receive = scheduling.receive

    def noting(*given: Any) -> Any:
        effects.append(receive(*given))
        return effects[-1]

    monkeypatch.setattr(scheduling, "receive", noting)
    return effects


def invitation(uid: str, sender: str = "", to: str = GERD, host: str = ZOE) -> bytes:
    """An invitation by `host`, in a mail that comes from `sender`."""
    (message,) = due(None, meeting(guest(to), uid=uid).replace(ANNA, host), host, NOW).messages
    return letter(message, "Host", sender or host, NOW, f"<{uid}@example.org>")


def reply(sender: str, partstat: str) -> bytes:
    lines = [each for each in entry(uid="own") if not each.startswith(("ATTENDEE", "ORGANIZER"))]
    lines[1:1] = [f"ORGANIZER:mailto:{HANNA}", guest(ZOE, partstat)]
    text = calendar(lines, method="REPLY")
    return letter(Message(Method.REPLY, "own", 0, "", HANNA, text), "Zoe", sender, NOW, f"<{sender}{partstat}@x>")


def put(octets: bytes, seconds_ago: float = 0) -> Callable[[Any], Any]:
    moment = imaplib.Time2Internaldate(time.time() - seconds_ago)
    return lambda line: line.done(line.append("INBOX", "", moment, octets))


def events(core: Core, account: Account) -> str:
    with core.database.read() as work:
        mine = [each.collection.id for each in work.collections.standings(account.id) if is_own(each)]
        return "".join(item.text for place in mine for item in work.items.all(place))


def is_own(standing: Standing) -> bool:
    return standing.collection.kind is CollectionKind.CALENDAR and standing.collection.owner == standing.account_id


async def is_begun(here: House) -> bool:
    return await here.core.read(lambda work: work.shelf.peek(here.account.id, KEY)) is not None


async def until_read(here: House, count: int, received: list[str]) -> None:
    async def holds() -> bool:
        return len(received) >= count

    await here.until(holds, (await here.folders())["INBOX"].collection_id)


def test_each_message_counts_once_also_over_a_restart(
    server: MailServer, make_core: Callable[..., Core], received: list[str]
) -> None:
    """Also of a colleague, if the mail server verified that it is theirs."""
    settings = replace(server.settings, authenticated_by="mx.example.org")

    async def first() -> Account:
        async with house(make_core(mail=settings), server, GERD) as here:
            await here.program(put(invitation("before"), 7200))
            await here.ready()
            with here.room.watch(here.identity):
                await here.until(lambda: is_begun(here))
                await here.program(put(invitation("forged", sender="eve@elsewhere.example")))
                await here.program(put(invitation("forged-colleague", host=ANNA)))
                await here.program(put(invitation("r1")))
                await until_read(here, 1, received)
            return here.account

    async def second(account: Account) -> None:
        core = make_core(mail=settings)
        assert core.mail is not None
        async with core.running():
            here = House(core, core.mail, Identity(account), server)
            await here.program(put(OURS + b"auth=pass smtp.auth=anna@example.org\r\n" + invitation("r2", host=ANNA)))
            await here.ready()
            with here.room.watch(here.identity):
                await until_read(here, 2, received)
                await here.program(lambda line: line.flag("r1", "\\Seen"))
                await here.program(put(invitation("r3")))
                await until_read(here, 3, received)
            there = [uid for uid in ("before", "forged", "r1", "r2", "r3") if f"UID:{uid}" in events(core, account)]
            assert there == ["r1", "r2", "r3"]
            assert received == ["keep"] * 3

    asyncio.run(second(asyncio.run(first())))


def test_answer_counts_only_for_the_guest_that_it_comes_from(
    server: MailServer, make_core: Callable[..., Core], received: list[str]
) -> None:
    async def story() -> None:
        core = make_core(mail=server.settings)
        async with house(core, server, HANNA) as here:
            with core.database.write() as work:
                (place,) = (each.collection for each in work.collections.standings(here.account.id) if is_own(each))
                keep(work, core.settings.limits, place, "own.ics", meeting(guest(ZOE), uid="own").replace(ANNA, HANNA))
            await here.ready()
            with here.room.watch(here.identity):
                await here.until(lambda: is_begun(here))
                await here.program(put(reply("eve@elsewhere.example", "DECLINED")))
                await here.program(put(reply(ZOE, "ACCEPTED")))
                await until_read(here, 1, received)
            assert received == ["keep"]
            assert "PARTSTAT=ACCEPTED" in next(each for each in unfolded(events(core, here.account)) if ZOE in each)

    asyncio.run(story())


def test_message_of_which_the_mail_server_says_nonsense_stands_in_nobodys_way(
    server: MailServer, make_core: Callable[..., Core], received: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried some times, alone, and then passed over."""
    fetch = Connection.fetch
    asked: list[int] = []

    async def confused(self: Connection, uids: Any, items: Any) -> Any:
        found = await fetch(self, uids, items)
        if Item.STRUCTURE in items and any(each.uid == 2 for each in found):
            asked.append(len(found))
            raise BadAnswer("nonsense")
        return found

    async def story() -> None:
        core = make_core(mail=server.settings)
        async with house(core, server, "ida@example.org") as here:
            box = here.room.box(here.account)
            await here.ready()
            meetings = Meetings(core)
            await meetings.read_on(box)
            await here.room.stop_watching(here.account)
            for uid in ("one", "two", "three"):
                await here.program(put(invitation(uid, to="ida@example.org")))
            await box.look_at((await here.folders())["INBOX"].collection_id, 0)
            monkeypatch.setattr(Connection, "fetch", confused)
            for _ in range(MOST_TRIES):
                with pytest.raises(AwayNow):
                    await meetings.read_on(box)
            await meetings.read_on(box)
            texts = events(core, here.account)
            assert [f"UID:{each}" in texts for each in ("one", "two", "three")] == [True, False, True]

    asyncio.run(story())
    assert asked == [3] + [1] * MOST_TRIES


@given(st.binary(max_size=300))
def test_no_header_is_too_odd(octets: bytes) -> None:
    speaks_for(b"Authentication-Results: mx.example.org; " + octets, ZOE, Invitations.AUTHENTICATED, "mx.example.org")
    speaks_for(b"From: " + octets, ZOE, Invitations.PLAUSIBLE, "mx.example.org")


OURS = b"Authentication-Results: mx.example.org; "
FROM = b"From: Zoe <zoe@outside.example>\r\n"


@pytest.mark.parametrize(
    ("header", "plausible", "authenticated"),
    [
        (FROM, True, False),
        (b"From: Eve <eve@elsewhere.example>\r\n", False, False),
        (b"From: zoe@outside.example, eve@elsewhere.example\r\n", False, False),
        (b"From: Eve <eve@elsewhere.example>\r\nSender: zoe@outside.example\r\n", False, False),
        (b"From: Office <office@outside.example>\r\nSender: zoe@outside.example\r\n", True, False),
        (b"From: \"zoe@outside.example\" <eve@elsewhere.example>\r\n", False, False),
        (FROM + b"From: eve@elsewhere.example\r\n", False, False),
        (OURS + b"dmarc=fail header.from=outside.example\r\n" + FROM, False, False),
        (OURS + b"dmarc=pass header.from=outside.example\r\n" + FROM, True, True),
        (OURS + b"dmarc=pass header.from=elsewhere.example\r\n" + FROM, True, False),
        (OURS + b"spf=fail smtp.mailfrom=x@y; dkim=pass (2048 (rsa)) header.d=outside.example\r\n" + FROM, True, True),
        (OURS + b"dkim=pass header.d=example\r\n" + FROM, True, False),
        (OURS + b"dkim=pass header.d=evil-outside.example\r\n" + FROM, True, False),
        (OURS + b"spf=pass smtp.mailfrom=bounce@outside.example\r\n" + FROM, True, True),
        (OURS + b"none (dmarc=pass header.from=outside.example)\r\n" + FROM, True, False),
        (OURS + b'spf=pass smtp.mailfrom="x@outside.example"@elsewhere.example\r\n' + FROM, True, False),
        (OURS + b'spf=pass smtp.mailfrom="x; dmarc=pass header.from=outside.example"@elsewhere.example\r\n' + FROM, True, False),
        (OURS + b'spf=pass smtp.mailfrom="x smtp.mailfrom=a@outside.example"@elsewhere.example\r\n' + FROM, True, False),
        (OURS + b'dkim=pass header.i="@outside.example"@elsewhere.example\r\n' + FROM, True, False),
        (OURS + b'spf=pass smtp.mailfrom=a@elsewhere.example smtp.mailfrom=a@outside.example\r\n' + FROM, True, False),
        (OURS + b'dkim=pass (2048-bit key; fine) header.d=outside.example header.b="Qx;y"\r\n' + FROM, True, True),
        (OURS + b'spf=pass ("x) ; dmarc=pass header.from=outside.example (")\r\n' + FROM, False, False),
        (b"Authentication-Results: mx.elsewhere.example; dmarc=pass header.from=outside.example\r\n" + FROM, True, False),
        (b"", False, False),
    ],
)  # fmt: skip
def test_sender_is_believed_as_far_as_the_settings_say(header: bytes, plausible: bool, authenticated: bool) -> None:
    assert speaks_for(header, ZOE, Invitations.PLAUSIBLE, "mx.example.org") is plausible
    assert speaks_for(header, ZOE, Invitations.AUTHENTICATED, "mx.example.org") is authenticated
    assert not speaks_for(header, ZOE, Invitations.OFF, "mx.example.org")
    assert not speaks_for(header, ZOE, Invitations.AUTHENTICATED, "")
