"""When people are taken, without any detail: for whoever plans a meeting.

Who may know is decided here, for every protocol: oneself, and the colleagues of this deployment unless the operator forbids it.
All of a person's own calendars count, whatever their switch, and private events like all others. Somebody who does not exist, who
may not be asked about or of whom too much would have to be worked out is answered alike: None, nothing is known.

What happens is laid over the times in which a person said that they are not available.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from pimgate import availability
from pimgate.accounts import normal_login
from pimgate.calendar_zone import zone_of
from pimgate.errors import Refused
from pimgate.items import View
from pimgate.model.busy import Busy, Span, laid_over, merged
from pimgate.model.collections import Collection, CollectionId, CollectionKind, Role
from pimgate.model.items import Item, ItemId
from pimgate.model.people import Account
from pimgate.settings import FreeBusy
from pimgate.store.work import Work
from pimgate.text.busy import ONE_DAY, Appointment, is_plainly_busy
from pimgate.text.errors import BadText
from pimgate.text.expansion import Effort
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

MOST_EFFORT = 300_000
"""What one question may cost, all people together, in periods of a rule that are looked at."""
SHARE = 2
"""One person takes at most this part of the effort that is left: nobody's calendar makes everybody else's unknown."""
_A_TEXT = 15
_CHARACTERS = 40
"""What it costs to take a text apart: so much for each, and one for so many characters."""
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)

TRANSPARENCY = "{urn:ietf:params:xml:ns:caldav}schedule-calendar-transp"
"""The property of a calendar whose events never take time, when it is `transparent` (RFC 6638)."""


def busy(
    core: Core,
    work: Work,
    viewer: Account,
    person: Account | str,
    start: datetime,
    end: datetime,
    *,
    besides: str = "",
    effort: Effort | None = None,
) -> list[Span] | None:
    """When `person` (an account, or an e-mail address) is taken, or not available, between two aware datetimes: in order, not
    overlapping, free time left out. `besides` is the UID of a meeting that does not count, because it is just being moved.
    `effort` is that of the whole question where several people are asked about. None if nothing is known that `viewer` may know.
    Refused for more than 400 days, and outside of the years in which anything is told."""
    _check(start, end)
    found = _known(work, person)
    if found is None or not _may_know(core, viewer, found):
        return None
    calendars = _calendars(work, found)
    whole = effort or Effort(MOST_EFFORT)
    own = Effort(max(whole.left, 0) // SHARE)
    events = _Reading(work, calendars, found.login, _homes(core, calendars), start, end, own, besides).answer()
    whole.take(max(whole.left, 0) // SHARE - max(own.left, 0))
    away = _away(work, found, _home(core, calendars), start, end)
    if events is None or away is None:
        return None
    return laid_over(events, away, int(start.timestamp()), int(end.timestamp()))


def _away(work: Work, person: Account, home: tzinfo, start: datetime, end: datetime) -> list[Span] | None:
    """When a person is not available; None if that cannot be told."""
    try:
        return availability.unavailable(work, person.id, start, end, home)
    except BadText as error:
        log.warning("free/busy of %s is not told: %s", person.login, error.reason)
        return None


def busy_in(core: Core, work: Work, view: View, start: datetime, end: datetime) -> list[Span] | None:
    """When the events of one calendar take its owner's time, for whoever may read it; also those of a calendar that does not
    count when others ask about the person. None if there is too much to look at. Refused for more than 400 days, and outside of
    the years in which anything is told."""
    _check(start, end)
    owner = work.people.by_id(view.collection.owner) if view.collection.owner is not None else None
    address = owner.login if owner is not None else ""
    homes, own = _homes(core, [view.collection]), Effort(MOST_EFFORT // SHARE)
    return _Reading(work, [view.collection], address, homes, start, end, own).answer()


def _check(start: datetime, end: datetime) -> None:
    if not EARLIEST <= start <= end <= LATEST:
        raise Refused("free/busy", public=f"Only the years from {EARLIEST.year} to {LATEST.year} can be asked about.")
    if end - start > LONGEST:
        raise Refused("free/busy", public=f"At most {LONGEST.days} days can be asked about at once.")


def _homes(core: Core, calendars: Sequence[Collection]) -> dict[CollectionId, tzinfo]:
    """Where the floating times of each calendar are meant."""
    return {each.id: zone_of(core, each) for each in calendars}


def _home(core: Core, calendars: Sequence[Collection]) -> tzinfo:
    """Where a person lives: in the zone of their default calendar, else in the deployment's."""
    default = next((each for each in calendars if each.role is Role.DEFAULT), None)
    return zone_of(core, default) if default is not None else known_zone(core.settings.accounts.time_zone) or UTC


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
    return [each for each in owned if each.kind is CollectionKind.CALENDAR and not is_transparent(each)]


def is_transparent(calendar: Collection) -> bool:
    """Whether what is in a calendar never takes time."""
    return "transparent" in calendar.properties.get(TRANSPARENCY, "").lower()


class _Reading:
    """One look into the calendars of one person."""

    def __init__(
        self,
        work: Work,
        calendars: Sequence[Collection],
        address: str,
        homes: Mapping[CollectionId, tzinfo],
        start: datetime,
        end: datetime,
        effort: Effort,
        besides: str = "",
    ) -> None:
        self._work = work
        self._besides = besides
        self._calendars = [each.id for each in calendars]
        self._address = address
        self._homes = homes
        self._start = start
        self._end = end
        # Whole days lie elsewhere for somebody in another zone than UTC.
        self._from = int((start - ONE_DAY).timestamp())
        self._to = int((end + ONE_DAY).timestamp())
        self._kept: dict[ItemId, list[tuple[int, int]]] = {}
        self._left_to_work_out = MOST_WORKED_OUT
        self._effort = effort
        self._is_cut = False

    def answer(self) -> list[Span] | None:
        """What takes time, in order and not overlapping; None if that is too much to look at."""
        spans = self._spans()
        return None if spans is None else merged(spans, int(self._start.timestamp()), int(self._end.timestamp()))

    def _spans(self) -> list[Span] | None:
        items = [(item, is_sure) for item, is_sure in self._items() if self._counts(item)]
        if len(items) > MOST_ITEMS:
            log.warning("free/busy of %s is not told: too many appointments", self._address)
            return None
        self._kept = self._work.spans.occurrences(self._calendars, self._from, self._to)
        self._effort.take(len(items))
        found = [span for item, is_sure in items for span in self._of_item(item, is_sure)]
        if self._left_to_work_out < 0 or self._is_cut or self._effort.is_spent:
            log.warning("free/busy of %s is not told: too much would have to be worked out", self._address)
            return None
        return found

    def _counts(self, item: Item) -> bool:
        return item.head.component == "VEVENT" and not (self._besides and item.head.uid == self._besides)

    def _items(self) -> Iterator[tuple[Item, bool]]:
        """What may happen, each with whether the index is sure of its times."""
        left = MOST_ITEMS + 1
        for calendar in self._calendars:
            found = self._work.spans.overlapping(calendar, self._from, self._to, limit=left)
            left -= len(found)
            yield from found

    def _of_item(self, item: Item, is_sure: bool) -> list[Span]:
        if is_sure and is_plainly_busy(item.text):
            return [Span(start, end, Busy.BUSY) for start, end in self._known_times(item)]
        if not self._effort.take(_A_TEXT + len(item.text) // _CHARACTERS):
            return []
        try:
            appointment = Appointment(item.text, self._address, self._homes[item.head.collection_id])
            if appointment.is_free:
                return []
            kept = self._known_times(item) if is_sure and appointment.is_even else None
            if appointment.is_series and kept is None:
                self._left_to_work_out -= 1
                if self._left_to_work_out < 0:
                    return []
            spans = list(appointment.spans(self._start, self._end, kept, self._effort))
            self._is_cut = self._is_cut or appointment.is_cut
            return spans
        except BadText as error:
            log.warning("free/busy leaves out %s:%s: %s", item.head.collection_id, item.id, error.reason)
            return []

    def _known_times(self, item: Item) -> Sequence[tuple[int, int]]:
        """When an item of which the index is sure takes place."""
        head = item.head
        if head.is_recurring:
            return self._kept.get(item.id, [])
        return [(head.starts_at, head.ends_at or head.starts_at)] if head.starts_at is not None else []
