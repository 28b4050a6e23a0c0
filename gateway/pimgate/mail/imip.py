"""Messages about meetings as mail: written for people and for their programs, and found in what arrives. Pure.

Source: RFC 6047 "iMIP Message Bindings".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.policy import SMTP, SMTPUTF8, default
from email.utils import format_datetime
from typing import Final

from pimgate.text.component import Component
from pimgate.text.itip import Meeting, Method
from pimgate.text.itip import Message as Invitation
from pimgate.text.lines import Line

MOST_PARTS: Final = 100
MOST_CALENDARS: Final = 5
CALENDAR_BYTES: Final = 1024 * 1024

_SUBJECTS: Final[Mapping[str, str]] = {
    Method.REQUEST: "Invitation: {}",
    Method.CANCEL: "Cancelled: {}",
    Method.COUNTER: "New time proposed: {}",
    Method.REFRESH: "Please send again: {}",
    "ACCEPTED": "Accepted: {}",
    "TENTATIVE": "Tentative: {}",
    "DECLINED": "Declined: {}",
}
_SENTENCES: Final[Mapping[str, str]] = {
    Method.REQUEST: "{} invites you.",
    Method.CANCEL: "{} cancelled this for you.",
    Method.COUNTER: "{} proposes another time.",
    Method.REFRESH: "{} asks for the present version.",
    "ACCEPTED": "{} will come.",
    "TENTATIVE": "{} may come.",
    "DECLINED": "{} will not come.",
}
_LONGEST_WORDS: Final = 5_000


def letter(
    invitation: Invitation, name: str, address: str, now: datetime, message_id: str, *, sender: str = ""
) -> bytes:
    """The octets of a mail from a person (`name`, `address`) that carries a message. With `sender` it comes from that address, and
    answers go to the person's own."""
    meeting = Meeting(invitation.text)
    kind = _kind(invitation, meeting)
    mail = EmailMessage(policy=SMTP if sender.isascii() and address.isascii() else SMTPUTF8)
    mail["From"] = _address(name, sender or address)
    if sender:
        mail["Reply-To"] = _address(name, address)
    mail["To"] = _address("", invitation.recipient)
    mail["Subject"] = _SUBJECTS.get(kind, "{}").format(_one_line(meeting.main, "SUMMARY") or "(no title)")
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id
    mail.set_content(_words(kind, meeting, name or address))
    mail.add_alternative(
        invitation.text,
        subtype="calendar",
        params={"method": invitation.method.value, "component": "VEVENT"},
        cte="base64",
    )
    return mail.as_bytes()


def calendars_in(octets: bytes) -> list[str]:
    """The texts of the calendar parts with a method that a mail carries; none for a mail that cannot be read."""
    try:
        mail = BytesParser(policy=default).parsebytes(octets)
        return list(dict.fromkeys(_calendars(mail)))[:MOST_CALENDARS]
    except (MessageError, ValueError, LookupError):
        return []


def _calendars(mail: Message) -> Iterator[str]:
    for number, part in enumerate(mail.walk()):
        if number > MOST_PARTS:
            return
        if part.get_content_type() != "text/calendar" or not part.get_param("method"):
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and len(content) <= CALENDAR_BYTES:
            yield content.decode("utf-8", "replace")


def _kind(invitation: Invitation, meeting: Meeting) -> str:
    """The method; of an answer, what was answered."""
    if invitation.method is not Method.REPLY:
        return invitation.method
    line = meeting.main.get("ATTENDEE")
    return (line.param("PARTSTAT") or ("",))[0] if line is not None else ""


def title_of(meeting: Meeting) -> str:
    """What the meeting is called, for a Subject; "" for none."""
    return _one_line(meeting.main, "SUMMARY")


def description_of(meeting: Meeting) -> str:
    """The meeting in words: what, when, where, and what is said of it."""
    main = meeting.main
    told = {
        "What": title_of(meeting),
        "When": _when(meeting),
        "Where": _one_line(main, "LOCATION"),
        "Comment": _text(main.get("COMMENT")),
    }
    lines = [f"{title}: {words}" for title, words in told.items() if words]
    description = _text(main.get("DESCRIPTION"))
    return "\n".join([*lines, *(["", description] if description else []), ""])


def _words(kind: str, meeting: Meeting, name: str) -> str:
    sentence = _SENTENCES.get(kind, "{} writes about a meeting.").format(name)
    return f"{sentence}\n\n{description_of(meeting)}"


def _when(meeting: Meeting) -> str:
    start, end = meeting.events.start_of(meeting.main), meeting.events.end_of(meeting.main)
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return f"{start:%A} {start.day} {start:%B %Y}"
    zone = getattr(start.tzinfo, "key", None) or start.tzname() or "local time"
    until = f"{end:%H:%M}" if end.date() == start.date() else f"{end:%A} {end.day} {end:%B %Y, %H:%M}"
    again = ", repeated" if meeting.is_series else ""
    return f"{start:%A} {start.day} {start:%B %Y, %H:%M} to {until} ({zone}){again}"


def _one_line(entry: Component, name: str) -> str:
    return " ".join(_text(entry.get(name)).split())[:200]


def _text(line: Line | None) -> str:
    """What people may read, without what no mail may hold."""
    text = line.text if line is not None else ""
    return "".join(each for each in text[:_LONGEST_WORDS] if each.isprintable() or each == "\n").strip()


def _address(name: str, address: str) -> Address:
    user, _, domain = address.rpartition("@")
    return Address(display_name=" ".join(name.split()), username=user, domain=domain)
