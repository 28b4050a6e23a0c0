"""People whose ground lapses: their account is disabled or removed, or their password another one. What goes on in their name ends.

Requests that wait end by themselves, since each of them asks again at every ring. This looks after what outlives requests: the
watching of a mailbox, its connections, and a password that is kept in memory.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Final

from pimgate.bell import Bell, Ear
from pimgate.journal import hierarchy_of
from pimgate.mail.refreshing import Desk
from pimgate.model.people import Account, AccountId
from pimgate.store.work import Work

log = logging.getLogger("pimgate.mail")

LOOK_SECONDS: Final = 60.0
"""How often everybody is looked at, rung or not: of an account that another process removed nobody rings on SQLite."""
AT_ONCE: Final = 500


class Lapses:
    """Those of one gateway. Belongs to the event loop."""

    def __init__(self, desk: Desk, bell: Bell, end: Callable[[AccountId], Awaitable[None]]) -> None:
        """`end` is told of everybody whose ground lapsed."""
        self._desk = desk
        self._bell = bell
        self._end = end
        self._known: dict[str, tuple[AccountId, int]] = {}
        self._ear: Ear | None = None

    def note(self, account: Account) -> None:
        """Something begins, or is kept, for this person as their account stands now. To be told at each request."""
        stream = hierarchy_of(account.id)
        known = self._known.get(stream)
        if known is None or known[1] < account.secret_stamp:
            self._known[stream] = account.id, account.secret_stamp
            if self._ear is not None:
                self._bell.join(self._ear, stream)
                self._ear.wake(stream)  # it may have changed before anybody listened

    async def run(self) -> None:
        """Look at whoever rings, for ever."""
        with self._bell.listening(self._known) as self._ear:
            try:
                await self._listen(self._ear)
            finally:
                self._ear = None

    async def _listen(self, ear: Ear) -> None:
        ear.wake(*ear.streams)
        while True:
            rang = ear.rang if await ear.heard(LOOK_SECONDS) else set(self._known)
            ear.rang = set()
            try:
                await self._look_at(ear, [each for each in rang if each in self._known])
            except Exception as error:  # noqa: BLE001 - nobody is above this task, and it must not end
                log.error("nobody can say whose account still holds: %s", type(error).__name__)
                ear.rang |= rang

    async def _look_at(self, ear: Ear, streams: Sequence[str]) -> None:
        for start in range(0, len(streams), AT_ONCE):
            some = streams[start : start + AT_ONCE]
            present = await self._desk.read(partial(_present, people=[self._known[each][0] for each in some]))
            for stream in some:
                account_id, stamp = self._known[stream]
                account = present.get(account_id)
                if account is None or not account.is_active or account.secret_stamp > stamp:
                    del self._known[stream]
                    self._bell.leave(ear, stream)
                    await self._end(account_id)


def _present(work: Work, people: Iterable[AccountId]) -> dict[AccountId, Account]:
    found = (work.people.by_id(each) for each in people)
    return {each.id: each for each in found if each is not None}
