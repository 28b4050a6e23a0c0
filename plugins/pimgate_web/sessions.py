"""Who is signed in in which browser.

A session is a document on the person's shelf, named by the SHA-256 of its token; the token itself is only in the browser. It
carries the account's `secret_stamp`, so a change of password, app password or state ends it in every process at once. It ends,
too, when the browser was away for too long.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from typing import Protocol

from pimgate.api import Account, AccountId, Document, Work

PREFIX = "web:session:"
TOKEN = re.compile(r"(p[a-z0-9]{1,31})\.([A-Za-z0-9_-]{43})")
SECRET_BYTES = 32
RENEW_SECONDS = 3_600
"""A session's end is moved no more often than this, so that looking at pages does not write each time."""


class People(Protocol):
    """Whoever knows the accounts as they stand now: `core.people`."""

    def by_id(self, work: Work, account_id: AccountId) -> Account | None: ...


@dataclass(frozen=True, slots=True)
class Session:
    """A session that holds. `is_due` says that its end should be moved."""

    account: Account
    token: str
    is_due: bool


@dataclass(frozen=True, slots=True)
class Sessions:
    """Sessions that last `lifetime_seconds` after the last visit, at most `most` a person."""

    lifetime_seconds: int
    most: int

    def begin(self, work: Work, account: Account, instead_of: str | None = None) -> str:
        """A new session; gives its token. The one that this browser had before ends, so nobody can plant one in advance."""
        if instead_of is not None:
            self.end(work, instead_of)
        self._make_room(work, account)
        token = f"{account.id}.{secrets.token_urlsafe(SECRET_BYTES)}"
        self._keep(work, account, token)
        return token

    def find(self, work: Work, people: People, token: str) -> Session | None:
        """The session of this token, if it holds."""
        owner = _owner(token)
        account = people.by_id(work, owner) if owner else None
        document = work.shelf.get(account.id, _key(token)) if account else None
        if account is None or document is None or not account.is_active:
            return None
        if document.content["stamp"] != account.secret_stamp or document.content["until"] <= work.now:
            return None
        lived = work.now - (document.content["until"] - self.lifetime_seconds)
        return Session(account, token, lived >= RENEW_SECONDS)

    def renew(self, work: Work, session: Session) -> None:
        """Move the end of a session."""
        self._keep(work, session.account, session.token)

    def end(self, work: Work, token: str) -> None:
        """Forget a session, whoever's it is."""
        owner = _owner(token)
        if owner is not None:
            work.shelf.remove(owner, _key(token))

    def _keep(self, work: Work, account: Account, token: str) -> None:
        content = {"stamp": account.secret_stamp, "until": work.now + self.lifetime_seconds}
        work.shelf.put(account.id, _key(token), Document(content))

    def _make_room(self, work: Work, account: Account) -> None:
        """Forget what no longer holds, and the oldest of too many."""
        held = {}
        for key, document in work.shelf.get_many(account.id, PREFIX).items():
            if document.content["stamp"] != account.secret_stamp or document.content["until"] <= work.now:
                work.shelf.remove(account.id, key)
            else:
                held[key] = document.content["until"]
        oldest_first = sorted(held, key=lambda key: held[key])
        for key in oldest_first[: max(0, len(held) - self.most + 1)]:
            work.shelf.remove(account.id, key)


def _owner(token: str) -> AccountId | None:
    found = TOKEN.fullmatch(token)
    return AccountId(found[1]) if found else None


def _key(token: str) -> str:
    return PREFIX + hashlib.sha256(token.encode()).hexdigest()
