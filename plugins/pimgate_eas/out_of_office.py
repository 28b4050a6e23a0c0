"""Oof: what a person has answered while they are away, between a phone's words and the core's. Pure.

Source: MS-ASCMD, "Oof", "OofState", "OofMessage", "StartTime (Settings)", "EndTime (Settings)", "BodyType".
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from datetime import UTC, datetime

from pimgate.api import Audience, OutOfOffice, Reply
from pimgate_eas.mapping.words import without_tags
from pimgate_eas.status import Settings
from pimgate_eas.wbxml.element import Element

OFF, ON, BETWEEN = "0", "1", "2"
BODY_TYPES: Mapping[str, bool] = {"text": False, "html": True}
AUDIENCES: Mapping[str, Audience] = {
    "Settings:AppliesToInternal": Audience.INTERNAL,
    "Settings:AppliesToExternalKnown": Audience.KNOWN,
    "Settings:AppliesToExternalUnknown": Audience.UNKNOWN,
}
LONGEST_MESSAGE = 16_384
TIME = "%Y-%m-%dT%H:%M:%S.000Z"


class Unclear(Exception):
    """What a phone asked cannot be done; `status` says why."""

    def __init__(self, status: Settings) -> None:
        super().__init__(status.name)
        self.status = status


def told(absence: OutOfOffice, asked: Element) -> Element:
    """The Get of the answer, in the form of text that the phone asks for. Unclear."""
    is_html = _is_html(asked)
    state = OFF if not absence.is_on else ON if absence.starts_at is None else BETWEEN
    answer = Element("Settings:Get", Element("Settings:OofState", text=state))
    if absence.starts_at is not None and absence.ends_at is not None:
        answer.append(Element("Settings:StartTime", text=_time_text(absence.starts_at)))
        answer.append(Element("Settings:EndTime", text=_time_text(absence.ends_at)))
    for name, audience in AUDIENCES.items():
        reply = absence.replies.get(audience, Reply(is_html=is_html))
        message = Element("Settings:OofMessage", Element(name))
        message.append(Element("Settings:Enabled", text="1" if reply.is_on else "0"))
        if reply.text:
            message.append(Element("Settings:ReplyMessage", text=_in_form(reply, is_html)))
            message.append(Element("Settings:BodyType", text="HTML" if is_html else "Text"))
        answer.append(message)
    return answer


def wanted(given: Element, before: OutOfOffice) -> OutOfOffice:
    """What is so after a Set: messages that it does not mention stay. Unclear."""
    state = given.text_of("Settings:OofState", OFF)
    if state not in (OFF, ON, BETWEEN):
        raise Unclear(Settings.INVALID_ARGUMENTS)
    starts, ends = (given.text_of(f"Settings:{name}") for name in ("StartTime", "EndTime"))
    if bool(starts) != bool(ends) or (state == BETWEEN and not starts):
        raise Unclear(Settings.PROTOCOL)
    starts_at, ends_at = (_time(starts), _time(ends)) if starts and ends else (None, None)
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise Unclear(Settings.CONFLICTING_ARGUMENTS)
    if state == ON:
        starts_at = ends_at = None
    replies = dict(before.replies)
    for message in given.find_all("Settings:OofMessage"):
        replies |= _reply(message, before)
    return OutOfOffice(state != OFF, starts_at, ends_at, replies)


def _reply(message: Element, before: OutOfOffice) -> dict[Audience, Reply]:
    """One message, which may be for several audiences. Words that it does not mention stay."""
    text = message.text_of("Settings:ReplyMessage")
    enabled = (message.text_of("Settings:Enabled") or "0").strip()
    audiences = [audience for name, audience in AUDIENCES.items() if message.has(name)]
    if not audiences or enabled not in ("0", "1") or (text is not None and len(text) > LONGEST_MESSAGE):
        raise Unclear(Settings.INVALID_ARGUMENTS)
    is_on, is_html = enabled == "1", _is_html(message)
    return {
        each: Reply(is_on, text, is_html) if text is not None else _switched(before.replies.get(each, Reply()), is_on)
        for each in audiences
    }


def _switched(reply: Reply, is_on: bool) -> Reply:
    return Reply(is_on, reply.text, reply.is_html)


def _is_html(element: Element) -> bool:
    form = (element.text_of("Settings:BodyType") or "text").strip().lower()
    if form not in BODY_TYPES:
        raise Unclear(Settings.INVALID_ARGUMENTS)
    return BODY_TYPES[form]


def _in_form(reply: Reply, is_html: bool) -> str:
    """The words as they were written, where the form is theirs."""
    if reply.is_html == is_html:
        return reply.text
    return html.escape(reply.text, quote=False).replace("\n", "<br>\n") if is_html else without_tags(reply.text)


def _time(text: str) -> float:
    try:
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError) as error:
        raise Unclear(Settings.INVALID_ARGUMENTS) from error


def _time_text(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime(TIME)
