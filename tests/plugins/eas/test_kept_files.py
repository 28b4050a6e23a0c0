"""The file that a device fetches part by part is kept for a moment, and no longer."""

from __future__ import annotations

from pimgate.api import DeviceId
from pimgate_eas.mail.contents import File
from pimgate_eas.mail.kept_files import KEPT_SECONDS, MOST, KeptFiles
from pimgate_eas.spool import Spool


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def file() -> File:
    return File("image/png", Spool())


def test_file_is_kept_for_its_device_while_it_is_asked_for() -> None:
    clock, one, plan = Clock(), DeviceId("one"), file()
    kept = KeptFiles(clock)
    kept.keep(one, "c1:1:2", plan)
    for _ in range(3):
        clock.now += KEPT_SECONDS - 1
        assert kept.get(one, "c1:1:2") is plan
    assert kept.get(one, "c1:1:3") is None
    assert kept.get(DeviceId("two"), "c1:1:2") is None
    clock.now += KEPT_SECONDS + 1
    assert kept.get(one, "c1:1:2") is None


def test_no_more_files_are_kept_than_may_be() -> None:
    kept = KeptFiles(Clock())
    for number in range(MOST + 1):
        kept.keep(DeviceId(str(number)), "x", file())
    assert [kept.get(DeviceId(str(number)), "x") is None for number in range(3)] == [True, False, False]
