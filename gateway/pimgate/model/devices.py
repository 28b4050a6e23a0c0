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
