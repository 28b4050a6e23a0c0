"""The table of a message's plain fields: a row a field.

Source: MS-ASEMAIL, "Elements".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from pimgate.mail.mime.addresses import Address
from pimgate.mail.mime.charsets import UTF_8_PAGE, code_page_of
from pimgate.mail.mime.headers import Headers
from pimgate.mail.mime.parts import Contents
from pimgate_eas.mapping.email import conversation
from pimgate_eas.mapping.email.message import ANSWERED, FORWARDED, SEEN, Message
from pimgate_eas.mapping.email.moments import moment
from pimgate_eas.wbxml.element import Element

LONGEST: Final = 32_768
"""Characters of a field."""
REPLIED, FORWARDED_VERB = "1", "3"


@dataclass(frozen=True, slots=True)
class Shown:
    """What the rows look at."""

    message: Message
    headers: Headers
    contents: Contents


@dataclass(frozen=True, slots=True)
class Field:
    """One element; a value that is empty is not sent, unless `is_always`."""

    tag: str
    read: Callable[[Shown], str | bytes]
    is_always: bool = False
    since_16: bool = False

    def element(self, shown: Shown) -> Element | None:
        value = self.read(shown)
        if not value and not self.is_always:
            return None
        if isinstance(value, bytes):
            return Element(self.tag, opaque=value)
        return Element(self.tag, text=value[:LONGEST])


def addresses(people: Iterable[Address], between: str = ", ") -> str:
    """Addresses as one text; those that would make it too long are left out whole."""
    found: list[str] = []
    left = LONGEST
    for each in map(str, people):
        left -= len(each) + len(between)
        if left < 0:
            break
        found.append(each)
    return between.join(found)


def _display_to(shown: Shown) -> str:
    return "; ".join(each.shown for each in shown.headers.to)[:LONGEST]


def _from(shown: Shown) -> str:
    return addresses((shown.headers.from_ or shown.headers.sender)[:1])


def _sender(shown: Shown) -> str:
    """Who sent it for somebody else."""
    sender, from_ = shown.headers.sender[:1], shown.headers.from_[:1]
    return addresses(sender) if from_ and [each.email for each in sender] != [each.email for each in from_] else ""


def _read(shown: Shown) -> str:
    return "1" if SEEN in shown.message.flags else "0"


def _code_page(shown: Shown) -> str:
    parts = [part for each in shown.contents.shown for part in (each.html, each.plain) if part is not None]
    return code_page_of(parts[0].charset) if parts and parts[0].charset else UTF_8_PAGE


def _last_verb(shown: Shown) -> str:
    """Of a message that was answered and passed on nobody knows which came last; that it was answered says more."""
    if ANSWERED in shown.message.flags:
        return REPLIED
    return FORWARDED_VERB if FORWARDED in shown.message.flags else ""


def _bcc(shown: Shown) -> str:
    """Only what the person wrote has any; none that came in should, and where one does it is nobody's business."""
    return addresses(shown.headers.bcc)


FIELDS: Final = (
    Field("Email:To", lambda shown: addresses(shown.headers.to)),
    Field("Email:Cc", lambda shown: addresses(shown.headers.cc)),
    Field("Email2:Bcc", _bcc),
    Field("Email:From", _from),
    Field("Email2:Sender", _sender),
    Field("Email:ReplyTo", lambda shown: addresses(shown.headers.reply_to, "; ")),
    Field("Email:Subject", lambda shown: shown.headers.subject, is_always=True),
    Field("Email:DateReceived", lambda shown: moment(shown.message.arrived_at)),
    Field("Email:DisplayTo", _display_to),
    Field("Email:ThreadTopic", lambda shown: conversation.topic(shown.headers)),
    Field("Email:Importance", lambda shown: str(int(shown.headers.importance))),
    Field("Email:Read", _read),
    Field("Email:InternetCPID", _code_page),
    Field("Email2:LastVerbExecuted", _last_verb),
    Field("Email2:ConversationId", lambda shown: conversation.conversation_id(shown.headers)),
    Field(
        "Email2:ConversationIndex",
        lambda shown: conversation.conversation_index(shown.headers, shown.message.arrived_at),
    ),
    Field("Email2:IsDraft", lambda shown: "1" if shown.message.is_draft else "0"),
)
"""In the order in which they are sent."""
