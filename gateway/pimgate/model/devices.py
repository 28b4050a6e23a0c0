"""The programs and phones that come in, whatever their protocol."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from pimgate.model.people import AccountId

DeviceId = NewType("DeviceId", str)
"""Opaque and stable: `d` and twelve letters or digits. A device belongs to one person: the same phone under another account
is another device."""


class DeviceState(StrEnum):
    """pending -> allowed or blocked; allowed or blocked -> wiping -> wiped; cancelling a wipe leads back to where it began."""

    PENDING = "pending"
    ALLOWED = "allowed"
    BLOCKED = "blocked"
    WIPING = "wiping"
    WIPED = "wiped"


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """What a client says of itself when it comes in. `identifier` is the client's own (an ActiveSync DeviceId) or one made from its
    credential and program (`tb`, `app:17`); none of it is to be trusted, all of it is shown to the operator."""

    protocol: str
    identifier: str
    device_type: str = ""
    agent: str = ""
    protocol_version: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """One row of the device list. `client_kind` and `profile` were pinned when the device was first seen."""

    id: DeviceId
    account_id: AccountId
    protocol: str
    identifier: str
    device_type: str
    agent: str
    protocol_version: str
    client_kind: str
    profile: str
    state: DeviceState
    policy_key: int
    first_seen: float
    last_seen: float


class WipeScope(StrEnum):
    """What a device is asked to erase: what came from this account, or everything that is on it."""

    ACCOUNT = "account"
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Wipe:
    """A wipe that was asked for, as far as it has come. `before` is the state it began in, `by` the login of the operator (empty:
    from the command line); times are None until it happened."""

    scope: WipeScope
    before: DeviceState
    asked_at: float
    by: str = ""
    sent_at: float | None = None
    failed_at: float | None = None
    done_at: float | None = None


@dataclass(frozen=True, slots=True)
class DeviceInformation:
    """What a phone says of itself when it is asked for more than its type. Shown to its person and the operator, never logged."""

    model: str = ""
    os: str = ""
    os_language: str = ""
    friendly_name: str = ""
    phone_number: str = ""
    mobile_operator: str = ""
    imei: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing a device sent that was refused: where and why, without its content. `item` is empty for one that has no id yet."""

    at: float
    collection: str
    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class Slowing:
    """A device that asks or writes without end and is made to wait: why, since when, and how often that happened."""

    reason: str
    first_at: float
    last_at: float
    times: int


@dataclass(frozen=True, slots=True)
class PolicyKept:
    """What a device said of the policy it was given: `full`, `partial`, `refused`, `managed` (by somebody else)."""

    compliance: str
    at: float
