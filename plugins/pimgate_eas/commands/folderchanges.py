"""FolderCreate, FolderUpdate and FolderDelete: a person's own calendars, books, task lists and notes, from a phone.

Only what the person owns beside their default folders is changed here: other people's folders stay, whatever right was given.
Source: MS-ASCMD, "FolderCreate", "FolderUpdate", "FolderDelete" and "Status" of each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pimgate.api import (
    CollectionId,
    CollectionKind,
    NoSuchCollection,
    Ownership,
    Refused,
    Role,
    Sight,
    Work,
    collections,
)
from pimgate_eas import hierarchy, shelved
from pimgate_eas.exchange import Exchange
from pimgate_eas.folders import ROOT, TYPES, Folder
from pimgate_eas.status import Common, FolderChange
from pimgate_eas.sync.keys import Generations, Turn, digest
from pimgate_eas.wbxml.element import Element

LONGEST_ID = 64
LONGEST_NAME = 256

KINDS: Mapping[str, CollectionKind] = {further: kind for kind, (_, further) in TYPES.items()}
"""What a phone may create, by the type it asks for."""

NOT_KEPT_HERE = frozenset(("1", "12", "16", "19"))
"""Types that a phone may ask for, of folders that are not ours to make: generic, mail, journal; and the recipient cache."""


class FolderProblem(Exception):
    """The command is refused, and nothing of it is done."""

    def __init__(self, status: FolderChange | Common) -> None:
        super().__init__(status.name)
        self.status = status


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did: the folder, and as what the device now knows it (None: as gone)."""

    server_id: CollectionId
    folder: Folder | None


async def create(exchange: Exchange) -> Element:
    """A new folder with its ServerId; or why there is none."""
    return await _serve(exchange, "FolderCreate", _create)


async def update(exchange: Exchange) -> Element:
    """A new name for a folder."""
    return await _serve(exchange, "FolderUpdate", _update)


async def delete(exchange: Exchange) -> Element:
    """The end of a folder, with everything in it."""
    return await _serve(exchange, "FolderDelete", _delete)


CarryOut = Callable[[Work, Exchange, Element], Done]


async def _serve(exchange: Exchange, command: str, carry_out: CarryOut) -> Element:
    root, body = f"FolderHierarchy:{command}", exchange.body
    try:
        if body is None or body.name != root:
            raise FolderProblem(FolderChange.MALFORMED)
        return await exchange.core.write(lambda work: _turn(work, exchange, body, carry_out))
    except FolderProblem as problem:
        return Element(root, Element("FolderHierarchy:Status", text=str(int(problem.status))))


def _turn(work: Work, exchange: Exchange, body: Element, carry_out: CarryOut) -> Element:
    """The answer: the stored one for the same question again, else that to a folder changed now, with the next key."""
    server_id = (body.text_of("FolderHierarchy:ServerId") or "")[:LONGEST_ID]
    collections.begin_changing(work, exchange.identity.account.id, CollectionId(server_id) if server_id else None)
    exchange.hold(work)
    device, question = exchange.device.id, digest(exchange.octets)
    generations, last_answer = shelved.load(work, device, shelved.FOLDERS)
    turn = _turn_of(generations, _required(body, "SyncKey"), question)
    if generations is None or turn not in (Turn.NEXT, Turn.BACK, Turn.AGAIN):
        raise FolderProblem(FolderChange.INVALID_KEY)
    if turn is Turn.AGAIN and (again := shelved.answer_again(last_answer)) is not None:
        return again
    try:
        done = carry_out(work, exchange, body)
    except NoSuchCollection as error:  # somebody else was quicker
        raise FolderProblem(FolderChange.NOT_FOUND) from error
    if turn is Turn.NEXT:
        hierarchy.forget_gone(work, device, generations, hierarchy.seen_now(work, exchange))
    known = {each: folder for each, folder in generations.state_for(turn).items() if each != done.server_id}
    if done.folder is not None:
        known[done.server_id] = done.folder.to_document()
    following = generations.advanced(turn, known, question)
    answer = _answer(body, following.key, done)
    shelved.keep(work, device, shelved.FOLDERS, following, answer)
    return answer


def _turn_of(generations: Generations | None, key: str, question: str) -> Turn:
    return Turn.UNKNOWN if generations is None else generations.turn(key, question)


def _answer(body: Element, key: str, done: Done) -> Element:
    answer = Element(
        body.name,
        Element("FolderHierarchy:Status", text=str(int(FolderChange.OK))),
        Element("FolderHierarchy:SyncKey", text=key),
    )
    if body.tag == "FolderCreate":
        answer.append(Element("FolderHierarchy:ServerId", text=done.server_id))
    return answer


def _create(work: Work, exchange: Exchange, body: Element) -> Done:
    kind, name = _kind(_required(body, "Type")), _name(body)
    _check_parent(body)
    core, viewer = exchange.core, exchange.viewer
    _check_free(work, exchange, kind, name)
    try:
        made = collections.create(work, viewer.account.id, kind, name, limits=core.settings.limits)
    except Refused as error:
        raise FolderProblem(Common.QUOTA_EXCEEDED) from error
    try:
        core.catalogue.open_view(work, viewer, made.id)
    except NoSuchCollection as error:  # it would be, and this device would never see it
        raise FolderProblem(FolderChange.SPECIAL) from error
    return Done(made.id, Folder(_told(body), TYPES[kind][1]))


def _update(work: Work, exchange: Exchange, body: Element) -> Done:
    sight = _own(work, exchange, body, special=FolderChange.SPECIAL_TO_UPDATE)
    collection, name = sight.standing.collection, _name(body)
    _check_parent(body)
    _check_free(work, exchange, collection.kind, name, but=collection.id)
    if name != collection.name:
        collections.change(work, exchange.viewer.account.id, collection.id, name=name)
    return Done(collection.id, Folder(_told(body), TYPES[collection.kind][1]))


def _delete(work: Work, exchange: Exchange, body: Element) -> Done:
    found = _own(work, exchange, body, special=FolderChange.SPECIAL).standing.collection
    collections.remove(work, exchange.viewer.account.id, found.id)
    return Done(found.id, None)


def _own(work: Work, exchange: Exchange, body: Element, *, special: FolderChange) -> Sight:
    """The folder that is meant, if this device sees it and its owner may change it."""
    server_id = CollectionId(_required(body, "ServerId")[: LONGEST_ID + 1])
    try:
        sight = exchange.core.catalogue.open_view(work, exchange.viewer, server_id).sight
    except NoSuchCollection as error:
        raise FolderProblem(FolderChange.NOT_FOUND) from error
    if sight.standing.collection.role is not Role.ORDINARY:
        raise FolderProblem(special)
    if sight.standing.ownership is not Ownership.OWN or sight.standing.collection.kind not in TYPES:
        raise FolderProblem(FolderChange.SPECIAL)
    return sight


def _kind(type_: str) -> CollectionKind:
    """The kind of collection for a type; default folders are not a client's to make."""
    if type_ in KINDS:
        return KINDS[type_]
    raise FolderProblem(FolderChange.SPECIAL if type_ in NOT_KEPT_HERE else FolderChange.MALFORMED)


def _name(body: Element) -> str:
    _required(body, "DisplayName")
    try:
        return collections.tidy_name(_told(body))
    except Refused as error:
        raise FolderProblem(FolderChange.MALFORMED) from error


def _told(body: Element) -> str:
    """The name as the device has it. Where it is kept otherwise, the next FolderSync says so."""
    return _required(body, "DisplayName")[:LONGEST_NAME]


def _check_parent(body: Element) -> None:
    """All folders stand side by side."""
    if _required(body, "ParentId") != ROOT:
        raise FolderProblem(FolderChange.PARENT_NOT_FOUND)


def _check_free(work: Work, exchange: Exchange, kind: CollectionKind, name: str, but: str = "") -> None:
    """Whether the person owns nothing of this kind, and the device shows nothing, under this name."""
    for sight in exchange.core.catalogue.sights(work, exchange.viewer):
        collection, is_own = sight.standing.collection, sight.standing.ownership in (Ownership.DEFAULT, Ownership.OWN)
        if collection.kind is not kind or collection.id == but:
            continue
        if collection.name.casefold() == name.casefold() and (is_own or sight.verdict.exposure.is_listed):
            raise FolderProblem(FolderChange.EXISTS)


def _required(body: Element, tag: str) -> str:
    text = body.text_of(f"FolderHierarchy:{tag}")
    if text is None or (not text and tag != "ParentId"):
        raise FolderProblem(FolderChange.MALFORMED)
    return text
