"""What the operator sets for the embedded mail server, and the one rule that keeps it what it is: loopback only."""

import ipaddress
from dataclasses import dataclass

MIB = 1024 * 1024


class NotLoopback(ValueError):
    """The mail server was asked to listen where others could reach it."""


@dataclass(frozen=True, slots=True)
class MailSettings:
    """`[plugins.mail]` in the configuration. A port of 0 takes any free one."""

    directory: str = "mail"
    host: str = "127.0.0.1"
    imap_port: int = 0
    smtp_port: int = 1587
    max_message_bytes: int = 25 * MIB
    master_login: str = "pimgate"
    master_password: str = ""


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
