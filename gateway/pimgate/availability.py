"""When a person is available, as they said it in one of their programs: one availability for all protocols.

It lies on the person's shelf as it came, and is given back to them alone; what others learn of it is what `busy` tells.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

from pimgate.errors import BadItem, ItemTooLarge
from pimgate.model.busy import Span
from pimgate.model.people import AccountId
from pimgate.store.shelf import Document
from pimgate.store.work import Work
from pimgate.text.availability import Window, read_availability
from pimgate.text.errors import BadText, TextTooLarge

KEY = "availability"
TRIED = timedelta(days=400)
"""An availability that costs too much to tell for this time from now on is not kept."""


def text_of(work: Work, account_id: AccountId) -> str | None:
    """What this person said last, as it came; None if they did not."""
    kept = work.shelf.peek(account_id, KEY)
    return str(kept["text"]) if kept is not None else None


def keep(work: Work, account_id: AccountId, text: str | None) -> None:
    """Keep what a person says of their time, in place of what they said before; None takes it away. BadItem, ItemTooLarge."""
    if text is None:
        work.shelf.remove(account_id, KEY)
        return
    now = datetime.fromtimestamp(work.now, UTC)
    try:
        read_availability(text).unavailable(Window(now, now + TRIED, UTC))
    except TextTooLarge as error:
        raise ItemTooLarge(f"availability of {account_id}", public=error.reason) from error
    except BadText as error:
        raise BadItem(f"availability of {account_id}", public=error.reason) from error
    work.shelf.put(account_id, KEY, Document({"text": text}))


def unavailable(work: Work, account_id: AccountId, start: datetime, end: datetime, home: tzinfo) -> list[Span]:
    """When a person who lives in the zone `home` is not available between two aware datetimes: in order, not overlapping. BadText
    if that cannot be told."""
    text = text_of(work, account_id)
    return [] if text is None else read_availability(text).unavailable(Window(start, end, home))
