"""The conversation before the login, as hostile and as hurried mail programs hold it."""

import base64
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from pimgate_imap.gate import RefusalCode, Refused
from pimgate_imap.settings import Limits
from plugins.imap.stage import OpenGate, Stage, Wire, house_for, on_stage, proxy, scripted_server

UPSTREAM = (
    b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] ready\r\n",
    None,
    b"pg1 OK [CAPABILITY IMAP4rev1 XYZZY MOVE] in\r\n",
)
PLAIN_ALICE = base64.b64encode(b"\0alice\0wonder land")


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with on_stage() as stage:
        yield stage


@pytest.fixture
def gate() -> OpenGate:
    return OpenGate({"alice": "wonder land", "grün": "geheimnis ß", 'quo"te': "back\\slash"})


@pytest.fixture
def port(stage: Stage, gate: OpenGate) -> Iterator[int]:
    with (
        scripted_server(stage, *UPSTREAM) as (upstream, _),
        proxy(stage, house_for(gate, upstream)) as port,
    ):
        yield port


def test_greeting_tells_what_can_be_done_before_the_login(port: int) -> None:
    with Wire(port) as wire:
        assert wire.line() == b"* OK [CAPABILITY IMAP4rev1 LITERAL+ SASL-IR ID AUTH=PLAIN] pimgate ready."


LOGINS = {
    "quoted strings": b'a LOGIN "alice" "wonder land"\r\n',
    "literals that do not wait": b"a LOGIN {5+}\r\nalice {11+}\r\nwonder land\r\n",
    "an atom and a literal": b"a login alice {11+}\r\nwonder land\r\n",
    "umlauts in literals": "a LOGIN {5+}\r\ngrün {12+}\r\ngeheimnis ß\r\n".encode(),
    "umlauts in quotes": 'a LOGIN "grün" "geheimnis ß"\r\n'.encode(),
    "quotes and backslashes": b'a LOGIN "quo\\"te" "back\\\\slash"\r\n',
    "PLAIN at once": b"a AUTHENTICATE PLAIN " + PLAIN_ALICE + b"\r\n",
    "PLAIN when asked": b"a AUTHENTICATE PLAIN\r\n" + PLAIN_ALICE + b"\r\n",
    "PLAIN as oneself": b"a AUTHENTICATE PLAIN " + base64.b64encode(b"alice\0alice\0wonder land") + b"\r\n",
    "a bare line feed": b'a LOGIN alice "wonder land"\n',
}


@pytest.mark.parametrize("octets", LOGINS.values(), ids=LOGINS.keys())
def test_person_logs_in_with(port: int, octets: bytes) -> None:
    with Wire(port) as wire:
        wire.line()
        wire.send(octets)
        assert wire.until(b"a")[-1] == b"a OK [CAPABILITY IMAP4rev1 XYZZY MOVE] Logged in."


def test_waiting_literal_is_asked_for(port: int) -> None:
    with Wire(port) as wire:
        wire.line()
        wire.send(b"a LOGIN alice {11}\r\n")
        assert wire.line().startswith(b"+")
        wire.send(b"wonder land\r\n")
        assert wire.line().startswith(b"a OK")


def test_literal_that_looks_like_the_announcement_of_another_is_only_text(port: int, gate: OpenGate) -> None:
    gate.people["alice"] = "x{5}"
    with Wire(port) as wire:
        wire.line()
        wire.send(b"a LOGIN alice {4+}\r\nx{5}\r\n")
        assert wire.line().startswith(b"a OK")


def test_login_sent_one_byte_at_a_time_works(port: int) -> None:
    with Wire(port) as wire:
        wire.line()
        for octet in b'a LOGIN alice "wonder land"\r\n':
            wire.send(bytes([octet]))
            time.sleep(0.002)
        assert wire.line().startswith(b"a OK")


WRONG = {
    "an unknown command": (b"a XPAY now\r\n", b"a BAD"),
    "a command of later": (b"a SELECT INBOX\r\n", b"a BAD"),
    "no tag": (b"\r\n", b"* BAD"),
    "a tag alone": (b"a\r\n", b"* BAD"),
    "a tag with a plus": (b"a+b NOOP\r\n", b"* BAD"),
    "a command of digits": (b"a 123\r\n", b"a BAD"),
    "arguments where none belong": (b"a NOOP please\r\n", b"a BAD"),
    "no arguments": (b"a LOGIN\r\n", b"a BAD"),
    "one argument": (b"a LOGIN alice\r\n", b"a BAD"),
    "three arguments": (b"a LOGIN alice b c\r\n", b"a BAD"),
    "an open quote": (b'a LOGIN alice "wonder\r\n', b"a BAD"),
    "octets that are no text": (b'a LOGIN alice "\xff\xfe"\r\n', b"a BAD"),
    "a large literal": (b"a LOGIN alice {99999}\r\n", b"a BAD"),
    "a gigantic literal": (b"a LOGIN alice {9999999999}\r\n", b"a BAD"),
    "broken base64": (b"a AUTHENTICATE PLAIN !!!\r\n", b"a BAD"),
    "half a PLAIN message": (b"a AUTHENTICATE PLAIN " + base64.b64encode(b"alice\0x") + b"\r\n", b"a BAD"),
    "an empty PLAIN message": (b"a AUTHENTICATE PLAIN =\r\n", b"a BAD"),
    "another mechanism": (b"a AUTHENTICATE CRAM-MD5\r\n", b"a NO"),
    "somebody else's name": (
        b"a AUTHENTICATE PLAIN " + base64.b64encode(b"bob\0alice\0wonder land") + b"\r\n",
        b"a NO [AUTHORIZATIONFAILED]",
    ),
    "a wrong password": (b"a LOGIN alice sesame\r\n", b"a NO [AUTHENTICATIONFAILED]"),
    "an unknown login": (b"a LOGIN eve sesame\r\n", b"a NO [AUTHENTICATIONFAILED]"),
    "a line end in the login": (b"a LOGIN {9+}\r\nali\r\nb NO {1+}\r\nx\r\n", b"a NO [AUTHENTICATIONFAILED]"),
    "a NUL in the password": (b"a LOGIN alice {3+}\r\nx\0y\r\n", b"a NO [AUTHENTICATIONFAILED]"),
    "STARTTLS where there is none": (b"a STARTTLS\r\n", b"a BAD"),
    "a broken ID list": (b'a ID ("name"\r\n', b"a BAD"),
}


@pytest.mark.parametrize(("octets", "answer"), WRONG.values(), ids=WRONG.keys())
def test_one_sentence_answers(port: int, octets: bytes, answer: bytes) -> None:
    with Wire(port) as wire:
        wire.line()
        wire.send(octets)
        line = wire.line()
        assert line.startswith(answer + b" ")
        assert b"Traceback" not in line
        assert wire.ask(b"z NOOP") == b"z OK NOOP completed."


def test_cancelled_login_is_no_login(port: int, gate: OpenGate) -> None:
    with Wire(port) as wire:
        wire.line()
        wire.send(b"a AUTHENTICATE PLAIN\r\n")
        assert wire.line() == b"+ "
        wire.send(b"*\r\n")
        assert wire.line() == b"a BAD AUTHENTICATE cancelled."
    assert gate.visitors == []


def test_third_bad_command_ends_the_conversation(port: int) -> None:
    with Wire(port) as wire:
        wire.line()
        wire.send(b"a X\r\nb X\r\nc X\r\nd NOOP\r\n")
        assert [wire.line()[:5] for _ in range(5)] == [b"a BAD", b"b BAD", b"c BAD", b"* BYE", b""]


def test_fifth_refused_login_ends_the_conversation(port: int) -> None:
    with Wire(port) as wire:
        wire.line()
        for _ in range(5):
            assert wire.ask(b"a LOGIN alice no").startswith(b"a NO")
        assert wire.line().startswith(b"* BYE")
        assert wire.line() == b""


def test_overlong_line_ends_the_conversation(port: int) -> None:
    with Wire(port) as wire:
        wire.line()
        wire.send(b"a LOGIN " + b"x" * 9000)
        assert wire.line() == b"* BYE The line is too long."


def test_large_literal_that_does_not_wait_ends_the_conversation(port: int) -> None:
    with Wire(port) as wire:
        wire.line()
        wire.send(b"a LOGIN alice {20000+}\r\n" + b"b LOGOUT\r\n")
        assert wire.until(b"never")[0].startswith(b"a BAD")
        assert wire.line() == b""


@pytest.mark.parametrize("code", list(RefusalCode))
def test_refusal_reaches_the_mail_program_with_its_code(port: int, gate: OpenGate, code: RefusalCode) -> None:
    gate.refusal = Refused(code, "Not now.")
    with Wire(port) as wire:
        wire.line()
        assert wire.ask(b'a LOGIN alice "wonder land"') == b"a NO [" + code.encode() + b"] Not now."


def test_program_is_known_by_its_id(port: int, gate: OpenGate) -> None:
    with Wire(port) as wire:
        wire.line()
        wire.send(b'i ID ("name" "Thunder\x07bird" "version" "140.1" "os" NIL)\r\n')
        assert wire.until(b"i") == [b'* ID ("name" "pimgate")', b"i OK ID completed."]
        wire.ask(b"a LOGIN alice wrong")
    assert gate.visitors[0].agent == "Thunderbird 140.1"
    assert gate.visitors[0].network == "127.0.0.1"


def test_silent_program_is_sent_away(stage: Stage, gate: OpenGate) -> None:
    hurry = Limits(prelogin_idle_seconds=0.2)
    with proxy(stage, house_for(gate, 1, hurry)) as port, Wire(port) as wire:
        wire.line()
        assert wire.line() == b"* BYE Nothing was said for too long."


def test_chatting_without_a_login_has_an_end(stage: Stage, gate: OpenGate) -> None:
    hurry = Limits(prelogin_total_seconds=0.2)
    with proxy(stage, house_for(gate, 1, hurry)) as port, Wire(port) as wire:
        wire.line()
        for _ in range(20):
            wire.send(b"a NOOP\r\n")
            if wire.line().startswith(b"* BYE"):
                return
            time.sleep(0.03)
        pytest.fail("the conversation went on")


def test_password_appears_in_no_log(port: int, gate: OpenGate, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with Wire(port) as wire:
        wire.line()
        wire.ask(b'a LOGIN alice "canary-7345"')
        wire.ask(b'b LOGIN alice "wonder land"')
    assert "canary-7345" not in caplog.text
    assert "wonder land" not in caplog.text + repr(gate.visitors)


@settings(max_examples=examples(20, 180), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.one_of(st.binary(max_size=60), st.sampled_from([*LOGINS.values(), b"{5}", b"\r\n", b'"'])), max_size=6)
)
def test_nothing_a_stranger_sends_brings_out_more_than_one_line_each(
    port: int, caplog: pytest.LogCaptureFixture, chunks: list[bytes]
) -> None:
    with Wire(port) as wire:
        wire.line()
        try:
            wire.send(b"".join(chunks) + b"\r\nzz LOGOUT\r\n")
            wire.socket.shutdown(1)
            while line := wire.line():
                assert len(line) < 300
        except OSError:
            pass
    assert "fault of ours" not in caplog.text
