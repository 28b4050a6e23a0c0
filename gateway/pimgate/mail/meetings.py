"""What arrives in people's inboxes about meetings, brought to their calendars: answers, invitations, changes, cancellations.

The journal of the inbox tells what is new, and a bookmark beside it how far it was read. What a message does to a calendar and the
bookmark behind it are kept in one unit of work: each message counts once, however often it is seen and whoever dies in between.
What was there before the gateway first looked is not read, nor what is later moved into the inbox from long ago.

People of this deployment are told by the gateway itself. What arrives as mail in the name of one of them counts only where the mail
server verified that it is theirs, whatever the setting: else whoever writes a colleague into From could change their meetings.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from pimgate import scheduling
from pimgate.errors import AwayNow, BookmarkExpired, PimgateError
from pimgate.leaving import FAULTS
from pimgate.mail import senders
from pimgate.mail.imap import BadAnswer, Connection, Item, Missing, Rejected, Section
from pimgate.mail.imip import CALENDAR_BYTES, MOST_CALENDARS
from pimgate.mail.mime.charsets import decode
from pimgate.mail.mime.parts import Part
from pimgate.mail.mime.structure import structure_of
from pimgate.mail.mime.transfer import decoded
from pimgate.mail.postbox import Postbox
from pimgate.model.collections import CollectionId
from pimgate.model.items import Bookmark, Op
from pimgate.model.mail import Mailbox, Message
from pimgate.model.people import Account, AccountId
from pimgate.settings import Invitations
from pimgate.store.shelf import Document
from pimgate.store.work import Work
from pimgate.text import itip
from pimgate.text.errors import BadText

if TYPE_CHECKING:
    from pimgate.core import Core

log = logging.getLogger("pimgate.mail")

KEY: Final = "meetings by mail"
INBOX: Final = "INBOX"
AT_ONCE: Final = 50
"""Messages that are asked of the mail server together."""
LINES_AT_ONCE: Final = 500
SLACK_SECONDS: Final = 600
"""By so much the clock of the mail server may be behind."""
MOST_TRIES: Final = 3
"""A message at which the mail server says nonsense so often is passed over."""
ENCODED_BYTES: Final = CALENDAR_BYTES * 3 // 2
HEADER_BYTES: Final = 65_536
HEADER: Final = Section(what="HEADER.FIELDS", fields=senders.FIELDS)
NOT_READ: Final = frozenset({"\\Draft", "\\Deleted", "$Junk", "Junk"})


@dataclass(frozen=True, slots=True)
class Place:
    """How far an inbox was read: to this line of its journal, and nothing that arrived before `since`."""

    collection_id: CollectionId
    bookmark: Bookmark
    since: float

    def document(self) -> Document:
        return Document({"collection": self.collection_id, "bookmark": self.bookmark, "since": self.since})


@dataclass(frozen=True, slots=True)
class News:
    """What is to be read next: from `before` on to `after`; without `before` only the place is taken."""

    inbox: Mailbox
    before: Place | None
    after: Place
    messages: tuple[Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody says about a meeting. `is_proven`: the mail server verified that it comes from them."""

    text: str
    party: str
    is_proven: bool


@dataclass(frozen=True, slots=True)
class Trouble:
    """The server said nonsense about a message before `until`, or refused it, and so often since it is asked for alone."""

    until: Bookmark
    tries: int = 0


class Meetings:
    """Reads the inboxes of one gateway. Belongs to the event loop."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._troubles: dict[CollectionId, Trouble] = {}

    async def read_on(self, box: Postbox) -> None:
        """Bring to the person's calendar what is new in their inbox, as far as the index knows it. AwayNow, Rejected."""
        if self._core.settings.mail.invitations is Invitations.OFF:
            return
        while True:
            at_once = 1 if box.at(INBOX) in self._troubles else AT_ONCE
            news = await self._core.read(_looking(box, at_once))
            if news is None:
                return
            words = await self._words(box, news)
            if words is None or not await self._core.write(self._bringing(box.account, news, words)):
                return

    async def _words(self, box: Postbox, news: News) -> list[Word] | None:
        """What the new messages say; None where the folder is not as it is known."""
        key = news.inbox.collection_id
        if not news.messages:
            return []
        try:
            async with box.upstream.connection(box.account) as line:
                selected = await line.select(news.inbox.path, is_read_only=True)
                if selected.uid_validity != news.inbox.uid_validity:
                    return None
                words = await _said(line, news.messages, self._core)
        except (AwayNow, Rejected) as error:
            is_about_these = isinstance(error, Rejected) or isinstance(error.__cause__, BadAnswer)
            if not is_about_these or not self._is_passed_over(news):
                raise
            log.warning("a message in %s is passed over: %s", key, error)
            words = []
        trouble = self._troubles.pop(key, None)
        if trouble is not None and news.after.bookmark < trouble.until:
            self._troubles[key] = Trouble(trouble.until)
        return words

    def _is_passed_over(self, news: News) -> bool:
        """Whether the server refused this one message, or said nonsense about it, often enough. From the first time on, up to the
        end of what was asked for then, messages are asked for one by one."""
        key = news.inbox.collection_id
        if len(news.messages) > 1 or key not in self._troubles:
            self._troubles[key] = Trouble(news.after.bookmark)
            return False
        trouble = self._troubles[key]
        self._troubles[key] = replace(trouble, tries=trouble.tries + 1)
        return trouble.tries + 1 >= MOST_TRIES

    def _bringing(self, account: Account, news: News, words: Sequence[Word]) -> Callable[[Work], bool]:
        def job(work: Work) -> bool:
            """Whether there may be more; not if somebody else was here meanwhile."""
            if not work.journal.lock(news.inbox.collection_id) or _place(work, account.id) != news.before:
                return False
            for word in words:
                if not word.is_proven and scheduling.is_here(work, word.party):
                    log.info("a message about a meeting changes nothing: nobody verified that it comes from here")
                    continue
                try:
                    with work.together():
                        scheduling.receive(self._core, work, account, word.text, word.party)
                except AwayNow:
                    raise
                except (PimgateError, *FAULTS) as error:
                    words_for_log = getattr(error, "detail", type(error).__name__)
                    log.warning("a message about a meeting could not be brought: %s", words_for_log)
            work.shelf.put(account.id, KEY, news.after.document())
            return True

        return job


def _looking(box: Postbox, at_once: int) -> Callable[[Work], News | None]:
    def job(work: Work) -> News | None:
        """None for nothing new."""
        inbox = work.mail.mailbox(box.at(INBOX) or CollectionId(""))
        if inbox is None:
            return None
        place = _place(work, box.account.id)
        first = Place(inbox.collection_id, work.journal.head(inbox.collection_id), work.now)
        if place is None or place.collection_id != inbox.collection_id:
            return News(inbox, place, first)
        try:
            changes = work.journal.since(inbox.collection_id, place.bookmark, LINES_AT_ONCE)
        except BookmarkExpired:
            return News(inbox, place, first)
        if changes.upto == place.bookmark:
            return None
        seqs = {each.item_id: each.seq for each in changes.changes if each.op is Op.CREATE and each.item_id is not None}
        known = work.mail.by_ids(inbox.collection_id, seqs).values()
        if any(each.is_set_aside for each in known):
            return None  # the folder is numbered anew just now
        new = sorted((each for each in known if _is_wanted(each, place)), key=lambda each: seqs[each.id])[:at_once]
        upto = Bookmark(seqs[new[-1].id]) if len(new) == at_once else changes.upto
        return News(inbox, place, Place(place.collection_id, upto, place.since), tuple(new))

    return job


def _is_wanted(message: Message, place: Place) -> bool:
    return message.arrived_at >= place.since - SLACK_SECONDS and not (message.flags & NOT_READ)


def _place(work: Work, account_id: AccountId) -> Place | None:
    kept = work.shelf.peek(account_id, KEY)
    return None if kept is None else Place(kept["collection"], kept["bookmark"], kept["since"])


async def _said(line: Connection, messages: Sequence[Message], core: Core) -> list[Word]:
    """What is said about meetings in these messages of the open folder, by whom it is believed of."""
    words: list[Word] = []
    uids = [each.uid for each in messages]
    for found in sorted(await line.fetch(uids, (Item.STRUCTURE,)), key=lambda each: each.uid or 0):
        parts = list(_calendars(structure_of(found.structure).root))[:MOST_CALENDARS]
        if not parts or found.uid is None:
            continue
        try:
            header = await _octets(line, found.uid, HEADER, HEADER_BYTES)
            for part in parts:
                octets = await _octets(line, found.uid, Section(part.section), ENCODED_BYTES)
                word = await asyncio.to_thread(_word, part, octets, header, core)
                words += [word] if word is not None and word not in words else []
        except Missing:
            continue  # it went meanwhile
    return words


def _calendars(root: Part) -> Iterator[Part]:
    """The parts with a method; not those of messages that are enclosed: they were written to somebody else."""
    waiting = [root]
    while waiting:
        part = waiting.pop(0)
        waiting += part.parts
        is_calendar = part.media_type == "text/calendar" and bool(part.params.get("method"))
        if is_calendar and part.size_bytes <= ENCODED_BYTES:
            yield part


async def _octets(line: Connection, uid: int, section: Section, most: int) -> bytes:
    return b"".join([each async for each in line.slices(uid, section, most_bytes=most)])


def _word(part: Part, octets: bytes, header: bytes, core: Core) -> Word | None:
    """What a part says; None for what is none about a meeting, and for what its sender may not say."""
    content = decoded(octets, part.encoding)
    if len(content) > CALENDAR_BYTES:
        return None
    text = decode(content, part.charset)
    try:
        party = itip.read_incoming(text).party
    except BadText as error:
        log.info("a part of a message is none about a meeting: %s", error.reason)
        return None
    chosen = core.settings.mail
    if not senders.speaks_for(header, party, chosen.invitations, chosen.authenticated_by):
        log.info("a message about a meeting changes nothing: its sender speaks for somebody else")
        return None
    return Word(text, party, senders.is_proven(header, party, chosen.authenticated_by))
