"""What searches found is kept for those who look through it, and not for ever."""

from __future__ import annotations

from pimgate.api import CollectionId, DeviceId
from pimgate.mail.finding import Found, Hit
from pimgate_eas.mail.searching.kept_results import KEPT_SECONDS, MOST_HITS, SAME_SECONDS, KeptResults

ONE, TWO = DeviceId("one"), DeviceId("two")
FOUND = Found((Hit(CollectionId("c1"), 1, 1, 0, None),), 1)


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_result_is_kept_for_its_device_and_its_question() -> None:
    kept = KeptResults(Clock())
    kept.keep(ONE, "a", FOUND)
    assert kept.get(ONE, "a", is_beginning=False) == FOUND
    assert kept.get(ONE, "b", is_beginning=False) is None
    assert kept.get(TWO, "a", is_beginning=False) is None


def test_beginning_of_a_list_is_looked_for_anew_earlier_than_its_rest() -> None:
    clock = Clock()
    kept = KeptResults(clock)
    kept.keep(ONE, "a", FOUND)
    clock.now += SAME_SECONDS + 1
    assert kept.get(ONE, "a", is_beginning=True) is None
    assert kept.get(ONE, "a", is_beginning=False) == FOUND
    clock.now += KEPT_SECONDS
    assert kept.get(ONE, "a", is_beginning=False) is None


def test_memory_is_bounded_and_who_looked_longest_ago_goes_first() -> None:
    kept = KeptResults(Clock())
    large = Found(FOUND.hits * (MOST_HITS // 2))
    for name in ("one", "two"):
        kept.keep(DeviceId(name), "a", large)
    kept.get(ONE, "a", is_beginning=True)
    kept.keep(DeviceId("three"), "a", FOUND)
    found = [kept.get(DeviceId(each), "a", is_beginning=True) is not None for each in ("one", "two", "three")]
    assert found == [True, False, True]
