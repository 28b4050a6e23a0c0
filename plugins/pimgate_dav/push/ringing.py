"""The service that tells subscribed programs of changes. The bell wakes it; the journal says what there is to tell.

Of several processes one tells: what is to be said is claimed first, in a unit of work of its own. A process that dies in between
has said nothing, and the program finds out when it looks by itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from pimgate.api import Bookmark, Core, Ear, PimgateError, Work, check_allowed
from pimgate_dav import sync_token
from pimgate_dav.push import reaching
from pimgate_dav.push.keys import Keys, from_base64, keys_in, make_keys
from pimgate_dav.push.message import encrypted, message
from pimgate_dav.push.subscriptions import BELL, Subscription, one, put, remove
from pimgate_dav.push.table import LOOK_SECONDS, Table, heads_of, look, present
from pimgate_dav.settings import DavSettings

log = logging.getLogger("pimgate.dav.push")

BREATH_SECONDS: Final = 0.2
"""However often the bell rings, subscriptions are looked at no more often than this."""

AT_ONCE: Final = 8
AT_ONE_SERVICE: Final = 2
FIRST_PAUSE_SECONDS: Final = 60
MOST_PAUSE_SECONDS: Final = 6 * 3600
MOST_FAILURES: Final = 12
LIFETIME_SECONDS: Final = 86_400
GONE: Final = (404, 410)
"""The push service says that there is nobody there any more (RFC 8030, "Requesting Push Message Delivery")."""


@dataclass(frozen=True, slots=True)
class Errand:
    """One message that is to be said: to whom, and where their collection stands."""

    subscription: Subscription
    upto: Bookmark
    said_before: Bookmark


class Ringer:
    """Tells everybody of one gateway. Messages leave side by side and only a few for one service, so that a push service which does
    not answer delays nobody else's."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._settings = core.settings.plugin("dav", DavSettings)
        self._threads = CapacityLimiter(AT_ONCE)
        self._services: dict[str, CapacityLimiter] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        await self._core.write(make_keys)
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            tasks = [task, *self._leaving]
            for each in tasks:
                each.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self) -> None:
        table = Table()
        with self._core.bell.listening([BELL]) as ear:
            while True:
                try:
                    table = await self._round(ear, table)
                except PimgateError as error:
                    log.warning("push waits: %s", error.detail)
                    table = Table()
                    await asyncio.sleep(LOOK_SECONDS)
                except Exception as error:  # noqa: BLE001 - nobody is above this task, and it must not end
                    log.error("push waits: %s", type(error).__name__)
                    table = Table()
                    await asyncio.sleep(LOOK_SECONDS)
                await asyncio.sleep(BREATH_SECONDS)

    async def _round(self, ear: Ear, table: Table) -> Table:
        """Look, and tell what there is to say; with nothing to do, until the bell rings or it is time to look again."""
        rang, ear.rang = ear.rang, set()
        seen = await self._core.read(lambda work: look(work, table, rang))
        self._listen(ear, seen.table)
        if seen.due:
            await self._tell_all(ear, seen.due)
        elif not ear.rang:
            await ear.heard(seen.seconds)
        return seen.table

    def _listen(self, ear: Ear, table: Table) -> None:
        """Hear of all collections that somebody subscribed to. One that is new is looked at once more, because what happened before
        was not heard."""
        wanted = {BELL, *table.of_collections}
        for stream in wanted - ear.streams:
            self._core.bell.join(ear, stream)
            ear.rang.add(stream)
        for stream in ear.streams - wanted:
            self._core.bell.leave(ear, stream)

    async def _tell_all(self, ear: Ear, due: Sequence[str]) -> None:
        """Send what there is to say on its way."""
        errands, keys = await self._core.write(lambda work: self._claim(work, due))
        if keys is None:
            return
        for errand in errands:
            task = asyncio.create_task(self._tell(ear, errand, keys))
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    def _claim(self, work: Work, due: Sequence[str]) -> tuple[list[Errand], Keys | None]:
        """What is to be said now to these subscriptions, marked as said. Who may no longer hear of a collection is forgotten."""
        errands = []
        for each, head in _due(work, present(work, due)):
            if head is None or each.expires_at <= work.now or not self._may_hear(work, each):
                remove(work, each)
                continue
            told = replace(each, told=head, due_at=work.now + self._settings.push_pause_seconds)
            put(work, told)
            errands.append(Errand(told, head, each.told))
        return errands, keys_in(work)

    def _may_hear(self, work: Work, subscription: Subscription) -> bool:
        """Whether the person is still active, still reads the collection, and the device is still let in."""
        try:
            check_allowed(self._core.devices.get(work, subscription.device))
            self._core.catalogue.standing(work, subscription.account, subscription.collection)
        except PimgateError:
            return False
        account = self._core.people.by_id(work, subscription.account)
        return account is not None and account.is_active

    async def _tell(self, ear: Ear, errand: Errand, keys: Keys) -> None:
        """Say one message, and note how that went. Whoever was not reached is looked at again."""
        audience = reaching.audience_of(errand.subscription.resource)
        service = self._services.setdefault(audience, CapacityLimiter(AT_ONE_SERVICE))
        try:
            async with service:
                reply = await run_sync(
                    self._post, errand, keys, audience, limiter=self._threads, abandon_on_cancel=True
                )
        except reaching.NotReached as error:
            log.info("a push service was not reached: %s", error)
            reply = reaching.Reply(0)
        finally:
            if not service.borrowed_tokens and not service.statistics().tasks_waiting:
                self._services.pop(audience, None)
        if reply.has_arrived and not errand.subscription.failures:
            return
        try:
            await self._core.write(lambda work: _note(work, errand, reply))
            ear.wake(errand.subscription.collection)
        except PimgateError as error:
            log.warning("a push subscription could not be changed: %s", error.detail)

    def _post(self, errand: Errand, keys: Keys, audience: str) -> reaching.Reply:
        """In a worker thread."""
        subscription = errand.subscription
        topic = keys.topic(subscription.collection)
        plain = message(topic, sync_token.complete(subscription.collection, errand.upto))
        body = encrypted(plain, from_base64(subscription.client_key), from_base64(subscription.auth))
        now = subscription.due_at - self._settings.push_pause_seconds
        headers = {
            "Authorization": keys.authorization(audience, self._settings.push_contact, now),
            "Content-Encoding": "aes128gcm",
            "Content-Type": 'application/xml; charset="UTF-8"',
            "TTL": str(LIFETIME_SECONDS),
            "Topic": topic,
            "Urgency": "normal",
        }
        may_be_private = self._settings.push_to_private_addresses
        return reaching.post(subscription.resource, headers, body, may_be_private=may_be_private)


def _due(work: Work, subscriptions: Sequence[Subscription]) -> list[tuple[Subscription, Bookmark | None]]:
    """Those for which something happened, or which are over; with the end of their collection's journal, None if the
    collection has gone."""
    heads = heads_of(work, subscriptions)
    return [
        (each, heads.get(each.collection))
        for each in subscriptions
        if each.collection not in heads
        or each.expires_at <= work.now
        or (heads[each.collection] > each.told and each.due_at <= work.now)
    ]


def _note(work: Work, errand: Errand, reply: reaching.Reply) -> None:
    """What follows from the answer: nobody there, arrived, or to be tried again later, and not for ever."""
    present = one(work, errand.subscription.id)
    if present is None:
        return
    if reply.status in GONE or present.failures >= MOST_FAILURES:
        remove(work, present)
    elif reply.has_arrived:
        put(work, replace(present, failures=0))
    else:
        pause = max(min(FIRST_PAUSE_SECONDS * 2**present.failures, MOST_PAUSE_SECONDS), reply.pause_seconds)
        told = errand.said_before if present.told == errand.upto else present.told
        put(work, replace(present, told=told, failures=present.failures + 1, due_at=work.now + pause))
