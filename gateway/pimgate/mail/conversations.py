"""Finding what belongs together in a person's folders. The index knows no references, so the mail server is asked for those headers
that can tell; who asks says whether a header is one of the conversation.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

from pimgate.mail.imap import Connection, Criterion, Rejected, Section, Unsayable
from pimgate.mail.postbox import Postbox
from pimgate.model.collections import CollectionId
from pimgate.model.items import ItemId
from pimgate.model.mail import Mailbox

AT_ONCE: Final = 100
MOST: Final = 2_000
"""So many headers are looked at."""
HEADERS: Final = Section(
    what="HEADER.FIELDS", fields=("MESSAGE-ID", "REFERENCES", "IN-REPLY-TO", "SUBJECT", "THREAD-TOPIC")
)
_NAMING: Final = ("References", "In-Reply-To", "Message-ID")


async def related(
    box: Postbox,
    folders: Collection[CollectionId],
    is_first: Callable[[str], bool],
    is_part: Callable[[bytes], bool],
) -> dict[CollectionId, list[ItemId]]:
    """The messages of a conversation, by folder, as far as they are in the index. `is_first` says whether the conversation began
    with this Message-ID, `is_part` whether a message with these header fields belongs to it. Where nobody knows what it began
    with, the latest messages are looked through. AwayNow and the errors of `Upstream.connection`."""
    known = await box.folders()
    wanted = [known[each] for each in folders if each in known and known[each].is_selectable]
    looking = _Looking(box, await _first(box, wanted, is_first), is_part)
    async with box.upstream.connection(box.account) as line:
        found = {each.collection_id: await looking.within(line, each) for each in wanted}
    return {collection_id: ids for collection_id, ids in found.items() if ids}


async def _first(box: Postbox, folders: Collection[Mailbox], is_first: Callable[[str], bool]) -> str:
    """The Message-ID that the conversation began with, where that message is in the index; else ""."""
    for folder in folders:
        for each in await _names(box, folder):
            if each and is_first(each):
                return each
    return ""


async def _names(box: Postbox, folder: Mailbox) -> list[str]:
    return await box.desk.read(lambda work: [each.message_id for each in work.mail.messages(folder.collection_id)])


@dataclass(slots=True)
class _Looking:
    """One look through several folders. `left`: how many headers may still be looked at."""

    box: Postbox
    first: str
    is_part: Callable[[bytes], bool]
    left: int = MOST

    async def within(self, line: Connection, folder: Mailbox) -> list[ItemId]:
        """The messages of the conversation in one folder."""
        try:
            selected = await line.select(folder.path, is_read_only=True)
            uids = await self._parts(line) if selected.uid_validity == folder.uid_validity else []
        except Rejected:  # it went a moment ago: the others are looked at all the same
            self.box.note(folder.path)
            return []
        here = await self.box.desk.read(lambda work: work.mail.by_uids(folder.collection_id, uids))
        return [each.id for each in here.values()]

    async def _parts(self, line: Connection) -> list[int]:
        candidates = await self._candidates(line)
        uids = candidates[max(0, len(candidates) - self.left) :]
        self.left -= len(uids)
        found = []
        for start in range(0, len(uids), AT_ONCE):
            for each in await line.fetch(uids[start : start + AT_ONCE], (HEADERS,)):
                if each.uid is not None and self.is_part(each.part(HEADERS) or b""):
                    found.append(each.uid)
        return found

    async def _candidates(self, line: Connection) -> list[int]:
        """Messages of the open folder that may belong to it."""
        if not self.first:
            return list(await line.search())
        references, reply, itself = (Criterion.header(each, self.first) for each in _NAMING)
        try:
            return list(await line.search(references | reply | itself))
        except Unsayable:
            return []
