"""A message as a device gets it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pimgate.mail.mime.bodies import FetchedParts, words_of
from pimgate.mail.mime.headers import headers_of
from pimgate.mail.mime.parts import Contents, contents_of
from pimgate.mail.mime.pieces import HEADER, Piece
from pimgate.mail.mime.structure import untold
from pimgate_eas.mapping.context import NO_TIME, Context
from pimgate_eas.mapping.email import attachments, body, flagging, kinds, meeting
from pimgate_eas.mapping.email.fetching import report_part
from pimgate_eas.mapping.email.fields import FIELDS, Shown
from pimgate_eas.mapping.email.keywords import categories_in
from pimgate_eas.mapping.email.message import FollowUp, Message
from pimgate_eas.mapping.email.options import Options
from pimgate_eas.versions import number
from pimgate_eas.wbxml.element import Element

CATEGORIES_SINCE: Final = "14.0"
MARKS: Final = frozenset(("Email:Read", "Email2:LastVerbExecuted"))


def render(message: Message, pieces: Mapping[Piece, bytes], options: Options, context: Context) -> list[Element]:
    """The children of ApplicationData, in as much of them as the dialect can say. `pieces` are those that `wanted` named; one that
    is missing counts as empty."""
    contents = contents_of(message.structure.root)
    fetched = FetchedParts.from_pieces(pieces)
    headers = headers_of(fetched.octets.get(HEADER, b""))
    shown = Shown(message, headers, contents)
    found = [each for field in FIELDS if context.knows(field.tag) and (each := field.element(shown)) is not None]
    found += _kind(contents, fetched, context)
    found += [flagging.element(message), *_categories(message, context)]
    found += attachments.elements(message, contents, context)
    return found + body.elements(body.Source.of(message, contents, fetched), options, context)


def render_marks(flags: frozenset[str], follow_up: FollowUp | None, context: Context) -> list[Element]:
    """What may change of a message that a device holds, and nothing else of it: whether it was read, what was done with it, its
    flag and its categories."""
    message = Message(untold(""), flags, NO_TIME, follow_up=follow_up)
    shown = Shown(message, headers_of(b""), Contents())
    fields = [field.element(shown) for field in FIELDS if field.tag in MARKS and context.knows(field.tag)]
    return [*(each for each in fields if each is not None), flagging.element(message), *_categories(message, context)]


def _kind(contents: Contents, fetched: FetchedParts, context: Context) -> list[Element]:
    """What sort of message it is, and the meeting that it is about."""
    calendar, report = contents.calendar, report_part(contents)
    text = words_of(calendar, fetched.octets.get(calendar.section, b"")) if calendar is not None else ""
    method = kinds.method_of(calendar) if calendar is not None else ""
    answer = meeting.answer_in(text) if method == kinds.REPLY else ""
    told = fetched.octets.get(report.section, b"") if report is not None else b""
    found = [
        Element("Email:MessageClass", text=kinds.message_class(contents, answer, told)),
        Element("Email:ContentClass", text=kinds.content_class(contents)),
    ]
    request = meeting.element(text, context) if method in (kinds.REQUEST, kinds.CANCEL) else None
    return [*found, request] if request is not None else found


def _categories(message: Message, context: Context) -> list[Element]:
    """An empty one, too: to a device that is told of none, nothing has changed."""
    if number(context.version) < number(CATEGORIES_SINCE):
        return []
    words = categories_in(message.flags)
    return [Element("Email:Categories", *(Element("Email:Category", text=each) for each in words))]
