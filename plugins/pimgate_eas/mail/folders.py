"""Mail folders that a device makes, renames, moves and removes: done on the mail server, before the unit of work that answers.

A question that is a repeated one, or whose key is unknown, changes nothing there. One whose answer was lost before it was kept is
asked again and finds what it did: a folder that the device does not know yet is the one that it wanted to make, and one that it
knows and that is not there is the one that it wanted to remove.
Source: MS-ASCMD, "Status (FolderCreate)", "Status (FolderUpdate)", "Status (FolderDelete)".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from pimgate.api import (
    AlreadyThere,
    CollectionId,
    CollectionKind,
    NoRoom,
    NoSuchCollection,
    PostRoom,
    Protected,
    Refused,
    Work,
)
from pimgate.mail.arranging import Arranging, BadName, BelowItself, FolderThere, NoSuchParent
from pimgate_eas import hierarchy, shelved
from pimgate_eas.exchange import Exchange
from pimgate_eas.folder_requests import LONGEST_ID, Done, FolderProblem, required, told_name
from pimgate_eas.folders import MAIL_TYPES, OTHER_MAIL, ROOT, Folder, from_document
from pimgate_eas.status import Common, FolderChange
from pimgate_eas.sync.keys import Turn, digest
from pimgate_eas.wbxml.element import Element

TO_MAKE = frozenset(("1", OTHER_MAIL))
"""Types of new folders that are mail's: a generic one, too."""
OF_MAIL = frozenset((OTHER_MAIL, *MAIL_TYPES.values()))


Known = Mapping[str, Folder]
"""The folders that a device knows."""


async def changed(exchange: Exchange, body: Element) -> Done | None:
    """What was done on the mail server; None for what is not about mail, or is not to be done. FolderProblem, AwayNow."""
    mail = exchange.core.mail
    if mail is None:
        return None
    known = await exchange.core.read(lambda work: _known(work, exchange, body))
    if known is None:
        return None
    with _in_words_of_the_protocol(body):
        return await _changed(exchange, mail, body, known)


async def _changed(exchange: Exchange, mail: PostRoom, body: Element, known: Known) -> Done:
    arranging = mail.arranging(exchange.identity)
    if body.tag == "FolderCreate":
        await mail.ready(exchange.identity, [], 0)
        return await _made(exchange, arranging, body, known)
    folder = CollectionId(required(body, "ServerId"))
    if body.tag == "FolderDelete":
        await _remove(arranging, folder, known)
        return Done(folder, None)
    name, parent = told_name(body), required(body, "ParentId")
    await arranging.rename(folder, name, await _parent(exchange, parent))
    return Done(folder, Folder(name, OTHER_MAIL, parent))


async def _made(exchange: Exchange, arranging: Arranging, body: Element, known: Known) -> Done:
    name, parent = told_name(body), required(body, "ParentId")
    if not await exchange.core.read(lambda work: _shows_mail(work, exchange)):
        raise FolderProblem(FolderChange.SPECIAL)  # it would be, and this device would never see it
    try:
        made = await arranging.create(name, await _parent(exchange, parent))
    except FolderThere as error:
        if error.collection_id in known:
            raise
        made = error.collection_id
    return Done(made, Folder(name, OTHER_MAIL, parent))


async def _remove(arranging: Arranging, folder: CollectionId, known: Known) -> None:
    try:
        await arranging.delete(folder)
    except NoSuchCollection:
        if folder not in known:
            raise


def _known(work: Work, exchange: Exchange, body: Element) -> Known | None:
    """What the device knows when it asks this; None where nothing is to be done on the mail server."""
    generations = shelved.peek(work, exchange.device.id, shelved.FOLDERS)
    turn = hierarchy.turn_of(generations, required(body, "SyncKey"), digest(exchange.octets))
    if generations is None or turn not in (Turn.NEXT, Turn.BACK):
        return None
    known = from_document(generations.state_for(turn))
    if body.tag == "FolderCreate":
        return known if required(body, "Type") in TO_MAKE else None
    server_id = required(body, "ServerId")[: LONGEST_ID + 1]
    was_mail = server_id in known and known[server_id].type in OF_MAIL
    return known if was_mail or _is_mail_folder(work, exchange, server_id) else None


async def _parent(exchange: Exchange, parent: str) -> CollectionId | None:
    """The mail folder that this names, None for the top. NoSuchParent."""
    if parent == ROOT:
        return None
    if not await exchange.core.read(lambda work: _is_mail_folder(work, exchange, parent[: LONGEST_ID + 1])):
        raise NoSuchParent(parent[:LONGEST_ID])
    return CollectionId(parent)


def _is_mail_folder(work: Work, exchange: Exchange, server_id: str) -> bool:
    return exchange.core.catalogue.is_folder(work, exchange.viewer, CollectionId(server_id))


def _shows_mail(work: Work, exchange: Exchange) -> bool:
    sights = exchange.core.catalogue.visible_to(work, exchange.viewer)
    return any(each.standing.collection.kind is CollectionKind.MAILBOX for each in sights)


@contextmanager
def _in_words_of_the_protocol(body: Element) -> Iterator[None]:
    try:
        yield
    except NoSuchParent as error:
        raise FolderProblem(FolderChange.PARENT_NOT_FOUND) from error
    except BelowItself as error:
        raise FolderProblem(FolderChange.PARENT_NOT_FOUND) from error
    except NoSuchCollection as error:
        raise FolderProblem(FolderChange.NOT_FOUND) from error
    except AlreadyThere as error:
        raise FolderProblem(FolderChange.EXISTS) from error
    except BadName as error:
        raise FolderProblem(FolderChange.MALFORMED) from error
    except NoRoom as error:
        raise FolderProblem(Common.QUOTA_EXCEEDED) from error
    except Protected as error:
        is_update = body.tag == "FolderUpdate"
        raise FolderProblem(FolderChange.SPECIAL_TO_UPDATE if is_update else FolderChange.SPECIAL) from error
    except Refused as error:
        raise FolderProblem(FolderChange.SPECIAL) from error
