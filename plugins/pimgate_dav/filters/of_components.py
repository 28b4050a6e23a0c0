"""Whether a calendar object fits a filter of components, properties and parameters (RFC 4791, "CALDAV:comp-filter XML Element" and
those inside of it), by our own reader. Time ranges are decided elsewhere.
"""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

from pimgate.text.calendar import parse_calendar
from pimgate.text.component import Component
from pimgate.text.errors import BadText
from pimgate.text.lines import Line
from pimgate_dav.filters.words import text_match_of
from pimgate_dav.names import caldav

COMP, PROP, PARAM = caldav("comp-filter"), caldav("prop-filter"), caldav("param-filter")
TEXT, TIMES, ABSENT = caldav("text-match"), caldav("time-range"), caldav("is-not-defined")

EVENT: Final = "VEVENT"


def is_decidable(calendar_filter: Element) -> bool:
    """Whether nothing of a filter for VCALENDAR is about time, but for the times of events, which the index knows."""
    ranges = sum(1 for _ in calendar_filter.iter(TIMES))
    of_events = [each for each in calendar_filter.findall(COMP) if each.get("name", "").upper() == EVENT]
    return ranges <= 1 and ranges == sum(len(each.findall(TIMES)) for each in of_events)


def fits_apart_from_times(text: str, calendar_filter: Element) -> bool:
    """Whether the object has what a filter for VCALENDAR asks for. One that can't be read fits: an item too many is seen by the
    client, one too few is lost to it."""
    try:
        return _component_fits(parse_calendar(text), calendar_filter)
    except BadText:
        return True


def _component_fits(component: Component, wanted: Element) -> bool:
    return all(_fits(component, each) for each in wanted if each.tag != TIMES)


def _fits(component: Component, wanted: Element) -> bool:
    name = wanted.get("name", "").upper()
    is_absent = wanted.find(ABSENT) is not None
    if wanted.tag == COMP:
        inner = component.children_named(name)
        return not inner if is_absent else any(_component_fits(each, wanted) for each in inner)
    lines = component.all(name)
    return not lines if is_absent else bool(lines) and all(_line_fits(lines, each) for each in wanted)


def _line_fits(lines: list[Line], wanted: Element) -> bool:
    if wanted.tag == TEXT:
        return text_match_of(wanted).fits([line.text for line in lines])
    values = [value for line in lines for value in _values(line, wanted.get("name", "").upper())]
    if wanted.find(ABSENT) is not None:
        return not values
    match = wanted.find(TEXT)
    return bool(values) and (match is None or text_match_of(match).fits(values))


def _values(line: Line, name: str) -> list[str]:
    return [value for key, given in line.params if key == name for value in given]
