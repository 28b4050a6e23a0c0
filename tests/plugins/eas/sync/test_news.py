"""Everything a device is told, against a model: whatever happens on both sides, to the answers and to the clock, a device ends
with exactly the items that it should show."""

from dataclasses import dataclass, field, replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gateway.effort import examples
from pimgate.api import Bookmark, Change, Changes, CollectionId, Cut, ItemHead, ItemId, Op
from pimgate_eas.sync import engine
from pimgate_eas.sync.engine import Room, Send, Step
from pimgate_eas.sync.news import News, Newsreader
from pimgate_eas.sync.state import GONE, SyncState
from pimgate_eas.sync.windows import EVERYTHING

CALENDAR = CollectionId("c1")
SOME = Room(2, 10**9)
ENDS = st.one_of(st.none(), st.integers(0, 40))
FILTERS = st.sampled_from((None, 3, 10))


@dataclass
class Collection:
    """A collection as the store keeps it, with the reading methods of a view: items, and the journal."""

    items: dict[ItemId, ItemHead] = field(default_factory=dict)
    journal: list[Change] = field(default_factory=list)
    next_id: int = 1

    def create(self, until: int | None) -> ItemId:
        item, self.next_id = ItemId(self.next_id), self.next_id + 1
        seq = self._write(Op.CREATE, item)
        self.items[item] = ItemHead(
            item, CALENDAR, f"{item}.ics", f"u{item}", "VEVENT", f"e{seq}", 10, seq, seq, 0.0, lasts_until=until
        )
        return item

    def change(self, item: ItemId, until: int | None) -> None:
        seq = self._write(Op.CHANGE, item)
        self.items[item] = replace(self.items[item], seq=seq, lasts_until=until)

    def delete(self, item: ItemId) -> None:
        self._write(Op.DELETE, item)
        del self.items[item]

    def _write(self, op: Op, item: ItemId) -> int:
        before = self.items[item].lasts_until if item in self.items else None
        self.journal.append(Change(CALENDAR, len(self.journal) + 1, op, item, f"{item}.ics", "", before))
        return len(self.journal)

    # As a view

    def bookmark(self) -> Bookmark:
        return Bookmark(len(self.journal))

    def changes_since(self, bookmark: Bookmark, limit: int) -> Changes:
        lines = tuple(self.journal[bookmark : bookmark + limit])
        upto = Bookmark(bookmark + len(lines))
        return Changes(lines, upto, upto < len(self.journal))

    def heads_of(self, ids: list[ItemId]) -> dict[ItemId, ItemHead]:
        return {item: self.items[item] for item in ids if item in self.items}

    def heads_after(self, item_id: ItemId, limit: int) -> list[ItemHead]:
        return [self.items[item] for item in sorted(self.items) if item > item_id][:limit]

    def heads_ending(
        self, after: Cut, upto: Cut, component: str, limit: int, *, last_first: bool = False
    ) -> list[ItemHead]:
        found = [
            head
            for head in self.items.values()
            if head.lasts_until is not None and after < Cut(head.lasts_until, head.id) <= upto
        ]
        return sorted(found, key=lambda head: (head.lasts_until or 0, head.id), reverse=last_first)[:limit]


class DeviceAgainstCollection(RuleBasedStateMachine):
    """Edits on the collection, time, synchronisations with small answers of which some are lost, the device's own edits, and
    another choice of how far it looks back."""

    @initialize(ends=st.lists(ENDS, max_size=12), days=FILTERS)
    def begin(self, ends: list[int | None], days: int | None) -> None:
        self.collection = Collection()
        for until in ends:
            self.collection.create(until)
        self.now, self.days = 10, days
        self.state = SyncState(bookmark=self.collection.bookmark())
        self.device: dict[ItemId, int] = {}

    @rule(hours=st.integers(1, 12))
    def time_goes_by(self, hours: int) -> None:
        self.now += hours

    @rule(days=FILTERS)
    def the_person_chooses_how_far_to_look_back(self, days: int | None) -> None:
        self.days = days

    @rule(until=ENDS)
    def somebody_creates(self, until: int | None) -> None:
        self.collection.create(until)

    @precondition(lambda self: self.collection.items)
    @rule(data=st.data(), until=ENDS)
    def somebody_changes(self, data: st.DataObject, until: int | None) -> None:
        self.collection.change(data.draw(st.sampled_from(sorted(self.collection.items))), until)

    @precondition(lambda self: self.collection.items)
    @rule(data=st.data())
    def somebody_deletes(self, data: st.DataObject) -> None:
        self.collection.delete(data.draw(st.sampled_from(sorted(self.collection.items))))

    @rule(window=st.integers(1, 4))
    def the_device_synchronises(self, window: int) -> None:
        self._apply(self._answer(self.state, Room(window, 10**9)))

    @rule(window=st.integers(1, 4))
    def an_answer_is_lost(self, window: int) -> None:
        self._answer(self.state, Room(window, 10**9))

    @rule(until=ENDS, window=st.integers(0, 3))
    def the_device_adds_an_item_of_its_own(self, until: int | None, window: int) -> None:
        item = self.collection.create(until)
        self.device[item] = self.collection.items[item].seq
        self._edited({item: self.device[item]}, window)

    @precondition(lambda self: set(self.device) & set(self.collection.items))
    @rule(data=st.data(), until=ENDS, window=st.integers(0, 3))
    def the_device_changes_an_item(self, data: st.DataObject, until: int | None, window: int) -> None:
        item = data.draw(st.sampled_from(sorted(set(self.device) & set(self.collection.items))))
        self.collection.change(item, until)
        self.device[item] = self.collection.items[item].seq
        self._edited({item: self.device[item]}, window)

    @precondition(lambda self: set(self.device) & set(self.collection.items))
    @rule(data=st.data(), window=st.integers(0, 3))
    def the_device_deletes_an_item(self, data: st.DataObject, window: int) -> None:
        item = data.draw(st.sampled_from(sorted(set(self.device) & set(self.collection.items))))
        self.collection.delete(item)
        del self.device[item]
        self._edited({item: GONE}, window)

    @invariant()
    def patience_brings_the_device_what_it_should_show(self) -> None:
        if not hasattr(self, "collection"):
            return
        device, state = dict(self.device), self.state
        for _ in range(200):
            news = self._answer(state, SOME)
            for step in news.steps:
                self._apply_step(device, step)
            state = news.state
            if not news.has_more:
                break
        assert device == {item: head.seq for item, head in self.collection.items.items() if self._shows(head)}
        assert state.notes == 0, "nothing is remembered item by item of a device that has everything"
        assert not self._reader().has_any(state)

    def _shows(self, head: ItemHead) -> bool:
        return self._target().keeps(head.lasts_until, head.id)

    def _target(self) -> Cut:
        return EVERYTHING if self.days is None else Cut(self.now - self.days)

    def _reader(self) -> Newsreader:
        return Newsreader(self.collection, "VEVENT", self._target())  # type: ignore[arg-type]

    def _answer(self, state: SyncState, room: Room) -> News:
        return self._reader().read(state, room)

    def _edited(self, has: dict[ItemId, int], window: int) -> None:
        """An own edit with the answer to it; without a window, one of a device that does not ask what is new."""
        begun = engine.begun(self.state, self._target())
        heads = self.collection.heads_of(list(has))
        self.state = engine.edited(begun, has, {}, heads, "VEVENT")
        if window:
            self._apply(self._answer(self.state, Room(window, 10**9)))
        else:
            self.state = self._reader().passed_over(self.state)

    def _apply(self, news: News) -> None:
        for step in news.steps:
            self._apply_step(self.device, step)
        self.state = SyncState.from_document(news.state.to_document())

    def _apply_step(self, device: dict[ItemId, int], step: Step) -> None:
        if step.send in (Send.DELETE, Send.SOFT_DELETE):
            assert step.item_id in device, "an item was taken away that the device never had"
            del device[step.item_id]
            return
        assert (step.item_id in device) == (step.send is Send.CHANGE), "an item was doubled, or changed out of nothing"
        device[step.item_id] = self.collection.items[step.item_id].seq


TestDeviceAgainstCollection = DeviceAgainstCollection.TestCase
TestDeviceAgainstCollection.settings = settings(max_examples=examples(50, 450), stateful_step_count=25, deadline=None)
