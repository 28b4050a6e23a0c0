"""Series written out as single events (RFC 4791, "CALDAV:expand XML Element"), by Radicale."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element

from radicale.app.report import _expand
from radicale.item import Item as RadicaleItem

from pimgate_dav.behind.deciding import FAILURES

MOST: Final = 2_000


def expanded(text: str, start: datetime, end: datetime) -> str:
    """The occurrences of an event within a window, each an event of its own. A text that Radicale can't expand, or with
    more of them than can be answered, comes as it is: the client has the rule then."""
    if "\nRRULE" not in text and "\nRDATE" not in text:
        return text
    seen = RadicaleItem(collection_path="", href="item", name="VCALENDAR", component_name="VEVENT", text=text)
    try:
        element, found = _expand(element=Element("data"), item=seen, start=start, end=end, max_occurrence=MOST)
    except FAILURES:
        return text
    return element.text if found and element.text else text
