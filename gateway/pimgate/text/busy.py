"""When one calendar object takes its owner's time, and how.

    Appointment(text, "anna@example.org", ZoneInfo("Europe/Berlin")).spans(start, end) -> Span(..., Busy.BUSY), ...

Whole days and floating times are meant where the person is. An occurrence that was changed speaks for itself, so a cancelled one
of a series is free time.

Sources: RFC 5545 "Time Transparency", "Status", "Participation Status"; RFC 4791 "CALDAV:free-busy-query REPORT"; MS-OXCICAL
"Property: X-MICROSOFT-CDO-BUSYSTATUS".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from pimgate.model.busy import Busy, Span
from pimgate.text.component import Component
from pimgate.text.events import parse_event_set
from pimgate.text.expansion import Effort
from pimgate.text.lines import Line
from pimgate.text.occurrences import occurrences
from pimgate.text.times import Time, epoch_of

ONE_DAY: Final = timedelta(days=1)
"""Local times lie at most this far from the same ones in UTC."""

MOST_TIMES: Final = 10_000
"""Occurrences of one series in one look: as many as an hourly one has in the longest time that may be asked about."""

_OUTLOOK: Final = {"FREE": Busy.FREE, "TENTATIVE": Busy.TENTATIVE, "BUSY": Busy.BUSY, "OOF": Busy.UNAVAILABLE}
_NOT_COMING: Final = ("DECLINED", "DELEGATED")
_UNDECIDED: Final = ("TENTATIVE", "NEEDS-ACTION")
_SELDOM: Final = ("FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY")
_WITHIN_A_DAY: Final = ("BYHOUR", "BYMINUTE", "BYSECOND")
_DEFINITE: Final = re.compile(r"^DTSTART(?::[0-9]{8}T[0-9]{6}Z|;TZID=[^:;\s]+:[0-9]{8}T[0-9]{6})\r?$", re.MULTILINE)
_TELLING: Final = re.compile(
    r"^(?:ATTENDEE|RECURRENCE-ID|RDATE|TRANSP(?!:OPAQUE\r?$)|STATUS(?!:CONFIRMED\r?$)"
    r"|X-MICROSOFT-CDO-BUSYSTATUS(?!:BUSY\r?$))",
    re.MULTILINE | re.IGNORECASE,
)


class Appointment:
    """One calendar object as its owner's time sees it. BadText for what is none."""

    def __init__(self, text: str, address: str, home: tzinfo) -> None:
        self._text = text
        self._address = address
        self._home = home
        self._events = parse_event_set(text)
        self.is_cut = False
        """Whether `spans` had to leave something out, because there is too much or it cannot be worked out with the effort."""

    @property
    def is_free(self) -> bool:
        """Whether nothing in it takes time, whenever it happens."""
        return all(status_of(entry, self._address) is Busy.FREE for entry in self._events.entries)

    @property
    def is_series(self) -> bool:
        master = self._events.master
        return master is not None and any(master.get(name) is not None for name in ("RRULE", "RDATE"))

    @property
    def is_even(self) -> bool:
        """Whether all occurrences are alike and at most one a day: then the occurrence table says all of it."""
        master = self._events.master
        if master is None or len(self._events.entries) > 1 or master.get("RDATE") is not None:
            return False
        rules = [line.value.upper() for line in master.all("RRULE")]
        return len(rules) == 1 and _is_seldom(rules[0])

    def spans(
        self,
        start: datetime,
        end: datetime,
        kept: Sequence[tuple[int, int]] | None = None,
        effort: Effort | None = None,
    ) -> Iterator[Span]:
        """What it takes between two aware datetimes, and some around them. `kept` are the known times of a series that
        `is_even`, as the occurrence table has them; what else there is to a series is worked out with `effort`."""
        master = self._events.master
        if master is not None:
            times = self._times(start - ONE_DAY, end + ONE_DAY, effort) if kept is None else kept
            yield from self._of_master(master, times)
        if not self._is_moved_on:
            for override in self._events.overrides.values():
                yield from self._of_entry(override)

    @property
    def _is_moved_on(self) -> bool:
        """A change of "this and all that follow" changes occurrences which are not in the text; the series speaks for all."""
        entries = self._events.entries
        return any(
            (line := entry.get("RECURRENCE-ID")) is not None and "THISANDFUTURE" in line.param("RANGE")
            for entry in entries
        )

    def _times(self, start: datetime, end: datetime, effort: Effort | None) -> Sequence[tuple[int, int]]:
        """When a series takes its owner's time."""
        master = self._events.master
        if master is None or not self.is_series or status_of(master, self._address) is Busy.FREE:
            return ()
        text = self._text if self._is_moved_on else self._of_series_alone()
        found = occurrences(text, start, end, limit=MOST_TIMES, effort=effort)
        self.is_cut = found.is_cut
        return found.spans

    def _of_master(self, master: Component, times: Sequence[tuple[int, int]]) -> Iterator[Span]:
        status = status_of(master, self._address)
        if status is Busy.FREE:
            return
        if not self.is_series:
            yield from self._of_entry(master)
            return
        is_local = _is_local(self._events.start_of(master))
        yield from (self._span(begin, until, is_local, status) for begin, until in times)

    def _of_series_alone(self) -> str:
        """The series without the occurrences that speak for themselves."""
        if not self._events.overrides:
            return self._text
        alone = parse_event_set(self._text)
        alone.keep_series_alone()
        return alone.to_text()

    def _of_entry(self, entry: Component) -> Iterator[Span]:
        status = status_of(entry, self._address)
        if status is not Busy.FREE:
            begin, until = self._events.start_of(entry), self._events.end_of(entry)
            yield self._span(epoch_of(begin), epoch_of(until), _is_local(begin), status)

    def _span(self, begin: int, until: int, is_local: bool, status: Busy) -> Span:
        if is_local:
            begin, until = self._at_home(begin), self._at_home(until)
        return Span(begin, until, status)

    def _at_home(self, moment: int) -> int:
        """A local time that was taken as UTC, where the person is."""
        try:
            wall = datetime.fromtimestamp(moment, UTC).replace(tzinfo=self._home)
            return int(wall.timestamp())
        except (ValueError, OverflowError, OSError):
            return moment


def is_plainly_busy(text: str) -> bool:
    """Whether one look tells that an object takes its owner's time whenever it happens, at a time that is the same everywhere:
    one event that nobody is invited to, and no word of being free, tentative or changed. False says nothing."""
    begin = text.find("BEGIN:VEVENT")
    return (
        begin >= 0
        and text.find("BEGIN:VEVENT", begin + 1) < 0
        and _DEFINITE.search(text, begin) is not None
        and _TELLING.search(text, begin) is None
    )


def status_of(entry: Component, address: str) -> Busy:
    """How an event or a changed occurrence takes the time of the person with this address."""
    answer = _answer_of(entry, address)
    if _word(entry, "STATUS") == "CANCELLED" or answer in _NOT_COMING:
        return Busy.FREE
    is_free = _word(entry, "TRANSP") == "TRANSPARENT"
    # Outlook's word counts where it does not contradict TRANSP, which other programs change alone.
    said = _OUTLOOK.get(_word(entry, "X-MICROSOFT-CDO-BUSYSTATUS"))
    status = Busy.FREE if is_free else Busy.BUSY
    if said is not None and (said is Busy.FREE) == is_free:
        status = said
    if status is Busy.BUSY and (_word(entry, "STATUS") == "TENTATIVE" or answer in _UNDECIDED):
        return Busy.TENTATIVE
    return status


def _answer_of(entry: Component, address: str) -> str:
    """What an invited person answered, as it is written; "" for whoever is not invited, and for who invites."""
    organizer = entry.get("ORGANIZER")
    if organizer is not None and _is_of(organizer, address):
        return ""
    lines: Iterable[Line] = entry.all("ATTENDEE")
    return next(((line.param_text("PARTSTAT") or "").upper() for line in lines if _is_of(line, address)), "")


def _is_of(line: Line, address: str) -> bool:
    value = line.text.strip()
    value = value[7:] if value[:7].lower() == "mailto:" else line.param_text("EMAIL") or value
    return value.strip().casefold() == address.casefold()


def _word(entry: Component, name: str) -> str:
    line = entry.get(name)
    return line.text.strip().upper() if line is not None else ""


def _is_local(time: Time) -> bool:
    """Whether it is a whole day or a floating time."""
    return not isinstance(time, datetime) or time.tzinfo is None


def _is_seldom(rule: str) -> bool:
    return any(each in rule for each in _SELDOM) and not any(each in rule for each in _WITHIN_A_DAY)
