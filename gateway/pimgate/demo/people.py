"""The people of the demonstration. Their passwords are made at the first start and kept in its directory."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from pathlib import Path

DOMAIN = "example.org"
NAMES = {"alice": "Alice Moreau", "bob": "Bob Lindqvist", "carol": "Carol Okafor"}
OPERATOR = "alice"
FILE_NAME = "people.json"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in; `first` is the part before the @."""

    first: str
    password: str

    @property
    def login(self) -> str:
        return f"{self.first}@{DOMAIN}"

    @property
    def name(self) -> str:
        return NAMES[self.first]


def people_of(directory: Path) -> tuple[Person, ...]:
    """Alice, Bob and Carol, with the passwords of this directory."""
    file = directory / FILE_NAME
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(json.dumps({first: f"{first}-{secrets.token_hex(4)}" for first in NAMES}, indent=2))
    passwords = json.loads(file.read_text())
    return tuple(Person(first, passwords[first]) for first in NAMES)
