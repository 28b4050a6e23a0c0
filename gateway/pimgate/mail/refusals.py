"""Logins that a server refused. They are not tried again for a while: servers punish guesses, and some lock the account."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from pimgate.mail.imap.sasl import Login
from pimgate.model.people import AccountId

SECONDS: Final = 300.0


class Refusals:
    """Those of one server, by person, as long as they count. In memory: a person has another login as soon as they change it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[AccountId, tuple[Login, float]] = {}

    def note(self, account_id: AccountId, login: Login) -> None:
        """The server does not accept this login."""
        now = self._clock()
        self._known = {key: each for key, each in self._known.items() if now < each[1]}
        self._known[account_id] = (login, now + SECONDS)

    def holds(self, account_id: AccountId, login: Login) -> bool:
        """Whether the server refused just this login a moment ago."""
        known, until = self._known.get(account_id, (None, 0.0))
        return known == login and self._clock() < until

    def forget(self, account_id: AccountId) -> None:
        self._known.pop(account_id, None)
