"""SEARCH: criteria read from a command, asked of one message after the other. Source: RFC 9051, "SEARCH Command"."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.utils import parsedate_to_datetime

from ..flags import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN
from ..records import Message
from ..store import Store
from . import dates
from .answers import Bad
from .mime import Part, header_of, parse, value_of
from .numbers import chosen
from .parser import Arguments

MAX_DEPTH = 20
MAX_TEXT_BYTES = 1024 * 1024


class Candidate:
    """A message that may be found; its header and text are read only when a criterion asks."""

    def __init__(self, message: Message, store: Store) -> None:
        self.message = message
        self._store = store

    def field(self, name: str) -> str | None:
        """A header field, decoded, in lower case; None when it is missing."""
        value = value_of(header_of(self._store.header(self.message.content_id)), name)
        return None if value is None else _decoded(value).casefold()

    def sent_on(self) -> date | None:
        value = value_of(header_of(self._store.header(self.message.content_id)), "Date")
        try:
            return parsedate_to_datetime(value).date() if value else None
        except ValueError:
            return None

    def body(self) -> str:
        """The texts of the message, decoded, in lower case."""
        return "\n".join(_texts(parse(self._store.octets(self.message.content_id)))).casefold()

    def header(self) -> str:
        """The whole header, decoded, in lower case."""
        header = header_of(self._store.header(self.message.content_id))
        return "\n".join(f"{name}: {_decoded(str(value))}" for name, value in header.items()).casefold()


Criterion = Callable[[Candidate], bool]


class SearchReader:
    """Reads criteria; remembers whether MODSEQ was among them."""

    def __init__(self, arguments: Arguments, uids: list[int]) -> None:
        self._arguments = arguments
        self._uids = uids
        self.asks_modseq = False

    def criteria(self) -> Criterion:
        """All criteria up to the end of the command; a message has to meet every one. Raises Bad."""
        found = [self._key(0)]
        while not self._arguments.is_at_end():
            self._arguments.space()
            found.append(self._key(0))
        return _all(found)

    def _key(self, depth: int) -> Criterion:
        if depth > MAX_DEPTH:
            raise Bad("The search is nested too deeply.")
        arguments = self._arguments
        if arguments.is_at(b"("):
            return _all(arguments.list_of(lambda: self._key(depth + 1), may_be_empty=False))
        if arguments.is_digit() or arguments.is_at(b"*"):
            return _one_of(chosen(arguments.sequence_set(), self._uids, by_uid=False))
        name = arguments.word()
        if name in _FLAG_KEYS:
            flag, is_set = _FLAG_KEYS[name]
            return lambda candidate: (flag in candidate.message.flags) is is_set
        if name in _CONSTANT_KEYS:
            answer = _CONSTANT_KEYS[name]
            return lambda candidate: answer
        arguments.space()
        if name in ("NOT", "OR"):
            return self._composed(name, depth)
        return self._with_value(name)

    def _composed(self, name: str, depth: int) -> Criterion:
        first = self._key(depth + 1)
        if name == "NOT":
            return lambda candidate: not first(candidate)
        self._arguments.space()
        second = self._key(depth + 1)
        return lambda candidate: first(candidate) or second(candidate)

    def _with_value(self, name: str) -> Criterion:
        arguments = self._arguments
        match name:
            case "UID":
                return _one_of(chosen(arguments.sequence_set(), self._uids, by_uid=True))
            case "KEYWORD" | "UNKEYWORD":
                keyword, is_set = arguments.atom().casefold(), name == "KEYWORD"
                return lambda c: any(flag.casefold() == keyword for flag in c.message.flags) is is_set
            case "LARGER" | "SMALLER":
                size, is_larger = arguments.number(), name == "LARGER"
                return lambda c: c.message.size > size if is_larger else c.message.size < size
            case "FROM" | "TO" | "CC" | "BCC" | "SUBJECT":
                return _field_holds(name, arguments.text())
            case "HEADER":
                field = arguments.text()
                arguments.space()
                return _field_holds(field, arguments.text())
            case "BODY":
                wanted = arguments.text().casefold()
                return lambda c: wanted in c.body()
            case "TEXT":
                wanted = arguments.text().casefold()
                return lambda c: wanted in c.header() or wanted in c.body()
            case "MODSEQ":
                return self._modseq()
        if name in _DATE_KEYS:
            compare, asks_sent = _DATE_KEYS[name]
            day = dates.day_of(arguments.text())
            return _sent(compare, day) if asks_sent else lambda c: compare(_received_on(c.message), day)
        raise Bad("There is no such search key.")

    def _modseq(self) -> Criterion:
        if not self._arguments.is_digit():
            # The flag and its kind, which may be named, change nothing where one modseq covers the whole message.
            self._arguments.string()
            self._arguments.space()
            self._arguments.word()
            self._arguments.space()
        self.asks_modseq = True
        modseq = self._arguments.number()
        return lambda candidate: candidate.message.modseq >= modseq


_FLAG_KEYS = {
    "ANSWERED": (ANSWERED, True), "UNANSWERED": (ANSWERED, False),
    "DELETED": (DELETED, True), "UNDELETED": (DELETED, False),
    "DRAFT": (DRAFT, True), "UNDRAFT": (DRAFT, False),
    "FLAGGED": (FLAGGED, True), "UNFLAGGED": (FLAGGED, False),
    "SEEN": (SEEN, True), "UNSEEN": (SEEN, False),
}  # fmt: skip
# \Recent is never set here, so nothing is recent or new and everything is old.
_CONSTANT_KEYS = {"ALL": True, "OLD": True, "RECENT": False, "NEW": False}
_DATE_KEYS: dict[str, tuple[Callable[[date, date], bool], bool]] = {
    "BEFORE": (date.__lt__, False), "ON": (date.__eq__, False), "SINCE": (date.__ge__, False),
    "SENTBEFORE": (date.__lt__, True), "SENTON": (date.__eq__, True), "SENTSINCE": (date.__ge__, True),
}  # fmt: skip


def _all(criteria: list[Criterion]) -> Criterion:
    return lambda candidate: all(criterion(candidate) for criterion in criteria)


def _one_of(uids: list[int]) -> Criterion:
    wanted = set(uids)
    return lambda candidate: candidate.message.uid in wanted


def _field_holds(name: str, text: str) -> Criterion:
    wanted = text.casefold()
    return lambda candidate: (value := candidate.field(name)) is not None and wanted in value


def _sent(compare: Callable[[date, date], bool], day: date) -> Criterion:
    return lambda candidate: (sent := candidate.sent_on()) is not None and compare(sent, day)


def _received_on(message: Message) -> date:
    return datetime.fromtimestamp(message.received_at, UTC).date()


def _decoded(value: str) -> str:
    """A header value with its encoded words decoded, as far as they can be."""
    try:
        parts = decode_header(value)
    except (HeaderParseError, ValueError):
        return value
    return "".join(part if isinstance(part, str) else _text(part, charset) for part, charset in parts)


def _texts(part: Part) -> list[str]:
    if part.children:
        return [text for child in part.children for text in _texts(child)]
    if part.message is not None:
        return _texts(part.message)
    if part.type != "text":
        return []
    holder = part.header
    holder.set_payload(part.body_octets[:MAX_TEXT_BYTES].decode("ascii", "surrogateescape"))
    octets = holder.get_payload(decode=True)
    return [_text(octets if isinstance(octets, bytes) else b"", part.parameters.get("charset"))]


def _text(octets: bytes, charset: str | None) -> str:
    try:
        return octets.decode(charset or "utf-8", "replace")
    except (LookupError, ValueError):
        return octets.decode("utf-8", "replace")


def charset_is_known(name: str) -> bool:
    """Whether search texts may come in this charset."""
    return re.fullmatch(r"us-ascii|utf-?8", name, re.IGNORECASE) is not None
