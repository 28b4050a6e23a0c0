"""The proxy before a real Dovecot: whatever works directly works through it."""

import imaplib
from collections.abc import Iterator

import pytest

from gateway.mail.dovecot import Dovecot
from pimgate_imap.listener import Door
from pimgate_imap.session import House
from pimgate_imap.settings import Limits, LoginMode, Tls
from plugins.imap.stage import OpenGate, Stage, Wire, client_context, house_for, on_stage, proxy, target_at

MESSAGE = b"From: bob@example.org\r\nTo: alice@example.org\r\nSubject: Lunch?\r\n\r\nAt noon.\r\n"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with on_stage() as stage:
        yield stage


@pytest.fixture
def gate(dovecot: Dovecot) -> OpenGate:
    return OpenGate({dovecot.user: dovecot.password, "unicode": "grün-geheim", "stale": "known here only"})


@pytest.fixture
def port(stage: Stage, gate: OpenGate, dovecot: Dovecot) -> Iterator[int]:
    with proxy(stage, house_for(gate, dovecot.port)) as port:
        yield port


def test_mail_program_appends_lists_fetches_and_deletes(port: int, dovecot: Dovecot) -> None:
    with imaplib.IMAP4("127.0.0.1", port, timeout=10) as program:
        program.login(dovecot.user, dovecot.password)
        program.create("Journey")
        assert program.append("Journey", "(\\Seen $Work)", None, MESSAGE)[0] == "OK"
        assert program.select("Journey")[1] == [b"1"]
        assert program.fetch("1", "(FLAGS BODY.PEEK[])")[1][0][1] == MESSAGE
        assert program.uid("SEARCH", "KEYWORD", "$Work")[1] == [b"1"]
        program.store("1", "+FLAGS", "\\Deleted")
        assert program.expunge()[1] == [b"1"]
        program.close()
        program.delete("Journey")


def test_capabilities_after_the_login_are_the_servers_own(port: int, dovecot: Dovecot) -> None:
    def after_login(at: int) -> bytes:
        with Wire(at) as wire:
            wire.line()
            return wire.ask(b'a LOGIN "alice" "s3cret pass"')

    assert after_login(port).replace(b"Logged in.", b"Logged in") == after_login(dovecot.port)


def test_login_select_and_noop_in_one_packet(port: int) -> None:
    with Wire(port) as wire:
        wire.line()
        wire.send(b'a LOGIN "alice" "s3cret pass"\r\nb SELECT INBOX\r\nc NOOP\r\n')
        lines = wire.until(b"c")
        assert [line[:4] for line in lines if line[:2] in (b"a ", b"b ", b"c ")] == [b"a OK", b"b OK", b"c OK"]


def test_extension_the_proxy_never_heard_of_passes(port: int) -> None:
    with Wire(port) as wire:
        wire.line()
        wire.ask(b'a LOGIN "alice" "s3cret pass"')
        assert wire.ask(b"b ENABLE QRESYNC").startswith(b"b OK")
        assert wire.ask(b"c SELECT INBOX (CONDSTORE)").startswith(b"c OK")
        wire.send(b"d IDLE\r\n")
        assert wire.until(b"+")[-1].startswith(b"+ idling")
        wire.send(b"DONE\r\n")
        assert wire.until(b"d")[-1].startswith(b"d OK")


def test_umlauts_in_the_password_arrive(port: int) -> None:
    with Wire(port) as wire:
        wire.line()
        assert wire.ask('a LOGIN "unicode" "grün-geheim"'.encode()).startswith(b"a OK")


def test_password_that_only_the_gateway_knows_is_refused_by_the_server(port: int) -> None:
    with Wire(port) as wire:
        wire.line()
        assert wire.ask(b'a LOGIN stale "known here only"').startswith(b"a NO [AUTHENTICATIONFAILED] The mail server")


def test_master_lets_an_app_password_in(stage: Stage, gate: OpenGate, dovecot: Dovecot) -> None:
    gate.people["alice"] = "app password"
    target = target_at(
        dovecot.port,
        mode=LoginMode.MASTER,
        master_login=dovecot.master_login,
        master_password=dovecot.master_password,
        tells_address=True,
    )
    with proxy(stage, House(gate, target, Limits())) as port, Wire(port) as wire:
        wire.line()
        assert wire.ask(b'a LOGIN alice "app password"').startswith(b"a OK")
        assert wire.ask(b"b SELECT INBOX").startswith(b"b OK")


@pytest.mark.parametrize("tls", [Tls.IMPLICIT, Tls.STARTTLS])
def test_mail_server_is_reached_under_tls(stage: Stage, gate: OpenGate, dovecot: Dovecot, tls: Tls) -> None:
    target = target_at(
        dovecot.tls_port if tls is Tls.IMPLICIT else dovecot.port,
        host="localhost",
        tls=tls,
        context=client_context(dovecot.base),
    )
    with proxy(stage, House(gate, target, Limits()), Door("127.0.0.1", 0)) as port, Wire(port) as wire:
        wire.line()
        assert wire.ask(b'a LOGIN alice "s3cret pass"').startswith(b"a OK")
        assert wire.ask(b"b NOOP").startswith(b"b OK")


def test_mail_server_with_an_unknown_certificate_gets_no_password(
    stage: Stage, gate: OpenGate, dovecot: Dovecot
) -> None:
    import ssl

    target = target_at(dovecot.tls_port, host="localhost", tls=Tls.IMPLICIT, context=ssl.create_default_context())
    with proxy(stage, House(gate, target, Limits())) as port, Wire(port) as wire:
        wire.line()
        assert wire.ask(b'a LOGIN alice "s3cret pass"').startswith(b"a NO [UNAVAILABLE]")
