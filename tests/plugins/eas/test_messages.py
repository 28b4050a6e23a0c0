"""What is fetched of messages, and what becomes of those that cannot be shown."""

import time
from collections.abc import AsyncIterator, Collection, Mapping
from email.message import EmailMessage
from typing import Any

import pytest

from pimgate.api import AwayNow, ItemId, Message
from pimgate.mail.imap import Missing
from pimgate.mail.mime.pieces import Piece
from pimgate.mail.reading import AT_ONCE_BYTES, OpenFolder
from pimgate_eas.mail import messages
from pimgate_eas.mapping import email as mapped
from pimgate_eas.wbxml.element import Element
from plugins.eas.mailroom import MailRoom
from plugins.eas.wire import collection, key_of

DATA = "AirSync:ApplicationData"
LONG = "Wind and weather, day by day.\n" * 12_000


@pytest.fixture
def kind() -> str:
    return "sqlite"


def letter(subject: str, text: str, attachment: bytes = b"") -> bytes:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "bert@example.org", "anna@example.org", subject
    made["Message-ID"] = f"<{subject}@example.org>"
    made.set_content(text)
    if attachment:
        made.add_attachment(attachment, maintype="application", subtype="pdf", filename="plan.pdf")
    return made.as_bytes().replace(b"\n", b"\r\n")


def deliver(post: MailRoom, *letters: bytes) -> None:
    post.program(lambda line: [line.done(line.append("INBOX", "", None, each)) for each in letters])


def shown(post: MailRoom, *options: Element, **more: Any) -> dict[str, Element]:
    """What a device gets of the inbox, by subject."""
    wire = post.wire(f"Wire{time.monotonic_ns()}")
    inbox = wire.folders()["Inbox"]
    asked = (Element("AirSync:Options", *options),) if options else ()
    part = wire.sync(collection(inbox, wire.begin(inbox), *asked))[inbox]
    assert not part.has("AirSync:MoreAvailable") and key_of(part)
    return {each.text_of("Email:Subject") or "": each for each in part.path("AirSync:Commands", "AirSync:Add", DATA)}


def preference(form: str, most: int | None = None) -> Element:
    size = [Element("AirSyncBase:TruncationSize", text=str(most))] if most is not None else []
    return Element("AirSyncBase:BodyPreference", Element("AirSyncBase:Type", text=form), *size)


def body(data: Element) -> Element:
    (found,) = data.path("AirSyncBase:Body")
    return found


def test_first_lines_of_a_large_message_are_fetched_without_the_rest(
    post: MailRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(
        post, letter("files", "See below.", b"%PDF" + b"x" * 1_000_000), letter("long", LONG), letter("short", "Hello")
    )
    fetched: list[int] = []
    asking = OpenFolder.pieces

    async def pieces(
        self: OpenFolder, known: Mapping[ItemId, Message], wanted: Mapping[ItemId, Collection[Piece]]
    ) -> dict[ItemId, dict[Piece, bytes]]:
        found = await asking(self, known, wanted)
        fetched.extend(len(octets) for each in found.values() for octets in each.values())
        return found

    monkeypatch.setattr(OpenFolder, "pieces", pieces)
    found = shown(post, preference("1", 500))
    assert len(body(found["long"]).text_of("AirSyncBase:Data") or "") in range(480, 501)
    assert body(found["files"]).text_of("AirSyncBase:Data") == "See below."
    assert sum(fetched) < 200_000
    (file,) = found["files"].path("AirSyncBase:Attachments", "AirSyncBase:Attachment")
    assert int(file.text_of("AirSyncBase:EstimatedDataSize") or 0) == pytest.approx(1_000_000, rel=0.05)
    whole = shown(post, preference("1"))  # more than comes at once
    assert (body(whole["long"]).text_of("AirSyncBase:Data") or "").split() == LONG.split()
    original = shown(post, Element("AirSync:MIMESupport", text="2"), preference("4"))
    octets = body(original["short"]).text_of("AirSyncBase:Data") or ""
    assert octets.startswith("From: bert@example.org\r\n") and octets.endswith("Hello\r\n")
    assert len(body(original["files"]).text_of("AirSyncBase:Data") or "") > 1_300_000


def test_message_that_cannot_be_shown_becomes_one_that_says_so(post: MailRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it cannot be taken apart, takes too long, or is not handed out: the others are there."""
    names = ("broken", "slow", "stuck", "good")
    deliver(post, *(letter(each, "Hello") for each in names))
    rendering, sketching = mapped.render, OpenFolder.sketches

    def render(message: mapped.Message, pieces: Mapping[Piece, bytes], *rest: Any) -> list[Element]:
        header = b"".join(pieces.values())
        if not message.structure.breach and b"Subject: broken" in header:
            raise KeyError("no such part")
        if not message.structure.breach and b"Subject: slow" in header:
            time.sleep(1.5)
        return rendering(message, pieces, *rest)

    async def sketches(self: OpenFolder, known: Collection[Message], *rest: Any) -> Any:
        if any(each.message_id == "<stuck@example.org>" for each in known):
            raise AwayNow("the mail server stumbles")
        return await sketching(self, known, *rest)

    monkeypatch.setattr(mapped, "render", render)
    monkeypatch.setattr(OpenFolder, "sketches", sketches)
    monkeypatch.setattr(messages, "RENDER_SECONDS", 1.0)
    found = shown(post)
    assert set(found) == {"broken", "slow", "good", ""}  # nothing is known of what was not handed out, not even that
    assert body(found["good"]).text_of("AirSyncBase:Data") == "Hello"
    for name, words in (
        ("broken", "cannot be taken apart"),
        ("slow", "cannot be taken apart"),
        ("", "not hand it out"),
    ):
        assert words in (body(found[name]).text_of("AirSyncBase:Data") or ""), name
        (original,) = found[name].path("AirSyncBase:Attachments", "AirSyncBase:Attachment")
        assert (original.text_of("AirSyncBase:DisplayName"), original.text_of("AirSyncBase:Method")) == (
            "message.eml",
            "5",
        )


def test_message_that_goes_while_it_is_fetched_is_not_told(post: MailRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    deliver(post, letter("one", "Hello"), letter("two", "Hello"))
    sketching = OpenFolder.sketches

    async def sketches(self: OpenFolder, known: Collection[Message], *rest: Any) -> Any:
        monkeypatch.setattr(OpenFolder, "sketches", sketching)
        post.program(lambda line: line.remove("one"))
        return await sketching(self, known, *rest)

    monkeypatch.setattr(OpenFolder, "sketches", sketches)
    assert set(shown(post)) == {"two"}


def test_message_that_goes_before_the_rest_of_it_came_is_not_told(
    post: MailRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(post, letter("one", LONG), letter("two", "Hello"))

    async def slices(self: OpenFolder, message: Message, piece: Piece, *, start: int = 0) -> AsyncIterator[bytes]:
        if start == AT_ONCE_BYTES:
            post.program(lambda line: line.remove("one"))
            raise Missing(piece.section)  # as servers say that hand out nothing of a message that went
        yield b""

    monkeypatch.setattr(OpenFolder, "slices", slices)
    assert set(shown(post, preference("1"))) == {"two"}
