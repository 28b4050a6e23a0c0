"""What a person's client can see; opening one of these gives a View, or a MailFolder.

The only caller of the visibility table, and the only door to a collection.
"""

from __future__ import annotations

from dataclasses import replace

from pimgate.errors import CollectionHidden, NoSuchCollection
from pimgate.items import View
from pimgate.mail.folder import MailFolder
from pimgate.model.clients import ClientKind, Profile, Sight, Verdict, Viewer
from pimgate.model.collections import CollectionId, CollectionKind, Right, Standing
from pimgate.model.people import AccountId
from pimgate.settings import Limits
from pimgate.store.work import Work
from pimgate.visibility import Policy, Question, decide


class Catalogue:
    """Sees with one deployment's policy."""

    def __init__(self, policy: Policy, limits: Limits, *, has_mail: bool = False) -> None:
        """`has_mail`: whether this deployment brings people's mail folders to their devices."""
        self._policy = policy
        self._limits = limits
        self._has_mail = has_mail

    def sights(self, work: Work, viewer: Viewer) -> list[Sight]:
        """Every collection the person may read and has to do with, as this client sees it, hidden ones included; own ones
        first."""
        shows = viewer.client_kind.shows
        standings = work.collections.standings(viewer.account.id)
        return [
            self._sight(each, viewer)
            for each in standings
            if each.collection.kind in shows
            and each.right
            and (each.collection.kind is not CollectionKind.MAILBOX or self._is_own_mail(each))
        ]

    def visible_to(self, work: Work, viewer: Viewer) -> list[Sight]:
        """What this client lists."""
        return [sight for sight in self.sights(work, viewer) if sight.verdict.exposure.is_listed]

    def open_view(
        self, work: Work, viewer: Viewer, collection_id: CollectionId, *, even_if_unlisted: bool = False
    ) -> View:
        """The collection for this client. NoSuchCollection if the person may not read it or there is none; CollectionHidden if
        this kind of client is not shown it. `even_if_unlisted` opens what is merely not listed, for protocols in which a client
        keeps an address and would destroy its unsent edits when that address stops to answer."""
        standing = self.standing(work, viewer.account.id, collection_id)
        sight = self._sight(standing, viewer)
        if not even_if_unlisted and not sight.verdict.exposure.is_listed:
            raise _hidden(collection_id, viewer)
        if even_if_unlisted and not sight.verdict.exposure.is_listed:
            sight = Sight(standing, replace(sight.verdict, may_write=standing.right >= Right.WRITE))
        return View(work, viewer, sight, self._limits)

    def open_folder(self, work: Work, viewer: Viewer, collection_id: CollectionId) -> MailFolder:
        """The mail folder for this client. NoSuchCollection if it is none of the person's; CollectionHidden if this kind of client
        is shown no mail."""
        standing = work.collections.standing(viewer.account.id, collection_id)
        if standing is None or not self._is_own_mail(standing):
            raise NoSuchCollection(f"{collection_id} for {viewer.account.id}")
        sight = self._sight(standing, viewer)
        if not sight.verdict.exposure.is_listed:
            raise _hidden(collection_id, viewer)
        return MailFolder(work, viewer, sight)

    def is_folder(self, work: Work, viewer: Viewer, collection_id: CollectionId) -> bool:
        """Whether this is one of the person's mail folders: which of the two ways of opening a collection is meant."""
        standing = work.collections.standing(viewer.account.id, collection_id)
        return standing is not None and self._is_own_mail(standing)

    def verdict(self, standing: Standing, kind: ClientKind, profile: Profile) -> Verdict:
        """The table's word on one person, collection and kind of client: for explanations."""
        if standing.collection.kind not in kind.shows:
            return decide(_question(standing, "", profile), self._policy)
        return decide(_question(standing, kind.column, profile), self._policy)

    def standing(self, work: Work, account_id: AccountId, collection_id: CollectionId) -> Standing:
        """What a person has to do with a collection. NoSuchCollection if they may not read it; mail folders are no collections
        that one subscribes to, shares or edits, and open by `open_folder` alone."""
        standing = work.collections.standing(account_id, collection_id)
        if standing is None or standing.right is Right.NONE or standing.collection.kind is CollectionKind.MAILBOX:
            raise NoSuchCollection(f"{collection_id} for {account_id}")
        return standing

    def _is_own_mail(self, standing: Standing) -> bool:
        collection = standing.collection
        return self._has_mail and collection.kind is CollectionKind.MAILBOX and collection.owner == standing.account_id

    def _sight(self, standing: Standing, viewer: Viewer) -> Sight:
        return Sight(standing, self.verdict(standing, viewer.client_kind, viewer.profile))


def _hidden(collection_id: CollectionId, viewer: Viewer) -> CollectionHidden:
    return CollectionHidden(f"{collection_id} for {viewer.account.id} on {viewer.client_kind.name}")


def _question(standing: Standing, column: str, profile: Profile) -> Question:
    return Question(
        column=column,
        kind=standing.collection.kind,
        ownership=standing.ownership,
        right=standing.right,
        switch=standing.subscription.is_on if standing.subscription else None,
        has_many_calendars=profile.has_many_calendars,
        always_show_default=profile.always_show_default,
    )
