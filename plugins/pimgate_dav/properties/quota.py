"""How much somebody keeps, and how much more they may: told to whoever owns a collection or may write there, and to nobody else, so
that nobody learns what others keep.

Source: RFC 4331, "DAV:quota-available-bytes", "DAV:quota-used-bytes"; left out of allprop by "Solution Overview".
"""

from __future__ import annotations

from pimgate.api import AccountId, Allowance, Sight, allowance
from pimgate_dav.visit import Visit


def used_by(visit: Visit, sight: Sight) -> str | None:
    """The octets of one collection."""
    return str(sight.standing.collection.size_bytes) if _is_told(visit, sight) else None


def available_to(visit: Visit, sight: Sight) -> str | None:
    """What its owner has left; None without a limit."""
    owner = sight.standing.collection.owner
    return _left(visit, owner) if owner is not None and _is_told(visit, sight) else None


def used_at_home(visit: Visit) -> str:
    """The octets of all that this person owns."""
    return str(_of(visit, visit.viewer.account.id).used_bytes)


def available_at_home(visit: Visit) -> str | None:
    """What this person has left; None without a limit."""
    return _left(visit, visit.viewer.account.id)


def _is_told(visit: Visit, sight: Sight) -> bool:
    return sight.verdict.may_write or sight.standing.collection.owner == visit.viewer.account.id


def _left(visit: Visit, owner: AccountId) -> str | None:
    left = _of(visit, owner).left_bytes
    return None if left is None else str(left)


def _of(visit: Visit, owner: AccountId) -> Allowance:
    if owner not in visit.kept:
        visit.kept[owner] = allowance.of(visit.work, visit.core.settings.limits, owner)
    return visit.kept[owner]
