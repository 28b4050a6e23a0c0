"""Handing a message over to whoever brings it on, and what can become of that.

A carrier returns when the message was taken. Between `last_octet` and its return nobody can know: whoever dies there leaves an
unknown message, which is never sent again by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol

from pimgate.mail.imap.sasl import Login

NOBODY: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Letter:
    """One message: envelope, and octets with CRLF. `login` is that of the person who sends it; None for the gateway's own."""

    sender: str
    recipients: tuple[str, ...]
    octets: bytes
    login: Login | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """For whom a message was not taken that was taken for others: `refused` for good, each with the reason; `later` perhaps
    another time."""

    refused: Mapping[str, str] = field(default_factory=lambda: NOBODY)
    later: tuple[str, ...] = ()


class NotCarried(Exception):
    """The message was not taken. `words` says why, without content."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


class NotNow(NotCarried):
    """It may be taken later."""


class NotLetIn(NotNow):
    """The login was refused. It is not tried again soon: servers punish guesses, and some lock the account."""


class Never(NotCarried):
    """It will not be taken, however often it is tried."""


class Lost(NotCarried):
    """The line broke after the last octet: it may have been taken."""


class Carrier(Protocol):
    """Somebody who takes messages. `name` is for the operator."""

    name: str

    def carry(self, letter: Letter, last_octet: Callable[[], None]) -> LeftOut | None:
        """Hand a letter over; `last_octet` is called right before the octet that makes it theirs. Runs in a thread, and may take
        its time. Gives for whom it was not taken, if for some. NotNow, Never, Lost."""
