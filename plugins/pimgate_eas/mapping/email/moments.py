"""Moments as the Email class writes them: `2026-01-05T09:00:00.000Z`. Source: MS-ASDTYPE "dateTime"."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(instant: datetime) -> str:
    """An aware datetime, to the millisecond."""
    utc = instant.astimezone(UTC)
    return f"{utc.year:04}-{utc:%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03}Z"
