"""Being away: what is answered to whom, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Audience(StrEnum):
    """Who wrote: somebody of the organisation, somebody else in the person's contacts, anybody else."""

    INTERNAL = "internal"
    KNOWN = "known"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reply:
    """What one audience is answered. One that is off keeps its words."""

    is_on: bool = False
    text: str = ""
    is_html: bool = False


@dataclass(frozen=True, slots=True)
class OutOfOffice:
    """A person's answer while they are away. With `starts_at` and `ends_at` (seconds since 1970) it holds in between, without them
    as long as it is on."""

    is_on: bool = False
    starts_at: float | None = None
    ends_at: float | None = None
    replies: Mapping[Audience, Reply] = field(default_factory=dict)

    def reply_to(self, audience: Audience, now: float) -> Reply | None:
        """What somebody of this audience is answered now, if anything."""
        begins, ends = self.starts_at or now, self.ends_at or now
        reply = self.replies.get(audience)
        holds = self.is_on and begins <= now <= ends
        return reply if holds and reply is not None and reply.is_on and reply.text else None
