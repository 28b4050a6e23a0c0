"""A gateway with a real mail server behind it, one person's mailbox on that, and phones of theirs."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from gateway.mail.mailserver import MailServer
from gateway.places import PASSWORD
from pimgate.core import Core
from pimgate.mail import postbox
from pimgate.settings import Log
from pimgate.testing.network import Network
from pimgate.testing.phone_mail import MailPhone
from pimgate.testing.running import Running, running
from plugins.eas.wire import Wire, authorization


@dataclass
class MailRoom:
    """`login` is the person's; `inbox` the id of their inbox once a phone asked for its folders."""

    gateway: Running
    server: MailServer
    login: str
    lines: ExitStack

    @property
    def core(self) -> Core:
        return self.gateway.core

    def phone(
        self, device_id: str = "ApplF0MAIL", *, network: Network | None = None, version: str = "16.1"
    ) -> MailPhone:
        """One of the person's phones, which knows its folders."""
        made = MailPhone(self.gateway.url, self.login, PASSWORD, device_id, network=network, version=version)
        made.provision()
        made.sync_folders()
        return made

    def wire(self, device: str = "Wire1", version: str = "16.1") -> Wire:
        """A device reduced to its wire, on the gateway that runs already."""
        made = Wire(self.core, self.login, device, version=version)
        made.client = self.lines.enter_context(httpx.Client(base_url=self.gateway.url, verify=False, timeout=60))
        made.authorization = authorization(self.login)
        return made

    def program(self, deed: Callable[[Any], Any]) -> Any:
        """What another mail program of the person does."""
        with self.server.program(self.login) as line:
            return deed(line)

    def put(self, *names: str, **more: Any) -> None:
        self.program(lambda line: [line.put(each, **more) for each in names])

    def names(self, folder: str = "INBOX") -> set[str]:
        """What lies in a folder of the mail server."""
        found: set[str] = self.program(lambda line: line.names(folder))
        return found

    def flags(self, name: str, folder: str = "INBOX") -> set[str]:
        """The flags of a message there."""

        def look(line: Any) -> set[str]:
            number = line.number_of(name, folder)
            (found, *_) = line.done(line.uid("FETCH", number, "(FLAGS)"))
            inner = found.decode().partition("FLAGS (")[2].partition(")")[0]
            return set(inner.split()) - {"\\Recent"}

        found: set[str] = self.program(look)
        return found


def looks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each request asks the mail server itself, instead of believing what was heard up to now."""
    monkeypatch.setattr(postbox, "FRESH_SECONDS", 0.0)
    deaf = property(lambda box: lambda folder: False, lambda box, hears: None)
    monkeypatch.setattr(postbox.Postbox, "hears", deaf, raising=False)


@contextmanager
def mail_room(make_core: Callable[..., Core], server: MailServer, name: str, **mail: Any) -> Iterator[MailRoom]:
    """`name` tells one test's person from another's; `mail` are settings of [mail]."""
    login = f"p{zlib.crc32(name.encode())}@example.org"
    core = make_core("eas", mail=replace(server.settings, **mail), log=Log(requests=False))
    with core.database.write() as work:
        core.people.create(work, login, PASSWORD)
    with running(core) as gateway, ExitStack() as lines:
        yield MailRoom(gateway, server, login, lines)
