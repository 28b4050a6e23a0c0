"""A login in the words of SASL: what IMAP and ManageSieve say alike. Pure.

Source: RFC 4616 (PLAIN); RFC 7628 (OAUTHBEARER).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from pimgate.mail.imap.errors import BadLogin


class Way(StrEnum):
    """How one logs in: with the person's password, as a login that may act for them, or with a token."""

    PASSWORD = "password"
    MASTER = "master"
    TOKEN = "token"


@dataclass(frozen=True, slots=True)
class Login:
    """As whom (`person`), and with whose secret: of `master` for MASTER, else of the person."""

    person: str
    secret: str = field(repr=False)
    way: Way = Way.PASSWORD
    master: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """The name of a mechanism, the one message that it takes, and what answers a server that explains why it refuses (the last
    two not yet in base64)."""

    mechanism: str
    message: bytes = field(repr=False)
    last_word: bytes | None = None


def said(login: Login, mechanisms: Collection[str], host: str, port: int) -> Said | None:
    """How to log in with one of these mechanisms (in capitals); None where none of them fits. BadLogin for a login that
    cannot be said."""
    if login.way is Way.TOKEN:
        return _token(login, mechanisms, host, port)
    if "PLAIN" not in mechanisms:
        return None
    words = (login.person, login.master, login.secret) if login.way is Way.MASTER else ("", login.person, login.secret)
    return Said("PLAIN", _joined(words))


def _token(login: Login, mechanisms: Collection[str], host: str, port: int) -> Said | None:
    if any(each in text for text in (login.person, login.secret) for each in "\x00\x01"):
        raise BadLogin("this login cannot be said")
    token = f"auth=Bearer {login.secret}\x01\x01"
    if "OAUTHBEARER" in mechanisms:
        person = login.person.replace("=", "=3D").replace(",", "=2C")
        whole = f"n,a={person},\x01host={host}\x01port={port}\x01{token}"
        return Said("OAUTHBEARER", _utf8(whole), last_word=b"\x01")
    if "XOAUTH2" in mechanisms:
        return Said("XOAUTH2", _utf8(f"user={login.person}\x01{token}"), last_word=b"")
    return None


def _joined(words: tuple[str, ...]) -> bytes:
    message = [_utf8(each) for each in words]
    if any(b"\0" in each for each in message):
        raise BadLogin("this login cannot be said")
    return b"\0".join(message)


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise BadLogin("this login cannot be said") from None
