"""Device profiles: which kind of client is this, and what can it do.

The data is in profiles.toml; the operator's own file comes before it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pimgate.errors import Mistake, SettingsProblem
from pimgate.model.clients import Profile
from pimgate.model.devices import DeviceFacts

BUILT_IN = Path(__file__).parent / "profiles.toml"
KEYS: dict[str, type] = {
    "name": str,
    "protocol": str,
    "device_type": str,
    "agent": str,
    "client_kind": str,
    "many_calendars": bool,
    "always_show_default": bool,
    "max_version": str,
    "note": str,
    "keeps_policies": bool,
    "refused": bool,
    "needs_449": bool,
}
NEEDED = {"name", "protocol", "client_kind"}
AGENT_LENGTH = 254
VERSION = re.compile(r"[0-9]{1,2}\.[0-9]")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: what it fits, and the profile it gives."""

    protocol: str
    device_type: re.Pattern[str]
    agent: re.Pattern[str]
    profile: Profile

    def fits(self, facts: DeviceFacts) -> bool:
        return (
            self.protocol == facts.protocol
            and self.device_type.fullmatch(facts.device_type) is not None
            and self.agent.search(facts.agent[:AGENT_LENGTH]) is not None
        )


class Profiles:
    """The table of one deployment."""

    def __init__(self, own_file: Path | None = None, multicalendar: Collection[str] = ()) -> None:
        """`multicalendar`: the profiles of kind eas-other that the operator lets show several calendars."""
        files = [own_file, BUILT_IN] if own_file else [BUILT_IN]
        self._rows = [row for file in files for row in _read(file, multicalendar)]
        self._by_name = {row.profile.name: row.profile for row in reversed(self._rows)}

    def match(self, facts: DeviceFacts) -> Profile:
        """The profile of a client that says this of itself."""
        return next((row.profile for row in self._rows if row.fits(facts)), Profile("unknown", facts.protocol))

    def named(self, name: str) -> Profile | None:
        return self._by_name.get(name)

    def all(self) -> list[Profile]:
        return list(self._by_name.values())


def _read(file: Path, multicalendar: Collection[str]) -> list[Row]:
    try:
        rows = tomllib.loads(file.read_text(encoding="utf-8")).get("profile", [])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsProblem([Mistake(str(file), 0, "profile", f"cannot be read: {error}")]) from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SettingsProblem([Mistake(str(file), 0, "profile", "must be sections, as in [[profile]]")])
    return [_row(file, number, row, multicalendar) for number, row in enumerate(rows, start=1)]


def _misfit(row: dict[str, Any]) -> str:
    """What is wrong with the keys of a row; nothing if they are as they should be."""
    if unknown := sorted(set(row) - set(KEYS)):
        return f"unknown keys {unknown}"
    if missing := sorted(NEEDED - set(row)):
        return f"lacks {missing}"
    wrong = next((key for key, value in row.items() if not isinstance(value, KEYS[key])), "")
    if wrong:
        return f"{wrong} must be {'true or false' if KEYS[wrong] is bool else 'text in quotes'}"
    most = row.get("max_version", "")
    return "" if not most or VERSION.fullmatch(most) else f'max_version must be a version, as in "14.1", not {most!r}'


def _row(file: Path, number: int, row: dict[str, Any], multicalendar: Collection[str]) -> Row:
    if reason := _misfit(row):
        raise SettingsProblem([Mistake(str(file), 0, "profile", f"profile {number}: {reason}")])
    try:
        device_type = re.compile(row.get("device_type", ".*"), re.IGNORECASE | re.DOTALL)
        agent = re.compile(row.get("agent", ""), re.IGNORECASE)
    except re.error as error:
        raise SettingsProblem(
            [Mistake(str(file), 0, "profile", f"profile {number}: not an expression: {error}")]
        ) from error
    can = row.get("many_calendars", False)
    may = row["client_kind"] != "eas-other" or row["name"] in multicalendar
    profile = Profile(
        name=row["name"],
        client_kind=row["client_kind"],
        has_many_calendars=can and may,
        always_show_default=row.get("always_show_default", False),
        max_protocol_version=row.get("max_version", ""),
        note=row.get("note", ""),
        keeps_policies=row.get("keeps_policies", True),
        is_refused=row.get("refused", False),
        needs_449=row.get("needs_449", False),
    )
    return Row(row["protocol"], device_type, agent, profile)
