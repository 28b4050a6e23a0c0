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
_COMMENT: Final = re.compile(r"\([^()]*\)")
_DEEPEST: Final = 5
_METHOD: Final = re.compile(r"\s*([a-z0-9-]{1,40})(?:/[0-9]+)?\s*=\s*([a-z]{1,40})", re.IGNORECASE)
_PROPERTY: Final = re.compile(r"([a-z]{1,20}\.[a-z0-9-]{1,40})\s*=\s*\"?([^\s;\"]{1,320})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Result:
    """One result: `dmarc`, `pass`, and of what: `{"header.from": "example.org"}`. All in lower case."""

    method: str
    verdict: str
    about: Mapping[str, str]


def speaks_for(header: bytes, party: str, believed: Invitations, authenticated_by: str) -> bool:
    """Whether a message with this header comes from `party`, by what is believed here. One From, or else a Sender beside it, has to
    be theirs; where the mail server says that From is forged, it is."""
    fields = fields_of(header)
    authors = _addresses(fields, "from")
    results = list(_results(fields, authenticated_by)) if authenticated_by else []
    if believed is Invitations.OFF or len(authors) != 1 or any(_denies(each) for each in results):
        return False
    author = authors[0]
    if believed is Invitations.AUTHENTICATED:
        domain = author.rpartition("@")[2].lower()
        return same_address(author, party) and any(_vouches(each, domain) for each in results)
    return any(same_address(each, party) for each in (author, *_addresses(fields, "sender")))


def _addresses(fields: tuple[tuple[str, bytes], ...], name: str) -> list[str]:
    values = [decode(value[:_LONGEST]) for key, value in fields if key == name]
    return [each.email for value in values for each in addresses_in(value) if each.email]


def _results(fields: tuple[tuple[str, bytes], ...], authenticated_by: str) -> Iterator[Result]:
    """What stands under this name."""
    for key, value in fields:
        if key != "authentication-results":
            continue
        server, *results = _without_comments(decode(value[:_LONGEST])).split(";")
        if server.split()[:1] != [authenticated_by]:
            continue
        for each in results:
            found = _METHOD.match(each)
            if found is not None:
                about = {name.lower(): said.lower() for name, said in _PROPERTY.findall(each, found.end())}
                yield Result(found.group(1).lower(), found.group(2).lower(), about)


def _without_comments(text: str) -> str:
    for _ in range(_DEEPEST):
        text, count = _COMMENT.subn(" ", text)
        if not count:
            break
    return text


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
            return result.about.get("smtp.mailfrom", "").rpartition("@")[2] == domain
        case "auth":
            return result.about.get("smtp.auth", "").rpartition("@")[2] == domain
    return False
