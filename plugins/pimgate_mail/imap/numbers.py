"""Sets of message numbers: `2,4:7,9:*` in, UIDs or `2,4:7` out. Source: RFC 9051, "Formal Syntax" (sequence-set)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from .answers import Bad

MAX_RANGES = 5000


def ranges(text: str, highest: int) -> list[tuple[int, int]]:
    """The ranges of a set in ascending order, joined where they touch, `*` standing for `highest`. Raises Bad."""
    parts = text.split(",")
    if len(parts) > MAX_RANGES:
        raise Bad("The set is too long.")
    found = []
    for part in parts:
        first, colon, last = part.partition(":")
        low = _number(first, highest)
        high = _number(last, highest) if colon else low
        found.append((min(low, high), max(low, high)))
    return _joined(sorted(found))


def chosen(text: str, uids: Sequence[int], *, by_uid: bool) -> list[int]:
    """The UIDs out of `uids` (ascending) that a set names, by UID or by place. Raises Bad."""
    if by_uid:
        wanted = ranges(text, uids[-1] if uids else 0)
        slices = [uids[bisect_left(uids, low) : bisect_right(uids, high)] for low, high in wanted]
    else:
        wanted = ranges(text, len(uids))
        if wanted[0][0] < 1 or wanted[-1][1] > len(uids):
            raise Bad("There is no message of that number.")
        slices = [uids[low - 1 : high] for low, high in wanted]
    return [uid for part in slices for uid in part]


def written(numbers: Iterable[int]) -> str:
    """Numbers, ascending, as a set: `1:3,7`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(first) if first == last else f"{first}:{last}" for first, last in runs)


def _joined(found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined = found[:1]
    for low, high in found[1:]:
        if low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return joined


def _number(text: str, highest: int) -> int:
    if text == "*":
        return highest
    if not text.isdigit() or len(text) > 10 or text == "0":
        raise Bad("This is not a set of numbers.")
    return int(text)
