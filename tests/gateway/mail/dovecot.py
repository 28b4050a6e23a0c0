"""A real Dovecot for tests: Debian's package, unprivileged, on free ports of the loopback, with a generated configuration.

Import `dovecot` into a conftest to use it as a fixture; the test fails where Dovecot is not installed: half a proof is none.
"""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pimgate.testing.running import free_port

UNPRIVILEGED = "nobody"
START_SECONDS = 10.0

CONFIGURATION = r"""
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/dovecot.log
protocols = imap
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{base}/mail/%u
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
first_valid_gid = 1
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
auth_master_user_separator = *
mail_max_userip_connections = 1000
login_trusted_networks = 127.0.0.0/8
ssl = {ssl}
ssl_cert = <{base}/certificate.pem
ssl_key = <{base}/key.pem
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {base}/masters
  master = yes
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {base}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/mail/%u allow_all_users=yes
}}
service anvil {{
  chroot =
  # No longer pause for whoever comes in after a wrong password.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls_port}
    ssl = yes
  }}
}}
service stats {{
  chroot =
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Sent {{
    special_use = \Sent
  }}
  mailbox Trash {{
    special_use = \Trash
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running Dovecot: its ports, its certificate, and the people it knows."""

    port: int
    tls_port: int
    base: Path
    user: str = "alice"
    address: str = "alice@example.org"
    password: str = "s3cret pass"
    master_login: str = "gateway"
    master_password: str = "master secret"

    @property
    def certificate(self) -> Path:
        """The self-signed certificate, valid for localhost and 127.0.0.1."""
        return self.base / "certificate.pem"


def make_certificate(directory: Path) -> None:
    """Write certificate.pem and key.pem for localhost into `directory`."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", str(directory / "key.pem"), "-out", str(directory / "certificate.pem")],
        check=True,
        capture_output=True,
    )  # fmt: skip


@contextlib.contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    """Start Dovecot, wait until it answers, and stop it afterwards."""
    # Not pytest's tmp_path: that one is closed to the unprivileged user when root runs the tests.
    base = Path(tempfile.mkdtemp(prefix="pimgate-dovecot-"))
    server = Dovecot(free_port(), free_port(), base)
    _write_configuration(server)
    identity = {"user": UNPRIVILEGED, "group": _account().pw_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    process = subprocess.Popen(
        ["dovecot", "-F", "-c", str(base / "dovecot.conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **identity,  # type: ignore[call-overload]
    )
    try:
        _wait_for(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(timeout=10)
        shutil.rmtree(base, ignore_errors=True)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    if shutil.which("dovecot") is None:
        pytest.fail("Dovecot is not installed (Debian: dovecot-imapd)", pytrace=False)
    with running_dovecot() as server:
        yield server


def _account() -> pwd.struct_passwd:
    return pwd.getpwnam(UNPRIVILEGED) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _write_configuration(server: Dovecot) -> None:
    import grp

    account, base = _account(), server.base
    make_certificate(base)
    (base / "users").write_text(
        f"{server.user}:{server.password}\n{server.address}:{server.password}\nunicode:grün-geheim\n"
    )
    (base / "masters").write_text(f"{server.master_login}:{server.master_password}\n")
    (base / "dovecot.conf").write_text(
        CONFIGURATION.format(
            base=base,
            user=account.pw_name,
            group=grp.getgrgid(account.pw_gid).gr_name,
            uid=account.pw_uid,
            gid=account.pw_gid,
            ssl="yes",
            port=server.port,
            tls_port=server.tls_port,
        )
    )
    (base / "mail").mkdir()
    if os.geteuid() == 0:
        for path in [base, *base.iterdir()]:
            os.chown(path, account.pw_uid, account.pw_gid)


def _wait_for(server: Dovecot, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", server.port), 1) as connection:
            if connection.recv(100).startswith(b"* OK"):
                return
        time.sleep(0.05)
    log = server.base / "dovecot.log"
    pytest.fail(f"Dovecot did not start: {log.read_text() if log.exists() else 'no log'}")
