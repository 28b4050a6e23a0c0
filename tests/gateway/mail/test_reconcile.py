"""Reconciling the index of a folder with what a mail server says: single cases, and a mailbox that lives at random."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.effort import examples
from gateway.mail.letters import NOON, described, indexed
from pimgate.mail.imap.numbers import UidSet
from pimgate.mail.reconcile import Reconciliation, Said, compare, complete
from pimgate.model.mail import Described, Message

SEEN, FLAGGED = "\\Seen", "\\Flagged"


def flags(*words: str) -> frozenset[str]:
    return frozenset(words)


def test_delta_changes_flags_forgets_what_vanished_and_asks_for_what_is_new() -> None:
    known = [indexed(1, described(10)), indexed(2, described(11)), indexed(3, described(12))]
    said = Said({10: flags(SEEN), 14: flags()}, vanished=UidSet.of([11, 13]))
    found = compare(known, said)
    assert [each.id for each in found.gone] == [2]
    assert [(each.id, now) for each, now in found.changed] == [(1, flags(SEEN))]
    assert found.unknown == (14,)


def test_number_that_changed_and_vanished_in_one_answer_is_gone() -> None:
    found = compare([indexed(1, described(10))], Said({10: flags(SEEN), 11: flags()}, vanished=UidSet.of(range(5, 12))))
    assert ([each.id for each in found.gone], found.changed, found.unknown) == ([1], (), ())


def test_full_listing_forgets_what_it_does_not_name() -> None:
    known = [indexed(1, described(10)), indexed(2, described(11))]
    found = compare(known, Said(present=[11, 12]))
    assert ([each.id for each in found.gone], found.changed, found.unknown) == ([1], (), (12,))


def test_answer_that_does_not_list_what_is_there_forgets_nothing() -> None:
    found = compare([indexed(1, described(10)), indexed(2, described(-4))], Said({}))
    assert (found.gone, found.lost) == ((), ())


def test_what_arrived_before_the_window_is_not_added() -> None:
    compared = compare([], Said(present=[10, 11]))
    found = complete(compared, [described(10, at=NOON - 1), described(11, at=NOON)], NOON)
    assert [each.uid for each in found.added] == [11]


def test_latest_messages_are_added_first() -> None:
    found = complete(compare([], Said(present=[1, 2, 3])), [described(each) for each in (2, 1, 3)], 0)
    assert [each.uid for each in found.added] == [3, 2, 1]


def test_message_that_nobody_asked_for_is_not_added() -> None:
    assert complete(compare([], Said(present=[1])), [described(1), described(9)], 0).added == (described(1),)


def aside(item_id: int, each: Described) -> Message:
    return indexed(item_id, replace(each, uid=-item_id))


def renumbered(lost: list[Message], now: list[Described]) -> tuple[dict[int, int], list[int], list[int]]:
    """By id the number under which each was found again; the ids of those that were not; the numbers that are new."""
    found = complete(compare(lost, Said(present=[each.uid for each in now])), now, 0)
    return (
        {message.id: each.uid for message, each in found.renumbered},
        sorted(each.id for each in found.gone),
        sorted(each.uid for each in found.added),
    )


def test_renumbered_messages_are_found_by_their_email_ids() -> None:
    lost = [aside(1, described(10, email_id="M1")), aside(2, described(11, email_id="M2"))]
    now = [described(1, email_id="M2"), described(2, email_id="M1"), described(3, email_id="M3")]
    assert renumbered(lost, now) == ({1: 2, 2: 1}, [], [3])


def test_renumbered_messages_without_ids_are_found_by_arrival_size_and_message_id() -> None:
    lost = [
        aside(1, described(10, message_id="<a>")),
        aside(2, described(11, size=7)),
        aside(3, described(12, at=NOON + 1)),
    ]
    now = [
        described(1, message_id="<a>"),
        described(2, size=8, message_id="<11@example.org>"),
        described(3, at=NOON + 1, message_id="<12@example.org>"),
    ]
    assert renumbered(lost, now) == ({1: 1, 3: 3}, [2], [2])


def test_copies_of_one_message_are_found_one_for_one() -> None:
    lost = [aside(number, described(10 + number, message_id="<same>")) for number in (1, 2, 3)]
    now = [described(number, message_id="<same>") for number in (21, 22)]
    assert renumbered(lost, now) == ({1: 21, 2: 22}, [3], [])


def test_surest_mark_wins_over_looks() -> None:
    """The first looks like the one that is the second by its id."""
    lost = [aside(1, described(10, message_id="<same>")), aside(2, described(11, email_id="M2", message_id="<same>"))]
    now = [described(1, email_id="M2", message_id="<same>"), described(2, email_id="M1", message_id="<same>")]
    assert renumbered(lost, now) == ({1: 2, 2: 1}, [], [])


def test_pieces_are_bounded_and_together_the_whole() -> None:
    known = [indexed(number, described(number)) for number in range(1, 8)]
    said = Said({4: flags(SEEN), 5: flags(SEEN)}, present=[4, 5, 6, 7, *range(20, 26)])
    whole = complete(compare(known, said), [described(each) for each in range(20, 26)], 0)
    pieces = list(whole.pieces(4))
    assert [each.size for each in pieces] == [4, 4, 3]
    assert sum((each.gone for each in pieces), ()) == whole.gone
    assert sum((each.changed for each in pieces), ()) == whole.changed
    assert sum((each.added for each in pieces), ()) == whole.added
    assert [each.size for each in Reconciliation().pieces(4)] == [0]


@dataclass
class Server:
    """A folder on a server: messages by number, and what each change was numbered."""

    messages: dict[int, Described] = field(default_factory=dict)
    modseqs: dict[int, int] = field(default_factory=dict)
    vanished: dict[int, int] = field(default_factory=dict)
    uid_next: int = 1
    modseq: int = 1

    def touched(self, uid: int) -> None:
        self.modseq += 1
        self.modseqs[uid] = self.modseq

    def changed_since(self, modseq: int) -> dict[int, frozenset[str]]:
        return {uid: each.flags for uid, each in self.messages.items() if self.modseqs[uid] > modseq}

    def vanished_since(self, modseq: int) -> UidSet:
        return UidSet.of(uid for uid, at in self.vanished.items() if at > modseq)


MARKS = st.tuples(st.integers(0, 2), st.integers(1, 2), st.sampled_from(("", "<a>", "<b>")))
FLAGS = st.frozensets(st.sampled_from((SEEN, FLAGGED, "$Label")))


class LivingMailbox(RuleBasedStateMachine):
    """A server's folder and our index of it. Whatever happens there, and however the server tells it, the index comes to hold just
    what is there; and a message keeps its id as long as it can be told from the others."""

    def __init__(self) -> None:
        super().__init__()
        self.server = Server()
        self.index: dict[int, Message] = {}
        self.owner: dict[int, int] = {}
        self.seen_modseq = 0
        self.ids = 0
        self.is_equal = True

    @initialize(since=st.integers(0, 1), has_ids=st.booleans())
    def begin(self, since: int, has_ids: bool) -> None:
        self.since, self.has_ids = NOON + since, has_ids

    @rule(mark=MARKS, now=FLAGS)
    def arrive(self, mark: tuple[int, int, str], now: frozenset[str]) -> None:
        later, size, message_id = mark
        uid = self.server.uid_next
        self.server.uid_next += 1
        self.ids += 1
        email_id = f"M{self.ids}" if self.has_ids else ""
        self.server.messages[uid] = Described(uid, now, NOON + later, size, email_id, message_id)
        self.server.touched(uid)
        self.is_equal = False

    @precondition(lambda self: self.server.messages)
    @rule(data=st.data(), now=FLAGS)
    def flag(self, data: st.DataObject, now: frozenset[str]) -> None:
        uid = data.draw(st.sampled_from(sorted(self.server.messages)))
        self.server.messages[uid] = replace(self.server.messages[uid], flags=now)
        self.server.touched(uid)
        self.is_equal = False

    @precondition(lambda self: self.server.messages)
    @rule(data=st.data())
    def expunge(self, data: st.DataObject) -> None:
        uid = data.draw(st.sampled_from(sorted(self.server.messages)))
        del self.server.messages[uid]
        self.server.modseq += 1
        self.server.vanished[uid] = self.server.modseq
        self.is_equal = False

    @rule(start=st.integers(1, 40))
    def number_anew(self, start: int) -> None:
        """Another UIDVALIDITY: everything is set aside and looked for; nothing but looks or ids can tell."""
        before = {each.id: each for each in self.index.values()}
        numbers = {uid: start + place for place, uid in enumerate(sorted(self.server.messages))}
        self.server.messages = {
            numbers[uid]: replace(each, uid=numbers[uid]) for uid, each in self.server.messages.items()
        }
        self.server.uid_next = start + len(numbers)
        self.server.vanished, self.server.modseqs = {}, dict.fromkeys(self.server.messages, self.server.modseq)
        was_equal = self.is_equal
        self.index = {-each.id: replace(each, uid=-each.id) for each in before.values()}
        self.list_all(with_flags=False)
        if was_equal:
            assert {each.id for each in self.index.values()} == set(before)
        if self.has_ids:
            assert all(before[each.id].email_id == each.email_id for each in self.index.values() if each.id in before)

    @rule(with_flags=st.booleans())
    def list_all(self, with_flags: bool) -> None:
        """A full listing. Without flags only what is new is described, as at the first sight of a folder."""
        said = Said({uid: each.flags for uid, each in self.server.messages.items()}) if with_flags else Said()
        self.take(replace(said, present=tuple(self.server.messages)), tuple(self.index.values()), is_whole=with_flags)

    @rule()
    def tell_changes(self) -> None:
        """What QRESYNC tells: just of the messages that it names is anything read."""
        since = self.seen_modseq
        said = Said(self.server.changed_since(since), vanished=self.server.vanished_since(since))
        named = said.flags.keys() | set(said.vanished)
        self.take(said, tuple(each for uid, each in self.index.items() if uid in named), is_whole=True)

    @rule()
    def tell_flags(self) -> None:
        """What CONDSTORE tells."""
        said = Said(self.server.changed_since(self.seen_modseq), present=tuple(self.server.messages))
        self.take(said, tuple(self.index.values()), is_whole=True)

    def take(self, said: Said, known: tuple[Message, ...], *, is_whole: bool) -> None:
        compared = compare(known, said)
        found = complete(compared, [self.server.messages[uid] for uid in compared.unknown], self.since)
        self.apply(found)
        if is_whole:
            self.seen_modseq = self.server.modseq
            self.is_equal = True

    def apply(self, found: Reconciliation) -> None:
        for each in found.gone:
            del self.index[each.uid]
        for message, now in found.changed:
            self.index[message.uid] = replace(self.index[message.uid], flags=now)
        for message, seen in found.renumbered:
            del self.index[message.uid]
            assert seen.uid not in self.index
            self.index[seen.uid] = indexed(message.id, seen)
        for seen in found.added:
            assert seen.uid not in self.index, "nothing is added twice"
            self.ids += 1
            self.index[seen.uid] = indexed(self.ids, seen)

    @invariant()
    def index_is_what_is_there(self) -> None:
        if self.is_equal:
            there: Mapping[int, Described] = {
                uid: each for uid, each in self.server.messages.items() if each.arrived_at >= self.since
            }
            assert {uid: each.flags for uid, each in self.index.items()} == {uid: e.flags for uid, e in there.items()}
            assert {uid: each.email_id for uid, each in self.index.items()} == {u: e.email_id for u, e in there.items()}
        assert len({each.id for each in self.index.values()}) == len(self.index), "an id is one message's"


TestLivingMailbox = LivingMailbox.TestCase
TestLivingMailbox.settings = settings(max_examples=examples(20, 180), stateful_step_count=30, deadline=None)
