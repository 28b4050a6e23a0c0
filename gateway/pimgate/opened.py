"""A collection opened by somebody on some client, of whatever kind: who looks at what, and what changed there.

A capability: whoever holds one was allowed to open it. It is given by the catalogue and lives as long as its unit of work.
"""

from __future__ import annotations

from pimgate.model.clients import Sight, Viewer
from pimgate.model.collections import Collection, CollectionId
from pimgate.model.items import Bookmark, Changes
from pimgate.store.work import Work


class Opened:
    """What `items.View` and `mail.folder.MailFolder` have in common."""

    def __init__(self, work: Work, viewer: Viewer, sight: Sight) -> None:
        self.sight = sight
        self.viewer = viewer
        self._work = work

    @property
    def collection(self) -> Collection:
        return self.sight.standing.collection

    @property
    def id(self) -> CollectionId:
        return self.collection.id

    @property
    def may_write(self) -> bool:
        return self.sight.verdict.may_write

    def bookmark(self) -> Bookmark:
        """The present end of the journal of this collection."""
        return self._work.journal.head(self.id)

    def changes_since(self, bookmark: Bookmark, limit: int) -> Changes:
        """The journal's lines after `bookmark`, oldest first, at most `limit`. BookmarkExpired when it reaches too far back."""
        return self._work.journal.since(self.id, bookmark, limit)
