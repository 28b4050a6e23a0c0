"""FolderSync: which folders there are. Source: MS-ASCMD, "FolderSync"."""

from __future__ import annotations

import logging

from pimgate.api import AwayNow, BadCredentials, Work
from pimgate.mail.logins import NoSecret
from pimgate_eas import folders, hierarchy, shelved
from pimgate_eas.exchange import Exchange
from pimgate_eas.hierarchy import Folders
from pimgate_eas.status import FolderSync
from pimgate_eas.sync.keys import FIRST, Generations, Turn, digest, first_key
from pimgate_eas.wbxml.element import Element

log = logging.getLogger("pimgate.eas")


async def serve(exchange: Exchange) -> Element:
    """What changed in the device's folders since the key it names."""
    body = exchange.body
    key = (
        body.text_of("FolderHierarchy:SyncKey")
        if body is not None and body.name == "FolderHierarchy:FolderSync"
        else None
    )
    if not key:
        return _status(FolderSync.MALFORMED)
    await _make_ready(exchange)
    return await exchange.core.write(lambda work: _turn(work, exchange, key))


async def _make_ready(exchange: Exchange) -> None:
    """Bring the list of mail folders up to date. While the mail server is away the device sees those that are known; AwayNow where
    none ever was: a device that is told of no inbox takes the account for broken. Where we have no way into the mailbox of
    this person, they have their other folders all the same."""
    mail = exchange.core.mail
    if mail is None:
        return
    try:
        await mail.ready(exchange.identity, [], 0)
    except (NoSecret, BadCredentials) as error:
        log.warning("no mail for device %s: %s", exchange.device.id, error.detail)
    except AwayNow:
        if not await exchange.core.read(lambda work: mail.mailboxes(work, exchange.viewer)):
            raise


def _turn(work: Work, exchange: Exchange, key: str) -> Element:
    exchange.hold(work)
    device = exchange.device.id
    generations, last_answer = shelved.load(work, device, shelved.FOLDERS)
    question = digest(exchange.octets)
    now = hierarchy.seen_now(work, exchange)
    turn = _turn_of(generations, key, question, now)
    if turn is Turn.UNKNOWN:
        return _status(FolderSync.INVALID_KEY)
    if turn is Turn.AGAIN and (again := shelved.answer_again(last_answer)) is not None:
        return again
    known = {} if generations is None or turn is Turn.BEGIN else generations.state_for(turn)
    changes = folders.difference(folders.from_document(known), folders.from_document(now))
    if generations is not None and turn is Turn.NEXT:
        hierarchy.forget_gone(work, device, generations, now)
        if not changes:
            return _answer(generations.key, [])
    if generations is None or turn is Turn.BEGIN:
        following = Generations(first_key(int(work.now)), now, question=question)
    else:
        following = generations.advanced(turn, now, question)
    answer = _answer(following.key, changes)
    shelved.keep(work, device, shelved.FOLDERS, following, answer)
    return answer


def _turn_of(generations: Generations | None, key: str, question: str, now: Folders) -> Turn:
    """What the question is. The first one always reads the same, so a device that begins anew would get what it was told in an
    earlier life: it is a repeated one only while that still holds."""
    if generations is None:
        return Turn.BEGIN if key == FIRST else Turn.UNKNOWN
    return Turn.BEGIN if key == FIRST and generations.state != now else generations.turn(key, question)


def _answer(key: str, changes: list[Element]) -> Element:
    return Element(
        "FolderHierarchy:FolderSync",
        Element("FolderHierarchy:Status", text=str(int(FolderSync.OK))),
        Element("FolderHierarchy:SyncKey", text=key),
        Element("FolderHierarchy:Changes", Element("FolderHierarchy:Count", text=str(len(changes))), *changes),
    )


def _status(status: FolderSync) -> Element:
    return Element("FolderHierarchy:FolderSync", Element("FolderHierarchy:Status", text=str(int(status))))
