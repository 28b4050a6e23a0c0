"""What the operator decides about phones: the section `[plugins.eas]`."""

from __future__ import annotations

from dataclasses import dataclass

from pimgate.api import setting
from pimgate_eas.policy_settings import PolicySettings


@dataclass(frozen=True, slots=True)
class EasSettings:
    """Phones over Exchange ActiveSync."""

    require_policy: bool = setting(False, "A phone must fetch and acknowledge the policy before anything else.")
    least_heartbeat_seconds: int = setting(60, "Shortest wait of a Ping.", least=1, most=3540)
    most_heartbeat_seconds: int = setting(
        1680, "Longest wait of a Ping; keep it below the read time-out of every proxy in between.", least=60, most=3540
    )
    window_bytes: int = setting(1_000_000, "An answer carries about this much of stored text at most.", least=10_000)
    most_at_once: int = setting(
        10, "Requests of one person that are served at the same time, the waiting ones included.", least=2, most=1000
    )
    trusted_authorities: str = setting(
        "", "A PEM file with the authorities whose certificates on mail are believed; empty: those of the system."
    )
    repeats_per_minute: int = setting(
        60, "A device that asks the very same more often than this in a minute is made to wait; 0: never.", least=0
    )
    policy: PolicySettings = setting(PolicySettings(), "What phones are asked to keep.")
