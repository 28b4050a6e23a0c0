"""Coming in at a mail server: what is sent, what is never sent, and which servers are not believed."""

import asyncio
import base64
import contextlib
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gateway.mail.dovecot import make_certificate
from gateway.mail.imap.scripted import listening
from pimgate.mail.imap import Away, BadAnswer, BadLogin, Busy, Connection, Login, Place, Way, connect
from pimgate.mail.imap.stream import Stream
from pimgate.settings import Security

HELLO = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello\r\n"
IN = b"OK [CAPABILITY IMAP4rev1] in\r\n"
ANNA = Login("anna", "sesame")
TOKEN = Login("anna@example.org", "t0ken", Way.TOKEN)
MASTER = Login("anna", "master key", Way.MASTER, "gateway")

Script = tuple[bytes | None, ...]
"""What the server says in turn; at None it hears a line first."""


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("certificates")
    make_certificate(directory)
    return directory


def come_in(
    script: Script,
    login: Login = ANNA,
    security: Security = Security.NONE,
    context: ssl.SSLContext | None = None,
    then: Callable[[Connection], Awaitable[object]] | None = None,
    patience_seconds: float = 20,
) -> list[bytes]:
    """The lines that a server with this script hears while somebody logs in."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for part in script:
                if part is None:
                    heard.append(await reader.readline())
                else:
                    writer.write(part)
            await writer.drain()
            while line := await reader.readline():
                heard.append(line)
        except ConnectionError:
            pass

    async def work() -> None:
        async with listening(serve) as port:
            connection = await connect(Place("localhost", port, security, context, patience_seconds), login)
            try:
                if then is not None:
                    await then(connection)
            finally:
                connection.close()
                await asyncio.sleep(0.01)

    try:
        asyncio.run(work())
    except Exception as error:
        error.heard = heard  # type: ignore[attr-defined]
        raise
    return heard


def coded(octets: bytes) -> bytes:
    return base64.b64encode(octets)


PLAIN = coded(b"\0anna\0sesame")


@pytest.mark.parametrize(
    ("script", "login", "heard"),
    [
        ((HELLO, None, b"p1 " + IN), ANNA, [b"p1 AUTHENTICATE PLAIN " + PLAIN]),
        (
            (b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello\r\n", None, b"+ \r\n", None, b"p1 " + IN),
            ANNA,
            [b"p1 AUTHENTICATE PLAIN", PLAIN],
        ),
        ((HELLO, None, b"p1 " + IN), MASTER, [b"p1 AUTHENTICATE PLAIN " + coded(b"anna\0gateway\0master key")]),
        ((b"* OK [CAPABILITY IMAP4rev1] hello\r\n", None, b"p1 " + IN), ANNA, [b'p1 LOGIN "anna" "sesame"']),
        (
            (b"* OK hi\r\n", None, b"* CAPABILITY IMAP4rev1\r\np1 OK\r\n", None, b"p2 " + IN),
            Login("anna", 'a"b\\c'),
            [b"p1 CAPABILITY", b'p2 LOGIN "anna" "a\\"b\\\\c"'],
        ),
        (
            (
                b"* OK [CAPABILITY IMAP4rev1] hello\r\n",
                *(None, b"+ \r\n", None, b"+ \r\n", None, b"p1 " + IN),
            ),
            Login("grün", "süß"),
            [b"p1 LOGIN {5}", "grün {5}".encode(), "süß".encode()],
        ),
        (
            (b"* OK [CAPABILITY AUTH=OAUTHBEARER AUTH=PLAIN SASL-IR] hi\r\n", None, b"p1 " + IN),
            TOKEN,
            [b"p1 AUTHENTICATE OAUTHBEARER "],
        ),
        (
            (b"* OK [CAPABILITY AUTH=XOAUTH2 SASL-IR] hi\r\n", None, b"p1 " + IN),
            TOKEN,
            [b"p1 AUTHENTICATE XOAUTH2 " + coded(b"user=anna@example.org\x01auth=Bearer t0ken\x01\x01")],
        ),
    ],
)
def test_login_goes_the_best_way_that_is_offered(script: Script, login: Login, heard: list[bytes]) -> None:
    found = [each.rstrip(b"\r\n") for each in come_in(script, login)]
    assert len(found) == len(heard)
    assert all(
        one == other or (one.startswith(other) and b"OAUTH" in other) for one, other in zip(found, heard, strict=True)
    )


def test_token_names_person_and_server() -> None:
    (said,) = come_in((b"* OK [CAPABILITY AUTH=OAUTHBEARER SASL-IR] hi\r\n", None, b"p1 " + IN), TOKEN)
    words = base64.b64decode(said.split()[3]).split(b"\x01")
    assert words[0] == b"n,a=anna@example.org,"
    assert words[1] == b"host=localhost"
    assert words[3:] == [b"auth=Bearer t0ken", b"", b""]


@pytest.mark.parametrize(("way", "last"), [("OAUTHBEARER", b"AQ==\r\n"), ("XOAUTH2", b"\r\n")])
def test_token_that_expired_is_a_wrong_login(way: str, last: bytes) -> None:
    hello = f"* OK [CAPABILITY AUTH={way} SASL-IR] hi\r\n".encode()
    with pytest.raises(BadLogin) as refused:
        come_in((hello, None, b"+ eyJzdGF0dXMiOiI0MDEifQ==\r\n", None, b"p1 NO\r\n"), TOKEN)
    assert refused.value.heard[1] == last  # type: ignore[attr-defined]
    assert "t0ken" not in repr(refused.value)


def test_capabilities_are_asked_again_after_the_login() -> None:
    async def then(connection: Connection) -> None:
        assert connection.has("MOVE")
        assert not connection.has("SASL-IR")

    script = (HELLO, None, b"p1 OK in\r\n", None, b"* CAPABILITY IMAP4rev1 MOVE\r\np2 OK\r\n")
    assert come_in(script, then=then)[1:] == [b"p2 CAPABILITY\r\n"]


def test_what_is_offered_is_switched_on() -> None:
    async def then(connection: Connection) -> None:
        assert connection.enabled == {"CONDSTORE", "QRESYNC"}
        assert not connection.is_utf8

    script = (HELLO, None, b"p1 OK [CAPABILITY IMAP4rev1 ENABLE CONDSTORE QRESYNC] in\r\n", None)
    script += (b"* ENABLED CONDSTORE QRESYNC\r\np2 OK\r\n",)
    assert come_in(script, then=then)[1:] == [b"p2 ENABLE CONDSTORE QRESYNC\r\n"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"p1 NO [AUTHENTICATIONFAILED] wrong sesame\r\n", BadLogin),
        (b"p1 NO wrong\r\n", BadLogin),
        (b"p1 NO [UNAVAILABLE] the database is away\r\n", Busy),
        (b"p1 NO [LIMIT] too many of yours\r\n", Busy),
        (b"p1 BAD what?\r\n", Busy),
        (b"* BYE shutting down\r\n", Away),
        (b"p2 OK\r\n", BadAnswer),
        (b"+ and?\r\n", BadAnswer),
        (b"\0\0\0\r\n", BadAnswer),
        (b"* X {99999999}\r\n", BadAnswer),
    ],
)
def test_wrong_login_is_told_from_trouble_of_the_server(answer: bytes, error: type[Exception]) -> None:
    script: Script = (HELLO, None, answer)
    if answer.startswith(b"+"):
        script = (HELLO, None, answer, None, answer)
    with pytest.raises(error) as raised:
        come_in(script)
    assert type(raised.value) is error
    assert "sesame" not in str(raised.value)


@pytest.mark.parametrize(
    "login",
    [Login("an\0na", "x"), Login("anna", "x\0"), Login("anna", "\ud800"), Login("a\x01", "x", Way.TOKEN), MASTER],
)
def test_login_that_cannot_be_said_is_not_said(login: Login) -> None:
    with pytest.raises(BadLogin) as refused:
        come_in((b"* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hi\r\n",), login)
    assert refused.value.heard == []  # type: ignore[attr-defined]


def test_password_is_not_part_of_how_a_login_is_shown() -> None:
    assert "sesame" not in repr(ANNA)


@pytest.mark.parametrize(
    "greeting",
    [
        b"* PREAUTH [CAPABILITY IMAP4rev1] come in\r\n",
        b"* BYE\r\n",
        b"* NO\r\n",
        b"220 smtp\r\n",
        b"p1 OK\r\n",
        b"\r\n",
        b"x" * 70_000,
    ],
)
@pytest.mark.parametrize("security", [Security.NONE, Security.STARTTLS])
def test_strange_greeting_is_not_believed(greeting: bytes, security: Security) -> None:
    with pytest.raises(Away) as raised:
        come_in((greeting,), security=security, context=ssl.create_default_context(), patience_seconds=0.2)
    assert raised.value.heard == []  # type: ignore[attr-defined]


def test_silent_server_is_away() -> None:
    with pytest.raises(Away):
        come_in((), patience_seconds=0.05)


def test_server_that_nobody_runs_is_away() -> None:
    async def work() -> None:
        async with listening(lambda reader, writer: None) as port:
            pass
        with pytest.raises(Away):
            await connect(Place("localhost", port, Security.NONE), ANNA)

    asyncio.run(work())


# TLS


@pytest.mark.parametrize(
    "script",
    [
        (b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", None, b"p1 OK go\r\n* CAPABILITY AUTH=PLAIN\r\n"),
        (b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", None, b"p1 OK go\r\np2 OK in\r\n"),
        (b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", None, b"p1 OK go\r\n", b"p2 OK in\r\n"),
        (b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n", None, b"p1 NO not now\r\n"),
        (b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n",),
        (b"* OK hi\r\n", None, b"* CAPABILITY IMAP4rev1\r\np1 OK\r\n"),
    ],
    ids=[
        "smuggled capabilities",
        "smuggled login",
        "smuggled later",
        "refused",
        "not offered",
        "not offered when asked",
    ],
)
def test_no_password_is_sent_where_tls_is_talked_away(script: Script) -> None:
    with pytest.raises(Away) as raised:
        come_in(script, security=Security.STARTTLS, context=ssl.create_default_context())
    assert not [each for each in raised.value.heard if b"LOGIN" in each or b"AUTH" in each or b"sesame" in each]  # type: ignore[attr-defined]


@pytest.mark.parametrize("smuggled", [b"", b"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\n", b"p2 OK in\r\n", b"* "])
def test_octets_before_tls_are_never_taken_for_protected_ones(certificates: Path, smuggled: bytes) -> None:
    """Somebody on the way adds octets to the last plain segment of a server that is otherwise the right one."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        offered = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        offered.load_cert_chain(certificates / "certificate.pem", certificates / "key.pem")
        writer.write(b"* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n")
        await reader.readline()
        writer.write(b"p1 OK go\r\n" + smuggled)
        with contextlib.suppress(OSError):
            await writer.start_tls(offered)
            for answer in (b"* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\np2 OK\r\n", b"p3 " + IN):
                heard.append(await reader.readline())
                writer.write(answer)
            await reader.readline()

    async def work() -> None:
        context = ssl.create_default_context(cafile=str(certificates / "certificate.pem"))
        async with listening(serve) as port:
            place = Place("localhost", port, Security.STARTTLS, context)
            if smuggled:
                with pytest.raises(BadAnswer, match="smuggled"):
                    await connect(place, ANNA)
            else:
                connection = await connect(place, ANNA)
                await connection.log_out()

    asyncio.run(work())
    assert [each.split()[1] for each in heard if each] == ([] if smuggled else [b"CAPABILITY", b"AUTHENTICATE"])


@pytest.mark.parametrize(
    ("host", "is_trusted", "is_right"),
    [("localhost", True, True), ("localhost", False, False), ("ip6-localhost.example", True, False)],
)
def test_certificate_and_name_are_verified(
    certificates: Path, host: str, is_trusted: bool, is_right: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HELLO)
        heard.append(await reader.readline())
        writer.write(b"p1 " + IN)
        await reader.readline()

    async def work() -> None:
        loop = asyncio.get_running_loop()
        resolve = loop.getaddrinfo
        monkeypatch.setattr(loop, "getaddrinfo", lambda name, *rest, **more: resolve("127.0.0.1", *rest, **more))
        offered = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        offered.load_cert_chain(certificates / "certificate.pem", certificates / "key.pem")
        trusted = str(certificates / "certificate.pem") if is_trusted else None
        context = ssl.create_default_context(cafile=trusted)
        async with listening(serve, ssl=offered) as port:
            place = Place(host, port, Security.TLS, context)
            if is_right:
                await (await connect(place, ANNA)).log_out()
            else:
                with pytest.raises(Away):
                    await connect(place, ANNA)

    asyncio.run(work())
    assert bool(heard) is is_right


class Far(asyncio.Transport):
    """A connection to another machine."""

    def get_extra_info(self, name: str, default: object = None) -> object:
        return ("192.0.2.1", 143) if name == "peername" else default


def test_connection_to_another_machine_is_private_under_tls_alone() -> None:
    async def work() -> None:
        stream = Stream()
        stream.connection_made(Far())
        assert not stream.is_private

    asyncio.run(work())


def test_no_password_goes_to_another_machine_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stream, "is_private", False)
    with pytest.raises(Away, match="no TLS") as raised:
        come_in((HELLO,))
    assert raised.value.heard == []  # type: ignore[attr-defined]
