"""Submission: from people here, as themselves, to people here."""

import smtplib
import socket

import pytest

from plugins.mail.conversation import Conversation
from plugins.mail.village import Village, village

ALICE, BOB = "alice@example.org", "bob@example.org"
MESSAGE = "From: alice@example.org\r\nSubject: Hello\r\n\r\n.dots\r\nand umlauts: grün\r\n".encode()


def logged_in(home: Village) -> smtplib.SMTP:
    client = smtplib.SMTP("127.0.0.1", home.server.smtp_port, timeout=10)
    client.login(ALICE, "wonder land")
    return client


def test_mail_arrives_in_every_recipients_inbox_once(home: Village) -> None:
    with logged_in(home) as client:
        assert client.sendmail(ALICE, [BOB, BOB.upper(), ALICE], MESSAGE) == {}
    for login, password in ((ALICE, "wonder land"), (BOB, "grün-geheim")):
        with Conversation(home.server.imap_port, "") as talk:
            talk.ask(f"LOGIN {login} {{{len(password.encode())}+}}\r\n{password}")
            talk.ask("SELECT INBOX")
            lines = talk.ask("FETCH 1:* (BODY.PEEK[])")
            assert len(lines) == 2
            assert "Return-Path: <alice@example.org>\r\nReceived: by " in lines[0]
            assert lines[0].endswith(MESSAGE.decode() + ")")


def test_waiting_program_hears_of_it_at_once(home: Village) -> None:
    with Conversation(home.server.imap_port) as talk, logged_in(home) as client:
        talk.ask("SELECT INBOX")
        talk.send(b"w IDLE\r\n")
        talk.line()
        client.sendmail(ALICE, [ALICE], MESSAGE)
        assert talk.line() == "* 1 EXISTS"


def test_nothing_leaves_and_nobody_pretends(home: Village) -> None:
    with logged_in(home) as client:
        assert client.mail("bob@example.org")[0] == 553
        assert client.mail("")[0] == 553
        assert client.mail(ALICE.upper())[0] == 250
        assert client.rcpt("somebody@example.net")[0] == 550
        assert client.rcpt("stranger@example.org")[0] == 550


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_login_is_checked(home: Village, mechanism: str) -> None:
    for password, code in (("wrong", 535), ("grün-geheim", 535), ("wonder land", 235)):
        with smtplib.SMTP("127.0.0.1", home.server.smtp_port, timeout=10) as client:
            client.ehlo()
            client.user, client.password = ALICE, password
            answer = getattr(client, f"auth_{mechanism.lower()}")
            if not password.isascii():
                continue
            try:
                assert client.auth(mechanism, answer)[0] == code
            except smtplib.SMTPAuthenticationError as error:
                assert error.smtp_code == code


def test_without_login_nothing_is_taken(home: Village) -> None:
    with smtplib.SMTP("127.0.0.1", home.server.smtp_port, timeout=10) as client:
        client.ehlo()
        assert client.mail(ALICE)[0] == 530


@pytest.mark.parametrize("octets", [b"A: b\r\n\r\nx\n.\r\ny\r\n", b"A: b\r\n\r\nx\ry\r\n", b"A: b\r\n\r\nx\0\r\n"])
def test_line_ends_that_could_smuggle_are_refused(home: Village, octets: bytes) -> None:
    with logged_in(home) as client:
        client.mail(ALICE)
        client.rcpt(BOB)
        client.putcmd("DATA")
        assert client.getreply()[0] == 354
        client.send(octets + b".\r\n")
        assert client.getreply()[0] == 554


def test_smuggled_second_mail_does_not_arrive(home: Village) -> None:
    with logged_in(home) as client:
        client.mail(ALICE)
        client.rcpt(BOB)
        client.putcmd("DATA")
        client.getreply()
        client.send(b"A: b\r\n\r\nx\n.\nMAIL FROM:<bob@example.org>\nRCPT TO:<alice@example.org>\nDATA\ny\n.\r\n.\r\n")
        assert client.getreply()[0] == 554
    with Conversation(home.server.imap_port) as talk:
        assert talk.ask("STATUS INBOX (MESSAGES)")[0] == '* STATUS "INBOX" (MESSAGES 0)'


def test_sizes_and_numbers_have_limits(tmp_path: object) -> None:
    with village(tmp_path, max_message_bytes=2048) as home, logged_in(home) as client:  # type: ignore[arg-type]
        client.mail(ALICE)
        assert [client.rcpt(BOB)[0] for _ in range(101)] == [250] * 100 + [452]
        client.rset()
        with pytest.raises(smtplib.SMTPSenderRefused):
            client.sendmail(ALICE, [BOB], MESSAGE + b"x" * 5000)


def test_port_belongs_to_this_machine_alone(home: Village) -> None:
    with socket.create_connection(("127.0.0.1", home.server.smtp_port), 10) as connection:
        assert connection.getsockname()[0] == "127.0.0.1"
