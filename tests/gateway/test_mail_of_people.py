"""What becomes of a person's mail is told once: to the device that waits, or to its sender's inbox; and its copy goes with it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default

import pytest

from gateway.sink import Sink, listening
from gateway.test_outbox import Carrier, Killed
from pimgate import outbox
from pimgate.core import Core
from pimgate.handing_over import LOGIN_PAUSE_SECONDS, HandingOver, claim, hand_over
from pimgate.mail.carrying import LeftOut, Letter, Lost, Never, NotNow
from pimgate.model.mail import SpecialUse
from pimgate.model.outbox import Channel, Entry, EntryId, State
from pimgate.model.people import Account, Identity
from pimgate.outbox import Posting
from pimgate.settings import Mail, Outgoing, OutgoingLogin, Security

LETTER = b"Subject: Regatta\r\nMessage-ID: <r@example.org>\r\n\r\nOn Sunday.\r\n"
TO = ("zoe@outside.example", "bob@outside.example")
WAIT = 15.0


class Choosy(Carrier):
    """Takes a letter, but not for everybody."""

    def __init__(self, left_out: LeftOut) -> None:
        super().__init__()
        self.left_out = left_out

    def carry(self, letter: Letter, last_octet: Callable[[], None]) -> LeftOut:  # type: ignore[override]
        super().carry(letter, last_octet)
        left_out, self.left_out = self.left_out, LeftOut()
        return left_out


@pytest.fixture
def kind() -> str:
    return "sqlite"


@pytest.fixture
def core(make_core: Callable[..., Core]) -> Core:
    return make_core(mail=Mail(host="127.0.0.1", port=1, tls=Security.NONE))


@pytest.fixture
def clock(core: Core) -> Iterator[list[float]]:
    now = [1_800_000_000.0]
    core.database.clock = lambda: now[0]
    yield now


@pytest.fixture
def anna(person: Callable[[str], Account]) -> Account:
    return person("anna")


def sent(core: Core, anna: Account, topic: str = "x") -> EntryId:
    """A mail with a copy, for which a device waits."""
    with core.database.write() as work:
        posting = Posting(Channel.MAIL, anna.id, anna.login, TO, LETTER, ("mail", topic), awaited_seconds=WAIT)
        entry_id = outbox.post(work, posting)
        assert entry_id is not None
        outbox.keep_copy(work, entry_id, anna.id, LETTER, WAIT)
    return entry_id


def tried(core: Core, carrier: Carrier) -> None:
    with core.database.write() as work:
        entry = claim(core, work, 60)
    if entry is not None:
        hand_over(core, carrier, entry)


def filed(core: Core, use: SpecialUse) -> list[Entry]:
    """What is due to be put into a folder of this use."""
    with core.database.read() as work:
        found = [each for each in work.outbox.all() if each.channel is Channel.FOLDER and each.due_at <= work.now]
    return [each for each in found if each.recipients == (use.value,)]


def state(core: Core, entry_id: EntryId) -> Entry:
    with core.database.read() as work:
        found = work.outbox.get(entry_id)
    assert found is not None
    return found


def test_copy_rests_until_the_mail_has_left(core: Core, anna: Account, clock: list[float]) -> None:
    sent(core, anna)
    assert filed(core, SpecialUse.SENT) == []
    tried(core, Carrier())
    assert [each.content for each in filed(core, SpecialUse.SENT)] == [LETTER]


def test_copy_does_not_wait_longer_than_the_device(core: Core, anna: Account, clock: list[float]) -> None:
    entry_id = sent(core, anna)
    with core.database.write() as work:
        outbox.stop_waiting(work, entry_id)
    assert len(filed(core, SpecialUse.SENT)) == 1


def test_whoever_died_while_waiting_leaves_the_copy(core: Core, anna: Account, clock: list[float]) -> None:
    sent(core, anna)
    clock[0] += WAIT + 1
    assert len(filed(core, SpecialUse.SENT)) == 1


def test_refusal_is_for_the_device_that_waits_and_the_copy_goes(core: Core, anna: Account, clock: list[float]) -> None:
    entry_id, carrier = sent(core, anna), Carrier()
    carrier.before.append(Never("no"))
    tried(core, carrier)
    assert outbox.was_refused(state(core, entry_id))
    clock[0] += WAIT + 1
    assert (filed(core, SpecialUse.SENT), filed(core, SpecialUse.INBOX)) == ([], [])


def test_refusal_that_nobody_waits_for_comes_into_the_inbox(core: Core, anna: Account, clock: list[float]) -> None:
    entry_id, carrier = sent(core, anna), Carrier()
    clock[0] += WAIT + 1
    carrier.before.append(Never("refused with 550"))
    tried(core, carrier)
    assert not outbox.was_refused(state(core, entry_id))
    [notice] = filed(core, SpecialUse.INBOX)
    mail = message_from_bytes(notice.content, policy=default)
    assert mail["Subject"] == "Not delivered: Regatta"
    assert mail["In-Reply-To"] == "<r@example.org>"
    words = next(mail.iter_parts()).get_content()
    assert all(f"{each} (refused with 550)" in words for each in TO)


@pytest.mark.parametrize("end", ["the line", "the process"])
def test_nobody_knowing_is_told_in_the_inbox(core: Core, anna: Account, clock: list[float], end: str) -> None:
    entry_id, carrier = sent(core, anna), Carrier()
    carrier.after.append(Lost("broken") if end == "the line" else Killed())
    try:
        tried(core, carrier)
    except Killed:
        clock[0] += 24 * 3600
        tried(core, carrier)
    assert state(core, entry_id).state is State.UNKNOWN
    [notice] = filed(core, SpecialUse.INBOX)
    assert message_from_bytes(notice.content, policy=default)["Subject"] == "Perhaps not delivered: Regatta"
    assert len(filed(core, SpecialUse.SENT)) == 1
    assert len(carrier.taken) == 1


def test_who_could_not_have_it_now_gets_it_later_and_nobody_twice(
    core: Core, anna: Account, clock: list[float]
) -> None:
    sent(core, anna)
    carrier = Choosy(LeftOut(later=(TO[1],)))
    for _ in range(3):
        tried(core, carrier)
        clock[0] += 3600
    assert [each.recipients for each in carrier.taken] == [TO, (TO[1],)]
    assert filed(core, SpecialUse.INBOX) == []


def test_mail_of_somebody_whose_login_is_not_known_waits_for_them(
    make_core: Callable[..., Core], person: Callable[[str], Account]
) -> None:
    import asyncio

    chosen = Outgoing(host="127.0.0.1", port=1, security=Security.NONE, login=OutgoingLogin.PERSON, timeout_seconds=1)
    core = make_core(mail=Mail(host="127.0.0.1", port=1, tls=Security.NONE), outgoing=chosen)
    now = [1_800_000_000.0]
    core.database.clock = lambda: now[0]
    entry_id = sent(core, person("anna"))
    assert asyncio.run(HandingOver(core).hand_over_next())
    waiting = state(core, entry_id)
    assert (waiting.state, waiting.tries) == (State.ACCEPTED, 0)
    assert waiting.due_at > now[0]
    now[0] += 6 * 24 * 3600
    assert asyncio.run(HandingOver(core).hand_over_next())
    assert state(core, entry_id).state is State.FAILED


@pytest.mark.parametrize("login", ["änna@example.org", "an..na@example.org", ".anna@exämple.org"])
def test_mail_of_somebody_with_an_odd_login_comes_to_its_end_and_holds_up_nobody(
    core: Core, anna: Account, person: Callable[[str], Account], clock: list[float], login: str
) -> None:
    entry_id, carrier = sent(core, person(login)), Carrier()
    clock[0] += WAIT + 1
    carrier.after.append(Never("refused with 554"))
    tried(core, carrier)
    assert state(core, entry_id).state is State.FAILED
    assert len(filed(core, SpecialUse.INBOX)) == 1
    tried(core, carrier)
    other = sent(core, anna, "other")
    tried(core, carrier)
    assert state(core, other).state is State.SENT


def test_login_that_the_server_refused_is_not_tried_with_each_mail(
    make_core: Callable[..., Core], person: Callable[[str], Account]
) -> None:
    import asyncio

    with listening(Sink(knows=(b"", b"anna@example.org", b"right"))) as sink:
        chosen = replace(sink.settings, login=OutgoingLogin.PERSON)
        core, anna = make_core(mail=Mail(host="127.0.0.1", port=1, tls=Security.NONE), outgoing=chosen), person("anna")
        now = [1_800_000_000.0]
        core.database.clock = lambda: now[0]
        handing_over = HandingOver(core)
        assert core.mail is not None
        core.mail.came_in(Identity(anna), "wrong")
        ids = [sent(core, anna, str(number)) for number in range(3)]
        for _ in range(6):
            asyncio.run(handing_over.hand_over_next())
            now[0] += LOGIN_PAUSE_SECONDS / 2
        assert len(sink.guesses) == 1
        assert {(each.state, each.tries) for each in (state(core, each) for each in ids)} == {(State.ACCEPTED, 0)}
        core.mail.came_in(Identity(anna), "right")
        now[0] += LOGIN_PAUSE_SECONDS
        while asyncio.run(handing_over.hand_over_next()):
            pass
        assert [state(core, each).state for each in ids] == [State.SENT] * 3


def test_what_the_operator_drops_leaves_no_copy(core: Core, anna: Account, clock: list[float]) -> None:
    entry_id = sent(core, anna)
    with core.database.write() as work:
        outbox.drop(work, entry_id)
    clock[0] += WAIT + 1
    assert filed(core, SpecialUse.SENT) == []


def test_what_was_refused_to_the_face_may_be_said_again(core: Core, anna: Account, clock: list[float]) -> None:
    for error, is_again in ((Never("no"), True), (NotNow("busy"), False)):
        posting = Posting(Channel.MAIL, anna.id, anna.login, TO, LETTER, ("mail", str(error)), awaited_seconds=WAIT)
        carrier = Carrier()
        carrier.before.append(error)
        with core.database.write() as work:
            outbox.post(work, posting, same_seconds=None)
        tried(core, carrier)
        with core.database.write() as work:
            assert (outbox.post(work, posting, same_seconds=None) is not None) == is_again
