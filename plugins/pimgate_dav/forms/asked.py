"""What a request asks of texts, as one function from the text that is kept to the one that is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Final
from xml.etree.ElementTree import Element

from pimgate.text.card_versions import in_version
from pimgate_dav.errors import Precondition
from pimgate_dav.filters.times import bounded, window_of
from pimgate_dav.forms.expanded import Expansion
from pimgate_dav.forms.limited import limited
from pimgate_dav.forms.parts import WHOLE, only, part_of_calendar, part_of_card
from pimgate_dav.forms.zones import Form, as_it_is, zone_form
from pimgate_dav.names import caldav, carddav

EXPAND: Final = caldav("expand")
LIMIT: Final = caldav("limit-recurrence-set")
TYPES: Final = {caldav("calendar-data"): "text/calendar", carddav("address-data"): "text/vcard"}
VERSIONS: Final = {caldav("calendar-data"): ("2.0",), carddav("address-data"): ("3.0", "4.0")}
REFUSALS: Final = {
    caldav("calendar-data"): caldav("supported-calendar-data"),
    carddav("address-data"): carddav("supported-address-data"),
}


def form_of(prop: Element | None, headers: Mapping[str, str], zone: tzinfo = UTC) -> Form:
    """The form in which the data that `prop` names are given; floating times are meant in `zone`. Precondition for a type, a window
    or parts that make no sense."""
    found = [each for each in prop if each.tag in TYPES] if prop is not None else []
    for each in found:
        _check_type(each)
    zones = zone_form(headers)
    if not found:
        return as_it_is
    if found[0].tag == carddav("address-data"):
        return _card_form(found[0])
    return _calendar_form(found[0], zones, zone) if len(found[0]) else zones


def _card_form(data: Element) -> Form:
    part, version = part_of_card(data), data.get("version")
    if version is None:
        return as_it_is if part == WHOLE else lambda text: only(text, part)
    return lambda text: only(in_version(text, version), part)


def _calendar_form(data: Element, zones: Form, zone: tzinfo) -> Form:
    part, window, limit = part_of_calendar(data), _window_in(data, EXPAND), _window_in(data, LIMIT)
    expansion = Expansion(*window, zone) if window is not None else None

    def form(text: str) -> str:
        if expansion is not None:
            text = expansion.of(text)
        elif limit is not None:
            text = limited(text, *limit, zone)
        text = zones(text)
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
