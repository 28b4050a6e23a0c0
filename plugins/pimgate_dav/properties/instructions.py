"""What a PROPPATCH wants: instructions in their order, and the answer that says what became of them (RFC 4918, "PROPPATCH
Method"): all of them or none.

    instructions = instructions_of(visit.ask.xml)
    refusals = protected_among(instructions, PROTECTED)  ->  {"{DAV:}getetag": Refusal(403, "{DAV:}cannot-modify-..."), ...}
    patched(visit.ask, instructions, refusals)           ->  Answer
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from pimgate_dav.answer import Answer, xml
from pimgate_dav.errors import BadRequest
from pimgate_dav.names import dav
from pimgate_dav.preferences import applied, wants_minimal
from pimgate_dav.properties.asking import MOST_NAMED, named_in
from pimgate_dav.visit import Ask
from pimgate_dav.xml_out import XML_SPACE, element, multistatus, propstats, response

LANGUAGE: Final = f"{{{XML_SPACE}}}lang"


@dataclass(frozen=True, slots=True)
class Instruction:
    """Set a property to what stands in `value`; take it away if that is None."""

    name: str
    value: Element | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why one property stays as it is: a status, and the element that names the rule, if one does."""

    status: int
    rule: str = ""


def instructions_of(root: Element | None) -> list[Instruction]:
    """The instructions of a PROPPATCH. BadRequest if it makes no sense."""
    if root is None or root.tag != dav("propertyupdate"):
        raise BadRequest("The body of a PROPPATCH must be a propertyupdate element.")
    found = instructions_in(root)
    if not found:
        raise BadRequest("A PROPPATCH must name a property.")
    return found


def instructions_in(root: Element) -> list[Instruction]:
    """The instructions that stand in an element; BadRequest if they are too many. A value has the language that is said around it,
    too (RFC 4918, "Property Values")."""
    found = []
    for change in root:
        if change.tag in (dav("set"), dav("remove")):
            for prop in change.findall(dav("prop")):
                named_in(prop)
                language = next((each.get(LANGUAGE) for each in (prop, change, root) if LANGUAGE in each.attrib), None)
                found += [_instruction(each, change.tag == dav("set"), language) for each in prop]
    if len(found) > MOST_NAMED:
        raise BadRequest("The request names too many properties.")
    return found


def _instruction(found: Element, is_set: bool, language: str | None) -> Instruction:
    if is_set and language is not None:
        found.attrib.setdefault(LANGUAGE, language)
    return Instruction(found.tag, found if is_set else None)


def protected_among(instructions: Iterable[Instruction], protected: Collection[str]) -> dict[str, Refusal]:
    rule = dav("cannot-modify-protected-property")
    return {each.name: Refusal(403, rule) for each in instructions if each.name in protected}


def patched(ask: Ask, instructions: Sequence[Instruction], refusals: Mapping[str, Refusal]) -> Answer:
    """The answer: everything was done, or some properties are refused and the others failed for that reason."""
    if not refusals and wants_minimal(ask.headers):
        return Answer(200, applied(ask.headers))
    names = dict.fromkeys(each.name for each in instructions)
    parts = "".join(
        _refused(refusal, [name for name in names if refusals.get(name) == refusal])
        for refusal in dict.fromkeys(refusals.values())
    )
    parts += propstats({424 if refusals else 200: [element(name) for name in names if name not in refusals]})
    return xml(207, multistatus([response(ask.place.href, parts)], None))


def _refused(refusal: Refusal, names: list[str]) -> str:
    found = propstats({refusal.status: [element(name) for name in names]})
    rule = element(dav("error"), element(refusal.rule)) if refusal.rule else ""
    return found.replace("</D:propstat>", f"{rule}</D:propstat>")
