"""The last question of a device, kept so that an empty Sync can repeat it and a partial one can leave out what did not change.

Edits are never kept: they are asked for once. Pure.
Source: MS-ASCMD, "Empty Sync Request", "Partial".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pimgate_eas.status import Sync
from pimgate_eas.sync.request import SyncProblem
from pimgate_eas.wbxml.element import Element

COLLECTIONS = "AirSync:Collections"
COLLECTION = "AirSync:Collection"
PARTIAL = "AirSync:Partial"
SETTINGS = ("AirSync:Wait", "AirSync:HeartbeatInterval", "AirSync:WindowSize")


def is_partial(body: Element) -> bool:
    return body.has(PARTIAL)


def without_edits(body: Element) -> Element:
    """The question as it may be repeated."""
    return _whole(body, [_without(each, "AirSync:Commands") for each in _collections(body)])


def completed(body: Element, kept: Element | None, present_key: Callable[[str, str], str]) -> Element:
    """A partial question with the collections that it leaves out, as they were asked for last. `present_key(collection, key)`
    is the key that the device has by now if it has our last answer. SyncProblem where nothing is kept."""
    if len(body.children) < 2:
        raise SyncProblem(Sync.PROTOCOL)
    if kept is None:
        raise SyncProblem(Sync.SEND_FULL_REQUEST)
    named = {_id(each): each for each in _collections(body)}
    if len(named) != len(_collections(body)):
        raise SyncProblem(Sync.PROTOCOL)
    has_last_answer = all(present_key(name, _key(each)) == _key(each) for name, each in named.items())
    left_out = [each for each in _collections(kept) if _id(each) not in named]
    if has_last_answer:
        left_out = [_with_key(each, present_key(_id(each), _key(each))) for each in left_out]
    return _whole(body, [*named.values(), *left_out])


def _whole(body: Element, collections: list[Element]) -> Element:
    settings = [each for each in body.children if each.name in SETTINGS]
    return Element(body.name, Element(COLLECTIONS, *collections), *settings)


def _collections(body: Element) -> list[Element]:
    return body.path(COLLECTIONS, COLLECTION)


def _id(collection: Element) -> str:
    return collection.text_of("AirSync:CollectionId") or ""


def _key(collection: Element) -> str:
    return collection.text_of("AirSync:SyncKey") or ""


def _without(collection: Element, name: str) -> Element:
    return Element(collection.name, *(each for each in collection.children if each.name != name))


def _with_key(collection: Element, key: str) -> Element:
    parts: Mapping[str, Element] = {"AirSync:SyncKey": Element("AirSync:SyncKey", text=key)}
    return Element(collection.name, *(parts.get(each.name, each) for each in collection.children))
