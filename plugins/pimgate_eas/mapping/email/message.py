"""What is known of a message without its octets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from pimgate.mail.mime.structure import Structure

SEEN: Final = "\\Seen"
FLAGGED: Final = "\\Flagged"
ANSWERED: Final = "\\Answered"
DRAFT: Final = "\\Draft"
FORWARDED: Final = "$Forwarded"

NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What a device said of its flag beyond that there is one: the children of Flag by name, `Tasks:DueDate` and the like. To be
    kept as it is and given back."""

    fields: Mapping[str, str] = field(default_factory=lambda: NOTHING)

    @property
    def is_done(self) -> bool:
        return self.fields.get("Email:Status") == "1"


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `flags` are those of IMAP, keywords included; `arrived_at` is INTERNALDATE; `size_bytes` that of the whole."""

    structure: Structure
    flags: frozenset[str]
    arrived_at: datetime
    size_bytes: int = 0
    follow_up: FollowUp | None = None

    @property
    def is_draft(self) -> bool:
        return DRAFT in self.flags
