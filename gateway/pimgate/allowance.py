"""How much one person may keep, and how much they do: the octets of all collections that they own, but for their mail.

The owner's allowance counts, whoever writes. Collections of the organisation have none. Two programs that write into
two collections in the same moment may together pass the limit, by what the later one brought; then nothing may grow any more.
"""

from __future__ import annotations

from dataclasses import dataclass

from pimgate.errors import NoRoom
from pimgate.model.people import AccountId
from pimgate.settings import Limits
from pimgate.store.work import Work


@dataclass(frozen=True, slots=True)
class Allowance:
    """What somebody keeps, and the most that they may; None for no limit."""

    used_bytes: int
    most_bytes: int | None

    @property
    def left_bytes(self) -> int | None:
        """How much more fits; None for no limit. Nothing for whoever has more than they may: the limit was lowered, or a meeting
        grew."""
        return None if self.most_bytes is None else max(0, self.most_bytes - self.used_bytes)


def of(work: Work, limits: Limits, owner: AccountId) -> Allowance:
    """What this person keeps as it stands in this unit of work."""
    return Allowance(work.collections.size_of_owner(owner), limits.bytes_per_person or None)


def check(work: Work, limits: Limits, owner: AccountId | None, more_bytes: int) -> None:
    """NoRoom if the owner's collections may not grow by so much. What keeps their size or shrinks them always passes."""
    if owner is None or more_bytes <= 0 or not limits.bytes_per_person:
        return
    used = work.collections.size_of_owner(owner)
    if used + more_bytes > limits.bytes_per_person:
        raise NoRoom(f"{owner} keeps {used} of {limits.bytes_per_person} bytes, and {more_bytes} would come")
