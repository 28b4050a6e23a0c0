"""A message that a device answers or forwards without having it whole: what the device wrote, and the original below.

Of the original a reply quotes the words, with the pictures that stand in them; a forward brings its files along as well. What
cannot be taken apart, or must not be, goes along as it is, but for its Bcc. What the device sealed is not touched. Pure.

Sources: MS-ASCMD "SmartReply", "SmartForward", "ReplaceMime"; RFC 5322 "Identification Fields".
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import Enum
from typing import Final

from pimgate.mail.mime.bodies import FetchedParts, html_body, plain_body, words_of
from pimgate.mail.mime.fields import fields_of
from pimgate.mail.mime.headers import Headers, headers_of
from pimgate.mail.mime.html_safe import FRAME
from pimgate.mail.mime.layout import Layout, layout_of
from pimgate.mail.mime.making import file_part, message_part, text_part
from pimgate.mail.mime.parts import Contents, Seal, contents_of
from pimgate.mail.mime.pieces import HEADER, Piece
from pimgate.mail.mime.plain import as_html
from pimgate.mail.mime.rewriting import with_content, with_crlf, with_fields
from pimgate_eas.mapping.email import composing
from pimgate_eas.mapping.email.attachments import files_of
from pimgate_eas.mapping.email.kinds import is_meeting

MOST_REFERENCES: Final = 30
LONGEST_NAME: Final = 100
MOST_NAMED: Final = 50
_END: Final = re.compile(r"(?i)</body\s*>")
_BLOCK: Final = (
    '<blockquote type="cite" style="margin:0 0 0 .8ex;border-left:1px solid #ccc;padding-left:1ex">{}</blockquote>'
)


class Kind(Enum):
    REPLY = "reply"
    FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class Quoted:
    """What goes below: words in both forms (`html` a fragment, "" where there are none but plain ones), files, and an invitation as
    a part with its header."""

    plain: str
    html: str = ""
    files: tuple[composing.File, ...] = ()
    invitation: bytes = b""


def answered(own: bytes, quoted: Quoted) -> bytes:
    """The device's message with the original below. One that is signed or encrypted stays as it is."""
    own = with_crlf(own).lstrip(b"\r\n")
    layout = layout_of(own)
    contents = contents_of(layout.structure.root)
    if layout.structure.breach or contents.seal is not Seal.NONE:
        return own
    plain, rich = _own_words(layout, contents)
    if quoted.html and not rich:
        rich = as_html(plain)
    below = quoted.html or as_html(quoted.plain)
    whole_plain = f"{plain}\n\n{quoted.plain}" if plain or not rich else ""
    whole_rich = _below(rich, below) if rich else ""
    files = [*_files(layout, contents, is_all=True), *(each for each in quoted.files if rich or not each.is_inline)]
    own_invitation = _calendar(layout, contents)
    made = composing.content(whole_plain, whole_rich, files, own_invitation or quoted.invitation)
    return with_content(own, b"MIME-Version: 1.0\r\n" + made)


def original(octets: bytes, kind: Kind, zone: tzinfo, *, is_cut: bool = False) -> Quoted:
    """What goes below from a message of the mail server; `is_cut`: only its beginning was read."""
    octets = with_crlf(octets.replace(b"\0", b""))  # which no mail may hold, and some do
    layout = layout_of(octets)
    head = headers_of(layout.piece(Piece(HEADER)))
    contents = contents_of(layout.structure.root)
    is_closed = bool(layout.structure.breach) or contents.seal is not Seal.NONE
    if is_closed and kind is Kind.FORWARD and not is_cut:
        name = f"{head.subject[:LONGEST_NAME] or 'message'}.eml"
        octets = _without_blind_copies(octets)
        # What is too deep for us would be so for others; as a mere file nobody takes it apart unasked.
        whole = file_part(octets, name) if layout.structure.breach else message_part(octets, name)
        return Quoted(_titles(head, zone), files=(composing.File(whole, False),))
    plain, rich = ("", "") if layout.structure.breach else _words(layout, contents)
    files = _files(layout, contents, is_all=kind is Kind.FORWARD)
    if kind is Kind.REPLY:
        first = _wrote(head, zone)
        marked = "\n".join(f"> {line}".rstrip() for line in plain.split("\n"))
        return Quoted(f"{first}\n\n{marked}", _titled(first, _BLOCK.format(rich)) if rich else "", files)
    titles = _titles(head, zone)
    return Quoted(f"{titles}\n\n{plain}", _titled(titles, rich) if rich else "", files, _calendar(layout, contents))


def _without_blind_copies(octets: bytes) -> bytes:
    """A message without those who had it unknown to others: what a person sent lies in their folders with them."""
    has_some = any(name in ("bcc", "resent-bcc") for name, _ in fields_of(octets))
    return with_fields(octets, {"Bcc": None, "Resent-Bcc": None}) if has_some else octets


def meeting(description: str, text: str, kind: Kind) -> Quoted:
    """What goes below from a calendar: the meeting in words; in a forward itself as well, an event that is no meeting as a file."""
    words = f"-----Original Appointment-----\n{description}"
    if kind is Kind.REPLY:
        return Quoted(words)
    if "\nMETHOD:" not in text:
        part = text_part(text, "calendar", {"name": "event.ics"})
        return Quoted(words, files=(composing.File(_as_file(part, "event.ics"), False),))
    return Quoted(words, invitation=text_part(text, "calendar", {"method": "REQUEST", "component": "VEVENT"}))


def in_thread(own: bytes, header: bytes, kind: Kind) -> bytes:
    """The message with what ties it to the original (its header), where the device did not say so itself."""
    mine = headers_of(layout_of(own).piece(Piece(HEADER)))
    theirs = headers_of(header)
    if not re.fullmatch(r"<[!-~]+>", theirs.message_id):
        return own
    before = [*theirs.references, *([theirs.in_reply_to] if not theirs.references else [])]
    known = [each for each in dict.fromkeys([*before, theirs.message_id]) if re.fullmatch(r"<[!-~]+>", each)]
    lines: list[str] = []
    gone: dict[str, str | None] = {}
    if not mine.references:
        lines.append("References: " + "\r\n ".join(known[:1] + known[1:][-MOST_REFERENCES:]))
        gone["References"] = None
    if kind is Kind.REPLY and not re.fullmatch(r"<[!-~]+>", mine.in_reply_to):
        lines.append(f"In-Reply-To: {theirs.message_id}")
        gone["In-Reply-To"] = None
    # Not by `with_fields`: ids longer than a line would be encoded as words.
    return "".join(f"{line}\r\n" for line in lines).encode("ascii") + with_fields(own, gone) if lines else own


def _own_words(layout: Layout, contents: Contents) -> tuple[str, str]:
    """Plain text and HTML as the device wrote them."""
    rich = "".join(words_of(each.html, _octets(layout, each.html.section)) for each in contents.shown if each.html)
    is_only_rich = rich and not any(each.plain for each in contents.shown)
    return ("" if is_only_rich else plain_body(contents, _fetched(layout, contents)).text), rich


def _words(layout: Layout, contents: Contents) -> tuple[str, str]:
    """Plain text, and a fragment of HTML in which nothing acts, "" for a message without."""
    fetched = _fetched(layout, contents)
    before, after = FRAME.split("{}")
    rich = html_body(contents, fetched).text.removeprefix(before).removesuffix(after) if contents.has_html else ""
    return plain_body(contents, fetched).text, rich


def _fetched(layout: Layout, contents: Contents) -> FetchedParts:
    parts = [part for each in contents.shown for part in (each.plain, each.html) if part is not None]
    return FetchedParts({part.section: _octets(layout, part.section) for part in parts})


def _octets(layout: Layout, section: str) -> bytes:
    return layout.piece(Piece(section))


def _files(layout: Layout, contents: Contents, *, is_all: bool) -> tuple[composing.File, ...]:
    """The files of a message as they are; those within its text alone, unless `is_all`."""
    return tuple(
        composing.File(_entity(layout, part.section), part.section in contents.inline)
        for part in files_of(contents)
        if is_all or part.section in contents.inline
    )


def _calendar(layout: Layout, contents: Contents) -> bytes:
    """The invitation of a message, with its header; none for a mere file."""
    part = contents.calendar
    return _entity(layout, part.section) if part is not None and is_meeting(part) else b""


def _entity(layout: Layout, section: str) -> bytes:
    """A part with its header. That of a message which is one part alone begins with what belongs to the whole message."""
    header, body = layout.piece(Piece(f"{section}.MIME")), layout.piece(Piece(section))
    return with_content(b"", header + body) if layout.structure.root.section == section else header + body


def _as_file(part: bytes, name: str) -> bytes:
    return f'Content-Disposition: attachment; filename="{name}"\r\n'.encode() + part


def _below(own: str, fragment: str) -> str:
    """A fragment at the end of a document."""
    ends = list(_END.finditer(own))
    at = ends[-1].start() if ends else len(own)
    return f"{own[:at]}<br>{fragment}{own[at:]}"


def _titled(titles: str, fragment: str) -> str:
    return f"<div>{html.escape(titles, quote=False).replace(chr(10), '<br>')}</div><br>{fragment}"


def _wrote(head: Headers, zone: tzinfo) -> str:
    who = next((each.shown for each in (*head.from_, *head.sender)), "somebody")
    return f"On {_moment(head.date, zone)}, {who} wrote:" if head.date is not None else f"{who} wrote:"


def _titles(head: Headers, zone: tzinfo) -> str:
    told = {
        "From": ", ".join(map(str, head.from_[:1])),
        "Sent": _moment(head.date, zone) if head.date is not None else "",
        "To": ", ".join(map(str, head.to[:MOST_NAMED])),
        "Cc": ", ".join(map(str, head.cc[:MOST_NAMED])),
        "Subject": head.subject,
    }
    lines = [f"{title}: {words}" for title, words in told.items() if words]
    return "\n".join(["-----Original Message-----", *lines])


def _moment(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%a, %d %b %Y %H:%M %z}"
