"""How many files an event may have, and how large they may be: what phones are held to, too."""

from __future__ import annotations

from typing import Final

from pimgate_dav.visit import Visit

MOST_FILES: Final = 50
MOST_BYTES: Final = 500_000


def most_bytes(visit: Visit) -> int:
    """Of one file. It lies in its event as base64, and that has a limit of its own."""
    return min(MOST_BYTES, visit.core.settings.limits.item_bytes // 2)
