"""A device that asks or writes without end has to wait, longer each time; a first synchronisation never has."""

import pytest

from pimgate.api import Change, ItemId, Op, device_notes
from pimgate_eas.loops import (
    CALM_SECONDS,
    FIRST_WAIT_SECONDS,
    LONGEST_WAIT_SECONDS,
    NEW_ITEMS_IN_AN_HOUR,
    WRITES_OF_ONE_ITEM,
    Loops,
)
from pimgate_eas.settings import EasSettings
from plugins.eas.wire import Wire, folder_sync

MOST = 5


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def loops(clock: Clock) -> Loops:
    return Loops(clock)


def made(count: int, origin: str = "d1") -> list[Change]:
    return [Change("c1", number, Op.CREATE, ItemId(number), "x", origin) for number in range(count)]


def changed(count: int, item: int = 1, origin: str = "d1") -> list[Change]:
    return [Change("c1", number, Op.CHANGE, ItemId(item), "x", origin) for number in range(count)]


def loop(loops: Loops, device: str = "d1") -> None:
    """Ask the same until one has to wait."""
    for _ in range(MOST):
        assert loops.asked(device, b"Ping", MOST) is None
    assert loops.asked(device, b"Ping", MOST) is not None


def test_the_same_question_without_end_has_to_wait_and_is_told_once(loops, clock):
    loop(loops)
    slowed = loops.asked("d1", b"FolderSync", MOST)
    assert slowed is not None
    assert slowed.is_told
    assert loops.seconds_left(slowed) == FIRST_WAIT_SECONDS
    assert loops.asked("d2", b"Ping", MOST) is None
    clock.now = FIRST_WAIT_SECONDS + 1
    assert loops.asked("d1", b"Ping", MOST) is None


def test_waits_grow_up_to_a_limit_and_begin_anew_after_calm(loops, clock):
    waits = []
    for _ in range(8):
        loop(loops)
        slowed = loops.asked("d1", b"", MOST)
        waits.append(loops.seconds_left(slowed))
        clock.now = slowed.until + 1
    assert waits == [30, 60, 120, 240, 480, LONGEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS]
    clock.now += CALM_SECONDS + 60
    loop(loops)
    assert loops.seconds_left(loops.asked("d1", b"", MOST)) == FIRST_WAIT_SECONDS


def test_different_questions_and_a_first_upload_never_wait(loops, clock):
    for number in range(2_000):
        assert loops.asked("d1", f"Sync {number}".encode(), MOST) is None
    loops.note(made(10_000))
    assert loops.asked("d1", b"Sync", MOST) is None


def test_the_same_item_written_without_end_has_to_wait(loops, clock):
    loops.note(changed(WRITES_OF_ONE_ITEM))
    assert loops.asked("d1", b"", MOST) is None
    loops.note(changed(1))
    slowed = loops.asked("d1", b"", MOST)
    assert slowed is not None
    assert not slowed.is_told
    assert "writes" in slowed.reason


def test_many_items_edited_once_and_edits_without_a_device_are_nobodys_loop(loops, clock):
    for item in range(500):
        loops.note(changed(1, item))
    loops.note(changed(10 * WRITES_OF_ONE_ITEM, origin=""))
    assert loops.asked("d1", b"", MOST) is None
    assert loops.asked("", b"", MOST) is None


def test_more_new_items_than_any_phone_holds_have_to_wait(loops, clock):
    loops.note(made(NEW_ITEMS_IN_AN_HOUR))
    assert loops.asked("d1", b"", MOST) is None
    loops.note(made(1))
    assert loops.asked("d1", b"", MOST) is not None


def test_zero_turns_the_count_of_questions_off(loops, clock):
    assert all(loops.asked("d1", b"Ping", 0) is None for _ in range(1_000))


def test_phone_in_a_loop_is_answered_503_and_the_operator_sees_it(make_core, caplog):
    core = make_core("eas", **{"plugins.eas": EasSettings(repeats_per_minute=3)})
    with Wire(core) as wire:
        answers = []
        for _ in range(12):  # a minute may end in between
            wire.octets("FolderSync", folder_sync("17"))
            answers.append(wire.status)
        assert 503 in answers
        assert set(answers) == {200, 503}
        assert 1 <= int(wire.headers["retry-after"]) <= FIRST_WAIT_SECONDS
        with core.database.read() as work:
            [device] = work.devices.all()
            slowing = device_notes.notes_of(work, device.id).slowing
        assert slowing is not None
        assert slowing.times == 1
        assert len([each for each in caplog.messages if "asks the same again" in each]) == 1
