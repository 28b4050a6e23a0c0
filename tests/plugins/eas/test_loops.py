"""A device that writes without end is told to the operator, once a minute."""

from pimgate.api import Change, ItemId, Op
from pimgate_eas.loops import MANY_IN_A_MINUTE, Loops


def writes(count: int, origin: str = "d1") -> list[Change]:
    return [Change("c1", number, Op.CREATE, ItemId(number), "x", origin) for number in range(count)]


def test_a_device_that_writes_without_end_is_named_once_a_minute():
    now = [0.0]
    loops = Loops(lambda: now[0])
    assert loops.note(writes(MANY_IN_A_MINUTE)) == []
    assert loops.note(writes(1)) == ["d1"]
    assert loops.note(writes(100)) == []
    now[0] = 61.0
    assert loops.note(writes(100)) == []
    assert loops.note(writes(MANY_IN_A_MINUTE)) == ["d1"]


def test_devices_are_counted_apart_and_edits_without_a_device_not_at_all():
    loops = Loops(lambda: 0.0)
    assert loops.note(writes(MANY_IN_A_MINUTE, "d1") + writes(MANY_IN_A_MINUTE, "d2")) == []
    assert loops.note(writes(10 * MANY_IN_A_MINUTE, "")) == []
