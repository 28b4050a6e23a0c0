"""Properties of contacts and calendar objects. None of them needs the text, so a list does not read it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from email.utils import formatdate
from typing import Final

from pimgate.api import ItemHead, View
from pimgate_dav.names import dav
from pimgate_dav.properties.of_collections import privilege_set
from pimgate_dav.properties.of_people import home_href
from pimgate_dav.visit import Visit

ItemProperty = Callable[[Visit, View, ItemHead], str | None]


def content_type(head: ItemHead) -> str:
    """What GET says the text is; Thunderbird reads the component from it."""
    if head.component == "VCARD":
        return "text/vcard; charset=utf-8"
    return f"text/calendar; charset=utf-8; component={head.component}"


def last_modified(head: ItemHead) -> str:
    return formatdate(head.changed_at, usegmt=True)


TABLE: Final[Mapping[str, ItemProperty]] = {
    dav("getetag"): lambda _visit, _view, head: f'"{head.etag}"',
    dav("getcontenttype"): lambda _visit, _view, head: content_type(head),
    dav("getcontentlength"): lambda _visit, _view, head: str(head.size_bytes),
    dav("getlastmodified"): lambda _visit, _view, head: last_modified(head),
    dav("resourcetype"): lambda _visit, _view, _head: "",
    dav("current-user-principal"): lambda visit, _view, _head: home_href(visit),
    dav("current-user-privilege-set"): lambda _visit, view, _head: privilege_set(view.sight),
    dav("supported-report-set"): lambda _visit, _view, _head: "",
}
