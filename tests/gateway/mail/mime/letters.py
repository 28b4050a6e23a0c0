"""Messages of every sort, and what is said of them by others: the standard library and an IMAP server."""

from __future__ import annotations

import email
from email.message import EmailMessage, Message
from email.policy import SMTP, compat32
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"

PLAIN = b"From: Anna <anna@example.org>\r\nTo: ben@example.org\r\nSubject: Lunch\r\n\r\nShall we?\r\n"


def sample(name: str) -> bytes:
    """One of the written messages, with the line ends of mail."""
    return (CORPUS / name).read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def samples() -> list[str]:
    return sorted(each.name for each in CORPUS.glob("*.eml"))


def letter(subject: str = "Lunch", text: str = "Shall we?\n", html: str = "") -> EmailMessage:
    """A message to be added to."""
    made = EmailMessage(policy=SMTP)
    made["From"] = "Anna <anna@example.org>"
    made["To"] = "ben@example.org"
    made["Subject"] = subject
    made["Message-ID"] = "<1@example.org>"
    made["Date"] = "Mon, 5 Jan 2026 10:00:00 +0100"
    made.set_content(text)
    if html:
        made.add_alternative(html, subtype="html")
    return made


def multipart(subtype: str, *parts: bytes, boundary: str = "b", more: str = "") -> bytes:
    """A multipart as octets, with whatever stands in its parts."""
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"{more}\r\n\r\n'.encode()
    line = b"--" + boundary.encode()
    return head + b"".join(line + b"\r\n" + part + b"\r\n" for part in parts) + line + b"--\r\n"


def part(media_type: str, body: bytes = b"x", *fields: str) -> bytes:
    head = "".join(f"{each}\r\n" for each in (f"Content-Type: {media_type}", *fields))
    return head.encode() + b"\r\n" + body


def read_by_standard_library(octets: bytes) -> Message:
    return email.message_from_bytes(octets, policy=compat32)
