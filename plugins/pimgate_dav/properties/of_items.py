"""Properties of contacts and calendar objects. None but the tag of a meeting, and the size of what may
hold files, needs the text, so a list does not read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Final

from pimgate.api import ItemHead, Listed, View
from pimgate_dav.attachments.shown import shown_bytes
from pimgate_dav.names import caldav, dav
from pimgate_dav.properties.of_collections import privileges_of
from pimgate_dav.properties.of_people import home_href, privileges
from pimgate_dav.scheduling.tags import tag_of
from pimgate_dav.visit import Visit

Known = ItemHead | Listed
"""What is known of an item without its text: all of it, or as much as a list needs."""

ItemProperty = Callable[[Visit, View, Known], str | None]


def content_type(head: Known) -> str:
    """What GET says the text is; Thunderbird reads the component from it."""
    if head.component == "VCARD":
        return "text/vcard; charset=utf-8"
    return f"text/calendar; charset=utf-8; component={head.component}"


def last_modified(head: Known) -> str:
    return formatdate(head.changed_at, usegmt=True)


def _privilege_set(view: View) -> str:
    """Whoever may write an item may write what programs keep with it."""
    names = privileges_of(view.sight)
    more = ("write-properties",) if "write-content" in names and "write-properties" not in names else ()
    return privileges(*names, *more)


TABLE: Final[Mapping[str, ItemProperty]] = {
    dav("getetag"): lambda _visit, _view, head: f'"{head.etag}"',
    dav("getcontenttype"): lambda _visit, _view, head: content_type(head),
    dav("getcontentlength"): lambda visit, view, head: str(shown_bytes(visit, view, head)),
    dav("getlastmodified"): lambda _visit, _view, head: last_modified(head),
    dav("resourcetype"): lambda _visit, _view, _head: "",
    dav("current-user-principal"): lambda visit, _view, _head: home_href(visit),
    dav("current-user-privilege-set"): lambda _visit, view, _head: _privilege_set(view),
    dav("supported-report-set"): lambda _visit, _view, _head: "",
    caldav("schedule-tag"): lambda visit, view, head: tag_of(visit, view, head),
}

ALIKE: Final = frozenset(
    dav(name)
    for name in ("resourcetype", "current-user-principal", "current-user-privilege-set", "supported-report-set")
)
"""Those that say the same of every item of a collection: a list works them out once."""
