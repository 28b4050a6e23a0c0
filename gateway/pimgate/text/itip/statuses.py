"""What became of the messages, written beside each person: SCHEDULE-STATUS.

Source: RFC 6638 "Schedule Status Parameter" and its table of codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import partial

from pimgate.text.errors import BadText
from pimgate.text.itip.meeting import Meeting, address_of, reworded
from pimgate.text.lines import Line


class Delivery(StrEnum):
    SENT = "1.1"
    """Sent; whether it arrived nobody knows."""
    DELIVERED = "1.2"
    ANSWERED = "2.0"
    NO_SUCH_PERSON = "3.7"
    NOT_DELIVERED = "5.1"


def with_deliveries(text: str, deliveries: Mapping[str, Delivery]) -> str:
    """The text with the state of what was sent to these addresses, guests or the organizer. A text that cannot be read stays."""
    try:
        meeting = Meeting(text)
    except BadText:
        return text
    told = partial(_told, deliveries, meeting.organizer)
    for entry in meeting.entries:
        entry.rewrite(told)
    return meeting.events.to_text()


def _told(deliveries: Mapping[str, Delivery], organizer: str, line: Line) -> Line:
    if line.name not in ("ATTENDEE", "ORGANIZER"):
        return line
    state = deliveries.get(address_of(line))
    is_right = (line.name == "ORGANIZER") == (address_of(line) == organizer)
    return line if state is None or not is_right else reworded(line, SCHEDULE_STATUS=state.value)
