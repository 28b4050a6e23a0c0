"""VTIMEZONE blocks for the events we write.

Source: RFC 5545 "Time Zone Component".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pimgate.text.component import Component
from pimgate.text.lines import Line, escape, make_line
from pimgate.text.zone_rules import LAST, Transition, YearlyRule, offset_at, rule_behind, transitions

_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_RULE_SINCE: Final = 1970
_YEARS_AHEAD: Final = 20


def vtimezone_text(tzid: str, around_year: int) -> str:
    """A VTIMEZONE for an IANA zone, right for events of that year and as long after it as can be known.

    Zones that follow a yearly rule get that rule; the others (Morocco's summer time stops for Ramadan) get every
    change of twenty years one by one. ZoneInfoNotFoundError for a zone that is not known.
    """
    zone = ZoneInfo(tzid)
    changes = transitions(zone, around_year)
    rules = [(change, rule_behind(zone, change)) for change in changes]
    lines = [make_line("TZID", escape(tzid))]
    if not changes and not transitions(zone, around_year + 1):
        blocks = [_fixed_block(zone, around_year)]
    elif len(rules) == 2 and all(rule for _, rule in rules):
        blocks = [_ruled_block(zone, change, rule) for change, rule in rules if rule]
    else:
        blocks = _listed_blocks(zone, around_year)
    return Component("VTIMEZONE", lines, blocks).to_text()


def _fixed_block(zone: ZoneInfo, year: int) -> Component:
    offset = offset_at(zone, datetime(year, 1, 1))
    change = Transition(datetime(_RULE_SINCE, 1, 1) - offset, offset, offset)
    return _block(zone, change, datetime(_RULE_SINCE, 1, 1), [], datetime(year, 1, 1), is_daylight=False)


def _ruled_block(zone: ZoneInfo, change: Transition, rule: YearlyRule) -> Component:
    nth = -1 if rule.nth == LAST else rule.nth
    by_day = f"{nth}{_WEEKDAYS[rule.weekday]}"
    repeat = make_line("RRULE", f"FREQ=YEARLY;BYMONTH={rule.month};BYDAY={by_day}")
    return _block(zone, change, rule.wall(_RULE_SINCE), [repeat], change.utc, change.after > change.before)


def _listed_blocks(zone: ZoneInfo, year: int) -> list[Component]:
    """A block for every pair of offsets that occurs, each with all of its dates."""
    begin = datetime(year - 1, 1, 1)
    initial = offset_at(zone, begin)
    alike: dict[tuple[timedelta, timedelta], list[Transition]] = {
        (initial, initial): [Transition(begin - initial, initial, initial)]
    }
    for change in (change for at in range(year - 1, year + _YEARS_AHEAD) for change in transitions(zone, at)):
        alike.setdefault((change.before, change.after), []).append(change)
    return [_listed_block(zone, changes) for changes in alike.values()]


def _listed_block(zone: ZoneInfo, changes: Sequence[Transition]) -> Component:
    first, *others = changes
    dates = [make_line("RDATE", _wall_text(change.wall)) for change in others]
    return _block(zone, first, first.wall, dates, first.utc, first.after > first.before)


def _block(
    zone: ZoneInfo, change: Transition, start: datetime, repeat: Sequence[Line], sample_utc: datetime, is_daylight: bool
) -> Component:
    name = (sample_utc.replace(tzinfo=zone) + timedelta(days=1)).tzname() or zone.key
    lines = [
        make_line("DTSTART", _wall_text(start)),
        *repeat,
        make_line("TZOFFSETFROM", _offset_text(change.before)),
        make_line("TZOFFSETTO", _offset_text(change.after)),
        make_line("TZNAME", escape(name)),
    ]
    return Component("DAYLIGHT" if is_daylight else "STANDARD", lines)


def _wall_text(wall: datetime) -> str:
    return f"{wall:%Y%m%dT%H%M%S}"


def _offset_text(offset: timedelta) -> str:
    seconds = int(abs(offset).total_seconds())
    sign = "-" if offset < timedelta(0) else "+"
    odd_seconds = f"{seconds % 60:02}" if seconds % 60 else ""
    return f"{sign}{seconds // 3600:02}{seconds // 60 % 60:02}{odd_seconds}"
