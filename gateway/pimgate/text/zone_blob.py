"""ActiveSync's TimeZone structure: 172 octets that hold offsets and one pair of yearly rules, but no name to rely on.

Sources: MS-ASDTYPE "TimeZone", MS-DTYP "SYSTEMTIME", Windows' TIME_ZONE_INFORMATION (its dates say "the nth weekday of
a month" with 5 for the last one).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from pimgate.text.errors import BadText
from pimgate.text.zone_rules import Transition, YearlyRule, offset_at, rule_behind, rule_for_day, transitions

_LAYOUT: Final = struct.Struct("<l64s8Hl64s8Hl")
BLOB_SIZE: Final = _LAYOUT.size
SystemTime = tuple[int, int, int, int, int, int, int, int]
Changes = tuple[timedelta, tuple[Transition, ...]]
"""How a year begins, and what then changes."""

_NO_DATE: Final[SystemTime] = (0, 0, 0, 0, 0, 0, 0, 0)
_CLOSE: Final = timedelta(days=8)
_ONE_HOUR: Final = timedelta(hours=1)

# Where many people live, one zone for each set of rules first, so that a blob without a name gets a name they know.
WELL_KNOWN: Final = (
    *("UTC", "Europe/Berlin", "Europe/London", "Europe/Athens", "Europe/Moscow", "Europe/Istanbul", "Europe/Lisbon"),
    *("Europe/Paris", "Europe/Madrid", "Europe/Rome", "Europe/Warsaw", "Europe/Kyiv", "Europe/Helsinki"),
    *("Europe/Dublin", "Atlantic/Azores", "Atlantic/Reykjavik", "Atlantic/Cape_Verde", "Africa/Casablanca"),
    *("Africa/Lagos", "Africa/Johannesburg", "Africa/Cairo", "Africa/Nairobi", "America/New_York"),
    *("America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage"),
    *("America/Halifax", "America/St_Johns", "America/Mexico_City", "America/Bogota", "America/Caracas"),
    *("America/Santiago", "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "America/Nuuk", "America/Havana"),
    *("Pacific/Honolulu", "Asia/Jerusalem", "Asia/Beirut", "Asia/Riyadh", "Asia/Tehran", "Asia/Dubai", "Asia/Kabul"),
    *("Asia/Karachi", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Dhaka", "Asia/Yangon", "Asia/Bangkok"),
    *("Asia/Shanghai", "Asia/Singapore", "Asia/Tokyo", "Asia/Seoul", "Australia/Perth", "Australia/Darwin"),
    *("Australia/Adelaide", "Australia/Brisbane", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Guam"),
    *("Pacific/Noumea", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Tongatapu", "Pacific/Kiritimati"),
)


@dataclass(frozen=True, slots=True)
class BlobRules:
    """What a blob says. `to_standard` and `to_daylight` are both there, or neither."""

    standard: timedelta
    daylight: timedelta
    to_standard: YearlyRule | None
    to_daylight: YearlyRule | None
    name: str

    def changes(self, year: int) -> list[Transition]:
        """The changes of that year in order, as a zone with the same rules would have them."""
        if self.to_standard is None or self.to_daylight is None:
            return []
        changes = [
            Transition(self.to_standard.wall(year) - self.daylight, self.daylight, self.standard),
            Transition(self.to_daylight.wall(year) - self.standard, self.standard, self.daylight),
        ]
        # One that falls on the very start of the year only says how the year begins.
        start = datetime(year, 1, 1)
        return sorted((change for change in changes if change.wall > start), key=lambda change: change.utc)


@lru_cache(maxsize=1024)
def blob_for(zone: ZoneInfo, year: int) -> bytes:
    """The 172 octets for a zone with its rules of that year.

    A zone that changes its clocks once in the year for good is said as "other time since 1 January". One with more
    than two changes (Morocco, when Ramadan comes twice) cannot be said: the blob has the first two.
    """
    changes = transitions(zone, year)[:2]
    if len(changes) == 2 and changes[0].before != changes[1].after:
        changes = changes[:1]
    offsets = [offset for change in changes for offset in (change.before, change.after)]
    offsets = offsets or [offset_at(zone, datetime(year, 1, 1))]
    standard, daylight = min(offsets), max(offsets)
    dates: dict[timedelta, SystemTime] = {standard: _NO_DATE, daylight: _NO_DATE}
    if changes:
        dates = {change.after: _system_time(_rule_of(zone, change)) for change in changes}
        dates.setdefault(changes[0].before, _system_time(rule_for_day(datetime(year, 1, 1))))
    name = _name_of(zone.key)
    return _LAYOUT.pack(
        *(-_minutes(standard), _name_octets(name), *dates[standard], 0),
        *(
            _name_octets(name.replace("Standard", "Daylight")),
            *dates[daylight],
            _minutes(standard) - _minutes(daylight),
        ),
    )


def read_blob(blob: bytes) -> BlobRules:
    """What a blob says. BadText if it is not one."""
    if len(blob) != BLOB_SIZE:
        raise BadText("A time zone does not have 172 octets.")
    fields = _LAYOUT.unpack(blob)
    bias, standard_name, standard_date, standard_bias = fields[0], fields[1], fields[2:10], fields[10]
    daylight_date, daylight_bias = fields[12:20], fields[20]
    if abs(bias) > 24 * 60 or abs(standard_bias) > 24 * 60 or abs(daylight_bias) > 24 * 60:
        raise BadText("A time zone is further than a day from UTC.")
    to_standard, to_daylight = _rule_in(standard_date), _rule_in(daylight_date)
    standard = timedelta(minutes=-bias - standard_bias)
    if to_standard is None or to_daylight is None or standard_bias == daylight_bias:
        # A daylight bias without dates is a leftover that Windows writes for zones without summer time.
        to_standard = to_daylight = None
        daylight = standard
    else:
        daylight = timedelta(minutes=-bias - daylight_bias)
    name = standard_name.decode("utf-16-le", "replace").partition("\0")[0].strip()
    return BlobRules(standard, daylight, to_standard, to_daylight, name)


def zone_for(blob: bytes, preferred: Sequence[str] = (), *, year: int) -> str | None:
    """The IANA name of a zone whose clocks, in that year, change exactly as the blob says.

    Asked in this order: `preferred` (the zone stored on the event, the person's own), the zone the blob names, the
    well-known ones, all others; then the same again for zones that change within some days of it. What fits nothing
    becomes a fixed offset (`Etc/GMT-3`) if it is whole hours. None: the blob says nothing (all zero), or nothing
    that can be named. BadText if it is no blob at all.
    """
    rules = read_blob(blob)
    if not any(blob):
        return None
    named = [rules.name, WINDOWS_TO_OLSON.get(rules.name, "")] if rules.name else []
    for fits in (_fits, _nearly_fits):
        for name in (*preferred, *named):
            zone = _zone(name)
            if zone is not None and fits(rules, zone, year):
                return name
        found = _first_with(rules, year) if fits is _fits else _first_near(rules, year)
        if found is not None:
            return found
    return _fixed_name(rules)


def says(blob: bytes, zone: tzinfo, year: int) -> bool:
    """Whether a blob is what we would send for this zone and year, whatever names it gives. BadText if it is no blob."""
    return _fits(read_blob(blob), cast(ZoneInfo, zone), year)


def _fits(rules: BlobRules, zone: ZoneInfo, year: int) -> bool:
    """Of what cannot be said exactly, our own way of saying it counts."""
    return _changes_of(rules, year) == _changes_in(zone, year) or replace(rules, name="") == _as_sent(zone, year)


def _nearly_fits(rules: BlobRules, zone: ZoneInfo, year: int) -> bool:
    ours, theirs = rules.changes(year), transitions(zone, year)
    return len(ours) == len(theirs) == 2 and all(
        (one.before, one.after) == (other.before, other.after) and abs(one.utc - other.utc) <= _CLOSE
        for one, other in zip(ours, theirs, strict=True)
    )


def _changes_of(rules: BlobRules, year: int) -> Changes:
    changes = rules.changes(year)
    return (changes[0].before if changes else rules.standard), tuple(changes)


def _changes_in(zone: ZoneInfo, year: int) -> Changes:
    return offset_at(zone, datetime(year, 1, 1)), transitions(zone, year)


@lru_cache(maxsize=256)
def _as_sent(zone: ZoneInfo, year: int) -> BlobRules:
    return replace(read_blob(blob_for(zone, year)), name="")


@lru_cache(maxsize=64)
def _zones_by_changes(year: int) -> Mapping[Changes, str]:
    """The first name (well-known ones first) for everything that the clocks of a zone do in a year."""
    names = (*WELL_KNOWN, *sorted(available_timezones()))
    found: dict[Changes, str] = {}
    for name in names:
        zone = _zone(name)
        if zone is not None:
            found.setdefault(_changes_in(zone, year), name)
    return found


def _first_with(rules: BlobRules, year: int) -> str | None:
    return _zones_by_changes(year).get(_changes_of(rules, year))


def _first_near(rules: BlobRules, year: int) -> str | None:
    if len(rules.changes(year)) != 2:
        return None
    near = (name for name in _zones_by_changes(year).values() if _nearly_fits(rules, ZoneInfo(name), year))
    return next(near, None)


def _fixed_name(rules: BlobRules) -> str | None:
    hours, rest = divmod(rules.standard, _ONE_HOUR)
    if rest or not -14 <= -hours <= 12:
        return None
    return f"Etc/GMT{-hours:+}" if hours else "UTC"


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _rule_of(zone: ZoneInfo, change: Transition) -> YearlyRule:
    return rule_behind(zone, change) or rule_for_day(change.wall)


def _system_time(rule: YearlyRule) -> SystemTime:
    # year, month, weekday with Sunday 0, nth, hour, minute, second, millisecond
    return (0, rule.month, (rule.weekday + 1) % 7, rule.nth, rule.hour, rule.minute, 0, 0)


def _rule_in(date: Sequence[int]) -> YearlyRule | None:
    year, month, weekday, nth, hour, minute, second, _ = date
    if not 1 <= month <= 12 or weekday > 6 or nth == 0 or hour > 23 or minute > 59:
        return None
    if year and nth <= 31:  # an absolute date: `nth` is the day of the month
        try:
            return rule_for_day(datetime(year, month, nth, hour, minute))
        except ValueError:
            return None
    if nth > 5:
        return None
    return YearlyRule(month, (weekday - 1) % 7, nth, hour, minute + (second >= 30))


def _minutes(offset: timedelta) -> int:
    return offset // timedelta(minutes=1)


def _name_of(key: str) -> str:
    return next((name for name, olson in WINDOWS_TO_OLSON.items() if olson == key), key)


def _name_octets(name: str) -> bytes:
    return name[:31].encode("utf-16-le")
