"""Logging in at the mail server: what is sent, what is never sent, and which servers are not believed."""

import asyncio
import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.mail.dovecot import make_certificate
from pimgate_imap.settings import LoginMode, Tls
from pimgate_imap.upstream import LoggedIn, Target, UpstreamAway, UpstreamRefused, log_in
from pimgate_imap.wire import UnsafeText, quoted, wire_safe
from plugins.imap.stage import Stage, client_context, on_stage, scripted_server, server_context, target_at

HELLO = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello\r\n"
BARE = b"* OK [CAPABILITY IMAP4rev1] hello\r\n"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with on_stage() as stage:
        yield stage


def enter(stage: Stage, target: Target, login: str = "alice", password: str = "sesame") -> tuple[bytes, list[bytes]]:
    async def work() -> tuple[bytes, list[bytes]]:
        logged_in: LoggedIn = await log_in(target, login, password, "192.0.2.7")
        logged_in.peer.abort()
        return logged_in.capabilities, list(logged_in.remarks)

    return stage.run(work())


def test_password_travels_by_plain_where_it_is_offered(stage: Stage) -> None:
    with scripted_server(stage, HELLO, None, b"pg1 OK [CAPABILITY X] in\r\n") as (port, heard):
        assert enter(stage, target_at(port)) == (b"X", [])
    assert heard == [b"pg1 AUTHENTICATE PLAIN " + base64.b64encode(b"\0alice\0sesame") + b"\r\n"]


def test_plain_waits_for_its_turn_without_initial_response(stage: Stage) -> None:
    hello = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n"
    with scripted_server(stage, hello, None, b"+ \r\n", None, b"pg1 OK [CAPABILITY X] in\r\n") as (port, heard):
        enter(stage, target_at(port))
    assert heard == [b"pg1 AUTHENTICATE PLAIN\r\n", base64.b64encode(b"\0alice\0sesame") + b"\r\n"]


def test_old_server_is_given_quoted_strings(stage: Stage) -> None:
    with scripted_server(stage, BARE, None, b"pg1 OK [CAPABILITY X] in\r\n") as (port, heard):
        enter(stage, target_at(port), password='a"b\\c d')
    assert heard == [b'pg1 LOGIN "alice" "a\\"b\\\\c d"\r\n']


def test_old_server_is_given_umlauts_as_literals(stage: Stage) -> None:
    script = (BARE, None, b"+ go\r\n", None, b"+ go\r\n", None, b"pg1 OK [CAPABILITY X] in\r\n")
    with scripted_server(stage, *script) as (port, heard):
        enter(stage, target_at(port), "grün", "süß")
    assert heard == [b"pg1 LOGIN {5}\r\n", "grün {5}\r\n".encode(), "süß\r\n".encode()]


def test_capabilities_are_asked_for_where_nobody_tells_them(stage: Stage) -> None:
    script = (
        b"* OK hello\r\n", None, b"* CAPABILITY IMAP4rev1\r\npg1 OK done\r\n", None, b"pg2 OK in\r\n",
    )  # fmt: skip
    with scripted_server(stage, *script) as (port, heard):
        assert enter(stage, target_at(port)) == (b"IMAP4rev1", [])
    assert heard[0] == b"pg1 CAPABILITY\r\n"


def test_capabilities_after_the_login_replace_those_before(stage: Stage) -> None:
    script = (HELLO, None, b"* CAPABILITY IMAP4rev1 MOVE IDLE\r\n* OK [ALERT] Quota is low\r\npg1 OK in\r\n")
    with scripted_server(stage, *script) as (port, _):
        assert enter(stage, target_at(port)) == (b"IMAP4rev1 MOVE IDLE", [b"* OK [ALERT] Quota is low"])


def test_master_logs_in_on_behalf_of_the_person(stage: Stage) -> None:
    with scripted_server(stage, HELLO, None, b"pg1 OK [CAPABILITY X] in\r\n") as (port, heard):
        target = target_at(port, mode=LoginMode.MASTER, master_login="gateway", master_password="key")
        enter(stage, target, password="an app password that the server does not know")
    assert base64.b64decode(heard[0].split()[-1]) == b"alice\0gateway\0key"


def test_client_address_is_told_to_a_server_that_trusts_the_proxy(stage: Stage) -> None:
    script = (
        b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR ID] hello\r\n",
        None, b"* ID NIL\r\npg1 OK\r\n", None, b"pg2 OK [CAPABILITY X] in\r\n",
    )  # fmt: skip
    with scripted_server(stage, *script) as (port, heard):
        enter(stage, target_at(port, tells_address=True))
    assert heard[0] == b'pg1 ID ("x-originating-ip" "192.0.2.7")\r\n'


NOT_BELIEVED = {
    "a server that says we are already in": (b"* PREAUTH welcome\r\n",),
    "a server that is closing": (b"* BYE overloaded\r\n",),
    "something else than IMAP": (b"220 smtp.example.org ESMTP\r\n",),
    "silence and a close": (),
    "an endless line": (b"* OK " + b"x" * 20000,),
    "an endless answer": (HELLO, None, b"* 1 EXISTS\r\n" * 200),
    "a close in the middle": (HELLO, None),
    "a temporary failure": (HELLO, None, b"pg1 NO [UNAVAILABLE] later\r\n"),
    "a server without logins": (b"* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hello\r\n",),
    "a goodbye instead of an answer": (HELLO, None, b"* BYE shutting down\r\n"),
}


@pytest.mark.parametrize("script", NOT_BELIEVED.values(), ids=NOT_BELIEVED.keys())
def test_mail_server_counts_as_away_for(stage: Stage, script: tuple[bytes | None, ...]) -> None:
    with scripted_server(stage, *script) as (port, heard), pytest.raises(UpstreamAway):
        enter(stage, target_at(port))
    assert len(heard) == script.count(None), "no credentials for a server that is not believed"


def test_closed_port_counts_as_away(stage: Stage) -> None:
    with pytest.raises(UpstreamAway):
        enter(stage, target_at(1))


def test_wrong_password_is_not_the_servers_absence(stage: Stage) -> None:
    with (
        scripted_server(stage, HELLO, None, b"pg1 NO [AUTHENTICATIONFAILED] no\r\n") as (port, _),
        pytest.raises(UpstreamRefused),
    ):
        enter(stage, target_at(port))


@pytest.mark.parametrize("hostile", ["al\r\nice", "a\nb", "a\0b", "x" * 2000, "\ud800"])
def test_nothing_that_could_break_a_line_is_sent(stage: Stage, hostile: str) -> None:
    for login, password in ((hostile, "sesame"), ("alice", hostile)):
        with scripted_server(stage, HELLO, None) as (port, heard), pytest.raises(UpstreamRefused):
            enter(stage, target_at(port), login, password)
        assert b"AUTHENTICATE" not in b"".join(heard)


def test_quoted_strings_cannot_be_broken_out_of() -> None:
    assert quoted('a"b\\') == b'"a\\"b\\\\"'
    with pytest.raises(UnsafeText):
        wire_safe("a\rb")


def test_octets_after_the_starttls_answer_are_not_believed(stage: Stage, tmp_path: Path) -> None:
    make_certificate(tmp_path)
    hello = b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hello\r\n"
    injected = b"pg1 OK begin\r\n* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN]\r\n"
    with scripted_server(stage, hello, None, injected, None) as (port, heard), pytest.raises(UpstreamAway):
        enter(stage, target_at(port, tls=Tls.STARTTLS, context=client_context(tmp_path), host="localhost"))
    assert heard[0] == b"pg1 STARTTLS\r\n"
    assert b"".join(heard[1:]) == b""


def test_missing_starttls_is_not_answered_with_plaintext(stage: Stage, tmp_path: Path) -> None:
    make_certificate(tmp_path)
    with scripted_server(stage, HELLO, None) as (port, heard), pytest.raises(UpstreamAway):
        enter(stage, target_at(port, tls=Tls.STARTTLS, context=client_context(tmp_path), host="localhost"))
    assert heard in ([], [b""])


def test_certificate_for_another_name_is_refused(stage: Stage, tmp_path: Path) -> None:
    make_certificate(tmp_path)
    context = server_context(tmp_path)
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.readline())
        writer.close()

    server = stage.run(asyncio.start_server(serve, "127.0.0.1", 0, ssl=context))
    port = server.sockets[0].getsockname()[1]
    target = target_at(port, host="127.0.0.2", tls=Tls.IMPLICIT, context=client_context(tmp_path))
    with pytest.raises(UpstreamAway):
        enter(stage, target)
    stage.call(server.close)
    assert b"".join(heard) == b""
