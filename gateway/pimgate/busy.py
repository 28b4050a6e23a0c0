"""When people are taken, without any detail: for whoever plans a meeting.

Who may know is decided here, for every protocol: oneself, and the colleagues of this deployment unless the operator forbids it.
All of a person's own calendars count, whatever their switch, and private events like all others. Somebody who does not exist, who
may not be asked about or of whom too much would have to be worked out is answered alike: None, nothing is known.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from pimgate.accounts import normal_login
from pimgate.errors import Refused
from pimgate.indexing import WINDOW_FUTURE, WINDOW_PAST
from pimgate.model.busy import Span, merged
from pimgate.model.collections import Collection, CollectionKind
from pimgate.model.items import Item, ItemId
from pimgate.model.people import Account
from pimgate.settings import FreeBusy
from pimgate.store.work import Work
from pimgate.text.busy import ONE_DAY, Appointment
from pimgate.text.errors import BadText
from pimgate.text.timezones import known_zone

if TYPE_CHECKING:
    from pimgate.core import Core

log = logging.getLogger("pimgate")

LONGEST = timedelta(days=400)
"""The longest time one may ask about."""
MOST_ITEMS = 5_000
"""Appointments of one person that are looked at for one question."""
MOST_WORKED_OUT = 100
"""Series of one person of which the occurrence table does not know enough, for one question."""

TRANSPARENCY = "{urn:ietf:params:xml:ns:caldav}schedule-calendar-transp"
"""The property of a calendar whose events never take time, when it is `transparent` (RFC 6638)."""


def busy(
    core: Core, work: Work, viewer: Account, person: Account | str, start: datetime, end: datetime
) -> list[Span] | None:
    """When `person` (an account, or an e-mail address) is taken between two aware datetimes: in order, not overlapping, free time
    left out. None if nothing is known that `viewer` may know. Refused for more than 400 days."""
    if end - start > LONGEST:
        raise Refused("free/busy", public=f"At most {LONGEST.days} days can be asked about at once.")
    found = _known(work, person)
    if found is None or not _may_know(core, viewer, found):
        return None
    calendars = _calendars(work, found)
    home = known_zone(core.settings.accounts.time_zone) or UTC
    spans = _Reading(work, calendars, found.login, home, start, end).spans()
    return None if spans is None else merged(spans, int(start.timestamp()), int(end.timestamp()))


def _known(work: Work, person: Account | str) -> Account | None:
    """An active account; None for everybody else."""
    if isinstance(person, str):
        try:
            found = work.people.by_login(normal_login(person)) if "@" in person else None
        except Refused:
            return None
    else:
        found = work.people.by_id(person.id)
    return found if found is not None and found.is_active else None


def _may_know(core: Core, viewer: Account, person: Account) -> bool:
    return viewer.id == person.id or core.settings.visibility.free_busy is FreeBusy.COLLEAGUES


def _calendars(work: Work, person: Account) -> list[Collection]:
    owned = (each.collection for each in work.collections.standings(person.id) if each.collection.owner == person.id)
    return [each for each in owned if each.kind is CollectionKind.CALENDAR and not _is_transparent(each)]


def _is_transparent(calendar: Collection) -> bool:
    return "transparent" in calendar.properties.get(TRANSPARENCY, "").lower()


class _Reading:
    """One look into the calendars of one person."""

    def __init__(
        self, work: Work, calendars: Sequence[Collection], address: str, home: tzinfo, start: datetime, end: datetime
    ) -> None:
        self._work = work
        self._calendars = [each.id for each in calendars]
        self._address = address
        self._home = home
        self._start = start
        self._end = end
        # Whole days lie elsewhere for somebody in another zone than UTC.
        self._from = int((start - ONE_DAY).timestamp())
        self._to = int((end + ONE_DAY).timestamp())
        self._kept: dict[ItemId, list[tuple[int, int]]] = {}
        self._left_to_work_out = MOST_WORKED_OUT

    def spans(self) -> list[Span] | None:
        """All that takes time, in any order; None if that is too much to look at."""
        items = [item for item in self._items() if item.head.component == "VEVENT"]
        if len(items) > MOST_ITEMS:
            log.warning("free/busy of %s is not told: too many appointments", self._address)
            return None
        self._kept = self._work.occurrences.between(self._calendars, self._from, self._to)
        found = [span for item in items for span in self._of_item(item)]
        if self._left_to_work_out < 0:
            log.warning("free/busy of %s is not told: too many series reach beyond what is kept", self._address)
            return None
        return found

    def _items(self) -> Iterator[Item]:
        left = MOST_ITEMS + 1
        for calendar in self._calendars:
            items = self._work.items.overlapping(calendar, self._from, self._to, limit=left)
            left -= len(items)
            yield from items

    def _of_item(self, item: Item) -> list[Span]:
        try:
            appointment = Appointment(item.text, self._address, self._home)
            if appointment.is_free:
                return []
            kept = self._kept_of(item, appointment)
            if appointment.is_series and kept is None:
                self._left_to_work_out -= 1
                if self._left_to_work_out < 0:
                    return []
            return list(appointment.spans(self._start, self._end, kept))
        except BadText as error:
            log.warning("free/busy leaves out %s:%s: %s", item.head.collection_id, item.id, error.reason)
            return []

    def _kept_of(self, item: Item, appointment: Appointment) -> Sequence[tuple[int, int]] | None:
        """What the occurrence table has of an item, if that is all of it."""
        if not appointment.is_even:
            return None
        written = datetime.fromtimestamp(item.head.changed_at, UTC)
        is_kept = written - WINDOW_PAST <= self._start - ONE_DAY and self._end + ONE_DAY <= written + WINDOW_FUTURE
        return self._kept.get(item.id, []) if is_kept else None
