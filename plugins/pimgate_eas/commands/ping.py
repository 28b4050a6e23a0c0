"""Ping: wait until something changes in these folders. Source: MS-ASCMD, "Ping".

The answer names the folders to synchronise, or says that the folders themselves changed. What the device sent last time is kept,
so a Ping may be empty or partial.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pimgate.api import Document, hierarchy_of
from pimgate_eas import folders, shelved
from pimgate_eas.exchange import Exchange
from pimgate_eas.looks import Glance
from pimgate_eas.mail import messages
from pimgate_eas.status import Ping
from pimgate_eas.sync import watching
from pimgate_eas.sync.mail import planning
from pimgate_eas.waiting import Ended, Seen
from pimgate_eas.wbxml.element import Element

MOST_FOLDERS = 200
LONGEST_ID = 64


@dataclass(frozen=True, slots=True)
class Watch:
    """What a device waits for, and how long; and whether mail is among it."""

    folders: tuple[str, ...]
    seconds: int
    has_mail: bool


async def serve(exchange: Exchange) -> Element | None:
    """The status of the wait; None (an empty answer) when it ended for another reason: the next request will tell."""
    watch = await exchange.core.in_thread(_watch, exchange)
    if isinstance(watch, Element):
        return watch
    watcher = Watcher(exchange, watch, hierarchy_of(exchange.identity.account.id))
    streams = [*watch.folders, watcher.hierarchy]
    request, device = exchange.request, exchange.device.id
    try:
        with messages.watched(exchange, has_mail=watch.has_mail):
            await exchange.waiting.until(exchange.core, request, device, streams, watch.seconds, watcher)
    except Ended:
        return None
    return watcher.answer or _status(Ping.NO_CHANGES)


@dataclass(slots=True)
class Watcher:
    """Looks for a Ping. `answer` is what it found, `shown` the folders that the device has, `ages` when time alone will bring news
    of one."""

    exchange: Exchange
    watch: Watch
    hierarchy: str
    answer: Element | None = None
    shown: tuple[str, ...] = ()
    ages: watching.Ages = field(default_factory=watching.Ages)

    def look(self, glance: Glance, moved: frozenset[str]) -> Seen:
        """What there is to say now, if anything: the folders changed, or something in them did. Whatever is decided about the
        person or the device is in the hierarchy."""
        if self.hierarchy in moved:
            if not self.exchange.core.still_holds(glance.work, self.exchange.identity, self.exchange.device):
                return Seen(False, is_ended=True)
            if self._folders_changed(glance):
                self.answer = _status(Ping.HIERARCHY_CHANGED)
                return Seen(True)
        looked_at = [each for each in self.shown if each in moved]
        changed = [each for each in looked_at if watching.has_changes(glance, self.exchange, each)]
        if changed:
            folders = (Element("Ping:Folder", text=each) for each in changed)
            self.answer = _status(Ping.CHANGES, Element("Ping:Folders", *folders))
            return Seen(True)
        return Seen(False, self.ages.again_in(glance, self.exchange, {each: {} for each in looked_at}))

    def _folders_changed(self, glance: Glance) -> bool:
        generations = shelved.peek(glance.work, self.exchange.device.id, shelved.FOLDERS)
        now = watching.folders_shown(glance, self.exchange)
        self.shown = tuple(each for each in self.watch.folders if each in now)
        return generations is None or folders.from_document(generations.state) != now


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
        has_mail = any(planning.is_mail(work, exchange, each) for each in content["folders"])
    if kept is None or kept.content != content:
        with exchange.core.database.write() as work:
            exchange.hold(work)
            work.shelf.put(exchange.device.id, shelved.PING, Document(content))
    return Watch(tuple(content["folders"]), content["seconds"], has_mail)


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
        content["folders"] = list(dict.fromkeys(named))
    return None


def _status(status: Ping, *more: Element) -> Element:
    return Element("Ping:Ping", Element("Ping:Status", text=str(int(status))), *more)
