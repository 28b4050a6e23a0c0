"""Core: the one handle a plugin is given. It holds the rooms of one gateway, and brings work to a worker thread and back."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from typing import Any, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from pimgate import journal, outbox
from pimgate.accounts import People
from pimgate.bell import Bell
from pimgate.catalogue import Catalogue
from pimgate.devices import DeviceList, check_allowed
from pimgate.errors import AwayNow, Mistake, NotAllowedIn, PimgateError, SettingsProblem
from pimgate.leaving import leaving
from pimgate.login import Door, WrongPassword
from pimgate.mail.carrying import Carrier
from pimgate.mail.meetings import Meetings
from pimgate.mail.postroom import PostRoom
from pimgate.mail.submission import Submission
from pimgate.model.clients import ClientKind, Viewer
from pimgate.model.devices import Device, DeviceFacts
from pimgate.model.items import Change
from pimgate.model.people import Credentials, Identity
from pimgate.passwords import Hasher
from pimgate.plugins import PluginHost
from pimgate.profiles import Profiles
from pimgate.settings import Settings
from pimgate.store.database import Database, database_url
from pimgate.store.migrate import SchemaTooNew, upgrade
from pimgate.store.watch import watching
from pimgate.store.work import Work

log = logging.getLogger("pimgate")

T = TypeVar("T")

Facts = Callable[[Identity], DeviceFacts]
"""What a client says of itself, once it is known who uses it."""

PRUNE_EVERY_SECONDS = 6 * 3600


class Core:
    """One gateway without its doors."""

    def __init__(self, settings: Settings, plugins: PluginHost) -> None:
        """Open the database and bring it to this release. SettingsProblem, AwayNow."""
        self.settings = settings
        self.plugins = plugins
        self._belongings: dict[type[Any], Any] = {}
        self._belongings_lock = threading.Lock()
        self.bell = Bell()
        self.client_kinds = plugins.client_kinds()
        self.profiles = Profiles(
            settings.path(settings.devices.profiles) if settings.devices.profiles else None,
            settings.devices.multicalendar,
        )
        self.catalogue = Catalogue(settings.policy(), settings.limits, has_mail=bool(settings.mail.host))
        self.devices = DeviceList(settings.devices, self.profiles)
        hasher = Hasher()
        self.people = People(hasher, settings.limits, settings.accounts.default_domain)
        self.mail = self._post_room() if settings.mail.host else None
        self.database = self._open_database()
        self.door = Door(self.database, hasher, settings.accounts, lambda: self)
        self._threads: CapacityLimiter | None = None

    def _post_room(self) -> PostRoom:
        return PostRoom(self.settings, self, self.catalogue, self.bell, Meetings(self).read_on)

    def _open_database(self) -> Database:
        chosen = self.settings.database
        with ExitStack() as if_it_fails:
            try:
                database = Database(
                    database_url(chosen.url, self.settings.directory),
                    pool_size=chosen.pool_size,
                    busy_timeout_seconds=chosen.busy_timeout_seconds,
                )
                if_it_fails.callback(database.close)
                upgrade(database)
            except (ValueError, SchemaTooNew) as error:
                raise SettingsProblem([Mistake("database", 0, "database.url", str(error))]) from error
            database.committed, database.rung = self._committed, self.bell.ring
            with database.write() as work:
                self.people.prepare(work)
            if_it_fails.pop_all()
        return database

    def _committed(self, changes: list[Change]) -> None:
        self.bell.ring({change.stream for change in changes})
        self.plugins.changed(self, changes)

    def carrier(self) -> Carrier | None:
        """Who takes mail that leaves: the submission server of the settings, else what a plugin offers; None if there is nobody."""
        if self.settings.outgoing.host:
            return Submission(self.settings.outgoing, self.settings.directory)
        return self.plugins.carrier(self)

    def belonging(self, as_class: type[T]) -> T:
        """The one object of this class that belongs to this gateway, made when it is first asked for. Through it the hooks of a
        plugin share what they know; a module of theirs would share it with every gateway in the process."""
        with self._belongings_lock:
            if as_class not in self._belongings:
                self._belongings[as_class] = as_class()
            found: T = self._belongings[as_class]
            return found

    # Bringing work to a thread

    async def read(self, job: Callable[[Work], T]) -> T:
        """The result of `job` with a unit of work that only looks, in a worker thread."""
        return await self.in_thread(self._reading, job)

    async def write(self, job: Callable[[Work], T]) -> T:
        """The result of `job` with a unit of work that is kept when it returns, in a worker thread."""
        return await self.in_thread(self._writing, job)

    async def in_thread(self, call: Callable[..., T], *given: object) -> T:
        """The result of a blocking call, in one of as many threads as there are database connections. Whoever is cancelled
        meanwhile waits for its end: no unit of work goes on behind a gateway that was closed."""
        if self._threads is None:
            self._threads = CapacityLimiter(self.settings.database.pool_size)
        work = asyncio.ensure_future(run_sync(call, *given, limiter=self._threads))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            await asyncio.wait({work})
            if not work.cancelled():
                work.exception()  # looked at, so that nobody complains of one that nobody asks for any more
            raise

    def _reading(self, job: Callable[[Work], T]) -> T:
        with self.database.read() as work:
            return job(work)

    def _writing(self, job: Callable[[Work], T]) -> T:
        with self.database.write() as work:
            return job(work)

    # Coming in

    async def authenticate(self, credentials: Credentials) -> Identity:
        """Who this is. A wrong password is answered late. BadCredentials, Throttled."""
        try:
            return await self.in_thread(self.door.authenticate, credentials)
        except WrongPassword as error:
            log.warning("wrong login from %s over %s", credentials.network, credentials.protocol)
            await asyncio.sleep(error.delay_seconds)
            raise

    async def admit(self, identity: Identity, facts: DeviceFacts) -> Device:
        """The device of this person that says this of itself. Its state is for the caller to judge
        (`pimgate.api.check_allowed`). TooManyDevices."""
        known = await self.read(lambda work: self.devices.known(work, identity, facts))
        if known is not None:
            return known
        return await self.write(lambda work: self.devices.admit(work, identity, facts))

    async def enter(self, credentials: Credentials, facts: Facts) -> tuple[Identity, Device]:
        """Person and device of a request; one look for somebody who was here a moment ago. The errors of `authenticate` and
        `admit`."""
        known = await self.read(lambda work: self.recognise(work, credentials, facts))
        if known is not None:
            return known
        identity = await self.authenticate(credentials)
        return identity, await self.admit(identity, facts(identity))

    def remembers(self, credentials: Credentials) -> bool:
        """Whether these were right a moment ago, without a look at the database: a reason to try `recognise`, no more."""
        return self.door.remembers(credentials)

    def recognise(self, work: Work, credentials: Credentials, facts: Facts) -> tuple[Identity, Device] | None:
        """Person and device of a request within its own unit of work, if both were here a moment ago and nothing changed since;
        None says nothing: `enter` does. The device's state is for the caller to judge."""
        identity = self.door.recognise(work, credentials)
        device = self.devices.known(work, identity, facts(identity)) if identity is not None else None
        return (identity, device) if identity is not None and device is not None else None

    def still_holds(self, work: Work, identity: Identity, device: Device) -> bool:
        """Whether nothing changed about the person's secrets and state, and the device may still be served. Whoever lets a
        request wait asks again at each ring, and ends the wait when it does not hold: the next request is judged anew."""
        account = work.people.by_id(identity.account.id)
        present = work.devices.by_id(device.id)
        return account == identity.account and present is not None and present.state is device.state

    def hold(self, work: Work, identity: Identity, device: Device) -> None:
        """Serve one request of this device at a time, from here to the commit. NoSuchDevice or NotAllowedIn if it, or the person,
        lost their ground since they were let in: a request may have been long on its way."""
        work.lock_device(device.id)
        present = self.devices.get(work, device.id)
        check_allowed(present)
        if present.state is not device.state:
            raise NotAllowedIn(f"{device.id} is now {present.state}")
        account = work.people.by_id(identity.account.id)
        if account is None or not account.is_active:
            raise NotAllowedIn(f"{identity.account.id} is no longer active")

    def viewer(self, identity: Identity, device: Device) -> Viewer:
        """This person looking through this device."""
        kind = self.client_kinds.get(device.client_kind) or ClientKind(device.client_kind, device.client_kind)
        facts = DeviceFacts(device.protocol, device.identifier, device.device_type, device.agent)
        profile = self.profiles.named(device.profile) or self.profiles.match(facts)
        return Viewer(identity.account, kind, profile, device.id)

    # Living

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The gateway's own tasks and the plugins' services, while the block runs."""
        self.bell.start()
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(watching(self.database, self.bell))
            if self.mail is not None:
                await stack.enter_async_context(self.mail.running())
            for service in self.plugins.services(self):
                await stack.enter_async_context(service.run())
                log.info("service %s listens", service.name)
            await stack.enter_async_context(leaving(self))
            pruning = asyncio.create_task(self._prune_now_and_then())
            try:
                yield
            finally:
                pruning.cancel()
                with suppress(asyncio.CancelledError):
                    await pruning

    async def _prune_now_and_then(self) -> None:
        days = self.settings.limits.journal_days
        while True:
            try:
                pruned = 1
                while pruned:
                    pruned = await self.write(lambda work: journal.prune(work, days) + outbox.prune(work))
            except (AwayNow, PimgateError) as error:
                log.warning("the journal could not be pruned: %s", error.detail)
            await asyncio.sleep(PRUNE_EVERY_SECONDS)

    def close(self) -> None:
        self.database.close()
