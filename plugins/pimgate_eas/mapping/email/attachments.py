"""The files of a message: Attachments, and what a FileReference means.

A FileReference is `<ServerId>:<section>`: the id of the message on devices, and the number of the part within it. A message never
changes, so it stays good wherever the message is moved. Source: MS-ASAIRS "Attachment", "FileReference", "Method", "IsInline".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pimgate.mail.mime.parts import Contents, Part, contents_of
from pimgate.mail.mime.pieces import WHOLE, Piece
from pimgate.mail.mime.structure import Structure
from pimgate.mail.mime.transfer import decoded
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.email.kinds import is_meeting
from pimgate_eas.mapping.email.message import Message
from pimgate_eas.mapping.words import clean
from pimgate_eas.wbxml.element import Element

TAG: Final = "AirSyncBase:Attachments"
ORIGINAL: Final = "0"
"""The section of a message as a whole, where it is attached to itself because it cannot be shown."""
LONGEST_NAME: Final = 200

_FILE, _MESSAGE = "1", "5"
_MESSAGE_TYPES: Final = frozenset({"message/rfc822", "message/global"})
_ENDINGS: Final[Mapping[str, str]] = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/svg+xml": ".svg",
    "image/heic": ".heic",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
    "application/ms-tnef": ".dat",
    "text/calendar": ".ics",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "text/html": ".html",
    "text/plain": ".txt",
    "text/csv": ".csv",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "video/mp4": ".mp4",
}


@dataclass(frozen=True, slots=True)
class File:
    """One file: which piece of the message holds it, and of which kind it is."""

    piece: Piece
    media_type: str
    encoding: str


def files_of(contents: Contents) -> tuple[Part, ...]:
    """The parts that are shown as files. An invitation is shown as what it is; a calendar that is none is a file."""
    calendar = contents.calendar
    return contents.attachments + ((calendar,) if calendar is not None and not is_meeting(calendar) else ())


def elements(message: Message, contents: Contents, context: Context) -> list[Element]:
    """Attachments; none where there are none, and where the message has no name on devices to fetch them by."""
    if not context.server_id:
        return []
    if message.structure.breach:
        return [Element(TAG, _element("message.eml", ORIGINAL, _MESSAGE, message.size_bytes, context))]
    found = [_attachment(part, number, contents, context) for number, part in enumerate(files_of(contents), 1)]
    return [Element(TAG, *found)] if found else []


def file_named(structure: Structure, section: str) -> File | None:
    """The file that this section is; None if there is none."""
    if section == ORIGINAL:  # also of a message that could be shown this time
        return File(Piece(WHOLE), "message/rfc822", "")
    if structure.breach:
        return None
    part = next((each for each in files_of(contents_of(structure.root)) if each.section == section), None)
    return File(Piece(section), part.media_type, part.encoding) if part is not None else None


def content_of(file: File, octets: bytes) -> bytes:
    """The file itself, from the octets of its piece."""
    return decoded(octets, file.encoding)


def _attachment(part: Part, number: int, contents: Contents, context: Context) -> Element:
    is_message = part.media_type in _MESSAGE_TYPES
    more = []
    if part.content_id:
        more.append(Element("AirSyncBase:ContentId", text=part.content_id))
    if part.location:
        more.append(Element("AirSyncBase:ContentLocation", text=part.location))
    if part.section in contents.inline:
        more.append(Element("AirSyncBase:IsInline", text="1"))
    method = _MESSAGE if is_message else _FILE
    return _element(_name(part, number), part.section, method, _size_bytes(part), context, more)


def _element(
    name: str, section: str, method: str, size_bytes: int, context: Context, more: list[Element] | None = None
) -> Element:
    return Element(
        "AirSyncBase:Attachment",
        Element("AirSyncBase:DisplayName", text=name),
        Element("AirSyncBase:FileReference", text=f"{context.server_id}:{section}"),
        Element("AirSyncBase:Method", text=method),
        Element("AirSyncBase:EstimatedDataSize", text=str(size_bytes)),
        *(more or []),
    )


def _name(part: Part, number: int) -> str:
    """What a person sees and the device saves it as: no path, and an ending by which the device knows how to open it."""
    if part.media_type in _MESSAGE_TYPES:
        name = _one_name(part.filename or part.subject) or f"message-{number}"
        return name if name.lower().endswith(".eml") else f"{name}.eml"
    name = _one_name(part.filename) or _one_name(part.description)
    return name or f"attachment-{number}{_ENDINGS.get(part.media_type, '.bin')}"


def _one_name(text: str) -> str:
    name = clean(text).replace("\\", "/").rpartition("/")[2].strip(" .")
    if len(name) <= LONGEST_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: LONGEST_NAME - len(ending)]}.{ending}" if dot and len(ending) <= 10 else name[:LONGEST_NAME]


def _size_bytes(part: Part) -> int:
    """How large a file is when it is decoded: base64 writes 57 octets in a line of 76 and its end."""
    return part.size_bytes * 57 // 78 if part.encoding == "base64" else part.size_bytes
