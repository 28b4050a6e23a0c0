"""The parts of a message and where they lie in its octets, so that what is handed out is what came in.

Standard parsers give parts back re-written; here every part is a pair of positions. Source: RFC 2045, RFC 2046,
"Multipart Media Type". Limits on depth, number of parts and header size keep hostile messages cheap: what lies beyond
them is treated as plain text.
"""

import re
from dataclasses import dataclass, field
from email.header import Header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import collapse_rfc2231_value, getaddresses

MAX_DEPTH = 30
MAX_PARTS = 500
MAX_HEADER_BYTES = 256 * 1024
MAX_PARAMETERS = 50
MAX_ADDRESSES = 1000
MAX_VALUE_CHARACTERS = 64 * 1024

_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`{|}~0-9A-Za-z]{1,100}")


@dataclass(slots=True)
class Part:
    """One part: header from `start`, body from `body` to `end`. `message` is set for an enclosed message."""

    octets: bytes
    start: int
    body: int
    end: int
    header: "Message[str, str]"
    type: str = "text"
    subtype: str = "plain"
    parameters: dict[str, str] = field(default_factory=dict)
    children: list["Part"] = field(default_factory=list)
    message: "Part | None" = None

    @property
    def header_octets(self) -> bytes:
        """The header with the empty line that ends it."""
        return self.octets[self.start : self.body]

    @property
    def body_octets(self) -> bytes:
        return self.octets[self.body : self.end]

    @property
    def is_multipart(self) -> bool:
        return bool(self.children)

    def at(self, path: tuple[int, ...]) -> "Part | None":
        """The part of that number (`(1, 2)` for 1.2), None when there is none. Source: RFC 9051, "FETCH Command"."""
        part: Part | None = self
        for depth, number in enumerate(path):
            if part is None:
                return None
            holder = (part.message or part) if depth else part
            if holder.is_multipart:
                part = holder.children[number - 1] if 1 <= number <= len(holder.children) else None
            elif number == 1 and (depth == 0 or part.message is not None):
                part = holder
            else:
                return None
        return part


def parse(octets: bytes) -> Part:
    """The parts of a message."""
    return _parse(octets, 0, len(octets), 0, [MAX_PARTS])


def header_of(octets: bytes) -> "Message[str, str]":
    """A header read leniently and with bounds; the values are as they came, still folded and encoded."""
    return BytesHeaderParser(policy=compat32).parsebytes(octets[:MAX_HEADER_BYTES], headersonly=True)


def value_of(header: "Message[str, str]", name: str) -> str | None:
    """One field of a header, unfolded and still encoded; None when it is missing."""
    values = _values(header, name)
    return re.sub(r"\r?\n(?=[ \t])", "", values[0]).strip() if values else None


def addresses_of(header: "Message[str, str]", name: str) -> list[tuple[str, str]]:
    """Pairs of shown name and address in a field, still encoded; none when nobody could read it."""
    try:
        return getaddresses([value[:MAX_VALUE_CHARACTERS] for value in _values(header, name)])[:MAX_ADDRESSES]
    except RecursionError:
        # The standard parser follows comments and groups as deep as somebody cared to nest them.
        return []


def parameters_of(header: "Message[str, str]", name: str) -> dict[str, str]:
    """The parameters of a field such as Content-Type, names in lower case, values decoded."""
    found = header.get_params(failobj=[], header=name, unquote=True) or []
    return {
        key.lower(): collapse_rfc2231_value(value) for key, value in found[1 : MAX_PARAMETERS + 1] if _TOKEN.match(key)
    }


def _values(header: "Message[str, str]", name: str) -> list[str]:
    """A field each time it stands there. UTF-8 that was sent as it is counts; `Message.get` would lose it."""
    raw = [str(value) for key, value in header.raw_items() if key.lower() == name.lower()]
    return [value.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for value in raw]


def _parse(octets: bytes, start: int, end: int, depth: int, left: list[int], default: str = "text/plain") -> Part:
    left[0] -= 1
    if octets.startswith((b"\r\n", b"\n"), start, end):
        body = octets.index(b"\n", start) + 1  # A part without any header.
    else:
        match = _END_OF_HEADER.search(octets, start, end)
        body = match.end() if match else end
    part = Part(octets, start, body, end, header_of(octets[start:body]))
    _classify(part, default)
    if depth >= MAX_DEPTH or left[0] <= 0:
        return part
    if part.type == "multipart" and part.parameters.get("boundary"):
        child_default = "message/rfc822" if part.subtype == "digest" else "text/plain"
        for first, last in _between_boundaries(part):
            if left[0] <= 0:
                break
            part.children.append(_parse(octets, first, last, depth + 1, left, child_default))
    elif (part.type, part.subtype) == ("message", "rfc822"):
        part.message = _parse(octets, part.body, end, depth + 1, left)
    return part


def _classify(part: Part, default: str) -> None:
    value = (value_of(part.header, "Content-Type") or default).split(";")[0].strip().lower()
    kind, slash, subtype = value.partition("/")
    if not slash or not _TOKEN.fullmatch(kind) or not _TOKEN.fullmatch(subtype):
        kind, subtype = "text", "plain"
    part.type, part.subtype = kind, subtype
    part.parameters = parameters_of(part.header, "Content-Type")


def _between_boundaries(part: Part) -> list[tuple[int, int]]:
    boundary = part.parameters["boundary"].encode("utf-8", "surrogateescape")
    delimiter = re.compile(rb"(?:\r?\n|^)--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r?\n|\Z)")
    found: list[tuple[int, int]] = []
    # The body of an empty preamble begins right at the delimiter; the regular expression sees it as a line start.
    window = part.octets[part.body : part.end]
    begin: int | None = None
    for match in delimiter.finditer(window):
        if begin is not None:
            found.append((part.body + min(begin, match.start()), part.body + match.start()))
        if match.group(1) or len(found) >= MAX_PARTS:
            return found
        newline = window.find(b"\n", match.end())
        begin = len(window) if newline < 0 else newline + 1
    if begin is not None:
        found.append((part.body + begin, part.end))
    return found


def ascii_value(text: str) -> str:
    """Text for a place where IMAP wants ASCII: as it is, or as encoded words."""
    if text.isascii():
        return text
    clean = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return Header(clean, "utf-8").encode(maxlinelen=0, linesep="")
