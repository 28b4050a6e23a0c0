"""The mail of everybody for this gateway: `core.mail`, where a mail server is named in the settings.

`ready` before a request about mail is answered, `open` within its unit of work, `watch` while a device waits. The verbs that change
messages are in `acting`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from typing import Final

from pimgate.bell import Bell
from pimgate.catalogue import Catalogue
from pimgate.errors import NoSuchCollection
from pimgate.mail.acting import Acting
from pimgate.mail.arranging import Arranging
from pimgate.mail.folder import MailFolder
from pimgate.mail.lapses import Lapses
from pimgate.mail.logins import Stored, Vault, logins
from pimgate.mail.postbox import Postbox
from pimgate.mail.reading import Reading
from pimgate.mail.refreshing import Desk
from pimgate.mail.sieve import Vacations
from pimgate.mail.upstream import Upstream, place_of_scripts
from pimgate.mail.watcher import Watcher, WatchState
from pimgate.model.clients import Viewer
from pimgate.model.collections import CollectionId
from pimgate.model.mail import Mailbox
from pimgate.model.people import Account, AccountId, Identity
from pimgate.settings import Settings
from pimgate.store.work import Work

Arrived = Callable[[Postbox], Awaitable[None]]

MOST_IDLE: Final = 10_000
"""Postboxes of people who are not there, before they are forgotten."""


class PostRoom:
    """Everybody's mail. Belongs to the event loop, but for `open` and `mailboxes`."""

    def __init__(
        self, settings: Settings, desk: Desk, catalogue: Catalogue, bell: Bell, arrived: Arrived | None = None
    ) -> None:
        """`arrived` is told whenever the index of a postbox was brought up to date.
        SettingsProblem for certificates that cannot be read; OSError for a file with a secret."""
        self.upstream = Upstream(settings, logins(settings, desk))
        self.vacations = Vacations(settings, self.upstream.logins, place_of_scripts(settings))
        self._desk = desk
        self._arrived = arrived
        self._catalogue = catalogue
        self._poll_seconds = settings.mail.poll_seconds
        self._boxes: dict[AccountId, tuple[Postbox, Watcher]] = {}
        self._lapses = Lapses(desk, bell, self._ended)

    @property
    def vault(self) -> Vault | None:
        """What people entrusted to the gateway; None where it logs in another way."""
        chosen = self.upstream.logins
        return chosen.vault if isinstance(chosen, Stored) else None

    def came_in(self, identity: Identity, secret: str) -> None:
        """A person came in with this secret: to be told at each request of a device, see `Logins.came_in`."""
        self.upstream.logins.came_in(identity, secret)
        self._lapses.note(identity.account)

    async def ready(self, identity: Identity, collection_ids: Collection[CollectionId], since: int) -> None:
        """The index of these folders is current, and covers what arrived at `since` (seconds since 1970; 0 for everything) or
        later; without any, the list of folders is current. Ids of other collections, and of folders that went, are passed over.
        AwayNow when that cannot be said: then nothing may be answered from the index; NoSecret and BadCredentials as
        `Upstream.connection` says."""
        box = self.box(identity.account)
        if not collection_ids:
            await box.folders_current()
            return
        known = await box.folders()
        wanted = [known[each] for each in dict.fromkeys(collection_ids) if each in known]
        await asyncio.gather(*(_unless_gone(box, each, since) for each in wanted))

    def open(self, work: Work, viewer: Viewer, collection_id: CollectionId) -> MailFolder:
        """The folder for this client. NoSuchCollection, CollectionHidden."""
        return self._catalogue.open_folder(work, viewer, collection_id)

    def mailboxes(self, work: Work, viewer: Viewer) -> dict[CollectionId, Mailbox]:
        """What is known of the person's folders: what each is for, and which one it stands below."""
        return {each.collection_id: each for each in work.mail.mailboxes(viewer.account.id)}

    def watch(self, identity: Identity) -> AbstractContextManager[None]:
        """Within the block the person's mail is watched: what happens rings the bell of the folder's stream."""
        self.box(identity.account)
        return self._boxes[identity.account.id][1].waiting()

    def acting(self, identity: Identity, origin: str = "") -> Acting:
        """What the person's device (`origin`) may do to their messages."""
        return Acting(self.box(identity.account), origin)

    def reading(self, identity: Identity) -> Reading:
        """What the person's messages hold."""
        return Reading(self.box(identity.account))

    def arranging(self, identity: Identity) -> Arranging:
        """What the person's device may do to their mail folders."""
        return Arranging(self.box(identity.account))

    def box(self, account: Account) -> Postbox:
        """The person's postbox, watched from now on for a while."""
        if account.id not in self._boxes:
            self._forget_the_absent()
            box = Postbox(self._desk, self.upstream, account)
            self._boxes[account.id] = (box, Watcher(box, self._poll_seconds, arrived=self._arrived))
        self._lapses.note(account)
        box, watcher = self._boxes[account.id]
        box.account = account
        watcher.needed()
        return box

    async def stop_watching(self, account: Account) -> None:
        """Watch this person's mail no more until somebody asks for it again."""
        await self._stop_watching(account.id)

    async def _stop_watching(self, account_id: AccountId) -> None:
        if account_id in self._boxes:
            await self._boxes.pop(account_id)[1].stop()

    async def _ended(self, account_id: AccountId) -> None:
        """The account is disabled or gone, or its password is another one."""
        self.upstream.logins.forget(account_id)
        await self._stop_watching(account_id)
        self.upstream.begin_anew(account_id)

    def states(self) -> dict[AccountId, WatchState]:
        """How the mail of each person is watched by this process; people whom nobody asked about lately are not among them."""
        return {key: watcher.state for key, (_, watcher) in self._boxes.items()}

    def is_watched(self, account: Account) -> bool:
        """Whether a watcher is at work for this person."""
        return account.id in self._boxes and self._boxes[account.id][1].is_running

    def _forget_the_absent(self) -> None:
        if len(self._boxes) >= MOST_IDLE:
            self._boxes = {key: each for key, each in self._boxes.items() if each[1].is_running}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """At the end of the block all watchers stop and all connections are closed."""
        lapses = asyncio.create_task(self._lapses.run())
        try:
            yield
        finally:
            lapses.cancel()
            with suppress(asyncio.CancelledError):
                await lapses
            await asyncio.gather(*(watcher.stop() for _, watcher in self._boxes.values()))
            self._boxes.clear()
            await self.upstream.close()


async def _unless_gone(box: Postbox, found: Mailbox, since: int) -> None:
    """Whoever opens a folder that went is told so then."""
    with suppress(NoSuchCollection):
        await box.folder_current(found, since)
