"""Brings what a Sync needs of the mail server, and takes there what the device edited: on the event loop, around the units of work.

A mail server that is away costs a Sync its mail and nothing else: contacts and calendars of the same request are served. Folders
of which nothing can be said are named in `away`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pimgate.api import AwayNow, BadCredentials, CollectionId, NoSuchCollection, PimgateError, Work
from pimgate_eas.exchange import Exchange
from pimgate_eas.mail import messages
from pimgate_eas.sync.engine import Room
from pimgate_eas.sync.mail import deeds, planning
from pimgate_eas.sync.mail.letters import bodies_in
from pimgate_eas.sync.mail.planning import Wanted
from pimgate_eas.sync.mail.scene import Scene
from pimgate_eas.sync.mail.side import Handed
from pimgate_eas.sync.request import CollectionRequest, SyncRequest

UNREACHED = (AwayNow, BadCredentials)
"""The mail server does not answer, or does not let us in for this person."""
AT_ONCE = 2
"""Folders that are looked at together; a person has only a few connections."""


@dataclass(slots=True)
class Courier:
    """For one request. `folders` are the mail folders among its collections about which it asks something new, with how far back
    each has to be known; `handed` is what was brought for them."""

    exchange: Exchange
    folders: Mapping[str, int]
    away: dict[str, PimgateError] = field(default_factory=dict)
    handed: dict[str, Handed] = field(default_factory=dict)

    async def make_ready(self) -> None:
        """Bring the index of the folders up to date."""
        turns = asyncio.Semaphore(AT_ONCE)
        ways = await asyncio.gather(*(self._ready(each, turns) for each in self.folders))
        self.away |= {folder: error for folder, error in zip(self.folders, ways, strict=True) if error is not None}

    async def _ready(self, folder: str, turns: asyncio.Semaphore) -> PimgateError | None:
        mail = messages.post_room(self.exchange)
        try:
            async with turns:
                await mail.ready(self.exchange.identity, [CollectionId(folder)], self.folders[folder])
        except UNREACHED as error:
            return error
        return None

    async def carry_out(self, request: SyncRequest) -> None:
        """Have the device's edits carried out, once for this request."""
        for each in self._mine(request):
            if each.collection_id not in self.handed and each.commands:
                await self._carry_out_one(each)

    async def _carry_out_one(self, asked: CollectionRequest) -> None:
        scene = await self.exchange.core.read(lambda work: planning.scene(work, self.exchange, asked))
        if scene is not None:
            await self._noting_away(asked.collection_id, self._done(scene))

    async def _done(self, scene: Scene) -> None:
        outcomes = await deeds.carry_out(self.exchange, scene, self.exchange.settings.window_bytes)
        self.handed[scene.id] = Handed(outcomes)

    async def fetch(self, request: SyncRequest) -> None:
        """Fetch what will be sent."""
        room = Room(request.window, self.exchange.settings.window_bytes)
        for each in self._mine(request):
            room = await self._fetch_one(each, room)

    async def _fetch_one(self, asked: CollectionRequest, room: Room) -> Room:
        handed = self.handed.setdefault(asked.collection_id, Handed())

        def plan(work: Work) -> Wanted | None:
            return planning.wanted(work, self.exchange, asked, room, handed)

        wanted = await self.exchange.core.read(plan)
        if wanted is None:
            return room
        if wanted.ids:
            await self._noting_away(asked.collection_id, self._fetched(asked.collection_id, wanted, handed, room))
        return wanted.room

    async def _fetched(self, folder: str, wanted: Wanted, handed: Handed, room: Room) -> None:
        options, most = bodies_in(wanted.options), max(1, room.size_bytes)
        handed.rendered = await messages.rendered(
            self.exchange, CollectionId(folder), wanted.ids, options, most_bytes=most
        )

    async def _noting_away(self, folder: str, way: Coroutine[Any, Any, None]) -> None:
        """Go there; of a folder that is out of reach nothing is said. One that went is said to be gone by the turn itself."""
        try:
            await way
        except UNREACHED as error:
            self.away[folder] = error
            self.handed.pop(folder, None)
        except NoSuchCollection:
            self.handed.pop(folder, None)

    def check(self, request: SyncRequest) -> None:
        """Raises why nothing can be said, where that is so of all that is asked."""
        names = [each.collection_id for each in request.collections]
        if names and all(each in self.away for each in names):
            raise self.away[names[0]]

    def is_silent(self, asked: CollectionRequest) -> bool:
        """Whether nothing is said of this collection, because its messages are out of reach. Edits are answered in any case."""
        return asked.collection_id in self.away and not asked.commands

    def _mine(self, request: SyncRequest) -> list[CollectionRequest]:
        here = (each for each in request.collections if each.collection_id in self.folders)
        return [each for each in here if each.collection_id not in self.away]


async def make_ready(exchange: Exchange, requests: Sequence[CollectionRequest]) -> None:
    """Bring the index of all mail folders among these up to date. AwayNow and the like where one of them cannot be."""
    if exchange.core.mail is None:
        return
    asked = await exchange.core.read(
        lambda work: {each.collection_id: planning.since(work, exchange, each) for each in requests}
    )
    bringing = Courier(exchange, {folder: since for folder, since in asked.items() if since is not None})
    await bringing.make_ready()
    for error in bringing.away.values():
        raise error
