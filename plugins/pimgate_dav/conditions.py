"""If-Match, If-None-Match, If-Unmodified-Since (RFC 9110, "Conditional Requests") and If (RFC 4918, "If Header").

ETags here are strong: they come from the octets that are kept, and GET gives just those octets. There are no locks, so a state
token matches nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from pimgate.api import ItemHead, NoSuchItem, WrongVersion
from pimgate_dav.errors import BadRequest
from pimgate_dav.layout import Place, place_of
from pimgate_dav.visit import Ask

_TAG = re.compile(r'(W/)?"([^"]*)"')
_PIECE = re.compile(r'\s*(?:<([^<>]*)>|\(((?:[^()"]|"[^"]*")+)\))\s*')
"""In an If: the resource that the lists after it speak of, or a list."""

_STATE = re.compile(r'\s*(?:(not)\s*)?(?:<[^<>]*>|\[\s*(W/)?"([^"]*)"\s*\])\s*', re.IGNORECASE)
"""In a list: a state token, or an entity tag."""


def quoted(etag: str) -> str:
    return f'"{etag}"'


def check_write(ask: Ask, head: ItemHead | None) -> None:
    """WrongVersion unless the conditions of a request that writes hold for what is there (None: nothing). BadRequest."""
    check_version(ask, head.etag if head is not None else None, head.changed_at if head is not None else None)


def check_version(ask: Ask, etag: str | None, changed_at: float | None = None) -> None:
    """The same for whatever has an ETag; `changed_at` is when it changed, in seconds since 1970, where that is known."""
    _check_state(ask, etag, changed_at)
    unwanted = ask.headers.get("if-none-match")
    if unwanted is not None and etag is not None and _names(unwanted, etag, strong=False):
        raise WrongVersion("If-None-Match")


def is_known(ask: Ask, etag: str, changed_at: float | None = None) -> bool:
    """Whether a reader has this version already, so that 304 is the answer. WrongVersion if it is not what they want at all."""
    _check_state(ask, etag, changed_at)
    unwanted = ask.headers.get("if-none-match")
    return unwanted is not None and _names(unwanted, etag, strong=False)


def _check_state(ask: Ask, etag: str | None, changed_at: float | None) -> None:
    wanted = ask.headers.get("if-match")
    if wanted is not None and (etag is None or not _names(wanted, etag, strong=True)):
        raise WrongVersion("If-Match")
    if wanted is None and changed_at is not None and _changed_since(ask.headers, changed_at):
        raise WrongVersion("If-Unmodified-Since")
    states = ask.headers.get("if")
    if states is not None and not _holds(states, ask.place, etag):
        raise WrongVersion("If")


def _names(header: str, etag: str, *, strong: bool) -> bool:
    """Whether a list of entity tags names this version. Some programs forget the quotation marks."""
    if header.strip() == "*":
        return True
    tags = _TAG.findall(header)
    if not tags:
        return header.strip() == etag
    return any(tag == etag and not (strong and weak) for weak, tag in tags)


def _changed_since(headers: Mapping[str, str], changed_at: float) -> bool:
    """Whether something changed after the date that a client saw it with, in whole seconds as Last-Modified tells them. A date that
    is none is passed over (RFC 9110, "If-Unmodified-Since")."""
    try:
        seen = parsedate_to_datetime(headers.get("if-unmodified-since", ""))
    except (ValueError, OverflowError):
        return False
    seen = seen if seen.tzinfo is not None else seen.replace(tzinfo=UTC)
    return datetime.fromtimestamp(int(changed_at), UTC) > seen


def _holds(header: str, place: Place, etag: str | None) -> bool:
    """Whether one list of an If holds for the resource at `place`, of which this version is there (None: nothing). What it says of
    other resources is not looked up, and does not hold. BadRequest."""
    is_here, held, start = True, [], 0
    while start < len(header):
        piece = _PIECE.match(header, start)
        if piece is None:
            raise BadRequest("The If header cannot be understood.")
        start = piece.end()
        if piece[1] is not None:
            is_here = _is_at(piece[1], place)
        else:
            held.append(_all_hold(piece[2], etag) and is_here)
    if not held:
        raise BadRequest("The If header says nothing.")
    return any(held)


def _all_hold(conditions: str, etag: str | None) -> bool:
    holds, start = True, 0
    while start < len(conditions):
        state = _STATE.match(conditions, start)
        if state is None:
            raise BadRequest("The If header cannot be understood.")
        start = state.end()
        negated, weak, tag = state.groups()
        matches = tag is not None and tag == etag and not weak
        holds = holds and matches is not bool(negated)
    return holds


def _is_at(address: str, place: Place) -> bool:
    try:
        return place_of(urlsplit(address.strip()).path) == place
    except (ValueError, NoSuchItem):
        return False
