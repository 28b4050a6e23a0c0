"""What the operator sets for the IMAP proxy: where it listens, which server stands behind it, and its limits."""

from dataclasses import dataclass
from enum import StrEnum

from pimgate.api import setting

PORT = {"least": 0, "most": 65535}


class Tls(StrEnum):
    """How a connection to the mail server is protected."""

    NONE = "none"
    STARTTLS = "starttls"
    IMPLICIT = "implicit"


class LoginMode(StrEnum):
    """With whose password the proxy logs in at the mail server."""

    PASSTHROUGH = "passthrough"
    MASTER = "master"


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the proxy bears: places, and seconds of patience."""

    max_connections: int = 4000
    max_connections_per_network: int = 100
    prelogin_idle_seconds: float = 60.0
    prelogin_total_seconds: float = 180.0
    idle_seconds: float = 31 * 60.0


@dataclass(frozen=True, slots=True)
class ImapSettings:
    """Mail programs come in here and are passed on to the mail server."""

    host: str = setting("127.0.0.1", "Address to listen on without TLS at first.")
    port: int = setting(1143, "Port for it; 0 closes this door. From other machines it lets in after STARTTLS.", **PORT)
    tls_host: str = setting("127.0.0.1", "Address to listen on with TLS from the first octet.")
    tls_port: int = setting(0, "Port for it, usually 993; 0 closes this door.", **PORT)
    certificate: str = setting("", "Certificate chain (PEM) for both doors, beside this file.")
    key: str = setting("", "Its key (PEM).")
    public_host: str = setting("", "The name by which mail programs find this; empty: the host of http.public_url.")

    upstream_host: str = setting("127.0.0.1", "The mail server that keeps the mail.")
    upstream_port: int = setting(143, "Its IMAP port.", least=1, most=65535)
    upstream_tls: Tls = setting(
        Tls.NONE, "none (only on this machine: no password leaves it without TLS), starttls or implicit."
    )
    upstream_ca_file: str = setting("", "Certificates (PEM) to verify it against; empty: those of the system.")
    upstream_login: LoginMode = setting(
        LoginMode.PASSTHROUGH,
        "passthrough logs in with what the person typed; master logs in for them, which app passwords need.",
    )
    upstream_master_login: str = setting("", "The login that may act for everybody, for master.")
    upstream_master_password: str = setting("", "Its password.")
    upstream_tell_address: bool = setting(
        False, "Tell the mail server the client's address by ID (Dovecot: login_trusted_networks)."
    )

    authenticate: bool = setting(False, "People without a password here come in with that of the IMAP server.")
    create_people: bool = setting(False, "Somebody whom the IMAP server knows gets an account at their first login.")
    people_domains: list[str] = setting([], 'Only for logins in these domains, as in ["example.org"]; empty: for none.')

    max_connections: int = setting(4000, "Connections at one time.", least=1, most=1_000_000)
    max_connections_per_network: int = setting(
        100, "Of them from one address (IPv6: one /64).", least=1, most=1_000_000
    )
    idle_minutes: int = setting(31, "A session in which nothing is said ends after so long.", least=30, most=1440)

    def limits(self) -> Limits:
        return Limits(self.max_connections, self.max_connections_per_network, idle_seconds=self.idle_minutes * 60.0)
