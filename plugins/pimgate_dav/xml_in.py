"""XML from outside, read under limits: no document type, no entities, bounded depth and number of nodes.

Every XML body passes here before anything else looks at it. Radicale's own reader knows neither a limit on depth nor one on
nodes, and answers 500 for what it stops.
"""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element
from xml.parsers import expat

DEPTH: Final = 64
NODES: Final = 100_000
ATTRIBUTES: Final = 64
ENCODINGS: Final = frozenset({"utf-8", "utf-16", "utf-16le", "utf-16be", "us-ascii", "ascii"})


class BadXml(ValueError):
    """The body cannot be taken. `public` is one sentence for its sender."""

    def __init__(self, public: str) -> None:
        super().__init__(public)
        self.public = public


def read_xml(octets: bytes) -> Element | None:
    """The root element of a body; None for an empty one. BadXml for everything that is malformed or beyond the limits."""
    if not octets.strip():
        return None
    reading = _Reading()
    try:
        reading.parser.Parse(octets, True)
    except expat.ExpatError as error:
        raise BadXml(f"The body is not well-formed XML (line {error.lineno}).") from error
    except (ValueError, LookupError) as error:
        raise error if isinstance(error, BadXml) else BadXml("The body is not well-formed XML.") from error
    if reading.root is None:
        raise BadXml("The body holds no XML element.")
    return reading.root


class _Reading:
    """The state of one parse: the tree so far, and how much of it there is."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._nodes = 0
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.XmlDeclHandler = self._declaration
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in ENCODINGS:
            raise BadXml("The body must be in UTF-8 or UTF-16.")

    def _doctype(self, *_parts: object) -> None:
        raise BadXml("A document type or entity is not accepted.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._nodes += 1
        if self._nodes > NODES or len(self._open) >= DEPTH or len(attributes) > ATTRIBUTES:
            raise BadXml("The body holds too many elements, or too deep ones.")
        element = Element(_clark(name), {_clark(key): value for key, value in attributes.items()})
        if self._open:
            self._open[-1].append(element)
        elif self.root is None:
            self.root = element
        self._open.append(element)

    def _end(self, _name: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        holder = self._open[-1]
        if len(holder):
            holder[-1].tail = (holder[-1].tail or "") + text
        else:
            holder.text = (holder.text or "") + text


def _clark(name: str) -> str:
    return "{" + name if "}" in name else name
