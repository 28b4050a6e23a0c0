"""What the proxy asks of the gateway before it lets a mail program through.

The proxy knows people only by this door: who comes (`Visitor`), whether they may enter (`Gate.admitted`), and when they
have to leave again (`Admission.ended`).
"""

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class RefusalCode(StrEnum):
    """Response codes a refused login can carry. Source: RFC 9051, "Response Codes" (first defined by RFC 5530)."""

    ALREADY_EXISTS = "ALREADYEXISTS"
    AUTHENTICATION_FAILED = "AUTHENTICATIONFAILED"
    AUTHORIZATION_FAILED = "AUTHORIZATIONFAILED"
    CANNOT = "CANNOT"
    CONTACT_ADMIN = "CONTACTADMIN"
    IN_USE = "INUSE"
    LIMIT = "LIMIT"
    NONEXISTENT = "NONEXISTENT"
    NO_PERMISSION = "NOPERM"
    UNAVAILABLE = "UNAVAILABLE"


class Refused(Exception):
    """The visitor may not enter: a code for the mail program, one public sentence for the person."""

    def __init__(self, code: RefusalCode, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Visitor:
    """Someone at the door: what they typed, their address, and what their program said of itself with ID."""

    login: str
    password: str = field(repr=False)
    network: str
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Admission:
    """A visitor who is in: the login under which the mail server knows the person.

    `ended` is set when the account is disabled, the device is blocked or the operator ends the session.
    """

    login: str
    ended: asyncio.Event


class Gate(Protocol):
    """The gateway as the proxy sees it."""

    def admitted(self, visitor: Visitor) -> AbstractAsyncContextManager[Admission]:
        """Enter to let the visitor in, leave when the session is over; entering raises `Refused`."""
