"""The engine against a model: whatever happens on both sides and to the answers, a device ends equal to the collection."""

from dataclasses import dataclass, field, replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from pimgate.api import Change, CollectionId, ItemHead, ItemId, Op
from pimgate_eas.sync import engine
from pimgate_eas.sync.engine import Plan, Room, Send, Step
from pimgate_eas.sync.state import GONE, SyncState

BOOK = CollectionId("c1")
PLENTY = Room(1000, 10**9)


def head(item: int, created: int, seq: int, component: str = "VCARD", size: int = 10) -> ItemHead:
    return ItemHead(ItemId(item), BOOK, f"{item}.vcf", f"u{item}", component, f"e{seq}", size, created, seq, 0.0)


def line(seq: int, op: Op, item: int) -> Change:
    return Change(BOOK, seq, op, ItemId(item), f"{item}.vcf", "")


def synchronised(bookmark: int = 0) -> SyncState:
    return SyncState(bookmark=bookmark, filled_to=None)


def test_a_new_item_is_added_with_what_it_is_now_and_later_lines_are_no_news():
    lines = [line(1, Op.CREATE, 5), line(2, Op.CHANGE, 5)]
    plan = engine.walk(synchronised(), lines, {5: head(5, 1, 2)}, PLENTY, "VCARD")
    assert plan.steps == (Step(Send.ADD, 5),)
    assert plan.state.bookmark == 2
    assert plan.state.has == {}


def test_an_item_made_and_removed_before_the_device_heard_of_it_is_not_mentioned():
    lines = [line(1, Op.CREATE, 5), line(2, Op.CHANGE, 5), line(3, Op.DELETE, 5)]
    assert engine.walk(synchronised(), lines, {}, PLENTY, "VCARD").steps == ()


def test_an_item_removed_while_its_change_waited_is_deleted_once():
    lines = [line(4, Op.CHANGE, 5), line(5, Op.DELETE, 5)]
    assert engine.walk(synchronised(3), lines, {}, PLENTY, "VCARD").steps == (Step(Send.DELETE, 5),)


def test_a_full_answer_stops_and_the_rest_follows():
    lines = [line(seq, Op.CREATE, seq) for seq in range(1, 6)]
    heads = {seq: head(seq, seq, seq) for seq in range(1, 6)}
    first = engine.walk(synchronised(), lines, heads, Room(3, 10**6), "VCARD")
    assert [step.item_id for step in first.steps] == [1, 2, 3]
    assert not first.is_walked
    rest = engine.walk(first.state, lines[3:], heads, Room(3, 10**6), "VCARD")
    assert [step.item_id for step in rest.steps] == [4, 5]
    assert rest.is_walked


def test_a_large_item_fills_an_answer_by_its_bytes():
    heads = [head(1, 1, 1, size=900), head(2, 2, 2, size=900), head(3, 3, 3, size=900)]
    plan = engine.fill(SyncState(), heads, Room(100, 1000), "VCARD")
    assert len(plan.steps) == 2
    assert not plan.is_walked


def test_items_of_another_component_do_not_concern_the_device():
    plan = engine.walk(synchronised(), [line(1, Op.CREATE, 5)], {5: head(5, 1, 1, "VTODO")}, PLENTY, "VEVENT")
    assert plan.steps == ()
    assert engine.fill(SyncState(), [head(5, 1, 1, "VTODO")], PLENTY, "VEVENT").steps == ()


def test_the_devices_own_edit_does_not_come_back_to_it():
    state = replace(synchronised(3), has={ItemId(5): 4})
    assert engine.walk(state, [line(4, Op.CHANGE, 5)], {5: head(5, 1, 4)}, PLENTY, "VCARD").steps == ()


def test_an_edit_by_somebody_else_after_the_devices_own_does_come():
    state = replace(synchronised(3), has={ItemId(5): 4})
    lines = [line(4, Op.CHANGE, 5), line(5, Op.CHANGE, 5)]
    assert engine.walk(state, lines, {5: head(5, 1, 5)}, PLENTY, "VCARD").steps == (Step(Send.CHANGE, 5),)


def test_a_refused_edit_gives_our_version_back_once():
    state = replace(synchronised(9), resend={ItemId(5): "Change", ItemId(6): "Add", ItemId(7): "Change"})
    plan = engine.resend(state, {5: head(5, 1, 3), 6: head(6, 2, 4)}, PLENTY)
    assert plan.steps == (Step(Send.CHANGE, 5), Step(Send.ADD, 6))
    assert plan.state.resend == {}


def test_refused_edits_are_given_back_as_far_as_there_is_room():
    state = replace(synchronised(9), resend={ItemId(item): "Change" for item in (5, 6, 7)})
    heads = {item: head(item, 1, 3) for item in (5, 7)}
    first = engine.resend(state, heads, Room(1, 10))
    assert (first.steps, first.is_walked) == ((Step(Send.CHANGE, 5),), False)
    rest = engine.resend(first.state, heads, PLENTY)
    assert (rest.steps, rest.is_walked) == ((Step(Send.CHANGE, 7),), True)
    assert rest.state.resend == {}


def test_an_item_made_after_the_bookmark_that_the_first_synchronisation_brought_comes_once():
    state = replace(SyncState(), bookmark=3)
    plan = engine.fill(state, [head(5, 4, 4)], PLENTY, "VCARD")
    assert plan.steps == (Step(Send.ADD, 5),)
    later = engine.walk(engine.finished(plan.state), [line(4, Op.CREATE, 5)], {5: head(5, 4, 4)}, PLENTY, "VCARD")
    assert later.steps == ()


def test_states_survive_the_shelf():
    state = SyncState(
        bookmark=9,
        filled_to=ItemId(4),
        has={ItemId(5): 4, ItemId(6): GONE},
        resend={ItemId(7): "Add"},
        added={"client-1": ItemId(5)},
        edited={ItemId(5): 4},
        supported=("Contacts:FirstName",),
        options={"Conflict": "0"},
    )
    assert SyncState.from_document(state.to_document()) == state
    assert SyncState.from_document(SyncState().to_document()) == SyncState()


@dataclass
class Collection:
    """A collection as the store keeps it: items by id with (created, seq), and the journal."""

    items: dict[int, tuple[int, int]] = field(default_factory=dict)
    journal: list[Change] = field(default_factory=list)
    next_id: int = 1

    def heads(self) -> dict[ItemId, ItemHead]:
        return {ItemId(item): head(item, created, seq) for item, (created, seq) in self.items.items()}

    def create(self) -> int:
        item, self.next_id = self.next_id, self.next_id + 1
        self._write(Op.CREATE, item)
        self.items[item] = (len(self.journal), len(self.journal))
        return item

    def change(self, item: int) -> None:
        self._write(Op.CHANGE, item)
        self.items[item] = (self.items[item][0], len(self.journal))

    def delete(self, item: int) -> None:
        self._write(Op.DELETE, item)
        del self.items[item]

    def _write(self, op: Op, item: int) -> None:
        self.journal.append(line(len(self.journal) + 1, op, item))


class DeviceAgainstCollection(RuleBasedStateMachine):
    """Edits on the collection, synchronisations with small answers of which some are lost, and the device's own edits."""

    @initialize(count=st.integers(0, 12))
    def begin(self, count: int) -> None:
        self.collection = Collection()
        for _ in range(count):
            self.collection.create()
        self.state = SyncState(bookmark=len(self.collection.journal))
        self.device: dict[int, int] = {}

    @rule()
    def somebody_creates(self) -> None:
        self.collection.create()

    @precondition(lambda self: self.collection.items)
    @rule(data=st.data())
    def somebody_changes(self, data: st.DataObject) -> None:
        self.collection.change(data.draw(st.sampled_from(sorted(self.collection.items))))

    @precondition(lambda self: self.collection.items)
    @rule(data=st.data())
    def somebody_deletes(self, data: st.DataObject) -> None:
        self.collection.delete(data.draw(st.sampled_from(sorted(self.collection.items))))

    @rule(window=st.integers(1, 4))
    def the_device_synchronises(self, window: int) -> None:
        self._apply(self._answer(window))

    @rule(window=st.integers(1, 4))
    def an_answer_is_lost(self, window: int) -> None:
        self._answer(window)

    @rule(window=st.integers(1, 3))
    def the_device_adds_an_item_of_its_own(self, window: int) -> None:
        item = self.collection.create()
        seq = self.collection.items[item][1]
        self.state = replace(self.state, has={**self.state.has, ItemId(item): seq})
        self.device[item] = seq
        self._apply(self._answer(window))

    @precondition(lambda self: set(self.device) & set(self.collection.items))
    @rule(data=st.data(), window=st.integers(1, 3))
    def the_device_deletes_an_item(self, data: st.DataObject, window: int) -> None:
        item = data.draw(st.sampled_from(sorted(set(self.device) & set(self.collection.items))))
        self.collection.delete(item)
        del self.device[item]
        self.state = replace(self.state, has={**self.state.has, ItemId(item): GONE})
        self._apply(self._answer(window))

    @invariant()
    def patience_makes_them_equal(self) -> None:
        device, state = dict(self.device), self.state
        for _ in range(200):
            plan = self._plan(state, 2)
            for step in plan.steps:
                self._apply_step(device, step)
            state = plan.state
            if not plan.steps and state.filled_to is None and state.bookmark == len(self.collection.journal):
                break
        assert device == {item: seq for item, (_, seq) in self.collection.items.items()}
        assert state.has == {}, "nothing is remembered of a device that has everything"

    def _answer(self, window: int) -> Plan:
        return self._plan(self.state, window)

    def _apply(self, plan: Plan) -> None:
        for step in plan.steps:
            self._apply_step(self.device, step)
        self.state = plan.state

    def _apply_step(self, device: dict[int, int], step: Step) -> None:
        if step.send is Send.DELETE:
            assert step.item_id in device, "an item was deleted that the device never had"
            del device[step.item_id]
            return
        assert (step.item_id in device) == (step.send is Send.CHANGE), "an item was doubled, or changed out of nothing"
        device[step.item_id] = self.collection.items[step.item_id][1]

    def _plan(self, state: SyncState, window: int) -> Plan:
        """One answer, as a turn makes it: the journal to its end, then the filling."""
        heads = self.collection.heads()
        lines = self.collection.journal[state.bookmark :]
        plan = engine.walk(state, lines, heads, Room(window, 10**9), "VCARD")
        if not plan.is_walked:
            return plan
        plan = replace(plan, state=engine.walked_to_the_end(plan.state))
        if plan.state.filled_to is None:
            return plan
        steps = plan.steps
        rest = [heads[item] for item in sorted(heads) if item > (plan.state.filled_to or 0)]
        filled = engine.fill(plan.state, rest, plan.room, "VCARD")
        if filled.is_walked:
            filled = replace(filled, state=engine.finished(filled.state))
        return replace(filled, steps=steps + filled.steps)


TestDeviceAgainstCollection = DeviceAgainstCollection.TestCase
TestDeviceAgainstCollection.settings = settings(max_examples=150, stateful_step_count=25, deadline=None)
