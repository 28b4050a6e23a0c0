"""A real mail server answers for people who are away, and what they had there is theirs again afterwards."""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.mail.sieve.scripts_server import ScriptsServer, scripts_server
from pimgate import absences
from pimgate.core import Core
from pimgate.errors import AwayNow
from pimgate.mail.imap import Login, Way
from pimgate.mail.sieve import Conversation, NotTaken, connect, vacations
from pimgate.mail.sieve.conversation import look
from pimgate.mail.sieve.scripts import NAME, WRAPPER
from pimgate.mail.upstream import place_of_scripts
from pimgate.model.absence import Audience, OutOfOffice, Reply
from pimgate.model.people import Account
from pimgate.settings import Settings

INSIDE = Reply(True, 'Back on "Monday" \\o/ ${mine}\n.\nZoë')
OUTSIDE = Reply(True, "<p>We are <b>closed</b> &amp; away.</p>", True)
AWAY = OutOfOffice(True, None, None, {Audience.INTERNAL: INSIDE, Audience.UNKNOWN: OUTSIDE})
FILTER = 'require ["fileinto", "mailbox"];\r\nif header :is "subject" "Hello" { fileinto :create "Hellos"; stop; }\r\n'


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptsServer]:
    with scripts_server() as made:
        yield made


@pytest.fixture
def kind() -> str:
    return "sqlite"


@pytest.fixture
def core(make_core: Callable[..., Core], server: ScriptsServer) -> Core:
    return make_core(mail=server.mail)


@pytest.fixture
def anna(core: Core, request: pytest.FixtureRequest) -> Account:
    with core.database.write() as work:
        return core.people.create(work, f"p{abs(hash(request.node.name)) % 10**12}@example.org", None)


def change(core: Core, account: Account, absence: OutOfOffice) -> None:
    async def deed() -> None:
        await absences.change(core, account, lambda before: absence, lambda work: None)

    asyncio.run(deed())


def kept(core: Core, account: Account) -> OutOfOffice:
    with core.database.read() as work:
        return absences.absence_of(work, account.id)


def at_server(server: ScriptsServer, account: Account, deed: Callable[[Conversation], object]) -> object:
    """What the person does with a program of their own."""
    place = place_of_scripts(Settings(Path("/"), mail=server.mail))
    assert place is not None

    async def go() -> object:
        login = Login(account.login, server.known.master_password, Way.MASTER, server.known.master_login)
        async with connect(place, login) as line:
            return await deed(line)  # type: ignore[misc]

    return asyncio.run(go())


def state(server: ScriptsServer, account: Account) -> dict[str, bool]:
    async def deed(line: Conversation) -> dict[str, bool]:
        return {each.name: each.is_active for each in await line.scripts()}

    return at_server(server, account, deed)  # type: ignore[return-value]


def own_script(server: ScriptsServer, account: Account, text: str) -> None:
    async def deed(line: Conversation) -> None:
        await line.put("mine", text)
        await line.activate("mine")

    at_server(server, account, deed)


def test_colleagues_and_others_are_answered_in_their_own_words_once(
    core: Core, server: ScriptsServer, anna: Account
) -> None:
    change(core, anna, AWAY)
    assert kept(core, anna) == AWAY
    (answer,) = server.deliver("bert@example.org", anna.login)
    assert 'Back on "Monday" \\o/ ${mine}\n.\nZoë' in answer.replace("\r\n", "\n")
    assert "Auto-Submitted: auto-replied" in answer
    (answer,) = server.deliver("eve@elsewhere.example", anna.login)
    assert "multipart/alternative" in answer and "Monday" not in answer
    assert server.deliver("bert@example.org", anna.login) == []
    change(core, anna, OutOfOffice())
    assert state(server, anna) == {}
    assert server.deliver("cleo@example.org", anna.login) == []


def test_server_says_what_it_can_do_before_anybody_logs_in(server: ScriptsServer) -> None:
    place = place_of_scripts(Settings(Path("/"), mail=server.mail))
    assert place is not None
    assert {"vacation", "date", "envelope", "include"} <= asyncio.run(look(place))


def test_nobody_is_answered_before_and_after_the_time_away(core: Core, server: ScriptsServer, anna: Account) -> None:
    now = time.time()
    for starts, ends, answers in ((-7200, -3600, 0), (3600, 7200, 0), (-90_000, -80_000, 0), (-3600, 90_000, 1)):
        change(core, anna, replace(AWAY, starts_at=now + starts, ends_at=now + ends))
        assert len(server.deliver(f"x{starts}@example.org", anna.login)) == answers


def test_filter_of_the_person_goes_on_and_is_theirs_again(core: Core, server: ScriptsServer, anna: Account) -> None:
    own_script(server, anna, FILTER)
    for _ in range(2):
        change(core, anna, AWAY)
        assert state(server, anna) == {"mine": False, NAME: False, WRAPPER: True}
    assert len(server.deliver("bert@example.org", anna.login)) == 1
    with server.program(anna.login) as program:
        assert program.names("Hellos") == {"Hello"}
        assert program.names("INBOX") == set()
    change(core, anna, OutOfOffice())
    assert state(server, anna) == {"mine": True}


def test_filter_that_answers_already_is_left_alone_and_the_person_is_told(
    core: Core, server: ScriptsServer, anna: Account
) -> None:
    own_script(server, anna, 'require "vacation";\r\nvacation "Gone fishing";\r\n')
    with pytest.raises(NotTaken, match=anna.id) as refused:
        change(core, anna, AWAY)
    assert "answers messages already" in refused.value.public
    assert kept(core, anna) == OutOfOffice()
    assert state(server, anna) == {"mine": True}


def test_without_include_a_filter_of_the_person_is_left_alone(
    core: Core, server: ScriptsServer, anna: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    own_script(server, anna, FILTER)

    async def know_less(line: Conversation, *, is_greeting: bool = False) -> None:
        await knows(line, is_greeting=is_greeting)
        line.extensions -= {"include"}

    knows = Conversation.know_capabilities
    monkeypatch.setattr(Conversation, "know_capabilities", know_less)
    with pytest.raises(NotTaken):
        change(core, anna, AWAY)
    assert state(server, anna) == {"mine": True}


def test_script_that_somebody_includes_by_hand_is_emptied_and_not_removed(
    core: Core, server: ScriptsServer, anna: Account
) -> None:
    change(core, anna, AWAY)
    own_script(server, anna, f'require "include";\r\ninclude :personal "{NAME}";\r\n')
    change(core, anna, replace(AWAY, replies={Audience.INTERNAL: Reply(True, "Still away")}))
    assert state(server, anna) == {"mine": True, NAME: False}
    (answer,) = server.deliver("bert@example.org", anna.login)
    assert "Still away" in answer
    change(core, anna, OutOfOffice())
    assert state(server, anna) == {"mine": True, NAME: False}
    assert server.deliver("dora@example.org", anna.login) == []


def test_server_that_is_away_or_refuses_the_login_changes_nothing(
    core: Core,
    make_core: Callable[..., Core],
    server: ScriptsServer,
    anna: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for wrong in ({"sieve_port": 9}, {"master_password": "wrong"}):
        mail = replace(server.mail, **wrong)  # type: ignore[arg-type]
        other = make_core(mail=mail)
        with pytest.raises(AwayNow):
            change(other, anna, AWAY)
    assert kept(core, anna) == OutOfOffice()
    monkeypatch.delattr(vacations, "connect")
    with pytest.raises(AwayNow):  # and the login is not tried again at once
        change(other, anna, AWAY)


def test_without_a_server_of_scripts_the_absence_is_only_kept(
    make_core: Callable[..., Core], server: ScriptsServer, anna: Account
) -> None:
    core = make_core(mail=replace(server.mail, sieve_host=""))
    change(core, anna, AWAY)
    assert kept(core, anna) == AWAY
    assert state(server, anna) == {}
