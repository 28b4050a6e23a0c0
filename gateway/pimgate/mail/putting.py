"""Putting a message into the open folder of a mail server, where it then lies once, however often that is asked for.

A message with the same Message-ID is the same only if it says the same: programs give one Message-ID to several messages now and
then, and whoever got a message knows the Message-ID that others may have to look for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime
from typing import Final

from pimgate.errors import AwayNow
from pimgate.mail.describing import describe, header
from pimgate.mail.imap import Connection, Criterion, Missing, Section
from pimgate.mail.repeats import words_of
from pimgate.model.mail import Described, Mailbox

HEADER_BYTES: Final = 65_536
MOST_ALIKE: Final = 100
"""Of those that a search finds the latest are looked at."""
COMPARED_BYTES: Final = 4 * 1024 * 1024
"""Of what is larger only the beginning is compared."""


async def put(
    line: Connection,
    found: Mailbox,
    message: bytes,
    *,
    flags: Collection[str],
    arrived_at: datetime | None,
    but: int | None = None,
) -> int:
    """The number of the message in the open folder. One with its Message-ID that lies there and says the same is that message,
    unless it has the number `but`. AwayNow."""
    message_id, _ = header(message[:HEADER_BYTES].partition(b"\r\n\r\n")[0])
    for uid in sorted(await _alike(line, message_id) - {but}, reverse=True):
        if await _says(line, uid, message):
            return uid
    appended = await line.append(found.path, message, flag_names=flags, arrived_at=arrived_at)
    if appended is not None:
        return appended.uid
    await line.select(found.path)
    after = (await _alike(line, message_id) or set(await line.search())) - {but}
    if not after:
        raise AwayNow("the mail server does not say where a new message is")
    return max(after)


async def described(line: Connection, uid: int) -> Described:
    """What the server says of one message of the open folder. AwayNow if it is there no more."""
    for each in await describe(line, [uid]):
        return each
    raise AwayNow("a message went in the moment in which it came")


async def _alike(line: Connection, message_id: str) -> set[int]:
    """Messages of the open folder with this Message-ID. A search finds all that have it within theirs."""
    if not message_id:
        return set()
    found = sorted(await line.search(Criterion.header("Message-ID", message_id)))[-MOST_ALIKE:]
    return {each.uid for each in await describe(line, found) if each.message_id == message_id} if found else set()


async def _says(line: Connection, uid: int, message: bytes) -> bool:
    """Whether a message of the open folder says the same as this one; false for one that went meanwhile."""
    found = b""
    try:
        async for octets in line.slices(uid, Section()):
            found += octets
            if len(found) >= COMPARED_BYTES:
                break
    except Missing:
        return False
    own, other = [await asyncio.to_thread(words_of, each[:COMPARED_BYTES]) for each in (message, found)]
    return own == other
