"""Whom the mail server knows: asked of the gateway, never kept here."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with mailboxes here. `login` names the mailboxes, `addresses` (lower case) are the person's own."""

    login: str
    addresses: frozenset[str]


class People(Protocol):
    """The gateway's accounts as the mail server sees them."""

    async def with_password(self, login: str, password: str, network: str, protocol: str) -> Person | None:
        """The person, when login and password are right; None otherwise. `protocol` is "imap" or "smtp"."""

    async def with_login(self, login: str) -> Person | None:
        """The person of that login, for a master that has already proven itself."""

    async def at_address(self, address: str) -> Person | None:
        """The person who receives mail at `address`, None when nobody here does."""
