"""What a person keeps with a collection that is not theirs to change, and with their home: for their own programs alone.

Apple's programs give every calendar a colour, a place in the list and alarms of its own by PROPPATCH, also one that somebody else
shares, and tell the person of each refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pimgate.api import CollectionId, Document, NoRoom, collections
from pimgate_dav.names import apple
from pimgate_dav.visit import Visit

PREFIX: Final = "dav/own/"
HOME: Final = CollectionId("")
COLOUR: Final = apple("calendar-color")

MOST_CHARACTERS: Final = 131_072
"""Of all that one person keeps with one collection."""


def kept(visit: Visit, collection: CollectionId) -> Mapping[str, str]:
    """The properties of one place by their names, as they are stored."""
    if visit.personal is None:
        found = visit.work.shelf.get_many(visit.viewer.account.id, PREFIX)
        visit.personal = {CollectionId(key.removeprefix(PREFIX)): each.content for key, each in found.items()}
    return visit.personal.get(collection, {})


def begin(visit: Visit) -> None:
    """From here to the commit no other request changes what this person keeps."""
    collections.begin_changing(visit.work, visit.viewer.account.id)
    visit.personal = None


def keep(visit: Visit, collection: CollectionId, properties: Mapping[str, str]) -> None:
    """Keep these in place of those; what was kept with collections that the person sees no more goes. NoRoom."""
    if sum(len(name) + len(text) for name, text in properties.items()) > MOST_CHARACTERS:
        raise NoRoom("personal properties", public="There is no room for more properties.")
    account, shelf = visit.viewer.account.id, visit.work.shelf
    seen = {each.standing.collection.id for each in visit.core.catalogue.sights(visit.work, visit.viewer)}
    for key in shelf.get_many(account, PREFIX):
        if CollectionId(key.removeprefix(PREFIX)) not in {HOME, collection, *seen}:
            shelf.remove(account, key)
    if properties:
        shelf.put(account, PREFIX + collection, Document(dict(properties)))
    else:
        shelf.remove(account, PREFIX + collection)
    visit.personal = None
