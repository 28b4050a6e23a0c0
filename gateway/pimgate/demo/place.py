"""Where a demonstration lives: a directory with its settings file, its database, its mail and its passwords; and its ports."""

from __future__ import annotations

import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from pimgate.demo.people import DOMAIN

HOST = "127.0.0.1"
SETTINGS_FILE = "pimgate.toml"
MULTICALENDAR = "samsung"
"""The profile of phones that is shown all of a person's own calendars here; other Androids are not."""

SETTINGS = """\
# Written at each start of `pimgate demo`. `pimgate --settings FILE explain` and the other commands work with it.
[http]
host = "{host}"
port = {http}

[database]
url = "sqlite:///pimgate.db"

[plugins]
enabled = ["eas", "dav", "imap", "web", "mail"]

[plugins.imap]
host = "{host}"
port = {imap}
upstream_host = "{host}"
upstream_port = {mail}
upstream_login = "master"
upstream_master_login = "pimgate"
upstream_master_password = "{secret}"

[plugins.mail]
directory = "mail"
host = "{host}"
imap_port = {mail}
smtp_port = {smtp}
master_login = "pimgate"
master_password = "{secret}"

[mail]
host = "{host}"
port = {mail}
tls = "none"
login = "master"
master_login = "pimgate"
master_password = "{secret}"
# The embedded mail server brings invitations to calendars itself.
invitations = "off"

[devices]
multicalendar = ["{multicalendar}"]

[accounts]
default_domain = "{domain}"

[log]
requests = false
"""


class PortTaken(Exception):
    """One sentence that says which port is in use."""


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the demonstration listens; `mail` is the mail server behind the IMAP proxy."""

    http: int
    imap: int
    smtp: int
    mail: int


def choose_ports(http: int, imap: int, smtp: int) -> Ports:
    """These ports, any free one for 0, and one for the mail server. PortTaken."""
    given = {"--http": http, "--imap": imap, "--smtp": smtp}
    # All are held until the last is chosen, or the same one could be given twice.
    held = [_hold(option, port) for option, port in given.items()] + [_hold("", 0)]
    chosen = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return Ports(*chosen)


def _hold(option: str, port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        raise PortTaken(f"Port {port} cannot be used ({reason}); choose another one with {option} PORT.") from error


def write_settings(directory: Path, ports: Ports) -> Path:
    """The settings file of this run, readable by its owner alone."""
    file = directory / SETTINGS_FILE
    file.touch(mode=0o600)
    text = SETTINGS.format(
        host=HOST,
        http=ports.http,
        imap=ports.imap,
        smtp=ports.smtp,
        mail=ports.mail,
        secret=secrets.token_urlsafe(24),
        multicalendar=MULTICALENDAR,
        domain=DOMAIN,
    )
    file.write_text(text, encoding="utf-8")
    return file
