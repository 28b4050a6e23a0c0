"""A message is handed over to a mail server that speaks SMTP, octet for octet, and what the server says is understood."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.sink import Sink, listening
from pimgate.mail.carrying import LeftOut, Letter, Lost, Never, NotCarried, NotNow
from pimgate.mail.imap.sasl import Login, Way
from pimgate.mail.submission import Submission

OCTETS = b"Subject: x\r\n\r\n.begins with a dot\r\n..two\r\nend\r\n"
LETTER = Letter("anna@example.org", ("zoe@outside.example",), OCTETS)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with listening() as found:
        yield found


def carry(sink: Sink, tmp_path: Path, letter: Letter = LETTER) -> list[str]:
    """Hand a letter over; gives what was noted on the way."""
    noted: list[str] = []
    Submission(sink.settings, tmp_path).carry(letter, lambda: noted.append("last octet"))
    return noted


def test_letter_arrives_octet_for_octet(sink: Sink, tmp_path: Path) -> None:
    assert carry(sink, tmp_path) == ["last octet"]
    assert sink.taken == [("anna@example.org", ["zoe@outside.example"], OCTETS)]


def test_letter_without_a_last_line_end_gets_one(sink: Sink, tmp_path: Path) -> None:
    carry(sink, tmp_path, replace(LETTER, octets=b"Subject: x\r\n\r\nend"))
    assert sink.taken[0][2] == b"Subject: x\r\n\r\nend\r\n"


@pytest.mark.parametrize(("answer", "wanted"), [("451 4.3.0 busy", NotNow), ("554 5.6.0 no", Never)])
def test_answer_to_the_last_octet_is_understood(
    sink: Sink, tmp_path: Path, answer: str, wanted: type[NotCarried]
) -> None:
    sink.answers.append(answer)
    with pytest.raises(wanted):
        carry(sink, tmp_path)


def test_recipient_who_does_not_live_there_is_refused_before_the_last_octet(sink: Sink, tmp_path: Path) -> None:
    sink.refuses.add("zoe@outside.example")
    noted: list[str] = []
    with pytest.raises(Never) as problem:
        Submission(sink.settings, tmp_path).carry(LETTER, lambda: noted.append("last octet"))
    assert (noted, problem.value.words) == ([], "refused with 550")


def test_server_that_is_away_is_for_later(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with pytest.raises(NotNow):
        carry(Sink(port), tmp_path)


def test_password_never_stands_in_what_is_said_of_a_failure(sink: Sink, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a secret of the gateway\n")
    settings = replace(sink.settings, user="gateway", password_file="secret")
    with pytest.raises(NotNow) as problem:  # the sink knows no logins
        Submission(settings, tmp_path).carry(LETTER, lambda: None)
    assert "secret" not in problem.value.words


def test_who_lives_there_gets_it_and_who_does_not_is_named(sink: Sink, tmp_path: Path) -> None:
    sink.refuses.add("bob@outside.example")
    letter = replace(LETTER, recipients=("bob@outside.example", "zoe@outside.example"))
    left_out = Submission(sink.settings, tmp_path).carry(letter, lambda: None)
    assert left_out == LeftOut({"bob@outside.example": "refused with 550"})
    assert sink.taken == [("anna@example.org", ["zoe@outside.example"], OCTETS)]


def test_addresses_and_octets_beyond_ascii_are_told_beforehand(sink: Sink, tmp_path: Path) -> None:
    octets = "Subject: x\r\n\r\nGrüße\r\n".encode()
    with pytest.raises(Never):
        carry(sink, tmp_path, Letter("anna@example.org", ("zoë@outside.example",), octets))
    carry(sink, tmp_path, replace(LETTER, octets=octets))
    assert sink.options == ["SIZE=23", "BODY=8BITMIME"]


@pytest.mark.parametrize(
    ("login", "wanted"),
    [
        (Login("anna", "her own"), (b"", b"anna", b"her own")),
        (Login("anna", "the gateway's", Way.MASTER, "gateway"), (b"anna", b"gateway", b"the gateway's")),
    ],
)
def test_people_log_in_themselves_or_are_acted_for(
    tmp_path: Path, login: Login, wanted: tuple[bytes, bytes, bytes]
) -> None:
    with listening(Sink(knows=wanted)) as sink:
        carry(sink, tmp_path, replace(LETTER, login=login))
        assert len(sink.taken) == 1
        with pytest.raises(NotNow) as problem:
            carry(sink, tmp_path, replace(LETTER, login=replace(login, secret="guessed")))
    assert problem.value.words in ("the login was refused with 535", "SMTPAuthenticationError 535")


def test_line_that_breaks_after_the_last_octet_is_lost(tmp_path: Path) -> None:
    import threading

    def serve(listener: socket.socket) -> None:
        line, _ = listener.accept()
        with line, line.makefile("rwb", buffering=0) as file:
            file.write(b"220 sink\r\n")
            for octets in iter(file.readline, b""):
                word = octets[:4].upper()
                if word == b"DATA":
                    file.write(b"354 go\r\n")
                    while file.readline() != b".\r\n":
                        pass
                    return
                file.write(b"250 OK\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        with pytest.raises(Lost):
            carry(Sink(listener.getsockname()[1]), tmp_path)
        thread.join(10)
