"""PROPPATCH in front of Radicale: only collections have properties to write, and some nobody writes."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from pimgate.api import ReadOnly, Refused, Right
from pimgate_dav.answer import Answer, xml
from pimgate_dav.behind.application import Behind
from pimgate_dav.errors import BadRequest
from pimgate_dav.names import dav
from pimgate_dav.preferences import applied, wants_minimal
from pimgate_dav.properties.asking import named_in
from pimgate_dav.properties.dead import with_texts
from pimgate_dav.properties.protected import PROTECTED
from pimgate_dav.properties.transparency import with_words
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import element, multistatus, propstats, response


def proppatch(visit: Visit, behind: Behind) -> Answer:
    """Change properties of a collection: all of the request or nothing (RFC 4918, "PROPPATCH Method")."""
    visit.check_there()
    names = _named(visit.ask.xml)
    if not visit.ask.place.is_collection:
        raise Refused("no collection", public="Only collections have properties that can be changed.")
    view = visit.view(visit.ask.place)
    if view.sight.standing.right < Right.MANAGE:
        raise ReadOnly(f"properties of {view.id}")
    protected = [name for name in names if name in PROTECTED]
    if protected:
        others = [element(name) for name in names if name not in PROTECTED]
        return xml(207, multistatus([response(visit.ask.place.href, _refusal(protected) + propstats({424: others}))]))
    visit.ask = with_texts(with_words(visit.ask))
    answer = behind.answer(visit)
    return Answer(200, applied(visit.ask.headers)) if wants_minimal(visit.ask.headers) else answer


def _named(root: Element | None) -> tuple[str, ...]:
    if root is None or root.tag != dav("propertyupdate"):
        raise BadRequest("The body of a PROPPATCH must be a propertyupdate element.")
    props = [prop for change in root if change.tag in (dav("set"), dav("remove")) for prop in change]
    names = tuple(dict.fromkeys(name for prop in props for name in named_in(prop)))
    if not names:
        raise BadRequest("A PROPPATCH must name a property.")
    return names


def _refusal(protected: list[str]) -> str:
    rule = element(dav("error"), element(dav("cannot-modify-protected-property")))
    return propstats({403: [element(name) for name in protected]}).replace("</D:propstat>", f"{rule}</D:propstat>")
