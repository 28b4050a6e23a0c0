"""`pimgate mail ...` and what `pimgate check` says of the mail server, at a real Dovecot."""

import json
from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet

from gateway.cli.conftest import Operator
from gateway.mail.dovecot import Dovecot, running_dovecot


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot() as server:
        yield server


def mail(dovecot: Dovecot, login: str, tls: str = "tls") -> str:
    port = dovecot.tls_port if tls == "tls" else dovecot.port
    return (
        f'[plugins]\nenabled = []\n[mail]\nhost = "localhost"\nport = {port}\ntls = "{tls}"\nlogin = "{login}"\n'
        f'ca_file = "{dovecot.certificate}"\nkey = "{Fernet.generate_key().decode()}"\n'
        f'master_login = "{dovecot.master_login}"\nmaster_password = "{dovecot.master_password}"\n'
    )


def test_mail_password_is_tried_kept_used_and_forgotten(operator: Operator, dovecot: Dovecot) -> None:
    operator.settings(mail(dovecot, "stored"))
    operator.adds(dovecot.address)
    assert "nothing that opens is stored" in operator.fails("mail", "check", dovecot.address)
    keep = ("mail", "keep", dovecot.address, "--password-file", "-")
    assert "wrong" in operator.fails(*keep, keys="nonsense\n")
    assert operator.asks("mail", "list") == [{"login": dovecot.address, "kept": False}]
    operator.does(*keep, keys=f"{dovecot.password}\n")
    assert operator.asks("mail", "list") == [{"login": dovecot.address, "kept": True}]
    told = operator.asks("mail", "check", dovecot.address)
    assert {"CONDSTORE", "QRESYNC", "NOTIFY", "MOVE", "UIDPLUS", "SPECIAL-USE"} <= set(told["offers"])
    assert told["folders"] == 1
    assert told["answers_for_the_absent"] is None
    assert dovecot.password not in operator.does("mail", "check", dovecot.address)
    operator.does("mail", "forget", dovecot.address)
    operator.fails("mail", "check", dovecot.address)
    assert "no account" in operator.fails("mail", "keep", "nobody@example.org").lower()


def test_mail_is_checked_by_master_login_and_by_the_persons_password(operator: Operator, dovecot: Dovecot) -> None:
    operator.settings(mail(dovecot, "master", "starttls"))
    operator.adds(dovecot.address)
    assert "yes" in operator.does("mail", "check", dovecot.address)
    assert "another `login` than stored" in operator.fails("mail", "list")
    operator.settings(mail(dovecot, "passthrough"))
    operator.does("mail", "check", dovecot.address, keys=f"{dovecot.password}\n")
    assert "does not accept" in operator.fails("mail", "check", dovecot.address, keys="nonsense\n")


def test_check_says_how_the_mail_server_stands(operator: Operator, dovecot: Dovecot) -> None:
    operator.settings(mail(dovecot, "master"))
    assert "IDLE" in operator.asks("check")["mailboxes"]["offers"]
    operator.settings(mail(dovecot, "master").replace(str(dovecot.certificate), ""))
    answer = operator.types("check", "--json")
    assert answer.exit_code == 1
    told = json.loads(answer.stdout)
    assert not told["ok"] and "CERTIFICATE_VERIFY_FAILED" in told["mailboxes"]["problem"]
    operator.settings("[plugins]\nenabled = []\n")
    assert operator.asks("check")["mailboxes"] == {"host": None}
    assert "names no host" in operator.fails("mail", "check", "anna@example.org")
