"""What a person's page says about mail programs."""

import pytest

from pimgate.api import Account, AccountState, Panel
from pimgate.model.people import AccountId
from pimgate_imap.panel import mail_program
from pimgate_imap.settings import ImapSettings

ANNA = Account(AccountId("p1"), "anna@example.org", "Anna", AccountState.ACTIVE, False, "", 1)
URL = "https://pim.example.org:8443/"


@pytest.mark.parametrize(
    ("settings", "public_url", "lines"),
    [
        (
            ImapSettings(tls_port=993, certificate="c", key="k", public_host="mail.example.org"),
            URL,
            ("Server (IMAP): mail.example.org", "Port: 993", "Encryption: SSL/TLS"),
        ),
        (
            ImapSettings(port=143, certificate="c", key="k"),
            URL,
            ("Server (IMAP): pim.example.org", "Port: 143", "Encryption: STARTTLS"),
        ),
        (ImapSettings(), "", ("Server (IMAP): 127.0.0.1", "Port: 1143", "Encryption: none (on this machine only)")),
        (ImapSettings(host="0.0.0.0"), "", ("Port: 1143", "Encryption: none (on this machine only)")),
    ],
)
def test_person_reads_what_to_enter(settings: ImapSettings, public_url: str, lines: tuple[str, ...]) -> None:
    panel = mail_program(settings, public_url, ANNA)
    assert panel == Panel("Mail program", (*lines, "User name: anna@example.org"))


def test_nothing_is_said_of_closed_doors() -> None:
    assert mail_program(ImapSettings(port=0), URL, ANNA) is None
