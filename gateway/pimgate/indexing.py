"""What the columns beside a text say of it: made once, at the write, and able to be made again.

Asked by `items.py` before anything is stored, so whatever cannot be read or could never be expanded is refused here.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from pimgate.errors import BadItem, ItemTooLarge
from pimgate.model.collections import Collection, CollectionKind
from pimgate.store.items import ALWAYS, Indexed
from pimgate.text.calendar import index_calendar
from pimgate.text.component import BadText
from pimgate.text.occurrences import Occurrences, occurrences
from pimgate.text.vcard import index_card

WINDOW_PAST = timedelta(days=366)
WINDOW_FUTURE = timedelta(days=3 * 366)

UID_LENGTH = 512

COMPONENTS = {
    CollectionKind.BOOK: ("VCARD",),
    CollectionKind.CALENDAR: ("VEVENT",),
    CollectionKind.TASKS: ("VTODO",),
    CollectionKind.NOTES: ("VJOURNAL",),
}


def components_of(collection: Collection) -> tuple[str, ...]:
    """The components that a collection takes: what its maker asked for, else those of its kind."""
    asked = collection.properties.get("components", "")
    return tuple(asked.split(",")) if asked else COMPONENTS.get(collection.kind, ())


def etag_of(text: str) -> str:
    """A strong validator: a digest of the very octets that are kept. BadItem for a text that has none (lone surrogates)."""
    try:
        return hashlib.sha256(text.encode()).hexdigest()[:32]
    except UnicodeEncodeError as error:
        raise BadItem("not Unicode", public="The text is not valid Unicode.") from error


def index(collection: Collection, text: str, now: float, limit_bytes: int) -> Indexed:
    """The columns for `text` in `collection`. BadItem or ItemTooLarge if it cannot be kept there."""
    size = len(text.encode())
    if size > limit_bytes:
        raise ItemTooLarge(f"{size} bytes", public=f"The item is larger than {limit_bytes} bytes.")
    if "\0" in text:
        raise BadItem("NUL in the text")
    try:
        indexed = _card(text) if collection.kind is CollectionKind.BOOK else _calendar(text, now)
    except BadText as error:
        raise BadItem(str(error), public=f"The text cannot be read: {error.reason}") from error
    if len(indexed.uid) > UID_LENGTH:
        raise BadItem(f"UID of {len(indexed.uid)} characters", public=f"A UID has at most {UID_LENGTH} characters.")
    if indexed.component not in components_of(collection):
        wanted = " or ".join(components_of(collection))
        raise BadItem(f"{indexed.component} in {collection.kind}", public=f"This collection takes only {wanted}.")
    return indexed


def _card(text: str) -> Indexed:
    card = index_card(text)
    return Indexed(card.uid or "", "VCARD", card.formatted_name, card.search_text)


def _calendar(text: str, now: float) -> Indexed:
    found = index_calendar(text)
    once = Indexed(
        uid=found.uid,
        component=found.component,
        title=found.summary,
        search=found.search_text,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        lasts_until=found.lasts_until,
        is_private=found.is_private,
    )
    if not found.is_recurring:
        return once
    today = datetime.fromtimestamp(now, UTC)
    start, end = today - WINDOW_PAST, today + WINDOW_FUTURE
    expanded = occurrences(text, start, end)
    known_from, known_until = _known(expanded, found.starts_at, int(start.timestamp()), int(end.timestamp()))
    return replace(
        once, is_recurring=True, known_from=known_from, known_until=known_until, occurrences=tuple(expanded.spans)
    )


def _known(expanded: Occurrences, starts_at: int | None, start: int, end: int) -> tuple[int, int]:
    """The span of which the expansion of a series between `start` and `end` says all; an empty one if something is missing. A
    search beyond it must look at the text."""
    if expanded.is_partial or expanded.is_cut:
        return 0, 0
    begins_before = starts_at is not None and starts_at < start
    return start if begins_before else -ALWAYS, end if expanded.is_open else ALWAYS
