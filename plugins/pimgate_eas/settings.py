"""What the operator decides about phones: the section `[plugins.eas]`."""

from __future__ import annotations

from dataclasses import dataclass

from pimgate.api import setting


@dataclass(frozen=True, slots=True)
class EasSettings:
    """Phones over Exchange ActiveSync."""

    require_policy: bool = setting(False, "A phone must fetch and acknowledge the policy before anything else.")
    least_heartbeat_seconds: int = setting(60, "Shortest wait of a Ping.", least=1, most=3540)
    most_heartbeat_seconds: int = setting(
        1680, "Longest wait of a Ping; keep it below the read time-out of every proxy in between.", least=60, most=3540
    )
    window_bytes: int = setting(1_000_000, "An answer carries about this much of stored text at most.", least=10_000)
