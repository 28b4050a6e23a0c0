"""One calendar object: what the store indexes of an event, task or journal entry with all its overrides.

Accepts what clients write: overrides without their series (an invitee's usual case), UNTIL before DTSTART (what
"delete this and following" leaves), floating times, zones by any name. The text itself stays the truth.

Sources: RFC 5545 "Calendar Components", RFC 4791 "Calendar Object Resources".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pimgate.text.component import DEFAULT_LIMITS, Component, Limits, parse
from pimgate.text.errors import BadText, RecurrenceTooLarge
from pimgate.text.expansion import Effort, expand
from pimgate.text.lasting import lasts_until
from pimgate.text.lines import Line, escape
from pimgate.text.private import is_private
from pimgate.text.recurrence import check_length, check_recurrence
from pimgate.text.rule import Rule, rules_of
from pimgate.text.search import search_key
from pimgate.text.spans import Zones, end_of, original_start_of, start_of, times_of
from pimgate.text.times import Time, as_instant, epoch_of, same_kind

__all__ = [
    "CalendarIndex",
    "RecurrenceTooLarge",
    "check_recurrence",
    "index_calendar",
    "parse_calendar",
    "with_calendar_uid",
]

KINDS: Final = ("VEVENT", "VTODO", "VJOURNAL")
HORIZON: Final = timedelta(days=50 * 366)  # what lasts longer counts as endless
_HORIZON_SECONDS: Final = int(HORIZON.total_seconds())
_SEARCHED: Final = ("SUMMARY", "LOCATION", "DESCRIPTION", "CATEGORIES")
_SEARCHED_LENGTH: Final = 2_000


@dataclass(frozen=True, slots=True)
class CalendarIndex:
    """What is looked up, listed and searched of a calendar object. Rebuilt from the text at any time.

    `starts_at` and `ends_at` are seconds since 1970 in UTC, from the first start to the last end of the whole series,
    or a little after it; both None for a task or journal entry without dates, `ends_at` None for a series without
    end. Dates and floating times (`is_floating`) are taken as UTC. `search_text` is folded like a card's.
    `lasts_until`: see `text.lasting`.
    """

    uid: str
    component: str
    summary: str
    starts_at: int | None
    ends_at: int | None
    lasts_until: int | None
    is_recurring: bool
    is_all_day: bool
    is_floating: bool
    is_private: bool
    has_alarm: bool
    organizer: str | None
    attendees: tuple[str, ...]
    search_text: str


def parse_calendar(text: str, limits: Limits = DEFAULT_LIMITS) -> Component:
    """The VCALENDAR that a text consists of. BadText unless it holds one event, task or journal entry (one UID, one
    kind) with or without its overrides."""
    calendar = parse(text, limits)
    if calendar.name != "VCALENDAR":
        raise BadText("The text is not a calendar object.", 1)
    version = calendar.get("VERSION")
    if version is not None and version.value.strip() != "2.0":
        raise BadText("The calendar object is not of version 2.0.")
    entries = calendar.children_named(*KINDS)
    if not entries:
        raise BadText("The calendar object holds no event, task or journal entry.")
    if len({entry.name for entry in entries}) > 1:
        raise BadText("The calendar object mixes events, tasks or journal entries.")
    if len({_uid_of(entry) for entry in entries}) > 1:
        raise BadText("The calendar object holds more than one UID.")
    if sum(entry.get("RECURRENCE-ID") is None for entry in entries) > 1:
        raise BadText("The calendar object holds the same series twice.")
    return calendar


def index_calendar(text: str, limits: Limits = DEFAULT_LIMITS) -> CalendarIndex:
    """What the store keeps beside a calendar object's text. BadText for what cannot be understood, dates and rules
    included; RecurrenceTooLarge (a BadText) for a series beyond the bounds of `check_recurrence`."""
    calendar = parse_calendar(text, limits)
    entries = calendar.children_named(*KINDS)
    check_recurrence(calendar)
    uid = _uid_of(entries[0])
    if not uid:
        raise BadText("The calendar object has no UID.")
    main = next((entry for entry in entries if entry.get("RECURRENCE-ID") is None), entries[0])
    zones = Zones(calendar)
    starts = {id(entry): _checked_start(entry, zones) for entry in entries}
    main_start = starts[id(main)]
    starts_at, ends_at = _extent(entries, starts, zones)
    return CalendarIndex(
        uid=uid,
        component=main.name,
        summary=_text_of(main, "SUMMARY"),
        starts_at=starts_at,
        ends_at=ends_at,
        lasts_until=lasts_until(main, ends_at),
        is_recurring=any(item.name in ("RRULE", "RDATE", "RECURRENCE-ID") for entry in entries for item in entry.items),
        is_all_day=main_start is not None and not isinstance(main_start, datetime),
        is_floating=isinstance(main_start, datetime) and main_start.tzinfo is None,
        is_private=is_private(entries),
        has_alarm=any(item.name == "VALARM" for entry in entries for item in entry.items),
        organizer=_organizer_of(main),
        attendees=tuple(dict.fromkeys(_address_of(line) for entry in entries for line in entry.all("ATTENDEE"))),
        search_text=_search_text(entries),
    )


def with_calendar_uid(text: str, uid: str, limits: Limits = DEFAULT_LIMITS) -> str:
    """The same calendar object with this UID in every one of its components; everything else stays octet for octet."""
    calendar = parse_calendar(text, limits)
    for entry in calendar.children_named(*KINDS):
        entry.set("UID", escape(uid))
    return calendar.to_text()


def _uid_of(entry: Component) -> str:
    return _text_of(entry, "UID").strip()


def _text_of(entry: Component, name: str) -> str:
    line = entry.get(name)
    return line.text if line is not None else ""


def _checked_start(entry: Component, zones: Zones) -> Time | None:
    start = start_of(entry, zones)
    if start is None and (entry.name == "VEVENT" or entry.get("RRULE")):
        raise BadText("An event or a series has no start.")
    return start


def _extent(entries: list[Component], starts: dict[int, Time | None], zones: Zones) -> tuple[int | None, int | None]:
    """First start and last end of everything in the object, as far as it has dates."""
    spans: list[tuple[int, int | None]] = []
    for entry in entries:
        start = starts[id(entry)]
        if start is not None:
            end = end_of(entry, zones, start)
            spans.append((epoch_of(start), epoch_of(end)))
            if entry.get("RECURRENCE-ID") is None:
                spans += _repeated(entry, start, epoch_of(end) - epoch_of(start), zones)
    if not spans:
        return None, None
    first = min(start for start, _ in spans)
    ends = [end for _, end in spans if end is not None]
    last = max(ends) + max((_moves_by(entry, starts[id(entry)], zones) for entry in entries), default=0)
    is_endless = len(ends) < len(spans) or last - first > _HORIZON_SECONDS
    return first, None if is_endless else last


def _repeated(entry: Component, start: Time, seconds: int, zones: Zones) -> Iterator[tuple[int, int | None]]:
    """What each rule spans (until None if it has no end), and each added date."""
    effort = Effort()
    for rule in rules_of(entry):
        check_length(rule, as_instant(start).replace(tzinfo=None), timedelta(seconds=seconds))
        last = _last_start(rule, start, effort)
        yield epoch_of(start), None if last is None else last + seconds
    for line in entry.all("RDATE"):
        for value in times_of(line, zones):
            begin, end = value if isinstance(value, tuple) else (value, None)
            yield epoch_of(begin), epoch_of(end) if end is not None else epoch_of(begin) + seconds
    for line in entry.all("EXDATE"):
        times_of(line, zones)  # only to refuse what is malformed


def _moves_by(entry: Component, start: Time | None, zones: Zones) -> int:
    """How much later everything may end that follows an override with RANGE=THISANDFUTURE."""
    original = original_start_of(entry, zones)  # looked at for every override, to refuse what is malformed
    line = entry.get("RECURRENCE-ID")
    if original is None or line is None or start is None or "THISANDFUTURE" not in line.param("RANGE"):
        return 0
    return max(0, epoch_of(end_of(entry, zones, start)) - epoch_of(same_kind(original, start)))


def _last_start(rule: Rule, start: Time, effort: Effort) -> int | None:
    """The last start that a rule can give, None if there is none; for UNTIL the moment itself is near enough."""
    if rule.until is not None:
        rest_of_day = 86_399 if isinstance(start, datetime) and not isinstance(rule.until, datetime) else 0
        return max(epoch_of(start), epoch_of(rule.until) + rest_of_day)
    if rule.count is None or rule.is_foreign:
        return None
    first = as_instant(start).replace(tzinfo=None)
    horizon = first + HORIZON if first.year < 9900 else datetime.max
    starts = list(expand(rule, first, first, horizon, effort))
    if len(starts) < rule.count:
        return None
    return epoch_of(starts[-1].replace(tzinfo=start.tzinfo) if isinstance(start, datetime) else starts[-1])


def _address_of(line: Line) -> str:
    value = line.text.strip()
    return value[7:].lower() if value[:7].lower() == "mailto:" else value


def _organizer_of(entry: Component) -> str | None:
    line = entry.get("ORGANIZER")
    return (_address_of(line) or None) if line else None


def _search_text(entries: list[Component]) -> str:
    words: dict[str, None] = {}
    for entry in entries:
        for item in entry.items:
            if not isinstance(item, Line):
                continue
            if item.name in _SEARCHED:
                words[item.text[:_SEARCHED_LENGTH]] = None
            elif item.name in ("ATTENDEE", "ORGANIZER"):
                words[f"{item.param_text('CN') or ''} {_address_of(item)}".strip()] = None
    return search_key("\n".join(words))
