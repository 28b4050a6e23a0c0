"""Who somebody is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

AccountId = NewType("AccountId", str)
"""Opaque and stable for life: `p` and twelve letters or digits. It appears in DAV addresses, so it never carries a name."""


def uid_of_person(account_id: AccountId) -> str:
    """The UID of the card that a person gets in the organisation's directory together with their account."""
    return f"urn:pimgate:{account_id}"


class AccountState(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Account:
    """A person. `login` is the e-mail address in lower case; `secret_stamp` rises with every change that voids a verified
    credential (password, app passwords, state)."""

    id: AccountId
    login: str
    name: str
    state: AccountState
    is_operator: bool
    language: str
    secret_stamp: int

    @property
    def is_active(self) -> bool:
        return self.state is AccountState.ACTIVE


@dataclass(frozen=True, slots=True)
class AppPassword:
    """A random password for one program. `protocol` is one of eas, dav, imap, smtp or `any`; `client_kind` and `device_identifier`
    bind it further when they are set."""

    id: int
    account_id: AccountId
    label: str
    protocol: str
    client_kind: str | None
    device_identifier: str | None
    created_at: float


def program_of(number: int) -> str:
    """What stands in the device list for a program that is known by nothing but the app password of this number."""
    return f"app:{number}"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What somebody typed into a client. `network` is the peer's address as the guard established it; `secret` never
    reaches a log: it is left out of the representation."""

    login: str
    secret: str
    protocol: str
    network: str
    agent: str = ""
    device_identifier: str | None = None

    def __repr__(self) -> str:
        return f"Credentials({self.protocol} from {self.network})"


@dataclass(frozen=True, slots=True)
class Identity:
    """A verified person, and the app password they came with, if any."""

    account: Account
    app_password: AppPassword | None = None
