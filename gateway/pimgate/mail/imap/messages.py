"""The verbs for looking at messages of the open mailbox: fetch, take in slices, search.

Source: RFC 9051, "FETCH Command", "SEARCH Command"; RFC 7162 (CHANGEDSINCE, VANISHED); RFC 4731 (ESEARCH).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from enum import StrEnum
from typing import Final

from pimgate.mail.imap.answers import Changes, Fetched
from pimgate.mail.imap.conversation import MESSAGE_BYTES, Conversation, Done
from pimgate.mail.imap.errors import BadAnswer, Missing, Unsayable
from pimgate.mail.imap.hearing import LARGEST_LITERAL, Answer, Value
from pimgate.mail.imap.numbers import MOST_UID, UidSet
from pimgate.mail.imap.saying import Part, in_list, number
from pimgate.mail.imap.searching import Criterion
from pimgate.mail.imap.sections import Section
from pimgate.mail.imap.understanding import fetched, vanished
from pimgate.mail.imap.values import as_number

SLICE_BYTES: Final = 256 * 1024
MOST_FOUND: Final = 5_000_000


class Item(StrEnum):
    """What may be asked of a message besides its octets."""

    FLAGS = "FLAGS"
    MODSEQ = "MODSEQ"
    ARRIVED = "INTERNALDATE"
    SIZE = "RFC822.SIZE"
    ENVELOPE = "ENVELOPE"
    STRUCTURE = "BODYSTRUCTURE"
    EMAIL_ID = "EMAILID"
    THREAD_ID = "THREADID"


class Messages(Conversation):
    """What can be done with messages without changing them. A mailbox must be open."""

    async def fetch(self, uids: Iterable[int] | UidSet, items: Collection[Item | Section]) -> list[Fetched]:
        """What the server says of these messages, in its order; those that are gone are left out. What it cannot say (ids, modseqs)
        stays None. Whoever wants octets of many messages asks for a few at a time, and takes large ones in `slices`."""
        wanted = UidSet.of(uids)
        said = self._items(items)
        found: list[Fetched] = []
        for batch in wanted.batches():
            done = await self.ask(b"UID FETCH", batch, said, takes=("FETCH",))
            found += self._about(done, wanted)
        return found

    async def changes_since(
        self, modseq: int, items: Collection[Item | Section], *, uids: UidSet | None = None
    ) -> Changes:
        """Messages (among `uids`) of which something changed after this modseq, and where the server can (QRESYNC) which vanished.
        The server must have modseqs."""
        wanted = UidSet.from_uid(1) if uids is None else uids
        modifier = b"(CHANGEDSINCE %s%s)" % (number(modseq), b" VANISHED" if "QRESYNC" in self.enabled else b"")
        said = self._items(items)
        changed: list[Fetched] = []
        gone = UidSet()
        for batch in wanted.batches():
            done = await self.ask(b"UID FETCH", batch, said, modifier, takes=("FETCH", "VANISHED"))
            changed += self._about(done, wanted)
            with self._reading():
                for each in done.of("VANISHED"):
                    gone |= vanished(each)
        return Changes(tuple(changed), gone)

    async def beginnings(
        self, uids: Iterable[int] | UidSet, wanted: Mapping[Section, int], items: Collection[Item] = ()
    ) -> list[Fetched]:
        """Of each of these sections of the messages at most so many octets from its beginning, and `items` along with them; in one
        command for all, so callers see to it that the answer does not become too large. BadAnswer for more octets than that."""
        among = UidSet.of(uids)
        said = [b"UID", *(each.encode("ascii") for each in items if self._offers(each))]
        said += [b"BODY.PEEK[%s]<0.%d>" % (section.name.encode("ascii"), most) for section, most in wanted.items()]
        found: list[Fetched] = []
        for batch in among.batches():
            done = await self.ask(b"UID FETCH", batch, in_list(said), takes=("FETCH",))
            found += self._about(done, among)
        with self._reading():
            for each in found:
                for section, most in wanted.items():
                    if len(each.part(section) or b"") > most or each.origins.get(section.name, 0):
                        raise BadAnswer("other octets than were asked for")
        return found

    async def slices(
        self,
        uid: int,
        section: Section,
        *,
        start: int = 0,
        slice_bytes: int = SLICE_BYTES,
        most_bytes: int = MESSAGE_BYTES,
    ) -> AsyncIterator[bytes]:
        """The octets of a section from `start` on piece by piece, so that no more than a slice is in memory. Missing; BadAnswer for
        more than `most_bytes`, or a server that gives other octets than it was asked for."""
        name = section.name
        if not 0 < slice_bytes <= LARGEST_LITERAL:
            raise Unsayable("no size of a slice")
        while True:
            said = b"BODY.PEEK[%s]<%d.%d>" % (name.encode("ascii"), start, slice_bytes)
            done = await self.ask(b"UID FETCH", *UidSet.of([uid]).batches(), b"(UID " + said + b")", takes=("FETCH",))
            with self._reading():
                octets = self._slice(done, uid, name, start)
                if len(octets) > slice_bytes or start + len(octets) > most_bytes:
                    raise BadAnswer("more octets than were asked for")
            if octets:
                yield octets
            if len(octets) < slice_bytes:
                return
            start += slice_bytes

    def _slice(self, done: Done, uid: int, name: str, start: int) -> bytes:
        for each in self._about(done, UidSet.of([uid])):
            octets = each.parts.get(name)
            if octets is None and start > 0:
                return b""  # Past the end some servers say that there is nothing.
            if octets is not None:
                if each.origins.get(name, start) != start:
                    raise BadAnswer("a slice from another place")
                return octets
        raise Missing(name)

    async def search(self, *criteria: Criterion) -> UidSet:
        """The UIDs of the messages that fulfil all these criteria; without any, of all messages."""
        whole = Criterion.everything()
        for each in criteria:
            whole &= each
        command: list[Part] = [b"UID SEARCH"]
        command += [b"RETURN (ALL)"] if self.has("ESEARCH") else []
        command += [b"CHARSET UTF-8"] if not whole.is_ascii and not self.is_utf8 else []
        done = await self.ask(*command, *whole.parts, takes=("SEARCH", "ESEARCH"))
        found = UidSet()
        with self._reading():
            for answer in done.answers:
                found |= _found(answer)
            if len(found) > MOST_FOUND:
                raise BadAnswer("more messages than a mailbox holds")
        return found

    def _items(self, items: Collection[Item | Section]) -> bytes:
        said = [b"UID"]
        for each in items:
            if isinstance(each, Section):
                said.append(b"BODY.PEEK[" + each.name.encode("ascii") + b"]")
            elif self._offers(each):
                said.append(each.encode("ascii"))
        return in_list(said)

    def _offers(self, item: Item) -> bool:
        match item:
            case Item.MODSEQ:
                return self.has("CONDSTORE") or self.has("QRESYNC")
            case Item.EMAIL_ID | Item.THREAD_ID:
                return self.has("OBJECTID")
        return True

    def _about(self, done: Done, wanted: UidSet) -> list[Fetched]:
        """The answers about these messages, one for each; those about others happened meanwhile, and wait to be listened to."""
        found: dict[int, Fetched] = {}
        with self._reading():
            heard = [fetched(answer) for answer in done.of("FETCH")]
        for each in heard:
            if each.uid is None or each.uid not in wanted:
                self._put_aside(each)
            else:
                found[each.uid] = found[each.uid].with_later(each) if each.uid in found else each
        return list(found.values())


def _found(answer: Answer) -> UidSet:
    """SEARCH 2 84 (MODSEQ 9), or ESEARCH (TAG "p1") UID ALL 2,84."""
    values = answer.values
    if answer.word == "SEARCH":
        return UidSet.of(_uid(each) for each in values if not isinstance(each, list))
    for place, value in enumerate(values[:-1]):
        if isinstance(value, str) and value.upper() == "ALL":
            return UidSet.heard(str(values[place + 1]))
    return UidSet()


def _uid(value: Value) -> int:
    uid = as_number(value, MOST_UID)
    if uid < 1:
        raise BadAnswer("a UID that cannot be")
    return uid
