"""What is posted leaves once: whoever posts it twice, whoever dies on the way, whoever else sends at the same time."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from pimgate import outbox
from pimgate.core import Core
from pimgate.errors import Refused
from pimgate.handing_over import claim as claim_next
from pimgate.handing_over import hand_over
from pimgate.mail.carrying import Letter, Lost, Never, NotNow
from pimgate.model.outbox import Channel, Entry, State
from pimgate.model.people import Account
from pimgate.outbox import Posting

LETTER = b"Subject: Regatta\r\n\r\nOn Sunday.\r\n"
HOUR = 3600.0


class Carrier:
    """Takes letters; `answers` says what happens to the next ones, before or after the last octet."""

    name = "a carrier"

    def __init__(self) -> None:
        self.taken: list[Letter] = []
        self.before: list[Exception] = []
        self.after: list[BaseException] = []

    def carry(self, letter: Letter, last_octet: Callable[[], None]) -> None:
        if self.before:
            raise self.before.pop(0)
        last_octet()
        self.taken.append(letter)
        if self.after:
            raise self.after.pop(0)


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def anna(person: Callable[[str], Account]) -> Account:
    return person("anna")


@pytest.fixture
def clock(core: Core) -> Iterator[list[float]]:
    """The time of the database, to be moved."""
    now = [1_800_000_000.0]
    core.database.clock = lambda: now[0]
    yield now


def posting(anna: Account, words: str = "", *topic: str) -> Posting:
    recipients = ("zoe@outside.example",)
    return Posting(Channel.MAIL, anna.id, anna.login, recipients, LETTER, topic or ("meeting",), words)


def post(core: Core, what: Posting, **more: float | None) -> bool:
    with core.database.write() as work:
        return outbox.post(work, what, **more) is not None


def claim(core: Core, seconds: float = 60) -> Entry | None:
    with core.database.write() as work:
        return claim_next(core, work, seconds)


def send(core: Core, carrier: Carrier) -> bool:
    entry = claim(core)
    if entry is not None:
        hand_over(core, carrier, entry)
    return entry is not None


def states(core: Core) -> list[str]:
    with core.database.read() as work:
        return [entry.state.value for entry in outbox.entries(work)]


def test_what_is_posted_leaves_and_its_content_is_forgotten(core: Core, anna: Account) -> None:
    carrier = Carrier()
    assert post(core, posting(anna))
    assert send(core, carrier)
    assert [(each.sender, each.recipients, each.octets) for each in carrier.taken] == [
        ("anna@example.org", ("zoe@outside.example",), LETTER)
    ]
    assert not send(core, carrier)
    with core.database.read() as work:
        assert [(each.state, each.content) for each in outbox.entries(work)] == [(State.SENT, b"")]


def test_the_same_said_twice_leaves_once(core: Core, anna: Account, clock: list[float]) -> None:
    assert post(core, posting(anna, "yes"))
    assert not post(core, posting(anna, "yes"))
    clock[0] += outbox.SAME_SECONDS + 1
    assert post(core, posting(anna, "yes"))


def test_change_of_mind_and_back_is_said_three_times(core: Core, anna: Account) -> None:
    assert [post(core, posting(anna, words)) for words in ("yes", "no", "yes", "yes")] == [True, True, True, False]


def test_what_is_said_once_for_ever_is_not_said_again_later(core: Core, anna: Account, clock: list[float]) -> None:
    mail = posting(anna, "", "mail", "a device", "a ClientId")
    assert post(core, mail, same_seconds=None)
    clock[0] += 24 * HOUR
    assert not post(core, mail, same_seconds=None)


def test_post_that_is_not_kept_never_leaves(core: Core, anna: Account) -> None:
    with pytest.raises(ZeroDivisionError), core.database.write() as work:
        outbox.post(work, posting(anna))
        raise ZeroDivisionError
    assert claim(core) is None


def test_two_processes_never_take_the_same(core: Core, anna: Account) -> None:
    post(core, posting(anna, "", "one"))
    post(core, posting(anna, "", "two"))
    first, second = claim(core), claim(core)
    assert first is not None
    assert second is not None
    assert first.id != second.id
    assert claim(core) is None


def test_who_is_killed_before_the_last_octet_leaves_it_to_the_next(
    core: Core, anna: Account, clock: list[float]
) -> None:
    post(core, posting(anna))
    assert claim(core) is not None
    carrier = Carrier()
    assert not send(core, carrier)
    clock[0] += 61
    assert send(core, carrier)
    assert len(carrier.taken) == 1


def test_who_is_killed_after_the_last_octet_leaves_it_unknown(core: Core, anna: Account, clock: list[float]) -> None:
    carrier = Carrier()
    carrier.after.append(Killed())
    post(core, posting(anna))
    with pytest.raises(Killed):
        send(core, carrier)
    assert states(core) == ["sending"]
    for _ in range(3):
        clock[0] += 24 * HOUR
        assert not send(core, carrier)
    assert states(core) == ["unknown"]
    assert len(carrier.taken) == 1


def test_line_that_breaks_after_the_last_octet_leaves_it_unknown(core: Core, anna: Account) -> None:
    carrier = Carrier()
    carrier.after.append(Lost("broken"))
    post(core, posting(anna))
    send(core, carrier)
    assert states(core) == ["unknown"]


@pytest.mark.parametrize(("when", "wanted"), [("before", "accepted"), ("after", "unknown")])
def test_carrier_that_breaks_holds_nobody_up(core: Core, anna: Account, when: str, wanted: str) -> None:
    carrier = Carrier()
    getattr(carrier, when).append(ZeroDivisionError("a secret"))
    post(core, posting(anna, "", "one"))
    post(core, posting(anna, "", "two"))
    send(core, carrier)
    send(core, carrier)
    assert states(core) == [wanted, "sent"]


def test_operator_sends_the_unknown_again_or_drops_it(core: Core, anna: Account) -> None:
    carrier = Carrier()
    carrier.after.append(Lost("broken"))
    post(core, posting(anna))
    send(core, carrier)
    with core.database.write() as work:
        (entry,) = outbox.entries(work, [State.UNKNOWN])
        outbox.retry(work, entry.id)
    assert send(core, carrier)
    assert states(core) == ["sent"]
    with core.database.write() as work:
        with pytest.raises(Refused):
            outbox.retry(work, entry.id)
        outbox.drop(work, entry.id)
        with pytest.raises(Refused):
            outbox.drop(work, entry.id)


def test_what_is_refused_for_the_moment_is_tried_ever_more_rarely_and_then_fails(
    core: Core, anna: Account, clock: list[float]
) -> None:
    carrier = Carrier()
    tries = core.settings.outgoing.most_tries
    carrier.before += [NotNow("busy")] * tries
    post(core, posting(anna))
    begun, tried_at = clock[0], []
    while states(core) == ["accepted"]:
        if send(core, carrier):
            tried_at.append(clock[0] - begun)
        clock[0] += 300
    pauses = [later - earlier for earlier, later in pairwise(tried_at)]
    assert (len(tried_at), states(core)) == (tries, ["failed"])
    assert pauses == sorted(pauses)
    assert pauses[-1] <= 6 * HOUR + 600


def test_what_is_refused_for_good_is_not_tried_again(core: Core, anna: Account, clock: list[float]) -> None:
    carrier = Carrier()
    carrier.before.append(Never("nobody lives there"))
    post(core, posting(anna))
    send(core, carrier)
    clock[0] += 24 * HOUR
    assert not send(core, carrier)
    with core.database.read() as work:
        assert [(each.state, each.note) for each in outbox.entries(work)] == [(State.FAILED, "nobody lives there")]


def test_what_is_dropped_at_the_last_moment_does_not_leave(core: Core, anna: Account) -> None:
    class Slow(Carrier):
        def carry(self, letter: Letter, last_octet: Callable[[], None]) -> None:
            with core.database.write() as work:
                outbox.drop(work, entry.id)
            super().carry(letter, last_octet)

    post(core, posting(anna))
    entry = claim(core)
    assert entry is not None
    carrier = Slow()
    hand_over(core, carrier, entry)
    assert (carrier.taken, states(core)) == ([], [])


def test_person_who_sends_too_much_is_refused(core: Core, anna: Account, clock: list[float]) -> None:
    for number in range(3):
        post(core, posting(anna, "", str(number)))
    with core.database.write() as work, pytest.raises(Refused):
        outbox.check_room(work, anna.id, 2, per_hour=4)
    clock[0] += HOUR + 1
    with core.database.write() as work:
        outbox.check_room(work, anna.id, 2, per_hour=4)


def test_outbox_of_a_person_goes_with_them(core: Core, anna: Account) -> None:
    post(core, posting(anna))
    with core.database.write() as work:
        core.people.remove(work, anna.id)
    assert states(core) == []


def test_what_ended_long_ago_is_forgotten_and_what_waits_is_not(core: Core, anna: Account, clock: list[float]) -> None:
    post(core, posting(anna, "", "sent"))
    send(core, Carrier())
    post(core, replace(posting(anna, "", "waits"), content=b"x"))
    clock[0] += (outbox.KEPT_DAYS + 1) * 24 * HOUR
    with core.database.write() as work:
        assert outbox.prune(work) == 1
    assert states(core) == ["accepted"]
