"""The verbs that change messages: flags, copies, moves, new ones, the end of old ones.

Source: RFC 9051, "STORE Command", "COPY Command", "MOVE Command", "APPEND Command", "UID Command"; RFC 4315 (UIDPLUS);
RFC 6851 (MOVE); RFC 7162 (UNCHANGEDSINCE).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final

from pimgate.mail.imap.answers import Appended, Copied, Stored
from pimgate.mail.imap.conversation import MESSAGE_BYTES, Done
from pimgate.mail.imap.errors import BadAnswer, Unsayable
from pimgate.mail.imap.mailboxes import Mailboxes
from pimgate.mail.imap.messages import Messages
from pimgate.mail.imap.numbers import MOST_UID, UidSet, heard_ranges
from pimgate.mail.imap.saying import Literal, Part, Streamed, flags, moment, number
from pimgate.mail.imap.searching import Criterion
from pimgate.mail.imap.understanding import fetched
from pimgate.mail.imap.values import as_number

MOST_COPIED: Final = 1_000_000
DELETED: Final = "\\Deleted"


class FlagChange(StrEnum):
    """What becomes of the flags of a message."""

    ADD = "+FLAGS"
    REMOVE = "-FLAGS"
    REPLACE = "FLAGS"


class Editing(Messages, Mailboxes):
    """What changes messages. A mailbox must be open, and not just for reading; `append` needs none."""

    async def store(
        self,
        uids: Iterable[int] | UidSet,
        change: FlagChange,
        names: Collection[str],
        *,
        unchanged_since: int | None = None,
    ) -> Stored:
        r"""Change flags ("\Seen") and keywords ("$Forwarded"). With `unchanged_since`, a modseq, messages that changed after it are
        left alone."""
        said = flags(names)
        modifier = [b"(UNCHANGEDSINCE %s)" % number(unchanged_since)] if unchanged_since is not None else []
        refused, modseqs = UidSet(), dict[int, int]()
        for batch in UidSet.of(uids).batches():
            # Without .SILENT the modseqs would be told as well, together with all flags; nobody needs those.
            words = change.encode("ascii") + b".SILENT"
            done = await self.ask(b"UID STORE", batch, *modifier, words, said, takes=("FETCH",))
            with self._reading():
                refused |= _modified(done)
                told = [fetched(answer) for answer in done.answers]
            modseqs |= {each.uid: each.modseq for each in told if each.uid is not None and each.modseq is not None}
        return Stored(refused, modseqs)

    async def copy(self, uids: Iterable[int] | UidSet, mailbox: str) -> Copied:
        """Copy messages to another mailbox. Rejected, with the code TRYCREATE if there is none of that name."""
        return await self._brought(b"UID COPY", UidSet.of(uids), mailbox)

    async def move(self, uids: Iterable[int] | UidSet, mailbox: str) -> Copied:
        """Move messages to another mailbox: in one step where the server can, else by copying, marking as deleted, and expunging.
        Rejected, with the code TRYCREATE if there is none of that name; then nothing was changed."""
        wanted = UidSet.of(uids)
        if self.has("MOVE"):
            return await self._brought(b"UID MOVE", wanted, mailbox)
        copied = await self.copy(wanted, mailbox)
        await self.expunge(wanted)
        return copied

    async def _brought(self, command: bytes, uids: UidSet, mailbox: str) -> Copied:
        name = self._name(mailbox)
        done = [await self.ask(command, batch, name, takes=("OK",)) for batch in uids.batches()]
        with self._reading():
            return _together([_copied(each) for each in done])

    async def expunge(self, uids: Iterable[int] | UidSet) -> None:
        """Delete messages for good. A server without UIDPLUS expunges everything that is marked as deleted: there the mark is taken
        from all others, and given back to them afterwards."""
        wanted = UidSet.of(uids)
        if not wanted:
            return
        await self.store(wanted, FlagChange.ADD, [DELETED])
        if self.has("UIDPLUS"):
            for batch in wanted.batches():
                await self.ask(b"UID EXPUNGE", batch)
            return
        marked = await self.search(Criterion.flagged(DELETED))
        others = UidSet.of(each for each in marked if each not in wanted)
        await self.store(others, FlagChange.REMOVE, [DELETED])
        try:
            await self.ask(b"EXPUNGE")
        finally:
            await self.store(others, FlagChange.ADD, [DELETED])

    async def append(
        self,
        mailbox: str,
        message: bytes | Streamed,
        *,
        flag_names: Collection[str] = (),
        arrived_at: datetime | None = None,
    ) -> Appended | None:
        """Put a message into a mailbox, in pieces if it comes so; gives where it lies, if the server tells. Rejected, with the code
        TRYCREATE if there is no such mailbox. ValueError, and a closed connection, if the pieces are not as long as was said."""
        literal = Literal(message) if isinstance(message, bytes) else message
        if not 0 < literal.size_bytes <= MESSAGE_BYTES:
            raise Unsayable("a message of no size, or too large")
        command: list[Part] = [b"APPEND", self._name(mailbox)]
        command += [flags(flag_names)] if flag_names else []
        command += [moment(arrived_at)] if arrived_at is not None else []
        closing = (await self.ask(*command, literal)).closing
        if closing.code_name != "APPENDUID" or len(closing.code) != 3:
            return None
        with self._reading():
            return Appended(as_number(closing.code[1], MOST_UID), as_number(closing.code[2], MOST_UID))


def _modified(done: Done) -> UidSet:
    """The code MODIFIED: which messages had changed."""
    refused = UidSet()
    for answer in done.codes():
        if answer.code_name == "MODIFIED" and len(answer.code) > 1:
            refused |= UidSet.heard(str(answer.code[1]))
    return refused


def _copied(done: Done) -> Copied:
    """The code COPYUID, which stands in the closing words, or before them for MOVE."""
    for answer in done.codes():
        if answer.code_name == "COPYUID" and len(answer.code) == 4:
            sources, targets = (list(_in_order(str(each))) for each in answer.code[2:])
            if len(sources) != len(targets):
                raise BadAnswer("copies that do not belong to their originals")
            return Copied(as_number(answer.code[1], MOST_UID), dict(zip(sources, targets, strict=True)))
    return Copied()


def _in_order(text: str) -> Iterator[int]:
    ranges = heard_ranges(text)
    if sum(abs(last - first) + 1 for first, last in ranges) > MOST_COPIED:
        raise BadAnswer("more copies than were asked for")
    for first, last in ranges:
        yield from range(first, last + 1) if first <= last else range(first, last - 1, -1)


def _together(copies: list[Copied]) -> Copied:
    uids = {source: target for each in copies for source, target in each.uids.items()}
    return Copied(copies[-1].uid_validity if copies else None, uids)
