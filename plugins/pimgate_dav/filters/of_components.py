"""Whether a calendar object has what a filter asks of its components, properties and parameters (RFC 4791, "CALDAV:comp-filter XML
Element" and those inside of it), by our own reader.
"""

from __future__ import annotations

from datetime import tzinfo

from pimgate.text.calendar import KINDS, parse_calendar
from pimgate.text.component import Component
from pimgate.text.errors import BadText
from pimgate.text.lines import Line
from pimgate_dav.filters.conditions import OfComponent, OfParameter, OfProperty
from pimgate_dav.filters.moments import Looks, Moments
from pimgate_dav.filters.times import Range
from pimgate_dav.filters.words import Words

ALARM = "VALARM"


def fits(text: str, asked: OfComponent, zone: tzinfo, looks: Looks, known: Range | None = None) -> bool:
    """Whether the object fits. One that can't be read fits: an item too many is seen by the client, one too few is lost to it.
    `known`: a window in which it surely takes place. Precondition when all `looks` are taken."""
    try:
        calendar = parse_calendar(text)
        return _Fitting(Moments(text, calendar, zone, looks, known)).of_component(calendar, asked, calendar)
    except (BadText, OverflowError):
        return True


class _Fitting:
    """One object beside a filter."""

    def __init__(self, moments: Moments) -> None:
        self._moments = moments

    def of_component(self, component: Component, asked: OfComponent, around: Component) -> bool:
        return (
            all(self._of_property(component.all(each.name), each) for each in asked.props)
            and all(self._of_part(component, each) for each in asked.parts)
            and all(self._of_window(component, each, around) for each in asked.windows)
        )

    def _of_part(self, component: Component, asked: OfComponent) -> bool:
        inner = component.children_named(asked.name)
        if asked.is_absent:
            return not inner
        return any(self.of_component(each, asked, component) for each in inner)

    def _of_window(self, component: Component, window: Range, around: Component) -> bool:
        if component.name == ALARM:
            return self._moments.rings_in(component, around, window)
        return component.name not in ("VCALENDAR", *KINDS) or self._moments.lies_in(window)

    def _of_property(self, lines: list[Line], asked: OfProperty) -> bool:
        if asked.is_absent or not lines:
            return asked.is_absent and not lines
        return (
            _all_match(asked, lines)
            and all(_of_parameter(lines, each) for each in asked.params)
            and all(any(self._moments.has_in(line, window) for line in lines) for window in asked.windows)
        )


def _all_match(asked: OfProperty, lines: list[Line]) -> bool:
    words = Words(line.text for line in lines) if asked.matches else Words(())
    return all(match.fits(words) for match in asked.matches)


def _of_parameter(lines: list[Line], asked: OfParameter) -> bool:
    values = [value for line in lines for key, given in line.params if key == asked.name for value in given]
    if asked.is_absent:
        return not values
    return bool(values) and (asked.match is None or asked.match.fits(Words(values)))
