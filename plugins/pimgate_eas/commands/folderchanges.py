"""FolderCreate, FolderUpdate and FolderDelete: a person's own calendars, books, task lists, notes and mail folders, from a phone.

Only what the person owns beside their default folders is changed here: other people's folders stay, whatever right was given. Mail
folders are changed on the mail server before the unit of work, see `mail_folders`.
Source: MS-ASCMD, "FolderCreate", "FolderUpdate", "FolderDelete" and "Status" of each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

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
from pimgate_eas.folder_requests import LONGEST_ID, Done, FolderProblem, required, told_name
from pimgate_eas.folders import ROOT, TYPES, Folder
from pimgate_eas.mail import folders as mail_folders
from pimgate_eas.status import Common, FolderChange
from pimgate_eas.sync.keys import Turn, digest
from pimgate_eas.wbxml.element import Element

KINDS: Mapping[str, CollectionKind] = {further: kind for kind, (_, further) in TYPES.items()}
"""What a phone may create, by the type it asks for."""

NOT_KEPT_HERE = frozenset(("1", "12", "16", "19"))
"""Types that a phone may ask for, of folders that are not ours to make: generic, mail, journal; and the recipient cache."""


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
        done = await mail_folders.changed(exchange, body)
        deed = carry_out if done is None else lambda work, exchange, body: done
        return await exchange.core.write(lambda work: _turn(work, exchange, body, deed))
    except FolderProblem as problem:
        return Element(root, Element("FolderHierarchy:Status", text=str(int(problem.status))))


def _turn(work: Work, exchange: Exchange, body: Element, carry_out: CarryOut) -> Element:
    """The answer: the stored one for the same question again, else that to a folder changed now, with the next key."""
    server_id = (body.text_of("FolderHierarchy:ServerId") or "")[:LONGEST_ID]
    collections.begin_changing(work, exchange.identity.account.id, CollectionId(server_id) if server_id else None)
    exchange.hold(work)
    device, question = exchange.device.id, digest(exchange.octets)
    generations, last_answer = shelved.load(work, device, shelved.FOLDERS)
    turn = hierarchy.turn_of(generations, required(body, "SyncKey"), question)
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
    known = dict(generations.state_for(turn))
    if done.folder is not None:
        known[done.server_id] = done.folder.to_document()
    else:
        known.pop(done.server_id, None)
    following = generations.advanced(turn, known, question)
    answer = _answer(body, following.key, done)
    shelved.keep(work, device, shelved.FOLDERS, following, answer)
    return answer


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
    kind, name = _kind(required(body, "Type")), _name(body)
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
    return Done(made.id, Folder(told_name(body), TYPES[kind][1]))


def _update(work: Work, exchange: Exchange, body: Element) -> Done:
    sight = _own(work, exchange, body, special=FolderChange.SPECIAL_TO_UPDATE)
    collection, name = sight.standing.collection, _name(body)
    _check_parent(body)
    _check_free(work, exchange, collection.kind, name, but=collection.id)
    if name != collection.name:
        collections.change(work, exchange.viewer.account.id, collection.id, name=name)
    return Done(collection.id, Folder(told_name(body), TYPES[collection.kind][1]))


def _delete(work: Work, exchange: Exchange, body: Element) -> Done:
    found = _own(work, exchange, body, special=FolderChange.SPECIAL).standing.collection
    collections.remove(work, exchange.viewer.account.id, found.id)
    return Done(found.id, None)


def _own(work: Work, exchange: Exchange, body: Element, *, special: FolderChange) -> Sight:
    """The folder that is meant, if this device sees it and its owner may change it."""
    server_id = CollectionId(required(body, "ServerId")[: LONGEST_ID + 1])
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
    required(body, "DisplayName")
    try:
        return collections.tidy_name(told_name(body))
    except Refused as error:
        raise FolderProblem(FolderChange.MALFORMED) from error


def _check_parent(body: Element) -> None:
    """All folders stand side by side."""
    if required(body, "ParentId") != ROOT:
        raise FolderProblem(FolderChange.PARENT_NOT_FOUND)


def _check_free(work: Work, exchange: Exchange, kind: CollectionKind, name: str, but: str = "") -> None:
    """Whether the person owns nothing of this kind, and the device shows nothing, under this name."""
    for sight in exchange.core.catalogue.sights(work, exchange.viewer):
        collection, is_own = sight.standing.collection, sight.standing.ownership in (Ownership.DEFAULT, Ownership.OWN)
        if collection.kind is not kind or collection.id == but:
            continue
        if collection.name.casefold() == name.casefold() and (is_own or sight.verdict.exposure.is_listed):
            raise FolderProblem(FolderChange.EXISTS)
