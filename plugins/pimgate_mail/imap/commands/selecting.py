"""Opening and leaving a mailbox, and waiting in it. Source: RFC 9051, "SELECT Command"; RFC 7162 (CONDSTORE); RFC 2177 (IDLE)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ...flags import SEEN, SYSTEM_FLAGS, listed
from ...records import Mailbox, Message
from ...store import Store
from ..answers import Bad
from ..parser import Arguments

if TYPE_CHECKING:
    from ..session import Session

IDLE_SECONDS = 31 * 60.0


async def select(session: Session, arguments: Arguments) -> str:
    return await _open(session, arguments, is_read_only=False)


async def examine(session: Session, arguments: Arguments) -> str:
    return await _open(session, arguments, is_read_only=True)


async def check(session: Session, arguments: Arguments) -> None:
    arguments.end()


async def close(session: Session, arguments: Arguments) -> None:
    arguments.end()
    selected = session.selected
    assert selected is not None
    session.unselect()
    if not selected.is_read_only:
        await session.post.hop(lambda store: store.expunge(selected.mailbox.id))


async def unselect(session: Session, arguments: Arguments) -> None:
    arguments.end()
    session.unselect()


async def idle(session: Session, arguments: Arguments) -> None:
    arguments.end()
    session.say("+ idling")
    async with asyncio.timeout(IDLE_SECONDS):
        said = await _tell_until_a_line_comes(session)
    if said.upper() != b"DONE":
        raise Bad("Only DONE can follow.")


async def _tell_until_a_line_comes(session: Session) -> bytes:
    woken = session.selected.woken if session.selected is not None else asyncio.Event()
    line = asyncio.ensure_future(session.reader.line())
    try:
        while not line.done():
            # Cleared before looking, so that what comes while looking wakes again.
            woken.clear()
            await session.announce(expunges=True)
            await session.flush()
            bell = asyncio.ensure_future(woken.wait())
            try:
                await asyncio.wait([line, bell], return_when=asyncio.FIRST_COMPLETED)
            finally:
                bell.cancel()
        return line.result()
    finally:
        line.cancel()


async def _open(session: Session, arguments: Arguments, *, is_read_only: bool) -> str:
    name = arguments.mailbox()
    if arguments.take(b" (CONDSTORE)"):
        session.uses_condstore = True
    arguments.end()
    session.unselect()

    def look(store: Store) -> tuple[Mailbox, list[Message]]:
        mailbox = store.mailbox(session.login, name)
        return mailbox, store.messages(mailbox.id)

    mailbox, messages = await session.post.hop(look)
    session.select(mailbox, messages, is_read_only=is_read_only)
    _describe(session, mailbox, messages, is_read_only=is_read_only)
    return "[READ-ONLY] EXAMINE completed." if is_read_only else "[READ-WRITE] SELECT completed."


def _describe(session: Session, mailbox: Mailbox, messages: list[Message], *, is_read_only: bool) -> None:
    keywords = {flag for message in messages for flag in message.flags} - set(SYSTEM_FLAGS)
    session.say(f"* FLAGS {listed([*SYSTEM_FLAGS, *keywords])}")
    permanent = "()" if is_read_only else listed([*SYSTEM_FLAGS, *keywords, "\\*"])
    session.say(f"* OK [PERMANENTFLAGS {permanent}] Flags that stay.")
    session.say(f"* {len(messages)} EXISTS")
    session.say("* 0 RECENT")
    for place, message in enumerate(messages, 1):
        if SEEN not in message.flags:
            session.say(f"* OK [UNSEEN {place}] First unseen.")
            break
    session.say(f"* OK [UIDVALIDITY {mailbox.uid_validity}] UIDs are valid.")
    session.say(f"* OK [UIDNEXT {mailbox.uid_next}] The next UID.")
    session.say(f"* OK [HIGHESTMODSEQ {mailbox.modseq}] The latest change.")
