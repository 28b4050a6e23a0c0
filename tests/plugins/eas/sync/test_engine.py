"""The engine step by step. All of it together, against a model: `test_news.py`."""

from dataclasses import replace

from pimgate.api import Change, CollectionId, Cut, ItemHead, ItemId, Op
from pimgate_eas.sync import engine
from pimgate_eas.sync.engine import Room, Send, Step
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
    plan = engine.resend(state, {5: head(5, 1, 3), 6: head(6, 2, 4)}, PLENTY, "VCARD")
    assert plan.steps == (Step(Send.CHANGE, 5), Step(Send.ADD, 6))
    assert plan.state.resend == {}


def test_refused_edits_are_given_back_as_far_as_there_is_room():
    state = replace(synchronised(9), resend={ItemId(item): "Change" for item in (5, 6, 7)})
    heads = {item: head(item, 1, 3) for item in (5, 7)}
    first = engine.resend(state, heads, Room(1, 10), "VCARD")
    assert (first.steps, first.is_walked) == ((Step(Send.CHANGE, 5),), False)
    rest = engine.resend(first.state, heads, PLENTY, "VCARD")
    assert (rest.steps, rest.is_walked) == ((Step(Send.CHANGE, 7),), True)
    assert rest.state.resend == {}


def test_an_item_made_after_the_bookmark_that_the_first_synchronisation_brought_comes_once():
    state = replace(SyncState(), bookmark=3)
    plan = engine.fill(state, [head(5, 4, 4)], PLENTY, "VCARD")
    assert plan.steps == (Step(Send.ADD, 5),)
    later = engine.walk(engine.finished(plan.state), [line(4, Op.CREATE, 5)], {5: head(5, 4, 4)}, PLENTY, "VCARD")
    assert later.steps == ()


def test_a_line_that_means_nothing_needs_no_room():
    lines = [line(1, Op.CREATE, 5), line(2, Op.DELETE, 5), line(3, Op.CREATE, 6)]
    plan = engine.walk(synchronised(), lines, {6: head(6, 3, 3)}, Room(0, 0), "VCARD")
    assert (plan.steps, plan.state.bookmark, plan.is_walked) == ((), 2, False)


def lasting(item: int, seq: int, until: int | None) -> ItemHead:
    return replace(head(item, 1, seq, "VEVENT"), lasts_until=until)


def looking_back_to(at: int) -> SyncState:
    return replace(synchronised(3), cut=Cut(at))


def changed(item: int, until: int | None) -> Change:
    return replace(line(4, Op.CHANGE, item), lasted_until=until)


def test_what_a_change_means_depends_on_where_the_item_was_and_is():
    state = looking_back_to(100)
    for before, now, send in (
        (150, 160, Send.CHANGE),
        (150, None, Send.CHANGE),
        (150, 90, Send.SOFT_DELETE),
        (90, 150, Send.ADD),
        (90, 80, None),
        (100, 101, Send.ADD),
    ):
        plan = engine.walk(state, [changed(5, before)], {5: lasting(5, 4, now)}, PLENTY, "VEVENT")
        assert plan.steps == ((Step(send, 5),) if send else ()), (before, now)


def test_the_end_of_an_item_is_told_only_to_a_device_that_holds_it():
    gone = replace(line(4, Op.DELETE, 5), lasted_until=90)
    assert engine.walk(looking_back_to(100), [gone], {}, PLENTY, "VEVENT").steps == ()
    assert engine.walk(looking_back_to(80), [gone], {}, PLENTY, "VEVENT").steps == (Step(Send.DELETE, 5),)


def test_a_cut_that_rises_takes_items_away_and_one_that_falls_brings_them_the_latest_first():
    heads = [lasting(7, 1, 110), lasting(3, 1, 120)]
    rising = engine.slide(looking_back_to(100), heads, Cut(200), PLENTY)
    assert rising.steps == (Step(Send.SOFT_DELETE, 7), Step(Send.SOFT_DELETE, 3))
    falling = engine.slide(looking_back_to(200), heads[::-1], Cut(100), PLENTY)
    assert falling.steps == (Step(Send.ADD, 3), Step(Send.ADD, 7))


def test_a_cut_stops_on_its_way_between_two_items_that_end_together():
    heads = [lasting(3, 1, 110), lasting(7, 1, 110)]
    rising = engine.slide(looking_back_to(100), heads, Cut(200), Room(1, 10**6))
    assert (rising.state.cut, rising.is_walked) == (Cut(110, 3), False)
    falling = engine.slide(looking_back_to(200), heads[::-1], Cut(100), Room(1, 10**6))
    assert falling.state.cut == Cut(110, 6)
    assert falling.state.cut.keeps(110, 7)
    assert not falling.state.cut.keeps(110, 3)


def test_an_item_that_the_devices_own_edit_brought_behind_the_cut_leaves_it():
    heads = {ItemId(5): lasting(5, 4, 90)}
    state = engine.edited(looking_back_to(100), {ItemId(5): 4}, {}, heads, "VEVENT")
    plan = engine.resend(state, heads, PLENTY, "VEVENT")
    assert plan.steps == (Step(Send.SOFT_DELETE, 5),)
    assert engine.walk(plan.state, [changed(5, 150)], heads, PLENTY, "VEVENT").steps == ()


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
        cut=Cut(1_700_000_000, 7),
    )
    assert SyncState.from_document(state.to_document()) == state
    assert SyncState.from_document(SyncState().to_document()) == SyncState()


def test_what_is_not_at_hand_waits_with_all_that_follows_it():
    """Every source stops before an item that was not fetched; what has no data is said all the same."""
    room = replace(PLENTY, lacks=lambda send, head: head.id == 6)
    heads = {each: head(each, each, each) for each in (5, 6, 7)}
    created = engine.walk(synchronised(), [line(each, Op.CREATE, each) for each in (5, 6, 7)], heads, room, "VCARD")
    assert (created.steps, created.state.bookmark, created.is_walked) == ((Step(Send.ADD, 5),), 5, False)
    filled = engine.fill(SyncState(bookmark=9), list(heads.values()), room, "VCARD")
    assert (filled.steps, filled.state.filled_to, filled.is_walked) == ((Step(Send.ADD, 5),), 5, False)
    back = engine.resend(replace(synchronised(9), resend={6: "Change", 7: "Change"}), heads, room, "VCARD")
    assert (back.steps, dict(back.state.resend)) == ((Step(Send.CHANGE, 7),), {6: "Change"})
    gone = engine.walk(synchronised(), [line(8, Op.DELETE, 6)], {}, room, "VCARD")
    assert gone.steps == (Step(Send.DELETE, 6),)
