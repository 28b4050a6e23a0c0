"""Whether a collection has something for a device that asks or waits. Its cost does not depend on the size of the collection, and
is shared by all who look at the same time at the same collection from the same place.
"""

from __future__ import annotations

import zlib
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from pimgate.api import BookmarkExpired, MailFolder, NoSuchCollection, View
from pimgate_eas import folders, shelved
from pimgate_eas.classes import EMAIL
from pimgate_eas.exchange import Exchange
from pimgate_eas.looks import Glance
from pimgate_eas.sync import turn
from pimgate_eas.sync.request import CollectionRequest
from pimgate_eas.sync.state import SyncState
from pimgate_eas.sync.windows import CALENDAR, moves, passes_in

A_MOMENT = 1.0
"""Seconds after the one at which an item ends, so that it surely has."""
SPREAD_SECONDS = 600
"""Over which phones that wait are told of messages that have become too old."""


def has_news(glance: Glance, exchange: Exchange, request: CollectionRequest, *, waits: bool) -> bool:
    """Whether this part of a Sync has anything to do or to say. One that waits is not told again and again of a folder that it
    never had from us: some devices name their own outbox."""
    if request.is_first or request.commands:
        return True
    generations = shelved.peek(glance.work, exchange.device.id, shelved.collection_key(request.collection_id))
    try:
        view = _view(glance, exchange, request.collection_id)
    except NoSuchCollection:
        return generations is not None or not waits
    if generations is None or generations.key != request.sync_key:
        return True
    state = SyncState.from_document(generations.state)
    return request.wants_changes and _lacks(glance, exchange, view, state, request.options or state.options)


def has_changes(glance: Glance, exchange: Exchange, folder: str) -> bool:
    """Whether the device should synchronise this folder. One that it never synchronised has nothing to be told about."""
    generations = shelved.peek(glance.work, exchange.device.id, shelved.collection_key(folder))
    if generations is None:
        return False
    state = SyncState.from_document(generations.state)
    try:
        return _lacks(glance, exchange, _view(glance, exchange, folder), state, state.options)
    except NoSuchCollection:
        return False


def folders_shown(glance: Glance, exchange: Exchange) -> dict[str, folders.Folder]:
    """What the device should see now."""
    core, viewer = exchange.core, exchange.viewer
    return glance.once(_through(exchange, ""), lambda: folders.wanted(glance.work, core, viewer))


@dataclass(slots=True)
class Ages:
    """When time alone will bring news of the folders that somebody waits for, in seconds since 1970."""

    at: dict[str, float] = field(default_factory=dict)

    def again_in(self, glance: Glance, exchange: Exchange, looked_at: Mapping[str, Mapping[str, str]]) -> float | None:
        """In how many seconds that is for the first of them; `looked_at` are those that may have changed, with the options of the
        request, empty where it named none."""
        for folder, options in looked_at.items():
            self.at.pop(folder, None)
            seconds = _ages_in(glance, exchange, folder, options)
            if seconds is not None:
                self.at[folder] = glance.work.now + seconds
        return max(0.0, min(self.at.values()) - glance.work.now) if self.at else None


def _ages_in(glance: Glance, exchange: Exchange, folder: str, options: Mapping[str, str]) -> float | None:
    """In how many seconds the next item of this folder is too old for the device, if one will be."""
    if not options:
        generations = shelved.peek(glance.work, exchange.device.id, shelved.collection_key(folder))
        options = SyncState.from_document(generations.state).options if generations is not None else {}
    try:
        view = _view(glance, exchange, folder)
    except NoSuchCollection:
        return None
    news = turn.reader(view, options, glance.work.now)
    if not moves(news.target):
        return None
    ends_at = glance.once(("end", folder, news.target), lambda: news.view.next_end(news.target.at, news.component))
    if ends_at is None:
        return None
    is_mail = isinstance(view, MailFolder)
    seconds = passes_in(EMAIL if is_mail else CALENDAR, news.target, ends_at, glance.work.now) + A_MOMENT
    return seconds + (_own_moment(exchange) if is_mail else 0.0)


def _own_moment(exchange: Exchange) -> float:
    """So that not all phones come for it at the same moment."""
    return float(zlib.crc32(exchange.device.id.encode()) % SPREAD_SECONDS)


def _lacks(
    glance: Glance, exchange: Exchange, view: View | MailFolder, state: SyncState, options: Mapping[str, str]
) -> bool:
    """Whether the device lacks anything of this collection; also when it must begin anew."""
    news = turn.reader(view, options, glance.work.now)

    def find() -> bool:
        try:
            return news.has_any(state)
        except BookmarkExpired:
            return True

    if state.filled_to is not None or state.notes:
        return find()
    return glance.once(("news", _through(exchange, view.id), state.bookmark, state.cut, news.target), find)


def _view(glance: Glance, exchange: Exchange, folder: str) -> View | MailFolder:
    return glance.once(_through(exchange, folder), lambda: turn.open_source(glance.work, exchange, folder))


def _through(exchange: Exchange, folder: str) -> Hashable:
    """Who looks at a folder through what: everybody of these sees the same."""
    viewer = exchange.viewer
    return viewer.account.id, viewer.client_kind, viewer.profile.name, folder
