"""One promise that a plugin does not keep."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`promise` is a short name (`settings`, `routes`, `services`, ...); `reason` says what was found, and where."""

    promise: str
    reason: str

    def __str__(self) -> str:
        return f"{self.promise}: {self.reason}"
