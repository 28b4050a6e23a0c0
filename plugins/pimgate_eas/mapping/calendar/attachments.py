"""Files that an event carries: ATTACH lines as Attachments, from 16.0 on; a device adds and deletes them one by one.

A file is known by a digest of what its line holds, so its name stays good when others come and go. One that lies elsewhere
(a URI) is shown as a page with the link, and its line stays as it is.

Sources: MS-ASAIRS "Attachments", "Attachment", "Add", "Delete", "FileReference", MS-ASCAL "Attachments", RFC 5545 "Attachment",
RFC 8607 "FILENAME Parameter".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, unquote_to_bytes

from pimgate.text.component import Component
from pimgate.text.events import parse_event_set
from pimgate.text.lines import Line, make_line
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.mapping.rows import Row, Shape
from pimgate_eas.mapping.words import clean
from pimgate_eas.wbxml.element import Element

TAG: Final = "AirSyncBase:Attachments"
MOST: Final = 50
"""Files of one event."""
MOST_BYTES: Final = 500_000
"""Of one file; that the event as a whole stays within its limit is looked at when it is kept."""

_NAME_PARAMS: Final = ("FILENAME", "X-FILENAME", "X-APPLE-FILENAME", "X-LABEL", "LABEL")
_LONGEST_NAME: Final = 200
_NORMAL: Final = "1"
_PLAIN_TYPE: Final = "application/octet-stream"
_TYPE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\Z")
_PAGE: Final = '<!DOCTYPE html><html><head><meta charset="utf-8"></head><body><a href="{link}">{link}</a></body></html>'


@dataclass(frozen=True, slots=True)
class Attached:
    """One file of an event. `raw` is the line that holds it, as it stands. Its media type a device learns by fetching it."""

    reference: str
    name: str
    size_bytes: int
    content_id: str
    raw: str


def attachment(text: str, number: str) -> tuple[str, bytes] | None:
    """Media type and octets of a file of a stored event, of the series or of any changed occurrence; None if there is none of
    that number. BadText if the text is no event."""
    entries = parse_event_set(text).entries
    lines = (line for entry in entries for line in entry.all("ATTACH"))
    return next((_content(line) for line in lines if number_of(line) == number), None)


def number_of(line: Line) -> str:
    """What names a file within its event."""
    return hashlib.sha256(line.value.strip().encode("utf-8", "replace")).hexdigest()[:16]


def attached(entry: Entry) -> tuple[Attached, ...]:
    """The files of an entry; none where the item has no name on devices to fetch them by."""
    server_id = entry.context.server_id
    if not server_id:
        return ()
    lines = {number_of(line): line for line in entry.component.all("ATTACH") if line.value.strip()}
    return tuple(_attached(line, f"{server_id}:{number}") for number, line in list(lines.items())[:MOST])


def put_attached(entry: Entry, wanted: tuple[Attached, ...]) -> None:
    """The files that another entry has: an occurrence that had those of its series follows it."""
    entry.component.remove("ATTACH")
    for each in wanted:
        entry.component.add(Line(each.raw))


def edit(entry: Entry, data: Element) -> None:
    """Delete and add what an edit names. CannotConvert for a file that is none, or too large, or one too many."""
    sent = data.find(TAG)
    if sent is None or not entry.context.is_16:
        return
    for deleted in sent.find_all("AirSyncBase:Delete"):
        _delete(entry.component, (deleted.text_of("AirSyncBase:FileReference") or "").strip())
    new = [_new_line(added) for added in sent.find_all("AirSyncBase:Add")]
    known = {number_of(line) for line in entry.component.all("ATTACH")}
    if len(known | {number_of(line) for line in new}) > MOST:
        raise CannotConvert("An event has too many attachments.")
    for line in new:
        if number_of(line) not in known:
            known.add(number_of(line))
            entry.component.add(line)


def receipt(data: Element, server_id: str) -> Element | None:
    """What the answer to an edit says of the files it added: by which names they are known from now on. None if it added none."""
    added = data.path(TAG, "AirSyncBase:Add")
    found = [
        Element(
            "AirSyncBase:Attachment",
            Element("AirSyncBase:ClientId", text=each.text_of("AirSyncBase:ClientId") or ""),
            Element("AirSyncBase:FileReference", text=f"{server_id}:{number_of(_new_line(each))}"),
        )
        for each in added
    ]
    return Element(TAG, *found) if found else None


def _attached(line: Line, reference: str) -> Attached:
    return Attached(reference, _name(line), _size_bytes(line), clean(line.param_text("X-CONTENT-ID") or ""), line.raw)


def _element(tag: str, files: tuple[Attached, ...]) -> Element:
    return Element(tag, *(_attachment_element(each) for each in files))


def _attachment_element(file: Attached) -> Element:
    children = [
        Element("AirSyncBase:DisplayName", text=file.name),
        Element("AirSyncBase:FileReference", text=file.reference),
        Element("AirSyncBase:Method", text=_NORMAL),
        Element("AirSyncBase:EstimatedDataSize", text=str(file.size_bytes)),
    ]
    if file.content_id:
        children.append(Element("AirSyncBase:ContentId", text=file.content_id))
        children.append(Element("AirSyncBase:IsInline", text="1"))
    return Element("AirSyncBase:Attachment", *children)


def _unread(element: Element) -> tuple[Attached, ...] | None:
    """Nothing: files are added and deleted one by one (see `edit`)."""
    return None


ROW: Final[Row[Entry, tuple[Attached, ...]]] = Row(
    TAG, attached, put_attached, Shape((), _unread, _element), stays_when_absent=True
)


# Reading a line


def _is_inline(line: Line) -> bool:
    return line.is_base64 or "BINARY" in line.param("VALUE")


def _octets(line: Line) -> bytes | None:
    """The octets that a line holds itself; None for one that says where they lie."""
    value = line.value.strip()
    if _is_inline(line):
        return _from_base64(value)
    if value[:5].lower() != "data:":
        return None
    head, _, rest = value[5:].partition(",")
    return _from_base64(unquote(rest)) if head.lower().endswith(";base64") else unquote_to_bytes(rest)


def _from_base64(text: str) -> bytes:
    """What can be read of it: a broken file is shown as far as it goes."""
    try:
        return base64.b64decode("".join(text.split()))
    except (binascii.Error, ValueError):
        return b""


def _content(line: Line) -> tuple[str, bytes]:
    octets = _octets(line)
    if octets is None:
        return "text/html", _page(line)
    return _media_type(line), octets


def _size_bytes(line: Line) -> int:
    """Reckoned, for a large file, from the length of its base64."""
    if not _is_inline(line):
        return len(_content(line)[1])
    value = line.value.strip()
    return max(0, len(value) * 3 // 4 - value[-2:].count("="))


def _page(line: Line) -> bytes:
    return _PAGE.format(link=html.escape(line.text.strip())).encode("utf-8", "replace")


def _media_type(line: Line) -> str:
    said = (line.param_text("FMTTYPE") or "").strip()
    if not said and line.value.strip()[:5].lower() == "data:":
        said = line.value.strip()[5:].partition(",")[0].partition(";")[0]
    return said if _TYPE.match(said) else _PLAIN_TYPE


def _name(line: Line) -> str:
    named = next((clean(name) for each in _NAME_PARAMS if (name := line.param_text(each)) and clean(name)), "")
    is_link = _octets_lie_elsewhere(line)
    if not named and is_link:
        named = clean(unquote(line.text.strip().partition("?")[0].rstrip("/").rpartition("/")[2]))
    named = " ".join(named.replace("/", " ").replace("\\", " ").split())[:_LONGEST_NAME] or "attachment"
    return f"{named}.html" if is_link else named


def _octets_lie_elsewhere(line: Line) -> bool:
    return not _is_inline(line) and line.value.strip()[:5].lower() != "data:"


# Writing one


def _delete(component: Component, reference: str) -> None:
    """A file that is not there any more needs no deleting."""
    number = reference.rpartition(":")[2]
    for line in component.all("ATTACH"):
        if number_of(line) == number:
            component.remove(line)


def _new_line(added: Element) -> Line:
    content = _sent_content(added)
    if not content or len(content) > MOST_BYTES:
        raise CannotConvert("An attachment is empty or too large.")
    params = (("ENCODING", ("BASE64",)), ("VALUE", ("BINARY",)), *_described(added))
    return make_line("ATTACH", base64.b64encode(content).decode(), params)


def _described(added: Element) -> Iterator[tuple[str, tuple[str, ...]]]:
    media_type = (added.text_of("AirSyncBase:ContentType") or "").strip()
    if _TYPE.match(media_type):
        yield "FMTTYPE", (media_type,)
    name = clean(added.text_of("AirSyncBase:DisplayName") or "")[:_LONGEST_NAME]
    if name:
        yield "FILENAME", (name,)
    content_id = clean(added.text_of("AirSyncBase:ContentId") or "")[:_LONGEST_NAME]
    if content_id:
        yield "X-CONTENT-ID", (content_id,)


def _sent_content(added: Element) -> bytes:
    """Octets, or base64 in text: devices send either."""
    content = added.find("AirSyncBase:Content")
    if content is None:
        return b""
    if content.opaque is not None:
        return content.opaque
    text = "".join((content.text or "").split())
    try:
        return base64.b64decode(text, validate=True) if len(text) <= 2 * MOST_BYTES else b""
    except (binascii.Error, ValueError):
        raise CannotConvert("An attachment is not in base64.") from None
