"""Where a meeting is in a person's own calendars: there is one copy of each, wherever they keep it."""

from __future__ import annotations

from pimgate.model.collections import Collection, CollectionId, CollectionKind
from pimgate.model.items import ItemHead
from pimgate.model.people import AccountId
from pimgate.store.work import Work
from pimgate.text import itip


def own_calendars(work: Work, account_id: AccountId) -> list[Collection]:
    """The default one first."""
    owned = (each.collection for each in work.collections.standings(account_id) if each.collection.owner == account_id)
    return [each for each in owned if each.kind is CollectionKind.CALENDAR]


def copy_elsewhere(work: Work, account_id: AccountId, uid: str, besides: CollectionId) -> ItemHead | None:
    """The copy of a meeting that a person has in another calendar of theirs than `besides`; None if there is none."""
    for calendar in own_calendars(work, account_id):
        head = work.items.by_uid(calendar.id, uid) if calendar.id != besides else None
        if head is not None and itip.is_meeting(work.items.text(head.id)):
            return head
    return None
