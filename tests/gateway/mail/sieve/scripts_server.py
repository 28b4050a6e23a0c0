"""A Dovecot that takes scripts, runs them when mail is delivered, and keeps the answers that they send."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import gateway.mail.dovecot as debian
from gateway.mail.mailserver import MailServer
from pimgate.settings import Mail, Security
from pimgate.testing.running import free_port

CONFIGURATION = """
protocols = imap sieve
sendmail_path = {base}/sendmail
postmaster_address = postmaster@example.org
service managesieve-login {{
  chroot =
  inet_listener sieve {{
    address = 127.0.0.1
    port = {port}
  }}
}}
protocol lda {{
  mail_plugins = sieve
}}
plugin {{
  sieve = file:~/sieve;active=~/.dovecot.sieve
}}
"""
SENDMAIL = """#!/bin/sh
cat > {base}/sent/$$
"""


class ScriptsServer(MailServer):
    """People log in as with `MailServer`; `deliver` brings them mail."""

    def __init__(self) -> None:
        super().__init__("full")
        self.sieve_port = free_port()
        with (self.base / "dovecot.conf").open("a") as configuration:
            configuration.write(CONFIGURATION.format(base=self.base, port=self.sieve_port))
        self._sent = self.base / "sent"
        self._sent.mkdir()
        sendmail = self.base / "sendmail"
        sendmail.write_text(SENDMAIL.format(base=self.base))
        sendmail.chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(self._sent, debian.UNPRIVILEGED)

    @property
    def mail(self) -> Mail:
        """How a gateway reaches both servers, by TLS."""
        chosen = {name: getattr(self.settings, name) for name in ("login", "master_login", "master_password")}
        return Mail(
            host="localhost",
            port=self.known.port,
            tls=Security.STARTTLS,
            ca_file=str(self.known.certificate),
            sieve_host="localhost",
            sieve_port=self.sieve_port,
            **chosen,
        )

    def deliver(self, sender: str, login: str) -> list[str]:
        """Bring a message, and give the answers that were sent."""
        letter = (
            f"From: {sender}\r\nTo: {login}\r\nSubject: Hello\r\nMessage-ID: <{os.urandom(6).hex()}@x>\r\n\r\nHi\r\n"
        )
        account = debian._account()
        identity = {"user": account.pw_name, "group": account.pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
        subprocess.run(
            [
                "/usr/lib/dovecot/dovecot-lda",
                "-c",
                str(self.base / "dovecot.conf"),
                "-d",
                login,
                "-a",
                login,
                "-f",
                sender,
            ],
            input=letter.encode(),
            check=True,
            cwd=self.base,
            stdout=sys.stderr,
            **identity,  # type: ignore[call-overload]
        )
        found = [path.read_text() for path in self._sent.iterdir()]
        for path in self._sent.iterdir():
            path.unlink()
        return found


@contextlib.contextmanager
def scripts_server() -> Iterator[ScriptsServer]:
    if not Path("/usr/lib/dovecot/managesieve").exists():
        pytest.fail("Dovecot takes no scripts (Debian: dovecot-managesieved)", pytrace=False)
    server = ScriptsServer()
    server.start()
    try:
        yield server
    finally:
        server.remove()
