"""Properties that programs keep with collections and items and that mean nothing to us: given back as they came, XML inside
included.

The store keeps texts. One that is not what it seems says so:

    7                                                 the text "7"
    xml:<X:a xmlns:X="urn:x"/>                        XML
    xml:<?whole?><X:n xmlns:X="urn:x" xml:lang="de">7</X:n>   the property itself, which has attributes
    text:xml:7                                        the text "xml:7"

No other value begins with an instruction to processors: none of those that came are kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from xml.etree.ElementTree import Element

from pimgate.api import Collection, NoRoom
from pimgate_dav.names import namespace
from pimgate_dav.properties.of_collections import TABLE, kept
from pimgate_dav.xml_out import element, escaped, standing_alone

XML: Final = "xml:"
WHOLE: Final = "xml:<?whole?>"
TEXT: Final = "text:"
NAMELESS: Final = "{}"
"""The namespace of names that have none: in the store every name of a property has one."""

MOST_CHARACTERS: Final = 65_536
"""Of one value and all its names: in what is kept each element brings its namespace along."""


def stored_name(tag: str) -> str:
    return tag if namespace(tag) else NAMELESS + tag


def of_collection(collection: Collection) -> dict[str, str]:
    """The elements of these properties, by their names. What we understand has a row of its own."""
    return elements(without_rows(kept(collection)))


def without_rows(properties: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in properties.items() if name not in TABLE}


def elements(properties: Mapping[str, str]) -> dict[str, str]:
    """Properties as they are stored, as the elements that stand in an answer, by their names."""
    tags = {name.removeprefix(NAMELESS): text for name, text in properties.items()}
    return {tag: _element(tag, text) for tag, text in tags.items()}


def stored_value(found: Element) -> str:
    """A property as it is stored. NoRoom if it is too large for that."""
    if _weight(found) > MOST_CHARACTERS:
        raise NoRoom("a property", public="A property is too large.")
    if found.attrib:
        return WHOLE + standing_alone(found, tail=False)
    if len(found):
        return XML + escaped(found.text or "") + "".join(standing_alone(each) for each in found)
    text = found.text or ""
    return TEXT + text if text.startswith((XML, TEXT)) else text


def _element(tag: str, text: str) -> str:
    if text.startswith(WHOLE):
        return text.removeprefix(WHOLE)
    if text.startswith(XML):
        return element(tag, text.removeprefix(XML))
    return element(tag, escaped(text.removeprefix(TEXT)))


def _weight(found: Element) -> int:
    """How many characters a value is about to take."""
    return sum(
        2 * len(each.tag)
        + len(each.text or "")
        + len(each.tail or "")
        + sum(2 * len(name) + len(value) for name, value in each.attrib.items())
        for each in found.iter()
    )
