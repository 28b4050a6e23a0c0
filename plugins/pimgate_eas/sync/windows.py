"""How far back a device looks: which items a FilterType leaves out at a moment. Pure; a row a class.

A FilterType cuts the items of a collection in the order in which they end. The device holds what lies before the cut; as time goes
by the cut moves on, and what it passes leaves the device. For messages it moves on a few times a day: no phone is to wake for each.
Source: MS-ASCMD, "FilterType (Sync)".
"""

from __future__ import annotations

from collections.abc import Mapping

from pimgate.api import Cut
from pimgate.text.lasting import OVER
from pimgate_eas.classes import EMAIL

FILTER = "FilterType"
FILTERS = ("0", "1", "2", "3", "4", "5", "6", "7", "8")
SECONDS_A_DAY = 86_400

EVERYTHING = Cut(-(2**62))
ONLY_OPEN = Cut(OVER)

CALENDAR = "Calendar"
STEPS: Mapping[str, int] = {CALENDAR: 1, EMAIL: 6 * 3_600}
"""By class: the seconds by which its cut moves on."""

DAYS: Mapping[str, int] = {"1": 1, "2": 3, "3": 7, "4": 14, "5": 31, "6": 92, "7": 184}
"""The longest a month, three or six of them can be: nobody gets less than they chose."""


def cut_of(class_name: str, options: Mapping[str, str], now: float) -> Cut:
    """Where the options of a device cut a collection of this class now."""
    chosen = options.get(FILTER, "0")
    if class_name in STEPS and chosen in DAYS:
        step = STEPS[class_name]
        return Cut(int(now) // step * step - DAYS[chosen] * SECONDS_A_DAY)
    if class_name == "Tasks" and chosen == "8":
        return ONLY_OPEN
    return EVERYTHING


def passes_in(class_name: str, cut: Cut, ends_at: int, now: float) -> float:
    """In how many seconds this cut, which moves on, will have passed an item that ends then."""
    step = STEPS[class_name]
    moved_at = int(now) // step * step
    steps = -(-max(0, ends_at - cut.at) // step)
    return moved_at + steps * step - now


def moves(cut: Cut) -> bool:
    """Whether this cut moves on as time goes by."""
    return cut not in (EVERYTHING, ONLY_OPEN)
