"""What an arriving message does to the copy that one person keeps: nothing at all unless its sender may say this.

Only the organizer changes or calls off a meeting, a guest changes nothing but their own answer, and what is older than what
is known changes nothing. Source: RFC 5546 "Application Protocol", "Security Considerations"; RFC 6047 "Security Considerations".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from pimgate.text.errors import BadText
from pimgate.text.itip import answered, invited
from pimgate.text.itip.meeting import Meeting, attendee_line, same_address
from pimgate.text.itip.message import FROM_ORGANIZER, Incoming, Message, Method, Stamp


class Effect(StrEnum):
    KEEP = "keep"
    """`text` is the copy from now on."""
    REMOVE = "remove"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Arrived:
    """What to do, and in `reason` why nothing, for the log; `messages` are answers that the message asks for."""

    effect: Effect
    text: str | None = None
    reason: str = ""
    messages: tuple[Message, ...] = ()


Apply = Callable[[Incoming, Meeting | None, str, datetime], tuple[str | None, tuple[Message, ...]]]

_APPLY: Final[Mapping[Method, Apply]] = {
    Method.REQUEST: invited.requested,
    Method.ADD: invited.added,
    Method.CANCEL: invited.cancelled,
    Method.REPLY: answered.replied,
    Method.COUNTER: answered.countered,
    Method.REFRESH: answered.refreshed,
}
"""Gives the new text (the old one: nothing changes; None: the copy goes) and what is to be answered."""


def arrive(
    incoming: Incoming, stored: str | None, me: str, sender: str, now: datetime, known: Stamp | None = None
) -> Arrived:
    """What a message does to the copy of `me`. `sender` is who really sent it, as far as that was proven; `known` the latest word
    of the same party about the same thing."""
    if not same_address(sender, incoming.party):
        return Arrived(Effect.NOTHING, reason="the sender speaks for somebody else")
    if known is not None and incoming.stamp < known:
        return Arrived(Effect.NOTHING, reason="there is a later word")
    apply = _APPLY.get(incoming.method)
    if apply is None:
        return Arrived(Effect.NOTHING, reason=f"{incoming.method} changes nothing")
    try:
        meeting = Meeting(stored) if stored is not None else None
        reason = _unfit(incoming, meeting, me)
        if reason:
            return Arrived(Effect.NOTHING, reason=reason)
        text, messages = apply(incoming, meeting, me, now)
    except BadText as error:
        return Arrived(Effect.NOTHING, reason=error.reason)
    if text == stored:
        return Arrived(Effect.NOTHING, reason="nothing new", messages=messages)
    return Arrived(Effect.REMOVE if text is None else Effect.KEEP, text, messages=messages)


def _unfit(incoming: Incoming, meeting: Meeting | None, me: str) -> str:
    """Why this person is not concerned by a message, "" if they are."""
    if meeting is not None and meeting.organizer != incoming.meeting.organizer:
        return "the meeting is somebody else's"
    if incoming.method not in FROM_ORGANIZER:
        if meeting is None or not same_address(meeting.organizer, me):
            return "an answer to nothing that is kept here"
        is_guest = any(attendee_line(entry, incoming.party) is not None for entry in meeting.entries)
        return "" if is_guest else "the answer of somebody who was not invited"
    if same_address(incoming.meeting.organizer, me):
        return "one's own meeting"
    is_invited = any(attendee_line(entry, me) is not None for entry in incoming.meeting.entries)
    return "" if is_invited or incoming.method is Method.CANCEL else "the person is not invited"
