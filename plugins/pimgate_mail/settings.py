"""What the operator sets for the embedded mail server, and the one rule that keeps it what it is: loopback only."""

import ipaddress
from dataclasses import dataclass

from pimgate.api import setting

MIB = 1024 * 1024


class NotLoopback(ValueError):
    """The mail server was asked to listen where others could reach it."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """A mail server for trying things out: it listens on this machine only and sends nothing away."""

    directory: str = setting("mail", "Where the mail lies, beside this file.")
    host: str = setting("127.0.0.1", "Address to listen on; anything but a loopback address is refused.")
    imap_port: int = setting(1144, "Port for IMAP, to be named in [plugins.imap] upstream_port; 0 takes any free one.",
                             least=0, most=65535)  # fmt: skip
    smtp_port: int = setting(1587, "Port for sending mail; 0 takes any free one.", least=0, most=65535)
    max_message_bytes: int = setting(25 * MIB, "A message may be as large as this.", least=1024, most=1024 * MIB)
    master_login: str = setting("pimgate", "The login with which the gateway may open everybody's mailboxes.")
    master_password: str = setting("", "Its password. Empty: there is no such login.")


def require_loopback(host: str) -> str:
    """`host` itself, when it is a loopback address; raises NotLoopback with the reason otherwise."""
    try:
        is_loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise NotLoopback(
            f"The embedded mail server is for trying things out and listens on this machine only; {host!r} is not a "
            "loopback address. For real mail, put a real mail server behind the gateway."
        )
    return host
