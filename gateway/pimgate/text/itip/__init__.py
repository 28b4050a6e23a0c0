"""Invitations: which messages an edit of a meeting makes due, and what an arriving one does to the copy that is kept. Pure.

`meeting` one version of a meeting, as its people see it; `message` what travels; `organizing` and `attending` what an edit makes
due for the two roles (`due` asks the right one); `arriving` the way back: `invited` for the copy of a guest, `answered` for that
of the organizer; `responding` a guest's own answer; `merging` what an edit by a client that is behind must not undo; `allowed` what
each role may change.

Sources: RFC 5546 (iTIP), RFC 6638 "Implicit Scheduling", RFC 5545.
"""

from pimgate.text.itip.allowed import Fault, fault_of
from pimgate.text.itip.arriving import Arrived, Effect, arrive
from pimgate.text.itip.due import Due, due
from pimgate.text.itip.meeting import Meeting, is_meeting, same_address
from pimgate.text.itip.merging import schedule_tag, with_answers, with_statuses
from pimgate.text.itip.message import Incoming, Message, Method, Most, Stamp, read_incoming
from pimgate.text.itip.responding import Answer, proposal, responded
from pimgate.text.itip.statuses import Delivery, with_deliveries

__all__ = [
    "Answer",
    "Arrived",
    "Delivery",
    "Due",
    "Effect",
    "Fault",
    "Incoming",
    "Meeting",
    "Message",
    "Method",
    "Most",
    "Stamp",
    "arrive",
    "due",
    "fault_of",
    "is_meeting",
    "proposal",
    "read_incoming",
    "responded",
    "same_address",
    "schedule_tag",
    "with_answers",
    "with_deliveries",
    "with_statuses",
]
