"""What the operator sets for the IMAP proxy: where it listens, which server stands behind it, and its limits."""

from dataclasses import dataclass
from enum import StrEnum


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
class ImapSettings:
    """`[plugins.imap]` in the configuration. A port of 0 means: do not listen there.

    `plain_port` listens without TLS; on anything but loopback it then offers no login until STARTTLS.
    `tls_port` needs `certificate` and `key`. `upstream_login_mode = "master"` logs in with `upstream_master_login`
    on behalf of the person (SASL PLAIN with an authorization identity); it is needed for app passwords, which the
    mail server does not know. `upstream_tell_address` passes the client's address on with ID, for servers that trust
    the proxy (Dovecot: `login_trusted_networks`).
    """

    plain_host: str = "127.0.0.1"
    plain_port: int = 1143
    tls_host: str = "0.0.0.0"
    tls_port: int = 0
    certificate: str = ""
    key: str = ""

    upstream_host: str = "127.0.0.1"
    upstream_port: int = 143
    upstream_tls: Tls = Tls.NONE
    upstream_ca_file: str = ""
    upstream_login_mode: LoginMode = LoginMode.PASSTHROUGH
    upstream_master_login: str = ""
    upstream_master_password: str = ""
    upstream_tell_address: bool = False

    max_connections: int = 4000
    max_connections_per_network: int = 100
    prelogin_idle_seconds: float = 60.0
    prelogin_total_seconds: float = 180.0
    idle_seconds: float = 31 * 60.0
