"""A mail program logs in and reads through the proxy; what was sent arrives."""

import imaplib
import smtplib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from typing import Any

import pytest

from gateway.places import PASSWORD
from journeys.clients import ANNA
from pimgate.core import Core
from pimgate.plugins import PluginHost
from pimgate.settings import Log
from pimgate.testing.running import free_port, running

SECONDS = 10
BERT = "bert@example.org"


@dataclass(frozen=True)
class Post:
    """The ports of the proxy and of submission."""

    imap: int
    smtp: int


@pytest.fixture
def post(make_core: Callable[..., Core]) -> Iterator[Post]:
    ports = Post(free_port(), free_port())
    with running(make_core("imap", "mail", log=Log(requests=False), **sections(ports, upstream=free_port()))):
        yield ports


def sections(ports: Post, upstream: int) -> dict[str, Any]:
    """The proxy in front of the embedded mail server, which it may enter for everybody."""
    classes = PluginHost(["imap", "mail"]).settings_classes()
    imap, mail = classes["imap"](), classes["mail"]()
    secret = "a secret between the two"
    return {
        "plugins.mail": replace(mail, imap_port=upstream, smtp_port=ports.smtp, master_password=secret),
        "plugins.imap": replace(
            imap,
            port=ports.imap,
            upstream_port=upstream,
            upstream_login=type(imap.upstream_login)("master"),
            upstream_master_login=mail.master_login,
            upstream_master_password=secret,
        ),
    }


def test_mail_program_reads_what_was_sent(post: Post) -> None:
    send(post, "Regatta", "On Sunday, if the wind holds.\n")
    with imaplib.IMAP4("127.0.0.1", post.imap, timeout=SECONDS) as line:
        line.login(ANNA, PASSWORD)
        (number,) = wait_for(line, "Regatta")
        ((_, octets), *_rest) = line.fetch(number, "(BODY[])")[1]
        assert b"if the wind holds" in octets
        assert line.store(number, "+FLAGS", r"(\Flagged)")[0] == "OK"
        assert rb"\Flagged" in line.fetch(number, "(FLAGS)")[1][0]


def test_mail_of_others_is_not_shown(post: Post) -> None:
    send(post, "Regatta", "On Sunday.\n")
    with imaplib.IMAP4("127.0.0.1", post.imap, timeout=SECONDS) as line:
        line.login("cleo@example.org", PASSWORD)
        line.select("INBOX")
        assert line.search(None, "ALL")[1] == [b""]


def test_wrong_password_is_refused(post: Post) -> None:
    with imaplib.IMAP4("127.0.0.1", post.imap, timeout=SECONDS) as line, pytest.raises(imaplib.IMAP4.error):
        line.login(ANNA, "not the password")


def send(post: Post, subject: str, text: str) -> None:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = BERT, ANNA, subject
    letter.set_content(text)
    with smtplib.SMTP("127.0.0.1", post.smtp, timeout=SECONDS) as line:
        line.login(BERT, PASSWORD)
        line.send_message(letter)


def wait_for(line: imaplib.IMAP4, subject: str) -> list[str]:
    """The numbers of the messages of that subject, once there is one."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        line.select("INBOX")
        found = line.search(None, "SUBJECT", f'"{subject}"')[1][0].split()
        if found:
            return [each.decode() for each in found]
        time.sleep(0.05)
    raise TimeoutError("the letter did not arrive")
