"""Connections to the mail server, a few for each person: when to open one, how long to keep it, what to do while the server is
away.

`async with upstream.connection(account) as connection:` gives one that is logged in and nobody else's until the end of the block.
When the server is away everybody is told so at once, for a time that grows with each failure; then one tries again.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final

from pimgate.errors import AwayNow, Mistake, SettingsProblem
from pimgate.mail.imap.connecting import Connection, Place, connect
from pimgate.mail.imap.errors import Away, BadLogin, Busy
from pimgate.mail.imap.sasl import Login
from pimgate.mail.logins import Logins
from pimgate.mail.refusals import Refusals
from pimgate.model.people import Account, AccountId
from pimgate.settings import Security, Settings

log = logging.getLogger("pimgate.mail")

WAIT_SECONDS: Final = 20.0
"""How long somebody waits for one of the person's connections to become free."""
FRESH_SECONDS: Final = 30.0
"""A connection that was unused for longer is asked whether it still lives."""
STILL_THERE_SECONDS: Final = 5.0
FIRST_PAUSE_SECONDS: Final = 5.0
LONGEST_PAUSE_SECONDS: Final = 300.0


@dataclass(slots=True)
class _Kept:
    """An unused connection."""

    connection: Connection
    since: float
    timer: asyncio.TimerHandle


@dataclass(slots=True)
class _Person:
    """The connections of one person. `users` counts who uses or awaits one; when it `is_over` what is given back is closed."""

    slots: asyncio.Semaphore
    kept: list[_Kept] = field(default_factory=list)
    users: int = 0
    is_over: bool = False


class Upstream:
    """All connections of one gateway. Belongs to the event loop."""

    def __init__(self, settings: Settings, logins: Logins, clock: Callable[[], float] = time.monotonic) -> None:
        """SettingsProblem for certificates that cannot be read."""
        self._settings = settings.mail
        self.logins = logins
        self._clock = clock
        self._place = place_of(settings)
        self._people: dict[AccountId, _Person] = {}
        self._room = asyncio.Semaphore(settings.mail.connections)
        self._open: set[Connection] = set()
        self._refusals = Refusals(clock)
        self._failures = 0
        self._away_until = 0.0
        self._is_ending = False

    @property
    def is_on(self) -> bool:
        """Whether the settings name a mail server at all."""
        return bool(self._settings.host)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Upstream]:
        """Connections may be had within the block; at its end all are closed."""
        try:
            yield self
        finally:
            await self.close()

    @asynccontextmanager
    async def connection(self, account: Account) -> AsyncIterator[Connection]:
        """A connection on which this person is logged in; which mailbox is open on it is anybody's guess. AwayNow, also for a
        server that leaves while the block runs; NoSecret; BadCredentials for passthrough. `Rejected`, `Missing` and `Unsayable` are
        left to the caller."""
        person = self._people.setdefault(account.id, _Person(asyncio.Semaphore(self._settings.connections_per_person)))
        person.users += 1
        try:
            async with self._turn(person.slots):
                connection = await self._kept_one(person) or await self._opened(account)
                try:
                    yield connection
                except Away as error:
                    raise AwayNow(f"mail server: {error.detail}") from error
                finally:
                    self._take_back(person, connection)
        finally:
            person.users -= 1
            self._forget_if_unused(account.id)

    async def try_out(self, login: Login) -> frozenset[str]:
        """What the server offers to this login. BadLogin if it does not accept it; AwayNow. One that it refused a moment ago is
        tried all the same: somebody asked for it."""
        try:
            connection = await connect(self._place, login)
        except Away as error:
            raise AwayNow(f"mail server: {error.detail}") from error
        await connection.log_out()
        return connection.capabilities

    def begin_anew(self, account_id: AccountId) -> None:
        """What is known of this person's login no longer holds: their connections are closed, those in use when they are given
        back, and a refusal is forgotten."""
        self._refusals.forget(account_id)
        person = self._people.pop(account_id, None)
        if person is not None:
            person.is_over = True
            for kept in person.kept:
                kept.timer.cancel()
                self._discard(kept.connection)
            person.kept.clear()

    async def close(self) -> None:
        """Say good-bye on all connections. None can be had afterwards."""
        self._is_ending = True
        for person in self._people.values():
            for kept in person.kept:
                kept.timer.cancel()
            person.kept.clear()
        await asyncio.gather(*(each.log_out() for each in self._open))
        self._open.clear()
        self._people.clear()

    # Taking and giving back

    @asynccontextmanager
    async def _turn(self, slots: asyncio.Semaphore) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await slots.acquire()
        except TimeoutError:
            raise _away("all connections of this person are taken", 30) from None
        try:
            yield
        finally:
            slots.release()

    async def _kept_one(self, person: _Person) -> Connection | None:
        """The connection that was used last, if one lives."""
        while person.kept:
            kept = person.kept.pop()
            kept.timer.cancel()
            if not kept.connection.is_closed and await self._is_alive(kept):
                return kept.connection
            self._discard(kept.connection)
        return None

    async def _is_alive(self, kept: _Kept) -> bool:
        if self._clock() - kept.since < FRESH_SECONDS:
            return True
        try:
            async with asyncio.timeout(STILL_THERE_SECONDS):
                await kept.connection.noop()
        except (Away, TimeoutError):
            return False
        except BaseException:
            self._discard(kept.connection)
            raise
        return True

    def _take_back(self, person: _Person, connection: Connection) -> None:
        if connection.is_closed or person.is_over or self._is_ending or self._settings.idle_seconds == 0:
            self._discard(connection)
            return
        connection.take_unasked()
        timer = asyncio.get_running_loop().call_later(self._settings.idle_seconds, self._expire, connection)
        person.kept.append(_Kept(connection, self._clock(), timer))

    def _expire(self, connection: Connection) -> None:
        for account_id, person in list(self._people.items()):
            if any(each.connection is connection for each in person.kept):
                person.kept = [each for each in person.kept if each.connection is not connection]
                self._discard(connection)
                self._forget_if_unused(account_id)
                return

    def _discard(self, connection: Connection) -> None:
        if connection in self._open:
            self._open.remove(connection)
            self._room.release()
        connection.close()

    def _forget_if_unused(self, account_id: AccountId) -> None:
        person = self._people.get(account_id)
        if person is not None and not person.users and not person.kept:
            del self._people[account_id]

    # Opening

    async def _opened(self, account: Account) -> Connection:
        login = await self.logins.login_of(account)
        if self._refusals.holds(account.id, login):
            raise self.logins.refusal(account)
        self._check_away()
        await self._make_room()
        try:
            connection = await self._connected(account, login)
        except BaseException:
            self._room.release()
            raise
        self._open.add(connection)
        return connection

    async def _connected(self, account: Account, login: Login) -> Connection:
        try:
            connection = await connect(self._place, login)
        except BadLogin as error:
            self._failures = 0
            self._refusals.note(account.id, login)
            raise self.logins.refusal(account) from error
        except Busy as error:
            self._failures = 0
            raise _away(f"mail server: {error.detail}", 60) from error
        except Away as error:
            raise self._note_away(error) from error
        self._failures = 0
        self._refusals.forget(account.id)
        return connection

    async def _make_room(self) -> None:
        """Have a place among all connections; the longest unused one makes room if it must."""
        if self._is_ending or not self.is_on:
            raise _away("no mail server", 300)
        if self._room.locked():
            unused = [kept for person in self._people.values() for kept in person.kept]
            if unused:
                oldest = min(unused, key=lambda each: each.since)
                oldest.timer.cancel()
                self._expire(oldest.connection)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._room.acquire()
        except TimeoutError:
            raise _away("all connections to the mail server are taken", 60) from None

    def _check_away(self) -> None:
        """AwayNow while the server is given time. Afterwards the first who asks tries; others are still told that it is away."""
        if not self._failures:
            return
        left = self._away_until - self._clock()
        if left > 0:
            raise _away("the mail server was away a moment ago", left)
        self._away_until = self._clock() + self._pause()

    def _note_away(self, error: Away) -> AwayNow:
        self._failures += 1
        self._away_until = self._clock() + self._pause()
        log.warning("the mail server is away: %s", error.detail)
        return _away(f"mail server: {error.detail}", self._pause())

    def _pause(self) -> float:
        return min(FIRST_PAUSE_SECONDS * 2.0 ** min(self._failures - 1, 10), LONGEST_PAUSE_SECONDS)


def place_of_scripts(settings: Settings) -> Place | None:
    """Where the server of scripts is; None if the settings name none. SettingsProblem."""
    chosen = settings.mail
    if not chosen.sieve_host:
        return None
    security = Security.NONE if chosen.tls is Security.NONE else Security.STARTTLS
    return replace(place_of(settings), host=chosen.sieve_host, port=chosen.sieve_port, security=security)


def place_of(settings: Settings) -> Place:
    """Where the mail server is. SettingsProblem for certificates that cannot be read."""
    chosen, context = settings.mail, None
    if chosen.host and chosen.tls is not Security.NONE:
        try:
            context = ssl.create_default_context(cafile=str(settings.path(chosen.ca_file)) if chosen.ca_file else None)
        except (OSError, ValueError) as error:
            reason = f"cannot be used: {type(error).__name__}"
            raise SettingsProblem([Mistake(str(settings.directory), 0, "mail.ca_file", reason)]) from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
    return Place(chosen.host, chosen.port, chosen.tls, context, float(chosen.timeout_seconds))


def _away(detail: str, seconds: float) -> AwayNow:
    error = AwayNow(detail)
    error.retry_after_seconds = max(1, round(seconds))
    return error
