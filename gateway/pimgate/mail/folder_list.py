"""The folders of a person as collections: made, renamed and removed as the mail server lists them, and told in the person's
hierarchy, so that devices look at their folders again.

Who looked at the server first writes only if nothing was written to the hierarchy meanwhile (`Outdated`): an older list never
undoes what a newer one did.
"""

from __future__ import annotations

from collections.abc import Mapping

from pimgate.collections import tidy_name
from pimgate.errors import Refused
from pimgate.journal import hierarchy_of, touch_hierarchy
from pimgate.mail.arrangement import Arrangement, Place
from pimgate.mail.index import Outdated
from pimgate.model.collections import Collection, CollectionId, CollectionKind, Role
from pimgate.model.items import Bookmark
from pimgate.model.mail import Mailbox
from pimgate.model.people import AccountId
from pimgate.names import opaque
from pimgate.store.work import Work


def known(work: Work, owner: AccountId) -> tuple[list[Mailbox], Bookmark]:
    """The folders of a person, and the position of their hierarchy to be handed to `keep`."""
    return work.mail.mailboxes(owner), work.journal.head(hierarchy_of(owner))


def keep(work: Work, owner: AccountId, arrangement: Arrangement, position: Bookmark) -> int:
    """Make the person's folders what the server lists; gives how many of them changed. Outdated."""
    hierarchy = hierarchy_of(owner)
    if not work.journal.lock(hierarchy) or work.journal.head(hierarchy) != position:
        raise Outdated(hierarchy)
    ids: dict[str, CollectionId] = {place.listed.path: found.collection_id for found, place in arrangement.kept}
    changed = [found.collection_id for found in arrangement.removed]
    for found in arrangement.removed:
        _remove(work, found)
    for place in arrangement.created:
        ids[place.listed.path] = _create(work, owner, place)
        changed.append(ids[place.listed.path])
    # Parents are set when all of them have an id: a new folder may stand above an old one.
    collections = {each.collection.id: each.collection for each in work.collections.standings(owner)}
    made = {each.collection_id: each for each in work.mail.mailboxes(owner)}
    for place in (*(place for _, place in arrangement.kept), *arrangement.created):
        collection_id = ids[place.listed.path]
        if (
            _describe(work, collections[collection_id], made[collection_id], place, ids)
            and collection_id not in changed
        ):
            changed.append(collection_id)
    for each in changed:
        touch_hierarchy(work, [owner], each)
    return len(changed)


def _create(work: Work, owner: AccountId, place: Place) -> CollectionId:
    role = Role.DEFAULT if place.listed.is_inbox else Role.ORDINARY
    made = Collection(CollectionId(opaque("c")), CollectionKind.MAILBOX, owner, role, _name(place))
    work.collections.add(made)
    work.journal.open(made.id)
    work.mail.add_mailbox(Mailbox(made.id, place.listed.path))
    return made.id


def _remove(work: Work, found: Mailbox) -> None:
    work.mail.remove_all(found.collection_id)
    work.journal.close(found.collection_id)
    work.collections.remove(found.collection_id)


def _describe(
    work: Work, collection: Collection, found: Mailbox, place: Place, ids: Mapping[str, CollectionId]
) -> bool:
    """Bring the rows of one folder up to what is listed; gives whether people see a difference."""
    name = _name(place)
    if collection.name != name:
        work.collections.change(collection.id, name=name)
    seen = {
        "parent_id": ids.get(place.parent),
        "special_use": place.special_use,
        "is_selectable": place.listed.is_selectable,
    }
    unseen: dict[str, object] = {
        "path": place.listed.path,
        "delimiter": place.listed.delimiter,
        "mailbox_id": place.listed.mailbox_id or found.mailbox_id,
    }
    if found.indexed_from is None and place.listed.uid_validity and not collection.item_count:
        # By these it is known again when somebody renames it before anybody looked into it.
        unseen |= {"uid_validity": place.listed.uid_validity, "uid_next": place.listed.uid_next}
    news = {key: value for key, value in (seen | unseen).items() if getattr(found, key) != value}
    if news:
        work.mail.change_mailbox(collection.id, **news)
    return collection.name != name or bool(news.keys() & seen.keys())


def _name(place: Place) -> str:
    """The name for people; the path of a folder may be of nothing but what cannot be shown."""
    try:
        return tidy_name(place.name)
    except Refused:
        return "?"
