"""A phone that sends, with a mail server behind the gateway and one before it: what it says, what left, and what lies where."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from email.policy import default

from gateway.sink import Sink, listening
from pimgate.model.people import Identity
from pimgate_eas.wbxml.element import Element
from plugins.eas.mail_house import ANNA, MailHouse, letter, mail_house, put
from plugins.eas.wire import Wire

ZOE = "zoe@outside.example"
PATIENCE_SECONDS = 60.0
NEW = "Content-Type: text/plain\r\n\r\n{}\r\n"


@dataclass
class Outgoing:
    """The house and the server outside. `house.wire` is Anna's iPhone."""

    house: MailHouse
    sink: Sink

    def phone(self, version: str = "16.1", **other: str) -> Wire:
        return self.house.wire.twin(version=version, **other)

    def ready(self, path: str = "INBOX") -> str:
        """The folder as it is now; gives its id."""
        core = self.house.wire.core
        room, loop = core.mail, core.bell._loop
        assert room is not None
        assert loop is not None
        with core.database.read() as work:
            identity = Identity(core.people.get(work, ANNA))
        asyncio.run_coroutine_threadsafe(room.ready(identity, [], 0), loop).result(PATIENCE_SECONDS)
        folder = next(each for each in self.house.mailboxes() if each.path == path)
        looking = room.box(identity.account).look_at(folder.collection_id, 0)
        asyncio.run_coroutine_threadsafe(looking, loop).result(PATIENCE_SECONDS)
        return folder.collection_id

    def received(self, mail: EmailMessage | bytes) -> str:
        """A message that Anna gets; gives its id on phones."""
        with self.house.program() as line:
            put(line, mail)
        folder = self.ready()
        wanted = str(mail["Message-ID"] if isinstance(mail, EmailMessage) else header(mail)["Message-ID"])
        return f"{folder}:{self.house.indexed(folder)[wanted].id}"

    def flags(self, server_id: str) -> frozenset[str]:
        folder, _, number = server_id.partition(":")
        self.ready()
        return next(each.flags for each in self.house.indexed(folder).values() if each.id == int(number))

    def lying_in(self, path: str, subject: str) -> list[EmailMessage]:
        """The messages in one of Anna's folders that are called so."""
        with self.house.program() as line:
            if line.select(path, readonly=True)[0] != "OK":
                return []
            (found,) = line.done(line.uid("SEARCH", "ALL"))
            octets = [line.done(line.uid("FETCH", uid, "(BODY.PEEK[])"))[0][1] for uid in found.decode().split()]
        mails = [message_from_bytes(each, policy=default) for each in octets]
        return [each for each in mails if subject in str(each["Subject"])]

    def left(self, subject: str) -> list[EmailMessage]:
        """What came to the server outside."""
        taken = [octets for _, _, octets in self.sink.taken if str(header(octets)["Subject"]) == subject]
        return [message_from_bytes(each, policy=default) for each in taken]

    def envelopes(self, subject: str) -> list[tuple[str, list[str]]]:
        taken = self.sink.taken
        return [(sender, to) for sender, to, octets in taken if str(header(octets)["Subject"]) == subject]

    def hurry(self) -> None:
        """What waits in the outbox is due now."""
        with self.house.wire.core.database.write() as work:
            for each in work.outbox.all():
                if each.state.value == "accepted":
                    work.outbox.change(each.id, each.state, due_at=work.now)
            work.rings.add("outbox")


@contextmanager
def outgoing(templates: Callable[[str], str], **settings: object) -> Iterator[Outgoing]:
    with listening() as sink:
        chosen = replace(sink.settings, **settings)  # type: ignore[arg-type]
        with mail_house(templates, outgoing=chosen) as house:
            yield Outgoing(house, sink)


def header(octets: bytes) -> Message:
    """Of a message, however it goes on."""
    return BytesHeaderParser(policy=default).parsebytes(octets)


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)


def note(subject: str, words: str = "On Sunday.", *, to: str = f"Zoë <{ZOE}>", **more: str) -> bytes:
    """A message as a phone writes it."""
    head = {"From": f"Anna <{ANNA}>", "To": to, "Subject": subject, "MIME-Version": "1.0", **more}
    lines = [f"{name.replace('_', '-')}: {value}\r\n" for name, value in head.items()]
    return ("".join(lines) + NEW.format(words)).encode()


def send(mime: bytes, client_id: str, *more: Element, command: str = "SendMail") -> Element:
    return Element(
        f"ComposeMail:{command}",
        Element("ComposeMail:ClientId", text=client_id),
        *more,
        Element("ComposeMail:Mime", opaque=mime),
    )


def source(server_id: str) -> Element:
    folder = server_id.partition(":")[0]
    return Element(
        "ComposeMail:Source",
        Element("ComposeMail:FolderId", text=folder),
        Element("ComposeMail:ItemId", text=server_id),
    )


def status(answer: Element | None) -> str:
    """What went wrong, "" for nothing."""
    return "" if answer is None else answer.text_of("ComposeMail:Status") or "?"


__all__ = ["ANNA", "ZOE", "Outgoing", "letter", "note", "outgoing", "send", "source", "status", "until"]
