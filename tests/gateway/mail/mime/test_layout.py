"""The tree of parts: the same as the standard library reads, and as Dovecot tells it."""

import imaplib
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

from gateway.mail.dovecot import running_dovecot
from gateway.mail.mime.letters import letter, multipart, part, read_by_standard_library, sample, samples
from pimgate.mail.imap.hearing import heard
from pimgate.mail.mime.layout import Layout, layout_of
from pimgate.mail.mime.parts import Part
from pimgate.mail.mime.pieces import Piece
from pimgate.mail.mime.structure import structure_of
from pimgate.mail.mime.transfer import decoded

WELL_FORMED = [each for each in samples() if each != "broken.eml"]


def shape(part: Part) -> object:
    if part.message is not None:
        return part.media_type, [shape(part.message)]
    return part.media_type, [shape(each) for each in part.parts]


def library_shape(message: Message) -> object:
    below = message.get_payload() if message.is_multipart() else []
    return message.get_content_type(), [library_shape(each) for each in below if isinstance(each, Message)]


def leaves(layout: Layout) -> list[bytes]:
    found = (each for each in layout.structure.root.walk() if not each.parts and each.message is None)
    return [decoded(layout.piece(Piece(each.section)), each.encoding) for each in found]


@pytest.mark.parametrize("name", WELL_FORMED)
def test_tree_is_that_of_the_standard_library(name: str) -> None:
    octets = sample(name)
    layout = layout_of(octets)
    if "report" in layout.structure.root.subtype:
        return  # the library takes a delivery-status apart
    theirs = read_by_standard_library(octets)
    assert shape(layout.structure.root) == library_shape(theirs)
    bodies = [each.get_payload(decode=True) for each in theirs.walk() if not each.is_multipart()]
    assert leaves(layout) == bodies


def test_every_octet_of_a_part_is_as_it_came() -> None:
    octets = sample("newsletter.eml")
    layout = layout_of(octets)
    for each in layout.structure.root.walk():
        assert layout.piece(Piece(each.section)) in octets
        assert len(layout.piece(Piece(each.section))) == each.size_bytes
    assert layout.piece(Piece("")) == octets
    assert layout.piece(Piece("HEADER")).endswith(b'boundary="outer"\r\n\r\n')
    assert layout.piece(Piece("1.2", 4)) == b"iVBO"
    assert layout.piece(Piece("9.9")) == b""


def test_broken_message_has_the_parts_that_can_be_made_out() -> None:
    root = layout_of(sample("broken.eml")).structure.root
    assert [each.media_type for each in root.walk()] == ["multipart/mixed", "text/plain", "text/html", "text/plain"]


def test_inner_multipart_without_an_end_ends_with_the_outer_one() -> None:
    octets = multipart(
        "mixed", b"Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nwithin", part("text/plain", b"after")
    )
    assert [each.section for each in layout_of(octets).structure.root.walk()] == ["TEXT", "1", "1.1", "2"]
    assert leaves(layout_of(octets)) == [b"within", b"after"]


def test_delimiter_right_after_a_field_ends_the_header() -> None:
    octets = multipart("mixed", b"Content-Type: text/html", part("text/plain", b"second"))
    assert leaves(layout_of(octets)) == [b"", b"second"]


def test_digest_holds_messages() -> None:
    octets = multipart("digest", b"\r\nSubject: one\r\n\r\nx")
    assert shape(layout_of(octets).structure.root) == ("multipart/digest", [("message/rfc822", [("text/plain", [])])])


def test_encoded_message_is_not_opened() -> None:
    octets = part("message/rfc822", b"U3ViamVjdDogeA==", "Content-Transfer-Encoding: base64")
    assert layout_of(octets).structure.root.message is None


@pytest.fixture(scope="module")
def inbox() -> Iterator[imaplib.IMAP4]:
    with running_dovecot() as server, imaplib.IMAP4("127.0.0.1", server.port) as line:
        line.login(server.user, server.password)
        yield line


def told(line: imaplib.IMAP4, octets: bytes) -> object:
    """What Dovecot says of a message."""
    line.append("INBOX", "", "", octets)
    line.select("INBOX")
    _, answer = line.fetch("*", "(BODYSTRUCTURE)")
    pieces: list[bytes] = []
    for each in answer:
        if isinstance(each, tuple):
            pieces += each
        elif each is not None:
            pieces.append(each)
    values = heard([b"* " + pieces[0].replace(b" (", b" FETCH (", 1), *pieces[1:]]).values
    found = values[-1]
    assert isinstance(found, list)
    return found[found.index("BODYSTRUCTURE") + 1]


def facts(part: Part) -> list[tuple[object, ...]]:
    return [
        (each.section, each.media_type, each.filename, each.content_id, each.encoding, each.disposition, each.charset)
        + ((each.size_bytes, each.subject) if not each.parts else ())
        for each in part.walk()
    ]


def with_declared_charset(facts_of: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Dovecot says us-ascii of texts that do not say what they are in."""
    return [
        (*each[:6], each[6] or ("us-ascii" if str(each[1]).startswith("text/") else ""), *each[7:]) for each in facts_of
    ]


@pytest.mark.parametrize("name", samples())
def test_tree_is_that_of_dovecot(inbox: imaplib.IMAP4, name: str) -> None:
    octets = sample(name)
    theirs = structure_of(told(inbox, octets))
    assert not theirs.breach
    ours = layout_of(octets).structure
    assert with_declared_charset(facts(theirs.root)) == with_declared_charset(facts(ours.root))


def test_pieces_are_those_of_dovecot(inbox: imaplib.IMAP4) -> None:
    octets = sample("forwarded.eml")
    told(inbox, octets)
    layout = layout_of(octets)
    for section in ("HEADER", "TEXT", "1", "2", "2.TEXT", "2.1", "2.2", "1.MIME", "2.1.MIME"):
        _, answer = inbox.fetch("*", f"(BODY.PEEK[{section}])")
        assert isinstance(answer[0], tuple)
        assert layout.piece(Piece(section)) == answer[0][1], section


def test_message_of_the_standard_library_is_read_as_it_was_made(tmp_path: Path) -> None:
    made = letter(html="<p>Shall we?</p>")
    made.add_attachment(b"abc", maintype="application", subtype="pdf", filename="Überblick.pdf")
    root = layout_of(made.as_bytes()).structure.root
    assert [(each.section, each.filename) for each in root.walk()] == [
        ("TEXT", ""),
        ("1", ""),
        ("1.1", ""),
        ("1.2", ""),
        ("2", "Überblick.pdf"),
    ]
