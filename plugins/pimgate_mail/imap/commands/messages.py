"""Reading messages: FETCH and SEARCH, and the UID form of every command on messages.

Source: RFC 9051, "FETCH Command", "SEARCH Command", "UID Command"; RFC 7162 (CHANGEDSINCE, MODSEQ); RFC 4731 (RETURN).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from ...flags import SEEN
from ...records import FlagChange, Message
from ...store import Store
from .. import numbers
from ..answers import Bad, No
from ..fetch import Need, Request, request_from, written
from ..parser import Arguments
from ..search import Candidate, SearchReader, charset_is_known
from . import writing

if TYPE_CHECKING:
    from ..session import Session

_MESSAGES_A_HOP = {Need.NOTHING: 500, Need.HEADER: 100, Need.EVERYTHING: 1}
_RESULTS = {"MIN", "MAX", "COUNT", "ALL"}

Fetched = tuple[Message, bytes]


async def fetch(session: Session, arguments: Arguments) -> None:
    await _fetch(session, arguments, by_uid=False)


async def search(session: Session, arguments: Arguments) -> None:
    await _search(session, arguments, by_uid=False)


async def by_uid(session: Session, arguments: Arguments) -> str | None:
    """UID FETCH, UID STORE and their like."""
    name = arguments.word()
    run = _BY_UID.get(name)
    if run is None:
        raise Bad("There is no such command with UID.")
    arguments.space()
    return await run(session, arguments) or f"UID {name} completed."


async def _fetch_by_uid(session: Session, arguments: Arguments) -> None:
    await _fetch(session, arguments, by_uid=True)


async def _search_by_uid(session: Session, arguments: Arguments) -> None:
    await _search(session, arguments, by_uid=True)


_BY_UID: dict[str, Callable[[Session, Arguments], Awaitable[str | None]]] = {
    "FETCH": _fetch_by_uid,
    "SEARCH": _search_by_uid,
    "STORE": writing.store_by_uid,
    "COPY": writing.copy_by_uid,
    "MOVE": writing.move_by_uid,
    "EXPUNGE": writing.expunge_by_uid,
}


async def _fetch(session: Session, arguments: Arguments, *, by_uid: bool) -> None:
    selected = session.selected
    assert selected is not None
    uids = numbers.chosen(arguments.sequence_set(), selected.uids, by_uid=by_uid)
    arguments.space()
    request = request_from(arguments)
    since = _changed_since(arguments)
    arguments.end()
    request = _completed(request, by_uid=by_uid, with_modseq=since is not None)
    if "MODSEQ" in request.items:
        session.uses_condstore = True
    step = _MESSAGES_A_HOP[request.need]
    for start in range(0, len(uids), step):
        chunk = uids[start : start + step]
        work = _reading(selected.mailbox.id, chunk, request, since, is_read_only=selected.is_read_only)
        for message, items in await session.post.hop(work):
            if request.marks_seen or "FLAGS" in request.items:
                session.keep_quiet_about(message)
            session.say(b"* %d FETCH (" % (selected.place_of(message.uid) or 0) + items + b")")
        await session.flush()


def _changed_since(arguments: Arguments) -> int | None:
    if not arguments.take(b" (CHANGEDSINCE "):
        return None
    modseq = arguments.number()
    arguments.skip(b")")
    return modseq


def _completed(request: Request, *, by_uid: bool, with_modseq: bool) -> Request:
    """The request with what its form implies: the UID, the modseq."""
    implied = [name for name, is_so in (("UID", by_uid), ("MODSEQ", with_modseq)) if is_so]
    return replace(request, items=(*request.items, *(name for name in implied if name not in request.items)))


def _reading(
    mailbox_id: int, uids: list[int], request: Request, since: int | None, *, is_read_only: bool
) -> Callable[[Store], list[Fetched]]:
    """The work of one hop: read these messages, mark them seen where that is due, write out what was asked for."""

    def work(store: Store) -> list[Fetched]:
        before = {message.uid: message for message in store.messages(mailbox_id, uids)}
        messages = list(before.values())
        if request.marks_seen and not is_read_only:
            messages, _ = store.change_flags(mailbox_id, list(before), FlagChange.ADD, frozenset({SEEN}))
        fetched = []
        for message in messages:
            if since is not None and before[message.uid].modseq <= since:
                continue
            told = request
            if message.flags != before[message.uid].flags and "FLAGS" not in request.items:
                told = replace(request, items=(*request.items, "FLAGS"))
            fetched.append((message, written(message, told, _octets(store, message, request.need))))
        return fetched

    return work


def _octets(store: Store, message: Message, need: Need) -> bytes:
    if need is Need.NOTHING:
        return b""
    return store.header(message.content_id) if need is Need.HEADER else store.octets(message.content_id)


async def _search(session: Session, arguments: Arguments, *, by_uid: bool) -> None:
    selected = session.selected
    assert selected is not None
    results = _wanted_results(arguments)
    if arguments.take(b"CHARSET "):
        if not charset_is_known(arguments.text()):
            raise No("BADCHARSET (US-ASCII UTF-8)", "Search texts come in UTF-8.")
        arguments.space()
    reader = SearchReader(arguments, selected.uids)
    fits = reader.criteria()

    def work(store: Store) -> list[Message]:
        messages = store.messages(selected.mailbox.id, selected.uids)
        return [message for message in messages if fits(Candidate(message, store))]

    found = await session.post.hop(work)
    if reader.asks_modseq:
        session.uses_condstore = True
    hits = [message.uid if by_uid else selected.place_of(message.uid) or 0 for message in found]
    modseq = max((message.modseq for message in found), default=0) if reader.asks_modseq else 0
    if results is None:
        tail = f" (MODSEQ {modseq})" if modseq else ""
        session.say(" ".join(["* SEARCH", *map(str, hits)]) + tail)
    else:
        session.say(_extended(session.tag, hits, results, modseq, by_uid=by_uid))


def _wanted_results(arguments: Arguments) -> set[str] | None:
    """The results that RETURN names (ALL when it names none), None without RETURN."""
    if not arguments.take(b"RETURN "):
        return None
    results = set(arguments.list_of(arguments.word)) or {"ALL"}
    arguments.space()
    if not results <= _RESULTS:
        raise Bad("There is no such result of a search.")
    return results


def _extended(tag: str, hits: list[int], results: set[str], modseq: int, *, by_uid: bool) -> str:
    words = [f'* ESEARCH (TAG "{tag}")']
    if by_uid:
        words.append("UID")
    if hits and "MIN" in results:
        words.append(f"MIN {hits[0]}")
    if hits and "MAX" in results:
        words.append(f"MAX {hits[-1]}")
    if "COUNT" in results:
        words.append(f"COUNT {len(hits)}")
    if hits and "ALL" in results:
        words.append(f"ALL {numbers.written(hits)}")
    if hits and modseq:
        words.append(f"MODSEQ {modseq}")
    return " ".join(words)
