"""Making, removing, renaming and subscribing to mailboxes. Source: RFC 9051, "CREATE Command" and those after it; RFC 6154."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..answers import No
from ..parser import Arguments

if TYPE_CHECKING:
    from ..session import Session

_SPECIAL_USES = {"\\archive", "\\drafts", "\\junk", "\\sent", "\\trash"}


async def create(session: Session, arguments: Arguments) -> None:
    name, use = arguments.mailbox(), ""
    if arguments.take(b" (USE "):
        uses = arguments.list_of(arguments.flag)
        arguments.skip(b")")
        if len(uses) != 1 or uses[0].lower() not in _SPECIAL_USES:
            raise No("USEATTR", "There is no such use of a mailbox.")
        use = "\\" + uses[0][1:].capitalize()
    arguments.end()
    await session.post.hop(lambda store: store.create(session.login, name, use))


async def delete(session: Session, arguments: Arguments) -> None:
    name = _only_name(arguments)
    deleted = await session.post.hop(lambda store: store.delete(session.login, name))
    if session.selected is not None and session.selected.mailbox.id == deleted.id:
        session.unselect()


async def rename(session: Session, arguments: Arguments) -> None:
    old = arguments.mailbox()
    arguments.space()
    new = _only_name(arguments)
    await session.post.hop(lambda store: store.rename(session.login, old, new))


async def subscribe(session: Session, arguments: Arguments) -> None:
    name = _only_name(arguments)
    await session.post.hop(lambda store: store.subscribe(session.login, name, True))


async def unsubscribe(session: Session, arguments: Arguments) -> None:
    name = _only_name(arguments)
    await session.post.hop(lambda store: store.subscribe(session.login, name, False))


def _only_name(arguments: Arguments) -> str:
    name = arguments.mailbox()
    arguments.end()
    return name
