"""Ping: wait until something changes in these folders. Source: MS-ASCMD, "Ping".

The answer names the folders to synchronise, or says that the folders themselves changed. What the device sent last time is kept,
so a Ping may be empty or partial.
"""

from __future__ import annotations

from dataclasses import dataclass

from pimgate.api import BookmarkExpired, Document, NoSuchCollection, Work, hierarchy_of
from pimgate_eas import folders, shelved
from pimgate_eas.exchange import Exchange
from pimgate_eas.status import Ping
from pimgate_eas.sync import turn
from pimgate_eas.sync.state import SyncState
from pimgate_eas.waiting import Ended
from pimgate_eas.wbxml.element import Element

MOST_FOLDERS = 200
LONGEST_ID = 64


@dataclass(frozen=True, slots=True)
class Watch:
    """What a device waits for, and how long."""

    folders: tuple[str, ...]
    seconds: int


async def serve(exchange: Exchange) -> Element | None:
    """The status of the wait; None (an empty answer) when it ended for another reason: the next request will tell."""
    watch = await exchange.core.in_thread(_watch, exchange)
    if isinstance(watch, Element):
        return watch
    found: list[Element] = []

    async def look() -> bool:
        news = await exchange.core.read(lambda work: _look(work, exchange, watch))
        found.extend([news] if news is not None else [])
        return news is not None

    streams = [*watch.folders, hierarchy_of(exchange.identity.account.id)]
    try:
        await exchange.waiting.until(exchange.request, exchange.device.id, streams, watch.seconds, look)
    except Ended:
        return None
    return found[0] if found else _status(Ping.NO_CHANGES)


def _watch(exchange: Exchange) -> Watch | Element:
    """What to wait for: the request, completed by what was kept; or the answer that refuses it."""
    with exchange.core.database.read() as work:
        kept = work.shelf.get(exchange.device.id, shelved.PING)
    content = dict(kept.content) if kept else {}
    refusal = _merge(content, exchange)
    if refusal is not None:
        return refusal
    if "seconds" not in content or not content.get("folders"):
        return _status(Ping.MISSING_PARAMETERS)
    if kept is None or kept.content != content:
        with exchange.core.database.write() as work:
            exchange.hold(work)
            work.shelf.put(exchange.device.id, shelved.PING, Document(content))
    return Watch(tuple(content["folders"]), content["seconds"])


def _merge(content: dict[str, object], exchange: Exchange) -> Element | None:
    body = exchange.body
    if body is None:
        return None
    if body.name != "Ping:Ping":
        return _status(Ping.SYNTAX)
    seconds = body.text_of("Ping:HeartbeatInterval")
    if seconds is not None:
        if not seconds.isascii() or not seconds.isdigit():
            return _status(Ping.SYNTAX)
        least, most = exchange.settings.least_heartbeat_seconds, exchange.settings.most_heartbeat_seconds
        asked = int(seconds[:9])
        if not least <= asked <= most:
            bound = least if asked < least else most
            return _status(Ping.HEARTBEAT_OUT_OF_RANGE, Element("Ping:HeartbeatInterval", text=str(bound)))
        content["seconds"] = asked
    if body.has("Ping:Folders"):
        named = [each.text_of("Ping:Id") or "" for each in body.path("Ping:Folders", "Ping:Folder")]
        if len(named) > MOST_FOLDERS:
            return _status(Ping.TOO_MANY_FOLDERS, Element("Ping:MaxFolders", text=str(MOST_FOLDERS)))
        if any(not each or len(each) > LONGEST_ID for each in named):
            return _status(Ping.SYNTAX)
        content["folders"] = named
    return None


def _look(work: Work, exchange: Exchange, watch: Watch) -> Element | None:
    """What there is to say now, if anything. Ended when the person or the device may no longer be served."""
    if not exchange.core.still_holds(work, exchange.identity, exchange.device):
        raise Ended
    return _news(work, exchange, watch)


def _news(work: Work, exchange: Exchange, watch: Watch) -> Element | None:
    """What there is to say now, if anything: the folders changed, or something in them did."""
    generations, _ = shelved.load(work, exchange.device.id, shelved.FOLDERS)
    now = folders.wanted(work, exchange.core.catalogue, exchange.viewer)
    if generations is None or folders.from_document(generations.state) != now:
        return _status(Ping.HIERARCHY_CHANGED)
    changed = [each for each in watch.folders if each in now and _has_changes(work, exchange, each)]
    if not changed:
        return None
    return _status(Ping.CHANGES, Element("Ping:Folders", *(Element("Ping:Folder", text=each) for each in changed)))


def _has_changes(work: Work, exchange: Exchange, folder: str) -> bool:
    """Whether the device should synchronise this folder. One that it never synchronised has nothing to be told about."""
    generations, _ = shelved.load(work, exchange.device.id, shelved.collection_key(folder))
    if generations is None:
        return False
    try:
        view = turn.open_view(work, exchange, folder)
        return turn.has_changes(view, SyncState.from_document(generations.state))
    except BookmarkExpired:
        return True
    except NoSuchCollection:
        return False


def _status(status: Ping, *more: Element) -> Element:
    return Element("Ping:Ping", Element("Ping:Status", text=str(int(status))), *more)
