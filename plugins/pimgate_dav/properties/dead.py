"""Properties that programs keep with a collection and that mean nothing to us: given back as they came, XML inside included.

The store keeps texts. One that is not what it seems says so:

    7                              the text "7"
    xml:<X:a xmlns:X="urn:x"/>     XML
    text:xml:7                     the text "xml:7"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from pimgate.api import Collection
from pimgate_dav.names import dav
from pimgate_dav.properties.of_collections import kept
from pimgate_dav.properties.protected import MADE_WITH
from pimgate_dav.visit import Ask
from pimgate_dav.xml_out import escaped, standing_alone

XML: Final = "xml:"
TEXT: Final = "text:"


def inside(collection: Collection) -> Mapping[str, str]:
    """What stands inside each of these properties, already XML."""
    return {name: _as_xml(value) for name, value in kept(collection).items()}


def with_texts(ask: Ask) -> Ask:
    """A request that writes properties, with a text in place of the XML inside them: more than that Radicale does not take."""
    found = [each for prop in ask.xml.iter(dav("prop")) for each in prop] if ask.xml is not None else []
    changed = [_put_text(each) for each in found if each.tag not in MADE_WITH]
    if ask.xml is None or not any(changed):
        return ask
    return replace(ask, body=ElementTree.tostring(ask.xml, encoding="utf-8", xml_declaration=True))


def _put_text(found: Element) -> bool:
    """Whether there was something to put in its place."""
    if len(found):
        text = XML + escaped(found.text or "") + "".join(standing_alone(each) for each in found)
        tail = found.tail
        found.clear()
        found.text, found.tail = text, tail
        return True
    if (found.text or "").startswith((XML, TEXT)):
        found.text = TEXT + (found.text or "")
        return True
    return False


def _as_xml(value: str) -> str:
    if value.startswith(XML):
        return value.removeprefix(XML)
    return escaped(value.removeprefix(TEXT))
