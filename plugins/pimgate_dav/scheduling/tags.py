"""Schedule-Tag, which stays while only others' answers change, and the condition made with it (RFC 6638, "Schedule-Tag Response
Header", "If-Schedule-Tag-Match Request Header")."""

from __future__ import annotations

from collections.abc import Mapping

from pimgate.api import Item, ItemHead, Listed, View, WrongVersion
from pimgate.text import itip
from pimgate_dav.conditions import quoted
from pimgate_dav.names import caldav
from pimgate_dav.scheduling.arranged import is_arranged
from pimgate_dav.visit import Visit

CONDITION = "if-schedule-tag-match"
PROPERTY = caldav("schedule-tag")
FEW = 20
"""Whoever asks for more tags than this is listing the collection, whose texts are then fetched at once."""


def tag_of(visit: Visit, view: View, head: ItemHead | Listed, text: str | None = None) -> str | None:
    """The tag of an item, quoted; None for what is no meeting of the person."""
    if head.component != "VEVENT" or not is_arranged(visit, view.collection):
        return None
    if text is not None:
        return _tag(visit, text)
    if head.id not in visit.tags:
        asked_for = [head.id] if len(visit.tags) < FEW else None
        for item in view.items() if asked_for is None else view.items_by_id(asked_for).values():
            visit.tags[item.id] = _tag(visit, item.text)
    return visit.tags.get(head.id)


def note_tag(visit: Visit, view: View, item: Item) -> None:
    """Work out the tag of an item whose text is at hand, so that nobody fetches that again."""
    visit.tags[item.id] = tag_of(visit, view, item.head, item.text)


def _tag(visit: Visit, text: str) -> str | None:
    tag = itip.schedule_tag(text, visit.viewer.account.login) if itip.is_meeting(text) else None
    return quoted(tag) if tag is not None else None


def tag_header(visit: Visit, view: View, head: ItemHead, text: str | None = None) -> Mapping[str, str]:
    """The header for an answer about this version, whose text may be at hand."""
    visit.tags.pop(head.id, None)
    tag = tag_of(visit, view, head, text)
    return {"Schedule-Tag": tag} if tag is not None else {}


def check_tag(visit: Visit, view: View, head: ItemHead | None) -> None:
    """WrongVersion unless If-Schedule-Tag-Match, if there is one, names what is kept."""
    wanted = visit.ask.headers.get(CONDITION)
    if wanted is not None and (head is None or wanted.strip() != tag_of(visit, view, head)):
        raise WrongVersion("If-Schedule-Tag-Match")
