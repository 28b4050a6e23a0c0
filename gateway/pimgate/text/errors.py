"""What can be wrong with a vCard or iCalendar text, said so that its sender can mend it."""

from __future__ import annotations


class BadText(ValueError):
    """The text cannot be kept as it is.

    `reason` is one public sentence and quotes nothing of the item; `line_number` is the physical line it speaks of,
    counted from 1, or 0 when it speaks of the whole text.
    """

    def __init__(self, reason: str, line_number: int = 0) -> None:
        super().__init__(f"{reason} (line {line_number})" if line_number else reason)
        self.reason = reason
        self.line_number = line_number


class TextTooLarge(BadText):
    """The text is beyond one of the limits on size, lines, depth or photo."""


class TooMuchToTell(ValueError):
    """An edit of a meeting makes more messages due than are made for one. `reason` is one public sentence."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RecurrenceTooLarge(BadText):
    """The recurrence would cost more to expand than an ordinary series does."""
