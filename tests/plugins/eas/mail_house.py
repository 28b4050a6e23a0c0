"""A phone's wire on a gateway with a real mail server behind it, and messages to look for. One for all tests of a module."""

from __future__ import annotations

import asyncio
import base64
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar

from gateway.mail.mailserver import MailServer, Program
from gateway.places import Place, in_memory, make_gateway
from pimgate.bell import Bell
from pimgate.core import Core
from pimgate.mail.postroom import PostRoom
from pimgate.model.collections import CollectionId
from pimgate.model.mail import Mailbox, Message
from pimgate.model.people import Identity
from pimgate.settings import Invitations
from pimgate.store.work import Work
from plugins.eas.wire import Wire

T = TypeVar("T")

ANNA, BERT = "anna@example.org", "bert@example.org"


class MailHouse:
    """The gateway, its mail server, and Anna's phone."""

    def __init__(self, wire: Wire, server: MailServer) -> None:
        self.wire = wire
        self.server = server

    @contextmanager
    def program(self, login: str = ANNA) -> Iterator[Program]:
        with self.server.program(login) as line:
            yield line

    def folder(self, path: str = "INBOX", login: str = ANNA) -> str:
        """The id of a folder."""
        return next(each.collection_id for each in self.mailboxes(login) if each.path == path)

    def mailboxes(self, login: str = ANNA) -> list[Mailbox]:
        with self.wire.core.database.read() as work:
            return work.mail.mailboxes(self.wire.core.people.get(work, login).id)

    def indexed(self, folder: str) -> dict[str, Message]:
        """What the index holds of a folder, by Message-ID."""
        with self.wire.core.database.read() as work:
            return {each.message_id: each for each in work.mail.messages(CollectionId(folder))}

    def index(self, path: str = "INBOX", *, login: str = ANNA, since: int = 0) -> str:
        """Bring what arrived at `since` or later into the index, as another gateway on the same database would; gives the folder's
        id."""
        core = self.wire.core
        with core.database.read() as work:
            identity = Identity(core.people.get(work, login))

        async def look() -> str:
            room = PostRoom(core.settings, _Desk(core), core.catalogue, Bell())
            async with room.running():
                await room.ready(identity, [], 0)
                folder = CollectionId(self.folder(path, login))
                await room.ready(identity, [folder], since)
            return folder

        return asyncio.run(look())


class _Desk:
    """Work on the store, from a loop of its own."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def read(self, job: Callable[[Work], T]) -> T:
        with self._core.database.read() as work:
            return job(work)

    async def write(self, job: Callable[[Work], T]) -> T:
        with self._core.database.write() as work:
            return job(work)


def put(
    line: Program,
    message: EmailMessage | bytes,
    *,
    folder: str = "INBOX",
    at: datetime | None = None,
    flags: str = "",
) -> None:
    """Lay a message into a folder, arrived at this moment."""
    moment = (at or datetime.now(UTC)).strftime('"%d-%b-%Y %H:%M:%S %z"')
    octets = (
        message if isinstance(message, bytes) else message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    )
    line.done(line.append(folder, flags, moment, octets))


def letter(
    subject: str, words: str = "Hello", *, sender: str = "Bert <bert@else.example>", **more: str
) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, f"Anna <{ANNA}>", subject
    mail["Message-ID"] = f"<{base64.b32encode(subject.encode()).decode().strip('=').lower()}@else.example>"
    mail["Date"] = "Sat, 07 Feb 2026 12:00:00 +0100"
    for name, value in more.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(words)
    return mail


@contextmanager
def mail_house(templates: Callable[[str], str], **sections: object) -> Iterator[MailHouse]:
    """A house on a database of its own; `templates` is the fixture `_templates`."""
    server = MailServer("full")
    with ExitStack() as stack:
        stack.callback(server.remove)
        server.start()
        room = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pimgate-", dir=in_memory())))
        place = Place("sqlite", "sqlite:///mail.db", room)
        shutil.copy(templates("sqlite"), place.file)
        # What is told by mail reaches no calendar unless somebody answers it: a test says itself what happens when.
        mail = replace(server.settings, invitations=Invitations.OFF)
        core = stack.enter_context(make_gateway(place, "eas", mail=mail, **sections))
        yield MailHouse(stack.enter_context(Wire(core)), server)
