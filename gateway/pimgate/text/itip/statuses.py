"""What became of the messages, written beside each person: SCHEDULE-STATUS.

Source: RFC 6638 "Schedule Status Parameter" and its table of codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from pimgate.text.errors import BadText
from pimgate.text.itip.meeting import Meeting, address_of, put_params


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
    for entry in meeting.entries:
        for line in (*entry.all("ATTENDEE"), *entry.all("ORGANIZER")):
            state = deliveries.get(address_of(line))
            is_host = address_of(line) == meeting.organizer
            if state is not None and (line.name == "ORGANIZER") == is_host:
                put_params(entry, line, SCHEDULE_STATUS=state.value)
    return meeting.events.to_text()
