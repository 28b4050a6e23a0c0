"""The data items of FETCH: read from a command, written for a message. Source: RFC 9051, "FETCH Command"."""

import re
from dataclasses import dataclass
from enum import Enum

from ..flags import SEEN, listed
from ..records import Message
from . import dates
from .answers import Bad
from .mime import Part, header_of, parse
from .parser import Arguments
from .structure import body_structure, envelope

MAX_PATH = 30

_MACROS = {
    "ALL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
    "FAST": ("FLAGS", "INTERNALDATE", "RFC822.SIZE"),
    "FULL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"),
}
_FIELD = re.compile(rb"^[^\r\n:]+:[^\n]*\n(?:[ \t][^\n]*\n)*", re.MULTILINE)


class Need(Enum):
    """How much of a message an item needs to be written."""

    NOTHING = 0
    HEADER = 1
    EVERYTHING = 2


class What(Enum):
    """What of a part a section asks for."""

    ALL = ""
    HEADER = "HEADER"
    FIELDS = "HEADER.FIELDS"
    FIELDS_NOT = "HEADER.FIELDS.NOT"
    TEXT = "TEXT"
    MIME = "MIME"


@dataclass(frozen=True, slots=True)
class Section:
    """`BODY[1.2.TEXT]<0.100>`: which part, what of it, which octets; `label` is how the answer calls it."""

    label: str
    path: tuple[int, ...] = ()
    what: What = What.ALL
    fields: tuple[str, ...] = ()
    first: int | None = None
    count: int = 0
    marks_seen: bool = True

    @property
    def need(self) -> Need:
        is_header = not self.path and self.what in (What.HEADER, What.FIELDS, What.FIELDS_NOT)
        return Need.HEADER if is_header else Need.EVERYTHING


@dataclass(frozen=True, slots=True)
class Request:
    """All that one FETCH asks for: plain items by name, and sections."""

    items: tuple[str, ...]
    sections: tuple[Section, ...]

    @property
    def marks_seen(self) -> bool:
        return any(section.marks_seen for section in self.sections)

    @property
    def need(self) -> Need:
        """How much of each message has to be read."""
        needs = [section.need for section in self.sections] + [_NEEDS[item] for item in self.items]
        return max(needs, key=lambda need: need.value, default=Need.NOTHING)


_NEEDS = {
    "UID": Need.NOTHING,
    "FLAGS": Need.NOTHING,
    "INTERNALDATE": Need.NOTHING,
    "RFC822.SIZE": Need.NOTHING,
    "MODSEQ": Need.NOTHING,
    "ENVELOPE": Need.HEADER,
    "BODY": Need.EVERYTHING,
    "BODYSTRUCTURE": Need.EVERYTHING,
}
_OLD_NAMES = {
    "RFC822": Section("RFC822"),
    "RFC822.HEADER": Section("RFC822.HEADER", what=What.HEADER, marks_seen=False),
    "RFC822.TEXT": Section("RFC822.TEXT", what=What.TEXT),
}


def request_from(arguments: Arguments) -> Request:
    """What a FETCH asks for, its arguments read up to the end of the items. Raises Bad."""
    items: list[str] = []
    sections: list[Section] = []
    for item in arguments.one_or_list_of(lambda: _item(arguments)):
        if isinstance(item, Section):
            sections.append(item)
        else:
            items += [name for name in item if name not in items]
    return Request(tuple(items), tuple(sections))


def written(message: Message, request: Request, octets: bytes) -> bytes:
    """The items of one message, without parentheses. `octets` is as much of it as the request needs."""
    is_everything = request.need is Need.EVERYTHING
    whole = parse(octets) if is_everything else None
    parts = [_write_item(name, message, octets, whole) for name in request.items]
    parts += [_write_section(section, octets, whole) for section in request.sections]
    return b" ".join(parts)


def flags_after(message: Message, request: Request) -> frozenset[str]:
    """The flags that a message has once it was fetched so."""
    return message.flags | {SEEN} if request.marks_seen else message.flags


def _item(arguments: Arguments) -> tuple[str, ...] | Section:
    name = _body_name(arguments) if arguments.is_at(b"BODY") else arguments.word()
    if name in ("BODY", "BODY.PEEK") and arguments.take(b"["):
        return _section(arguments, marks_seen=name == "BODY")
    if name in _MACROS:
        return _MACROS[name]
    if name in _OLD_NAMES:
        return _OLD_NAMES[name]
    if name not in _NEEDS:
        raise Bad("This cannot be fetched.")
    return (name,)


def _body_name(arguments: Arguments) -> str:
    """BODY, BODY.PEEK or BODYSTRUCTURE, leaving a bracket where it stands."""
    for name in (b"BODYSTRUCTURE", b"BODY.PEEK", b"BODY"):
        if arguments.take(name):
            return name.decode()
    raise Bad("This cannot be fetched.")


def _section(arguments: Arguments, *, marks_seen: bool) -> Section:
    path: list[int] = []
    what = What.ALL
    fields: tuple[str, ...] = ()
    while not arguments.take(b"]"):
        if path:
            arguments.skip(b".")
        if arguments.is_digit():
            path.append(arguments.number())
            if len(path) > MAX_PATH or path[-1] == 0:
                raise Bad("There is no such part.")
            continue
        what, fields = _what(arguments, has_path=bool(path))
        arguments.skip(b"]")
        break
    first, count = _partial(arguments)
    label = _label(path, what, fields, first)
    return Section(label, tuple(path), what, fields, first, count, marks_seen)


def _what(arguments: Arguments, *, has_path: bool) -> tuple[What, tuple[str, ...]]:
    for what in (What.FIELDS_NOT, What.FIELDS, What.HEADER, What.TEXT, What.MIME):
        if what is What.MIME and not has_path:
            continue
        if arguments.take(what.value.encode()):
            if what not in (What.FIELDS, What.FIELDS_NOT):
                return what, ()
            arguments.space()
            return what, tuple(arguments.list_of(arguments.text, may_be_empty=False))
    raise Bad("There is no such section.")


def _partial(arguments: Arguments) -> tuple[int | None, int]:
    if not arguments.take(b"<"):
        return None, 0
    first = arguments.number()
    arguments.skip(b".")
    count = arguments.number()
    arguments.skip(b">")
    return first, count


def _label(path: list[int], what: What, fields: tuple[str, ...], first: int | None) -> str:
    words = ".".join([*map(str, path), *([what.value] if what.value else [])])
    if fields:
        words += " (" + " ".join(_safe_field(name) for name in fields) + ")"
    return f"BODY[{words}]" + ("" if first is None else f"<{first}>")


def _safe_field(name: str) -> str:
    """A field name that can stand in an answer; anything else could break out of it."""
    if not re.fullmatch(r"[!-9;-~]{1,200}", name) or set(name) & set('(){}"\\[]%*'):
        raise Bad("This is not the name of a header field.")
    return name


def _write_item(name: str, message: Message, octets: bytes, whole: Part | None) -> bytes:
    match name:
        case "UID":
            value = b"%d" % message.uid
        case "FLAGS":
            value = listed(message.flags).encode()
        case "INTERNALDATE":
            value = b'"' + dates.written(message.received_at).encode() + b'"'
        case "RFC822.SIZE":
            value = b"%d" % message.size
        case "MODSEQ":
            value = b"(%d)" % message.modseq
        case "ENVELOPE":
            value = envelope(whole.header if whole else header_of(octets))
        case _:
            assert whole is not None
            value = body_structure(whole, extended=name == "BODYSTRUCTURE")
    return name.encode() + b" " + value


def _write_section(section: Section, octets: bytes, whole: Part | None) -> bytes:
    value = _header_section(section, octets) if whole is None else _section_of(section, whole)
    if value is not None and section.first is not None:
        value = value[section.first : section.first + section.count]
    label = section.label.encode()
    return label + b" NIL" if value is None else label + b" {%d}\r\n" % len(value) + value


def _header_section(section: Section, header: bytes) -> bytes:
    return header if section.what is What.HEADER else _fields(section, header)


def _section_of(section: Section, whole: Part) -> bytes | None:
    part = whole.at(section.path)
    if part is None:
        return None
    if section.what is What.ALL:
        return part.body_octets if section.path else part.octets
    if section.what is What.MIME:
        return part.header_octets
    # HEADER and TEXT of a part are those of the message it encloses.
    message = part.message if section.path else part
    if message is None:
        return None
    if section.what is What.TEXT:
        return message.body_octets
    return _header_section(section, message.header_octets)


def _fields(section: Section, header: bytes) -> bytes:
    wanted = {name.lower().encode() for name in section.fields}
    is_wanted = section.what is What.FIELDS
    found = [
        match.group()
        for match in _FIELD.finditer(header)
        if (match.group().partition(b":")[0].strip().lower() in wanted) is is_wanted
    ]
    return b"".join(found) + b"\r\n"
