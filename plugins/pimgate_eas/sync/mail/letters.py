"""A mail folder as the engine reads it: a message counts for about as much as the device gets of it, not for its files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from pimgate.api import MESSAGE, Bookmark, Changes, Cut, ItemHead, ItemId, MailFolder
from pimgate_eas.classes import EMAIL
from pimgate_eas.mapping.email import Options
from pimgate_eas.sync.news import Newsreader
from pimgate_eas.sync.request import CollectionRequest
from pimgate_eas.sync.windows import cut_of

BODIES: Final = "Bodies"
"""Where the options of a folder hold what the device said of bodies."""
MOST_ORIGINAL: Final = 4 * 1024 * 1024
"""Octets of an original within Sync; devices fetch larger ones one by one."""


class Letters:
    """One mail folder, for a device with these options."""

    def __init__(self, folder: MailFolder, options: Options) -> None:
        self._folder = folder
        self._options = options

    def bookmark(self) -> Bookmark:
        return self._folder.bookmark()

    def changes_since(self, bookmark: Bookmark, limit: int) -> Changes:
        return self._folder.changes_since(bookmark, limit)

    def heads_of(self, ids: Sequence[ItemId]) -> dict[ItemId, ItemHead]:
        return {each.id: each for each in self._weighed(self._folder.heads_of(ids).values())}

    def heads_after(self, item_id: ItemId, limit: int) -> list[ItemHead]:
        return self._weighed(self._folder.heads_after(item_id, limit))

    def heads_ending(
        self, after: Cut, upto: Cut, component: str, limit: int, *, last_first: bool = False
    ) -> list[ItemHead]:
        return self._weighed(self._folder.heads_ending(after, upto, component, limit, last_first=last_first))

    def next_end(self, after: int, component: str) -> int | None:
        return self._folder.next_end(after, component)

    def _weighed(self, heads: Iterable[ItemHead]) -> list[ItemHead]:
        return [replace(each, size_bytes=self._options.weight(each.size_bytes)) for each in heads]


def reader(folder: MailFolder, options: Mapping[str, Any], now: float) -> Newsreader:
    """What reads the news of this folder for a device with these options."""
    return Newsreader(Letters(folder, bodies_in(options)), MESSAGE, cut_of(EMAIL, options, now))


def options_of(request: CollectionRequest) -> dict[str, Any]:
    """What is kept of the options of a request; empty where it has none."""
    if not request.options or request.bodies is None:
        return {}
    return {**request.options, BODIES: request.bodies.to_document()}


def bodies_in(options: Mapping[str, Any]) -> Options:
    """What the device said of bodies."""
    found = Options.from_document(options[BODIES]) if BODIES in options else Options()
    return found.within(MOST_ORIGINAL)


def since(options: Mapping[str, Any], now: float) -> int:
    """From when on the index of the folder must be known, in seconds since 1970; 0 for everything."""
    return max(0, cut_of(EMAIL, options, now).at)
