"""Lines of files: with the octets, as the store keeps them, and with an address, as programs read them.

    ATTACH;MANAGED-ID=5f..;FMTTYPE=text/plain;FILENAME=a.txt;SIZE=5;ENCODING=BASE64;VALUE=BINARY:SGVsbG8=
    ATTACH;MANAGED-ID=5f..;FMTTYPE=text/plain;FILENAME=a.txt;SIZE=5:https://pim.example.org/dav/...

Only lines that have a MANAGED-ID are read so; a file that a program wrote into the text itself stays as it came.

Sources: RFC 5545 "Attachment", RFC 8607 "MANAGED-ID Property Parameter", "FILENAME Property Parameter", "SIZE Property Parameter".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from pimgate.text.lines import Line, make_line, read_lines

PLAIN_TYPE: Final = "application/octet-stream"
LONGEST_NAME: Final = 200

_NAME: Final = "ATTACH"
_ID: Final = "MANAGED-ID"
_OF_OCTETS: Final = frozenset({"ENCODING", "VALUE"})
_USABLE: Final = re.compile(r"[0-9A-Za-z_-]{1,100}")
_PARAM: Final = re.compile(r"[A-Za-z0-9-]+\Z")
_TYPE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\Z")


@dataclass(frozen=True, slots=True)
class File:
    """A file by itself: its media type, its name for people (may be empty), its octets."""

    media_type: str
    name: str
    octets: bytes


def managed_id(file: File) -> str:
    """What a file is known by: the same for the same file, so that whoever repeats a request adds nothing twice."""
    told = f"{file.media_type}\n{file.name}\n".encode("utf-8", "replace")
    return hashlib.sha256(told + file.octets).hexdigest()[:32]


def line_with(file: File) -> Line:
    """The line that holds a file."""
    named = (("FILENAME", (file.name,)),) if file.name else ()
    params = (
        (_ID, (managed_id(file),)),
        ("FMTTYPE", (file.media_type,)),
        *named,
        ("SIZE", (str(len(file.octets)),)),
        ("ENCODING", ("BASE64",)),
        ("VALUE", ("BINARY",)),
    )
    return make_line(_NAME, base64.b64encode(file.octets).decode(), params)


def id_of(line: Line) -> str:
    """The MANAGED-ID of a line that holds a file; empty for every other line, and for one that no address can name."""
    if line.name != _NAME or not (line.is_base64 or "BINARY" in line.param("VALUE")):
        return ""
    found = (line.param_text(_ID) or "").strip()
    return found if _USABLE.fullmatch(found) else ""


def line_of(text: str, wanted: str) -> Line | None:
    """The line of a text that holds the file of this MANAGED-ID."""
    if not may_hold(text):
        return None
    return next((line for line in read_lines(text) if wanted and id_of(line) == wanted), None)


def may_hold(text: str) -> bool:
    """Whether a text can hold a managed file: said without reading it, because nearly none does."""
    return _ID in text


def file_in(line: Line) -> File:
    """The file that a line holds; of octets that cannot be read none."""
    try:
        octets = base64.b64decode("".join(line.value.split()))
    except (binascii.Error, ValueError):
        octets = b""
    return File(media_type_in(line.param_text("FMTTYPE") or ""), plain_name(line.param_text("FILENAME") or ""), octets)


def with_address(line: Line, address: str) -> Line:
    """The line as programs read it."""
    params = tuple(each for each in line.params if each[0] not in _OF_OCTETS and _PARAM.match(each[0]))
    return make_line(_NAME, address, params)


def is_address(line: Line) -> bool:
    """Whether a line says where a file lies."""
    return line.name == _NAME and not line.is_base64 and line.value[:4].lower() == "http"


def media_type_in(said: str) -> str:
    """A media type without parameters; the one that says nothing for what is none."""
    said = said.partition(";")[0].strip().lower()
    return said if _TYPE.match(said) else PLAIN_TYPE


def plain_name(said: str) -> str:
    """A name of a file that leads nowhere and holds no control characters."""
    said = said.replace("\\", "/").rpartition("/")[2]
    return " ".join("".join(each if each.isprintable() else " " for each in said).split())[:LONGEST_NAME]
