"""Sets of UIDs, as ranges: a few octets may stand for a million messages, so they are never written out. Pure.

Source: RFC 9051, "Formal Syntax" (sequence-set, uid-set).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from pimgate.mail.imap.errors import BadAnswer, Unsayable

MOST_UID: Final = 2**32 - 1
LONGEST_SET: Final = 6_000
"""Octets of a set within one command; servers take lines of 8,192 octets at least. Source: RFC 7162, "Long Command Lines"."""

_SET: Final = re.compile(r"[0-9]{1,10}(?::[0-9]{1,10})?(?:,[0-9]{1,10}(?::[0-9]{1,10})?)*")


@dataclass(frozen=True, slots=True)
class UidSet:
    """UIDs as ranges (first, last), in order and apart from each other. Made by `of`, `from_uid` and `heard`."""

    ranges: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, uids: Iterable[int] | UidSet) -> UidSet:
        """The set of these UIDs. Unsayable for what is none."""
        if isinstance(uids, UidSet):
            return uids
        return cls(_joined((each, each) for each in uids))

    @classmethod
    def from_uid(cls, first: int) -> UidSet:
        """Every UID from this one on. It names the highest UID there can be: "first:*" would always hold the last message."""
        return cls(_joined([(first, MOST_UID)]))

    @classmethod
    def heard(cls, text: str) -> UidSet:
        """The set that a server says: "1:3,7". BadAnswer."""
        ranges = heard_ranges(text)
        try:
            return cls(_joined((min(each), max(each)) for each in ranges))
        except Unsayable:
            raise BadAnswer("a UID that cannot be") from None

    def batches(self) -> list[bytes]:
        """The set as commands want it, in pieces that fit on a line."""
        pieces: list[bytes] = []
        for first, last in self.ranges:
            said = b"%d" % first if first == last else b"%d:%d" % (first, last)
            if pieces and len(pieces[-1]) + len(said) < LONGEST_SET:
                pieces[-1] += b"," + said
            else:
                pieces.append(said)
        return pieces

    def __contains__(self, uid: object) -> bool:
        if not isinstance(uid, int):
            return False
        at = bisect_right(self.ranges, (uid, MOST_UID + 1)) - 1
        return at >= 0 and self.ranges[at][0] <= uid <= self.ranges[at][1]

    def __iter__(self) -> Iterator[int]:
        for first, last in self.ranges:
            yield from range(first, last + 1)

    def __len__(self) -> int:
        return sum(last - first + 1 for first, last in self.ranges)

    def __or__(self, other: UidSet) -> UidSet:
        return UidSet(_joined((*self.ranges, *other.ranges)))


def heard_ranges(text: str) -> list[tuple[int, int]]:
    """The ranges of a set in the order in which the server says them, which counts for COPYUID. BadAnswer."""
    if not _SET.fullmatch(text):
        raise BadAnswer("a set of UIDs that is none")
    pairs = (each.partition(":") for each in text.split(","))
    return [(int(first), int(last or first)) for first, _, last in pairs]


def _joined(ranges: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if not 1 <= first <= last <= MOST_UID:
            raise Unsayable("a UID is a number from 1 to 4294967295")
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)
