"""A Dovecot that can be stopped, started again and told to hide what it can do; and another mail program of the same person.

`full` offers everything; `idle` no NOTIFY; `condstore` neither that nor QRESYNC; `plain` IDLE and little else; `bare` nothing.
"""

import contextlib
import imaplib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import gateway.mail.dovecot as debian
from pimgate.settings import Mail, MailLogin, Security
from pimgate.testing.running import free_port

OFFERS = {
    "full": "",
    "idle": "IMAP4rev1 SASL-IR LITERAL+ ENABLE IDLE UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED CONDSTORE QRESYNC ESEARCH"
    " SPECIAL-USE MOVE LIST-STATUS",
    "condstore": "IMAP4rev1 SASL-IR LITERAL+ ENABLE IDLE UNSELECT CHILDREN NAMESPACE UIDPLUS LIST-EXTENDED CONDSTORE ESEARCH"
    " SPECIAL-USE MOVE LIST-STATUS",
    "plain": "IMAP4rev1 IDLE UIDPLUS",
    "bare": "IMAP4rev1",
}
LETTER = (
    "From: Bert <bert@example.org>\r\nSubject: {0}\r\nMessage-ID: <{0}@example.org>\r\nDate: {1}\r\n\r\nHello {0}\r\n"
)
DATE = "Sat, 7 Feb 2026 12:00:00 +0100"


class MailServer:
    """One Dovecot, running within its block. Everybody who logs in by the master login has a mailbox."""

    def __init__(self, offer: str) -> None:
        # Not pytest's tmp_path: that one is closed to the unprivileged user when root runs the tests.
        self.base = Path(tempfile.mkdtemp(prefix="pimgate-mail-"))
        self.known = debian.Dovecot(free_port(), free_port(), self.base)
        debian._write_configuration(self.known)
        if OFFERS[offer]:
            with (self.base / "dovecot.conf").open("a") as configuration:
                configuration.write(f"imap_capability = {OFFERS[offer]}\n")
        self.offer = OFFERS[offer].split()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def settings(self) -> Mail:
        """How a gateway on this machine reaches it."""
        return Mail(
            host="127.0.0.1",
            port=self.known.port,
            tls=Security.NONE,
            login=MailLogin.MASTER,
            master_login=self.known.master_login,
            master_password=self.known.master_password,
            poll_seconds=1,
        )

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *how: object) -> None:
        self.remove()

    def start(self) -> None:
        account = debian._account()
        identity = {"user": account.pw_name, "group": account.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        self._process = subprocess.Popen(
            ["dovecot", "-F", "-c", str(self.base / "dovecot.conf")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            **identity,  # type: ignore[call-overload]
        )
        debian._wait_for(self.known, self._process)

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=20)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)  # sessions that have not yet heard of the end
            self._process = None

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.base, ignore_errors=True)

    @contextlib.contextmanager
    def program(self, login: str) -> Iterator["Program"]:
        """Another mail program of this person."""
        line = Program("127.0.0.1", self.known.port)
        try:
            line.login(f"{login}*{self.known.master_login}", self.known.master_password)
            yield line
        finally:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                line.logout()

    def sessions(self, login: str) -> int:
        """How many connections this person has open."""
        command = ["doveadm", "-c", str(self.base / "dovecot.conf"), "-f", "flow", "who", "-1", login]
        told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        return sum(login in line for line in told.splitlines())

    def number_anew(self, login: str) -> None:
        """The mailbox forgets its UIDVALIDITY and all numbers; what its keywords are called it remembers."""
        self.stop()
        home = self.base / "mail" / login
        for path in [*home.glob("dovecot*"), *home.glob(".*/dovecot*")]:
            if path.name != "dovecot-keywords":
                path.unlink()
        self.start()


class Program(imaplib.IMAP4):
    """A mail program as the standard library has it."""

    def done(self, answer: tuple[str, list[Any]]) -> list[Any]:
        assert answer[0] == "OK", answer
        return answer[1]

    def put(
        self, name: str, *, folder: str = "INBOX", flags: str = "", at: float | None = None, date: str = DATE
    ) -> None:
        """A new message called `name`."""
        moment = imaplib.Time2Internaldate(time.time() if at is None else at)
        self.done(self.append(folder, flags, moment, LETTER.format(name, date).encode()))

    def number_of(self, name: str, folder: str = "INBOX") -> str:
        self.done(self.select(folder))
        (found,) = self.done(self.uid("SEARCH", "HEADER", "MESSAGE-ID", f"<{name}@example.org>"))
        assert isinstance(found, bytes)
        return found.decode().split()[0]

    def flag(self, name: str, flags: str, folder: str = "INBOX") -> None:
        self.done(self.uid("STORE", self.number_of(name, folder), "FLAGS", f"({flags})"))

    def remove(self, name: str, folder: str = "INBOX") -> None:
        self.flag(name, "\\Deleted", folder)
        self.done(self.expunge())

    def count(self, folder: str = "INBOX") -> int:
        """How many messages a folder holds."""
        (found,) = self.done(self.select(folder, readonly=True))
        assert isinstance(found, bytes)
        return int(found)

    def names(self, folder: str = "INBOX") -> set[str]:
        """The messages of a folder."""
        self.done(self.select(folder, readonly=True))
        (found,) = self.done(self.uid("SEARCH", "ALL"))
        assert isinstance(found, bytes)
        names = set()
        for uid in found.decode().split():
            (head, *_) = self.done(self.uid("FETCH", uid, "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])"))
            assert isinstance(head, tuple)
            names.add(head[1].decode().partition(":")[2].strip())
        return names
