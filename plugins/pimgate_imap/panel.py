"""What a person enters in a mail program, as a section of their page."""

from urllib.parse import urlsplit

from pimgate.api import Account, Panel

from .settings import ImapSettings

WILDCARDS = ("", "0.0.0.0", "::")


def mail_program(settings: ImapSettings, public_url: str, account: Account) -> Panel | None:
    """Server, port, encryption and user name; the door with TLS from the first octet is preferred. None: no door is open."""
    if settings.tls_port:
        host, port, encryption = settings.tls_host, settings.tls_port, "SSL/TLS"
    elif settings.port:
        host, port = settings.host, settings.port
        encryption = "STARTTLS" if settings.certificate else "none (on this machine only)"
    else:
        return None
    server = settings.public_host or urlsplit(public_url).hostname or host
    lines = [] if server in WILDCARDS else [f"Server (IMAP): {server}"]
    lines += [f"Port: {port}", f"Encryption: {encryption}", f"User name: {account.login}"]
    return Panel("Mail program", tuple(lines))
