"""A device's draft as a message: a new one, or the one that was there with what the device changed. From 16.0 on.

A device sends a draft as a whole (MIME), or its fields, its words and the files that come and go. What it leaves out stays, to the
octet: other fields of the header, files, and the words where only a field is new.

Sources: MS-ASEMAIL "Sending E-Mail Drafts", "To", "Cc", "Bcc", "Send"; MS-ASAIRS "Add", "Delete", "Attachments".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.errors import MessageError
from email.utils import format_datetime
from typing import Final

from pimgate.mail.mime.addresses import Address, addresses_in
from pimgate.mail.mime.bodies import FetchedParts, plain_body, words_of
from pimgate.mail.mime.fields import fields_of, value_of
from pimgate.mail.mime.layout import Layout, layout_of
from pimgate.mail.mime.limits import LIMITS
from pimgate.mail.mime.parts import Contents, contents_of
from pimgate.mail.mime.pieces import HEADER, Piece
from pimgate.mail.mime.rewriting import with_content, with_crlf, with_fields
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.email import composing
from pimgate_eas.mapping.email.attachments import TAG as ATTACHMENTS
from pimgate_eas.mapping.email.attachments import files_of
from pimgate_eas.mapping.email.options import HTML, MIME
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.mapping.words import clean
from pimgate_eas.wbxml.element import Element

SEND: Final = "Email2:Send"
MOST_FILES: Final = 100
_PEOPLE: Final[Mapping[str, str]] = {
    "Email:To": "To",
    "Email:Cc": "Cc",
    "Email2:Bcc": "Bcc",
    "Email:ReplyTo": "Reply-To",
}
_IMPORTANCES: Final[Mapping[str, str | None]] = {"0": "low", "1": None, "2": "high"}


@dataclass(frozen=True, slots=True)
class Draft:
    """`octets` with CRLF; Bcc stands in them, and whoever sends them takes it out. `added` are the ids by which the device names
    the files it added, each with its section; `has_moved_files`: files may have other sections than before."""

    octets: bytes
    is_to_be_sent: bool
    added: tuple[tuple[str, str], ...] = ()
    has_moved_files: bool = False

    def receipt(self, server_id: str) -> Element | None:
        """What the answer says of the files that were added: how they are called from now on."""
        found = [
            Element(
                "AirSyncBase:Attachment",
                Element("AirSyncBase:ClientId", text=client_id),
                Element("AirSyncBase:FileReference", text=f"{server_id}:{section}"),
            )
            for client_id, section in self.added
        ]
        return Element(ATTACHMENTS, *found) if found else None


def drafted(data: Element, before: bytes | None, context: Context, *, message_id: str, is_again: bool = False) -> Draft:
    """The message that an Add (`before` is None) or a Change of a draft makes. `message_id` with its brackets is for a new one.
    With `is_again` some of the edit may be in the draft already, by a question whose answer was lost: files that are there are
    not added again, and none is deleted, for by now that section may be another file. CannotConvert."""
    body = data.find("AirSyncBase:Body")
    form = (body.text_of("AirSyncBase:Type") or "").strip() if body is not None else ""
    start = with_crlf(_data(body)) if body is not None and form == MIME else before or b""
    try:
        made = _content(data, None if form == MIME else body, form, start, context, is_again=is_again)
        whole = with_content(start, made.octets) if made.octets is not None else start
        octets = with_fields(whole, _fields(data, whole, context, message_id))
    except (MessageError, ValueError, LookupError) as error:
        raise CannotConvert("A draft cannot be written as a message.") from error
    return Draft(octets, data.has(SEND), made.added, made.has_files and bool(before))


def _data(body: Element) -> bytes:
    found = body.find("AirSyncBase:Data")
    if found is None:
        return b""
    return found.opaque if found.opaque is not None else (found.text or "").encode("utf-8", "replace")


def _fields(data: Element, whole: bytes, context: Context, message_id: str) -> dict[str, str | None]:
    """The fields that the edit sets, and those that no message may lack."""
    found: dict[str, str | None] = {}
    for tag, name in _PEOPLE.items():
        text = data.text_of(tag)
        if text is not None:
            found[name] = _people(text)
    subject = data.text_of("Email:Subject")
    if subject is not None:
        found["Subject"] = clean(subject) or None
    importance = (data.text_of("Email:Importance") or "").strip()
    if importance in _IMPORTANCES:
        found["Importance"] = _IMPORTANCES[importance]
    known = fields_of(layout_of(whole).piece(Piece(HEADER)))
    found["Date"] = format_datetime(context.now)
    if not value_of(known, "from"):
        found["From"] = str(Address(context.owner_name, context.owner_email))
    if not value_of(known, "message-id"):
        found["Message-ID"] = message_id
    if not value_of(known, "mime-version"):
        found["MIME-Version"] = "1.0"
    return found


def _people(text: str) -> str | None:
    """Addresses as a header has them; devices divide them by semicolons as well."""
    people = addresses_in(clean(text), replace(LIMITS, addresses=LIMITS.addresses + 1))
    if len(people) > LIMITS.addresses:
        raise CannotConvert("A draft has too many recipients.")
    return ", ".join(map(str, people)) or None


@dataclass(frozen=True, slots=True)
class _Content:
    """The new content, None where the old one stays; the ids of added files with their sections there; and whether it has files."""

    octets: bytes | None = None
    added: tuple[tuple[str, str], ...] = ()
    has_files: bool = False


def _content(
    data: Element, body: Element | None, form: str, start: bytes, context: Context, *, is_again: bool
) -> _Content:
    sent = data.find(ATTACHMENTS)
    deleted = {_section(each, context) for each in sent.find_all("AirSyncBase:Delete")} if sent is not None else set()
    asked = sent.find_all("AirSyncBase:Add") if sent is not None else []
    if start and body is None and not deleted and not asked:
        return _Content()
    layout = layout_of(start)
    if layout.structure.breach:
        raise CannotConvert("A draft has too many parts.")
    contents = contents_of(layout.structure.root) if start else Contents()
    plain, html = _words(contents, layout, body, form)
    kept = [
        composing.File(_entity(layout, part.section), part.section in contents.inline)
        for part in files_of(contents)
        if part.section not in deleted or is_again
    ]
    new = [(composing.new_file(each), each.text_of("AirSyncBase:ClientId") or "") for each in asked]
    files = [*kept, *(each for each, _ in new if not is_again or each not in kept)]
    if len(files) > MOST_FILES:
        raise CannotConvert("A draft has too many attachments.")
    sections = dict(zip(reversed(files), reversed(composing.sections(files)), strict=True))
    added = tuple((client_id, sections[each]) for each, client_id in new)
    return _Content(composing.content(plain, html, files), added, bool(files))


def _words(contents: Contents, layout: Layout, body: Element | None, form: str) -> tuple[str, str]:
    """Plain text and HTML of the draft; "" for a form that is made of the other."""
    if body is not None:
        text = _data(body).decode("utf-8", "replace")
        return ("", text) if form == HTML else (text, "")
    parts = [part for each in contents.shown for part in (each.plain, each.html) if part is not None]
    fetched = FetchedParts({part.section: layout.piece(Piece(part.section)) for part in parts})
    html = [words_of(each, fetched.octets[each.section]) for each in parts if each.subtype == "html"]
    return plain_body(contents, fetched).text, "".join(html)


def _entity(layout: Layout, section: str) -> bytes:
    """A part with its header, as it is, and the end of its last line, which in a message belongs to what divides the parts."""
    return layout.piece(Piece(f"{section}.MIME")) + layout.piece(Piece(section)) + b"\r\n"


def _section(deleted: Element, context: Context) -> str:
    """The part that a FileReference names; CannotConvert for one of another message."""
    reference = (deleted.text_of("AirSyncBase:FileReference") or "").strip()
    server_id, _, section = reference.rpartition(":")
    if server_id != context.server_id:
        raise CannotConvert("A draft has no such attachment.")
    return section
