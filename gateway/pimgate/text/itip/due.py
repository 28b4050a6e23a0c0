"""Which messages an edit makes due, asked by whoever keeps the edit. Whose meeting it is decides who is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pimgate.text.errors import BadText
from pimgate.text.itip.attending import replies
from pimgate.text.itip.meeting import Meeting, is_meeting, same_address
from pimgate.text.itip.message import Message, Most
from pimgate.text.itip.organizing import invitations


@dataclass(frozen=True, slots=True)
class Due:
    """The text to keep (None: the object goes), and the messages to send. `is_organizer` tells in which role."""

    text: str | None
    messages: tuple[Message, ...] = ()
    is_organizer: bool = False


def due(before: str | None, after: str | None, actor: str, now: datetime, most: Most | None = None) -> Due:
    """What it takes to tell everybody of an edit by `actor` (an address): from `before` to `after`, None for an object that was not
    there or goes. Only what changes something for a person is told. Texts that cannot be read tell nobody anything. TooMuchToTell
    beyond what may be sent at once."""
    most = most or Most()
    if not is_meeting(before) and not is_meeting(after):
        return Due(after)
    try:
        old, new = _read(before), _read(after)
        hosts = [each.organizer for each in (old, new) if each is not None and each.organizer]
        if not hosts or len(set(hosts)) > 1:  # nobody's meeting; or it would change hands, which no message can tell
            return Due(after)
        if same_address(hosts[0], actor):
            return Due(*invitations(old, new, now, most), is_organizer=True)
        return Due(*replies(old, new, actor, now, most))
    except BadText:
        return Due(after)


def _read(text: str | None) -> Meeting | None:
    return Meeting(text) if text is not None else None
