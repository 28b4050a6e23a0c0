"""A Sync request, read from its element and checked against the limits of the protocol. Pure.

Source: MS-ASCMD, "Sync", "WindowSize (Sync)", "HeartbeatInterval (Sync)", "Wait", "Limit".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pimgate_eas.mapping.email import Options, read_options
from pimgate_eas.status import Sync
from pimgate_eas.sync.keys import FIRST, digest
from pimgate_eas.sync.windows import FILTER, FILTERS
from pimgate_eas.versions import knows, number
from pimgate_eas.wbxml.codec import encode
from pimgate_eas.wbxml.element import Element

COMMANDS = ("AirSync:Add", "AirSync:Change", "AirSync:Delete", "AirSync:Fetch")
MOST_COMMANDS = 200
MOST_COLLECTIONS = 100
DEFAULT_WINDOW, MOST_WINDOW = 100, 512
LEAST_WAIT_SECONDS, MOST_WAIT_SECONDS = 60, 3540
LEAST_WAIT_MINUTES, MOST_WAIT_MINUTES = 1, 59
SERVER_WINS = "1"
BODY_FORMS = "BodyPreference"
PLAIN = "1"
FORMS = ("1", "2", "3", "4")
LONGEST_ID = 64
LONGEST_CLASS = 16
LONGEST_OPTION = 16
OPTIONS = frozenset(
    f"AirSync:{each}"
    for each in (FILTER, "Class", "Conflict", "MaxItems", "MIMESupport", "MIMETruncation", "Truncation")
)
"""Options that are plain words; others are as if they were not there."""


class SyncProblem(Exception):
    """The request as a whole is answered with a status. `limit` goes along with a wait out of range."""

    def __init__(self, status: Sync, limit: int | None = None) -> None:
        super().__init__(status.name)
        self.status = status
        self.limit = limit


@dataclass(frozen=True, slots=True)
class CollectionRequest:
    """What a device asks of one collection. `question` is the digest of its element; `class_name` is what a 12.1 device calls the
    class, and expects to read in the answer. `bodies` is what it says of the bodies of messages, None where it says nothing;
    `deletes_as_moves`: messages that it deletes go to the trash."""

    collection_id: str
    sync_key: str
    question: str
    wants_changes: bool
    window: int
    commands: tuple[Element, ...] = ()
    supported: tuple[str, ...] | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    class_name: str = ""
    bodies: Options | None = None
    deletes_as_moves: bool = True

    @property
    def is_first(self) -> bool:
        return self.sync_key == FIRST

    def server_wins(self, kept_options: Mapping[str, str]) -> bool:
        """Which side wins a conflict: what this request says, else what an earlier one said."""
        return (self.options or kept_options).get("Conflict", SERVER_WINS) != "0"

    def body_forms(self, kept_options: Mapping[str, str]) -> tuple[str, ...]:
        """The forms of text that the device reads, best first: plain text for one that never said."""
        return tuple((self.options or kept_options).get(BODY_FORMS, PLAIN).split(","))


@dataclass(frozen=True, slots=True)
class SyncRequest:
    """All of a request. `wait_seconds` is 0 for one that does not hang."""

    collections: tuple[CollectionRequest, ...]
    window: int
    wait_seconds: int


def read(body: Element, version: str) -> SyncRequest:
    """The request in `body`, in the dialect of `version`. SyncProblem with the status that it deserves."""
    if body.name != "AirSync:Sync":
        raise SyncProblem(Sync.PROTOCOL)
    wait_seconds = _wait_seconds(body, version)
    if not body.has("AirSync:Collections"):
        raise SyncProblem(Sync.SEND_FULL_REQUEST)
    elements = body.path("AirSync:Collections", "AirSync:Collection")
    if len(elements) > MOST_COLLECTIONS:
        raise SyncProblem(Sync.TOO_MANY_COLLECTIONS, MOST_COLLECTIONS)
    collections = tuple(_collection(element, version) for element in elements)
    names = [each.collection_id for each in collections]
    if len(set(names)) != len(names) or sum(len(each.commands) for each in collections) > MOST_COMMANDS:
        raise SyncProblem(Sync.PROTOCOL)
    return SyncRequest(collections, _window(body, MOST_WINDOW), wait_seconds)


def _collection(element: Element, version: str) -> CollectionRequest:
    collection_id, key = element.text_of("AirSync:CollectionId"), element.text_of("AirSync:SyncKey")
    if not collection_id or not key or len(collection_id) > LONGEST_ID or len(key) > LONGEST_ID:
        raise SyncProblem(Sync.PROTOCOL)
    commands = element.find("AirSync:Commands")
    given = tuple(commands.children) if commands is not None else ()
    if any(each.name not in COMMANDS for each in given) or (key == FIRST and given):
        raise SyncProblem(Sync.PROTOCOL)
    wants = element.text_of("AirSync:GetChanges")
    if key == FIRST and wants not in (None, "0"):
        raise SyncProblem(Sync.PROTOCOL)
    options = options_of(element)
    if options.get(FILTER, "0") not in FILTERS:
        raise SyncProblem(Sync.PROTOCOL)
    return CollectionRequest(
        collection_id=collection_id,
        sync_key=key,
        question=digest(encode(element)),
        wants_changes=key != FIRST if wants is None else wants != "0",
        window=_window(element, DEFAULT_WINDOW),
        commands=given,
        supported=_supported(element),
        options=options,
        class_name=_class_name(element, version),
        bodies=bodies_of(element),
        deletes_as_moves=(element.text_of("AirSync:DeletesAsMoves") or "1").strip() != "0",
    )


def _class_name(element: Element, version: str) -> str:
    """The class that a collection is said to be of; from 14.0 on that stands in its options. Source: MS-ASCMD, "Class (Sync)"."""
    return "" if number(version) >= 14.0 else (element.text_of("AirSync:Class") or "")[:LONGEST_CLASS]


def _supported(element: Element) -> tuple[str, ...] | None:
    supported = element.find("AirSync:Supported")
    return None if supported is None else tuple(sorted({child.name for child in supported.children}))


def options_of(element: Element) -> dict[str, str]:
    """The options that are plain words; of those with parts of their own only the types of bodies, with commas. A second Options
    for text messages, which a device may send for mail from 14.0 on, is not meant for us."""
    options = _given(element)
    if options is None:
        return {}
    kept = {
        child.tag: (child.text or "").strip()[:LONGEST_OPTION] for child in options.children if child.name in OPTIONS
    }
    types = (each.text_of("AirSyncBase:Type") for each in options.find_all("AirSyncBase:BodyPreference"))
    forms = ",".join(dict.fromkeys(each for each in types if each in FORMS))
    return kept | ({BODY_FORMS: forms} if forms else {})


def bodies_of(element: Element) -> Options | None:
    """What the options say of the bodies of messages; None without any."""
    options = _given(element)
    return None if options is None else read_options(options)


def _given(element: Element) -> Element | None:
    given = element.find_all("AirSync:Options")
    return next((each for each in given if each.text_of("AirSync:Class") != "SMS"), None)


def _window(element: Element, default: int) -> int:
    """The window asked for; 0 stands for the largest. A request that names none for all its collections together bounds just
    each of them."""
    asked = _number(element.text_of("AirSync:WindowSize"))
    return default if asked is None else min(asked or MOST_WINDOW, MOST_WINDOW)


def _wait_seconds(body: Element, version: str) -> int:
    minutes, seconds = body.text_of("AirSync:Wait"), body.text_of("AirSync:HeartbeatInterval")
    is_foreign = seconds is not None and not knows(version, "AirSync:HeartbeatInterval")
    if is_foreign or (minutes is not None and seconds is not None):
        raise SyncProblem(Sync.PROTOCOL)
    if minutes is not None:
        return 60 * _within(minutes, LEAST_WAIT_MINUTES, MOST_WAIT_MINUTES)
    if seconds is not None:
        return _within(seconds, LEAST_WAIT_SECONDS, MOST_WAIT_SECONDS)
    return 0


def _within(text: str, least: int, most: int) -> int:
    asked = _number(text)
    if asked is None:
        raise SyncProblem(Sync.PROTOCOL)
    if not least <= asked <= most:
        raise SyncProblem(Sync.WAIT_OUT_OF_RANGE, least if asked < least else most)
    return asked


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 9 else None
