"""From HTTP to an `Ask`: the request, read and checked as far as that can be done without the store."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

from starlette.requests import Request

from pimgate.api import NoSuchItem, Refused
from pimgate_dav.errors import BadRequest, Precondition
from pimgate_dav.layout import UNUSABLE, Place, UnusableName, place_of
from pimgate_dav.names import dav
from pimgate_dav.visit import Ask
from pimgate_dav.xml_in import BadXml, read_xml

WITH_XML: Final = frozenset({"PROPFIND", "PROPPATCH", "REPORT", "MKCOL", "MKCALENDAR"})
NAMING: Final = frozenset({"PUT", "MKCOL", "MKCALENDAR"})


def read_ask(request: Request, body: bytes) -> Ask:
    """What is asked. BadRequest, Precondition, NoSuchItem; in a worker thread, because a hundred thousand elements take their
    time."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    _check_depth(request.method, headers.get("depth"))
    _check_type(request.method, headers.get("content-type", ""), body)
    place, xml = _place(request), _xml(request.method, body)
    host, scheme = headers.get("host", ""), request.url.scheme
    return Ask(request.method, place, headers, body, xml, host, scheme, dict(request.query_params))


def _xml(method: str, body: bytes) -> Element | None:
    try:
        return read_xml(body) if method in WITH_XML else None
    except BadXml as error:
        raise BadRequest(error.public) from error


def _place(request: Request) -> Place:
    """Where a request goes. NoSuchItem; Refused for a new name that cannot be used; BadRequest for a collection that is to be made
    where nothing can be."""
    try:
        return place_of(request.scope["raw_path"].decode("ascii", "replace"))
    except UnusableName as error:
        if request.method in NAMING:
            raise Refused(error.detail, public=UNUSABLE) from error
        raise
    except NoSuchItem as error:
        if request.method in ("MKCOL", "MKCALENDAR"):
            raise BadRequest("What this is to stand in does not exist.", 409) from error
        raise


def _check_depth(method: str, depth: str | None) -> None:
    """Precondition for a PROPFIND without bounds; BadRequest for a depth that is none. Without the header, the resource
    alone is meant: programs that leave it out want that, whatever RFC 4918 says."""
    if depth is None:
        return
    depth = depth.strip().lower()
    if depth not in ("0", "1", "infinity"):
        raise BadRequest("The depth must be 0, 1 or infinity.")
    if method == "PROPFIND" and depth == "infinity":
        raise Precondition(403, dav("propfind-finite-depth"))


def _check_type(method: str, content_type: str, body: bytes) -> None:
    """BadRequest for a collection that is to be made from something else than XML (RFC 4918, "MKCOL Method")."""
    if method in ("MKCOL", "MKCALENDAR") and body and content_type and "xml" not in content_type.lower():
        raise BadRequest("A collection is described in XML.", 415)
