"""What a request asks of texts, as one function from the text that is kept to the one that is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element

from pimgate.text.card_versions import in_version
from pimgate_dav.errors import Precondition
from pimgate_dav.filters.times import bounded, window_of
from pimgate_dav.forms.expanded import Expansion
from pimgate_dav.forms.limited import limited
from pimgate_dav.forms.parts import WHOLE, only, part_of_calendar, part_of_card
from pimgate_dav.forms.zones import wants_zones, without_zones
from pimgate_dav.names import caldav, carddav

Form = Callable[[str], str]

EXPAND: Final = caldav("expand")
LIMIT: Final = caldav("limit-recurrence-set")
TYPES: Final = {caldav("calendar-data"): "text/calendar", carddav("address-data"): "text/vcard"}
VERSIONS: Final = {caldav("calendar-data"): ("2.0",), carddav("address-data"): ("3.0", "4.0")}
REFUSALS: Final = {
    caldav("calendar-data"): caldav("supported-calendar-data"),
    carddav("address-data"): carddav("supported-address-data"),
}


def as_it_is(text: str) -> str:
    """The octets that are kept."""
    return text


def form_of(prop: Element | None, headers: Mapping[str, str]) -> Form:
    """The form in which the data that `prop` names are given. Precondition for a type, a window or parts that make no sense."""
    found = [each for each in prop if each.tag in TYPES] if prop is not None else []
    for each in found:
        _check_type(each)
    drops_zones = not wants_zones(headers)
    if not found:
        return as_it_is
    if found[0].tag == carddav("address-data"):
        return _card_form(found[0])
    return _calendar_form(found[0], drops_zones) if len(found[0]) or drops_zones else as_it_is


def _card_form(data: Element) -> Form:
    part, version = part_of_card(data), data.get("version")
    if version is None:
        return as_it_is if part == WHOLE else lambda text: only(text, part)
    return lambda text: only(in_version(text, version), part)


def _calendar_form(data: Element, drops_zones: bool) -> Form:
    part, window, limit = part_of_calendar(data), _window_in(data, EXPAND), _window_in(data, LIMIT)
    expansion = Expansion(*window) if window is not None else None

    def form(text: str) -> str:
        if expansion is not None:
            text = expansion.of(text)
        elif limit is not None:
            text = limited(text, *limit)
        if drops_zones:
            text = without_zones(text)
        return text if part == WHOLE else only(text, part)

    return form


def _window_in(data: Element, name: str) -> tuple[datetime, datetime] | None:
    found = data.find(name)
    if found is None:
        return None
    start, end = window_of(found)
    if start is None or end is None:
        raise Precondition(403, caldav("valid-filter"), "An expansion needs a start and an end.")
    return bounded(start, end)


def _check_type(data: Element) -> None:
    kind, version = data.get("content-type", TYPES[data.tag]), data.get("version")
    if kind.strip().lower() != TYPES[data.tag] or (version is not None and version not in VERSIONS[data.tag]):
        raise Precondition(403, REFUSALS[data.tag], "The data are not kept in this format.")
