"""Who a message comes from, as far as that can be told from its header. Pure.

What stands in From anybody can write. A mail server that verifies it says so in Authentication-Results under a name of its own, and
takes away what others wrote under that name; so only what stands under that name counts.

Source: RFC 5322, "Originator Fields"; RFC 8601, "Formal Definition of the Header Field", "Misleading Results"; RFC 7489,
"Identifier Alignment".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pimgate.mail.mime.addresses import addresses_in
from pimgate.mail.mime.charsets import decode
from pimgate.mail.mime.fields import fields_of
from pimgate.settings import Invitations
from pimgate.text.itip.meeting import same_address

FIELDS: Final = ("FROM", "SENDER", "AUTHENTICATION-RESULTS")
_LONGEST: Final = 8_192
_QUOTED: Final = r'"(?:[^"\\]|\\.)*"'
_PIECE: Final = re.compile(rf'{_QUOTED}|\\.|[();"\\]|[^();"\\]+', re.DOTALL)
_METHOD: Final = re.compile(r"\s*([a-z0-9-]{1,40})(?:/[0-9]+)?\s*=\s*([a-z]{1,40})", re.IGNORECASE)
_PROPERTY: Final = re.compile(
    rf'([a-z][a-z0-9.-]{{0,60}})\s*=\s*((?:{_QUOTED}|[^\s"])+)|{_QUOTED}|[^\s"]+', re.IGNORECASE | re.DOTALL
)
"""Quoted strings are passed over whole: an address may hold whatever its owner likes there, also what looks like a result."""


@dataclass(frozen=True, slots=True)
class Result:
    """One result: `dmarc`, `pass`, and of what: `{"header.from": "example.org"}`. All in lower case."""

    method: str
    verdict: str
    about: Mapping[str, str]


def speaks_for(header: bytes, party: str, believed: Invitations, authenticated_by: str) -> bool:
    """Whether a message with this header comes from `party`, by what is believed here. One From, or else a Sender of its domain
    beside it, has to be theirs; where the mail server says that From is forged, it is. Nobody verifies a Sender: one of another
    domain says nothing."""
    fields = fields_of(header)
    authors = _addresses(fields, "from")
    results = list(_results(fields, authenticated_by)) if authenticated_by else []
    if believed is Invitations.OFF or len(authors) != 1 or any(_denies(each) for each in results):
        return False
    author = authors[0]
    if believed is Invitations.AUTHENTICATED:
        domain = _domain(author)
        return same_address(author, party) and any(_vouches(each, domain) for each in results)
    beside = [each for each in _addresses(fields, "sender") if _domain(each) == _domain(author)]
    return any(same_address(each, party) for each in (author, *beside))


def is_proven(header: bytes, party: str, authenticated_by: str) -> bool:
    """Whether the mail server verified that a message with this header comes from `party`."""
    return speaks_for(header, party, Invitations.AUTHENTICATED, authenticated_by)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()


def _addresses(fields: tuple[tuple[str, bytes], ...], name: str) -> list[str]:
    values = [decode(value[:_LONGEST]) for key, value in fields if key == name]
    return [each.email for value in values for each in addresses_in(value) if each.email]


def _results(fields: tuple[tuple[str, bytes], ...], authenticated_by: str) -> Iterator[Result]:
    """What stands under this name. A field that cannot be taken apart for sure speaks against the message."""
    for key, value in fields:
        text = decode(value[:_LONGEST])
        if key != "authentication-results" or text.partition(";")[0].split()[:1] != [authenticated_by]:
            continue
        said = _said(text)
        if not said:
            yield Result("dmarc", "fail", {})
        for each in said[1:]:
            found = _METHOD.match(each)
            if found is not None:
                yield Result(found.group(1).lower(), found.group(2).lower(), _about(each[found.end() :]))


def _said(text: str) -> list[str]:
    """The parts of a field between semicolons, without comments; none where quotation marks or brackets do not close, or stand
    within each other."""
    parts, depth = [""], 0
    for piece in _PIECE.findall(text):
        if piece == '"' or (depth and piece[0] == '"') or (piece == ")" and not depth):
            return []
        if piece in ("(", ")"):
            depth += 1 if piece == "(" else -1
            parts[-1] += " "
        elif piece == ";" and not depth:
            parts.append("")
        elif not depth:
            parts[-1] += piece
    return [] if depth else parts


def _about(text: str) -> Mapping[str, str]:
    """The properties of a result; one that is said twice says nothing."""
    about: dict[str, str] = {}
    for found in _PROPERTY.finditer(text):
        name, said = (each.lower() for each in found.group(1, 2)) if found.group(1) else ("", "")
        whole = re.fullmatch(_QUOTED, said, re.DOTALL)
        about[name] = "" if name in about else said[1:-1] if whole else said
    return about


def _denies(result: Result) -> bool:
    return result.method == "dmarc" and result.verdict == "fail"


def _vouches(result: Result, domain: str) -> bool:
    """Whether this says that the domain in From is that of who sent it."""
    if result.verdict != "pass" or not domain:
        return False
    match result.method:
        case "dmarc":
            return result.about.get("header.from", domain).rpartition("@")[2] == domain
        case "dkim":
            signed = result.about.get("header.d") or result.about.get("header.i", "").rpartition("@")[2]
            return signed == domain or ("." in signed and domain.endswith(f".{signed}"))
        case "spf":
            return _domain(result.about.get("smtp.mailfrom", "")) == domain
        case "auth":
            return _domain(result.about.get("smtp.auth", "")) == domain
    return False
