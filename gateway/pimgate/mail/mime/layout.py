"""A message's tree of parts from its octets, and where in them each part lies.

One pass over the octets, whatever they hold; parts are positions, so what is handed out of them is what came in. Whether there are
too many parts, or too deep, is found out before anything is made of them.

Sources: RFC 2046 "Multipart Media Type", "Message Media Type"; RFC 9051 "FETCH Command" (sections).
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pimgate.mail.mime.charsets import decode
from pimgate.mail.mime.fields import Fields, fields_of, value_and_params, value_of
from pimgate.mail.mime.limits import LIMITS, Limits, TooMuch
from pimgate.mail.mime.parts import Part
from pimgate.mail.mime.pieces import HEADER, WHOLE, Piece
from pimgate.mail.mime.structure import BODY, LONGEST_NAME, TOO_DEEP, TOO_MANY, Structure, bare_id, said, untold
from pimgate.mail.mime.words import header_text, one_line

_TEXT: Final = "text/plain"
_MESSAGE: Final = "message/rfc822"
_AS_IT_IS: Final = frozenset({"", "7bit", "8bit", "binary"})
_LONGEST_BOUNDARY: Final = 1_000
_TOKEN: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-.^_`{|}~")


@dataclass(frozen=True, slots=True)
class Span:
    """Octets from `start` to `end`; the header of what lies there begins at `header`."""

    header: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Layout:
    """A message taken apart: its tree, and the places of its parts by section. Of a message beyond the limits only the whole has a
    place."""

    octets: bytes
    structure: Structure
    spans: Mapping[str, Span]

    def piece(self, piece: Piece) -> bytes:
        """The octets that IMAP would give for that section; none for a section that is not there."""
        found = self._section(piece.section)
        return found if piece.octets is None else found[: piece.octets]

    def _section(self, section: str) -> bytes:
        if section == WHOLE:
            return self.octets
        if section == HEADER:
            return self.octets[: _end_of_header(self.octets, 0, {})]
        if section.endswith(".MIME"):
            span = self.spans.get(section.removesuffix(".MIME"))
            return self.octets[span.header : span.start] if span is not None else b""
        span = self.spans.get(section)
        return self.octets[span.start : span.end] if span is not None else b""


def layout_of(octets: bytes, limits: Limits = LIMITS) -> Layout:
    """Where the parts of a message lie. Never fails: one beyond the limits is told by its structure's `breach`."""
    try:
        root = _Scan(octets, limits).message()
    except TooMuch as error:
        start = _end_of_header(octets, 0, {})
        return Layout(octets, untold(error.what), {BODY: Span(0, start, len(octets))})
    spans: dict[str, Span] = {}
    return Layout(octets, Structure(_part(root, "", spans)), spans)


@dataclass(slots=True, eq=False)
class _Node:
    """One part while it is read. `boundary` is set for a multipart that can have children, `end` once it is known."""

    header: int
    start: int
    fields: Fields
    media_type: str
    params: Mapping[str, str]
    encoding: str
    boundary: bytes
    depth: int
    parent: _Node | None
    end: int = 0
    children: list[_Node] = field(default_factory=list)
    message: _Node | None = None
    is_open: bool = True


class _Scan:
    def __init__(self, octets: bytes, limits: Limits) -> None:
        self._octets = octets
        self._limits = limits
        self._left = limits.parts
        self._open: dict[bytes, list[_Node]] = {}
        """Multiparts that wait for their next delimiter, the innermost last."""

    def message(self) -> _Node:
        root = self._begin(0, None, _TEXT)
        current = self._innermost(root)
        at = current.start
        while (found := self._delimiter(at)) is not None:
            start, at, owner, is_last = found
            self._end(current, owner, start)
            if is_last:
                self._close(owner)
                current = owner
                continue
            default = _MESSAGE if owner.media_type == "multipart/digest" else _TEXT
            child = self._begin(at, owner, default)
            owner.children.append(child)
            current = self._innermost(child)
            at = current.start
        self._end(current, None, len(self._octets))
        return root

    def _innermost(self, node: _Node) -> _Node:
        """The part itself or, of a message in a message, the one within."""
        while node.media_type in (_MESSAGE, "message/global") and node.encoding in _AS_IT_IS:
            node.message = self._begin(node.start, node, _TEXT)
            node = node.message
        return node

    def _begin(self, at: int, parent: _Node | None, default: str) -> _Node:
        self._left -= 1
        depth = parent.depth + 1 if parent is not None else 0
        if self._left < 0:
            raise TooMuch(TOO_MANY)
        if depth > self._limits.depth:
            raise TooMuch(TOO_DEEP)
        start = _end_of_header(self._octets, at, self._open)
        fields = fields_of(self._octets[at : min(start, at + self._limits.header_block_bytes)], self._limits)
        media_type, params = value_and_params(value_of(fields, "content-type"), self._limits)
        if not _is_media_type(media_type):
            media_type, params = default, {}
        encoding, _ = value_and_params(value_of(fields, "content-transfer-encoding"), self._limits)
        boundary = params.get("boundary", "") if media_type.startswith("multipart/") else ""
        wanted = boundary.encode("utf-8", "replace")[:_LONGEST_BOUNDARY].rstrip()
        node = _Node(at, start, fields, media_type, params, encoding, wanted, depth, parent)
        if wanted:
            self._open.setdefault(wanted, []).append(node)
        return node

    def _delimiter(self, at: int) -> tuple[int, int, _Node, bool] | None:
        """The next line that is a delimiter of an open multipart: where it starts, where the next line starts, whose it is, and
        whether it is the last."""
        if not self._open:
            return None
        octets = self._octets
        line = at if at == 0 or octets[at - 1 : at] == b"\n" else octets.find(b"\n", at) + 1 or len(octets)
        while line < len(octets):
            if octets.startswith(b"--", line):
                end = octets.find(b"\n", line)
                following = len(octets) if end < 0 else end + 1
                owner, is_last = self._owner(octets[line + 2 : min(following, line + _LONGEST_BOUNDARY + 6)].rstrip())
                if owner is not None:
                    return line, following, owner, is_last
                line = following
                continue
            found = octets.find(b"\n--", line)
            if found < 0:
                return None
            line = found + 1
        return None

    def _owner(self, text: bytes) -> tuple[_Node | None, bool]:
        if found := self._open.get(text):
            return found[-1], False
        if text.endswith(b"--") and (found := self._open.get(text[:-2].rstrip())):
            return found[-1], True
        return None, False

    def _end(self, current: _Node, owner: _Node | None, at: int) -> None:
        """Everything from `current` up to its owner ends at `at`, before the line end that belongs to the delimiter."""
        end = at
        if owner is not None and self._octets[at - 1 : at] == b"\n":
            end = at - 2 if self._octets[at - 2 : at - 1] == b"\r" else at - 1
        node: _Node | None = current
        while node is not None and node is not owner:
            node.end = max(node.start, end)
            self._close(node)
            node = node.parent

    def _close(self, node: _Node) -> None:
        if node.boundary and node.is_open:
            node.is_open = False
            waiting = self._open[node.boundary]
            waiting.remove(node)
            if not waiting:
                del self._open[node.boundary]


def _end_of_header(octets: bytes, at: int, delimiters: Container[bytes]) -> int:
    """Where the body begins: after the empty line, or at a delimiter that comes before it."""
    while at < len(octets):
        end = octets.find(b"\n", at)
        following = len(octets) if end < 0 else end + 1
        if following - at <= 2 and octets[at:following] in (b"\n", b"\r\n"):
            return following
        if octets.startswith(b"--", at):
            text = octets[at + 2 : min(following, at + _LONGEST_BOUNDARY + 6)].rstrip()
            if text in delimiters or text.removesuffix(b"--").rstrip() in delimiters:
                return at
        at = following
    return len(octets)


def _is_media_type(text: str) -> bool:
    kind, slash, subtype = text.partition("/")
    return bool(slash and kind and subtype) and set(kind + subtype) <= _TOKEN


def _part(node: _Node, prefix: str, spans: dict[str, Span], own: str = "") -> Part:
    """The part that a node is; `prefix` and `own` as in `structure`."""
    kind, _, subtype = node.media_type.partition("/")
    section = own or (f"{prefix}{BODY}" if node.children else f"{prefix}1")
    spans[section] = Span(node.header, node.start, node.end)
    disposition, disposition_params = value_and_params(value_of(node.fields, "content-disposition"))
    found = Part(
        section,
        kind,
        subtype,
        said(node.params),
        content_id=bare_id(decode(value_of(node.fields, "content-id"))),
        description=header_text(value_of(node.fields, "content-description")),
        encoding=node.encoding or "7bit",
        size_bytes=node.end - node.start,
        disposition=disposition,
        disposition_params=said(disposition_params),
        location=one_line(decode(value_of(node.fields, "content-location")))[:LONGEST_NAME],
    )
    if node.children:
        below = f"{own}." if own else prefix
        numbered = [f"{below}{number}" for number in range(1, len(node.children) + 1)]
        parts = tuple(
            _part(each, f"{number}.", spans, number) for each, number in zip(node.children, numbered, strict=True)
        )
        return replace(found, parts=parts)
    if node.message is not None:
        message = _part(node.message, f"{section}.", spans)
        subject = header_text(value_of(node.message.fields, "subject"))
        return replace(found, message=message, subject=subject)
    return found
