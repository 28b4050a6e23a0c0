"""Meetings: whom an edit concerns is told, whatever protocol it came by, and what others say reaches one's calendar.

`arranging` gives a View whose writes tell everybody; `responding` is a guest's answer; `arriving` brings what others say into a
person's own calendar, `taking_up` an invitation that they answer from their mail; `telling` posts messages; `notices` are what
arrived, for programs that show it; `places` is where a meeting is among a person's calendars. The rules of meetings themselves are
`text/itip/`, which is pure.

Rules of the room:
- Whoever edits holds their own calendar only. What others are told is posted with the edit and brought to their calendars
  afterwards, one at a time and each in a unit of work of its own: two people who invite each other never wait for each other.
- `arriving.receive` is the only way into somebody else's calendar. It is handed the words of a message and who really sent it,
  opens nothing, and gives nothing back but what became of it.
- Who sends to people outside depends on the client (`Sender`); people of this deployment are always told by us, once, also when
  the client mails them besides.
"""

from pimgate.scheduling.arranging import arranging
from pimgate.scheduling.arriving import deliver, note_failure, receive
from pimgate.scheduling.notices import Notice, dismiss, notices
from pimgate.scheduling.places import copy_elsewhere
from pimgate.scheduling.responding import respond
from pimgate.scheduling.taking_up import take_up
from pimgate.scheduling.telling import Sender, is_here

__all__ = [
    "Notice",
    "Sender",
    "arranging",
    "copy_elsewhere",
    "deliver",
    "dismiss",
    "is_here",
    "note_failure",
    "notices",
    "receive",
    "respond",
    "take_up",
]
