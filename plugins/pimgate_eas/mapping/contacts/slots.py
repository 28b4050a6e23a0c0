"""What a device means when the values of several like slots change at once.

When the line behind Email1Address goes, the one behind Email2Address moves up in what we would show, while the device
still has it in its old place. And some devices close the gap themselves when a person deletes the first of three. Both
look like edits of lines that nobody edited.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def settled(before: Sequence[str], after: Sequence[str]) -> Mapping[int, str]:
    """What is to be written, by place: the new value, or "" for a line to be removed.

    `before` is what we would show in the slots, `after` what the device asks for; "" is an empty slot. Values that
    only moved, in unchanged order and with nothing new among them, are left in their lines; what they pushed out on
    the way up goes, and what stands where the device has none of it (it never saw that line) stays.
    """
    changed = {place: value for place, value in enumerate(after) if value != before[place]}
    origin = _origins(before, changed)
    if origin is None:
        return changed
    written: dict[int, str] = {}
    for place, value in changed.items():
        if before[place] and place not in origin.values() and (not value or origin[place] > place):
            written[place] = ""
    return written


def _origins(before: Sequence[str], changed: Mapping[int, str]) -> Mapping[int, int] | None:
    """Where each changed slot's value was before; None if the change is anything but a move in unchanged order."""
    free = [place for place in changed if before[place]]
    origin: dict[int, int] = {}
    for place, value in changed.items():
        if not value:
            continue
        match = next((each for each in free if before[each] == value), None)
        if match is None:
            return None
        free.remove(match)
        origin[place] = match
    moved = list(origin.values())
    return origin if moved and moved == sorted(moved) else None
