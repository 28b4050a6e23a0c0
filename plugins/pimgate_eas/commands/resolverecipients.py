"""ResolveRecipients: who somebody is, before mail or an invitation goes to them, when they have time, and what they look like.

There are no certificates here, and whoever asks for them is told so. Of people outside, unknown ones and those whose time nobody
may know, free/busy says alike that nothing is known.

Source: MS-ASCMD, "ResolveRecipients", "Status (ResolveRecipients)", "To", "Type (ResolveRecipients)".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pimgate.api import Core, DirectoryEntry, Span, Viewer, Work, busy
from pimgate.text.expansion import Effort
from pimgate_eas.availability import BadWindow, Window, merged_free_busy, of_a_group, window_of
from pimgate_eas.exchange import Exchange
from pimgate_eas.gal import Album, PictureWish, number_in, picture_wish
from pimgate_eas.resolving import LARGEST_GROUP, Resolved, Resolver
from pimgate_eas.status import Availability, Certificates, Recipient, ResolveRecipients
from pimgate_eas.versions import knows
from pimgate_eas.wbxml.element import Element

MOST_TO: Final = 100
MOST_WITH_AVAILABILITY: Final = 100
MOST_SUGGESTIONS: Final = 20
HIGHEST: Final = 9_999
LONGEST: Final = 256
NAMESPACE: Final = "ResolveRecipients"

_GAL, _CONTACT = "1", "2"
_NO_CERTIFICATES, _CERTIFICATES = 1, (2, 3)


class BadQuestion(ValueError):
    """The request is beyond a limit, or malformed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request wants to know of whom."""

    names: tuple[str, ...]
    most_suggestions: int
    wants_certificates: bool
    window: Window | None
    pictures: PictureWish | None


async def serve(exchange: Exchange) -> Element:
    """One Response for each To, in their order."""
    body = exchange.body
    try:
        if body is None or body.name != f"{NAMESPACE}:{NAMESPACE}":
            raise BadQuestion
        asked = _asked(body, exchange.version)
    except (BadQuestion, BadWindow):
        return _answer(ResolveRecipients.PROTOCOL)
    core, viewer = exchange.core, exchange.viewer
    return await core.read(
        lambda work: _answer(ResolveRecipients.OK, *_Resolving(core, work, viewer, asked).responses())
    )


def _asked(body: Element, version: str) -> Asked:
    names = tuple((each.text or "").strip() for each in body.find_all(f"{NAMESPACE}:To"))
    if not 1 <= len(names) <= MOST_TO or any(len(name) > LONGEST for name in names):
        raise BadQuestion
    options = body.find(f"{NAMESPACE}:Options") or Element(f"{NAMESPACE}:Options")
    retrieval = _number(options, "CertificateRetrieval", _NO_CERTIFICATES, 3)
    if retrieval == 0:
        raise BadQuestion
    _number(options, "MaxCertificates", 0, HIGHEST)
    suggestions = _number(options, "MaxAmbiguousRecipients", MOST_SUGGESTIONS, HIGHEST)
    availability = options.find(f"{NAMESPACE}:Availability") if knows(version, f"{NAMESPACE}:Availability") else None
    return Asked(
        names,
        min(suggestions, MOST_SUGGESTIONS),
        retrieval in _CERTIFICATES,
        window_of(availability) if availability is not None else None,
        picture_wish(options, NAMESPACE) if knows(version, f"{NAMESPACE}:Picture") else None,
    )


def _number(options: Element, tag: str, default: int, most: int) -> int:
    number = number_in(options, f"{NAMESPACE}:{tag}", default)
    if number is None or number > most:
        raise BadQuestion
    return number


class _Resolving:
    """One request, within one unit of work."""

    def __init__(self, core: Core, work: Work, viewer: Viewer, asked: Asked) -> None:
        self._core = core
        self._work = work
        self._viewer = viewer
        self._asked = asked
        self._resolver = Resolver(core, work, viewer)
        self._digits: dict[str, str] = {}
        self._effort = Effort(busy.MOST_EFFORT)

    def responses(self) -> list[Element]:
        found = [self._resolver.resolve(name) for name in self._asked.names]
        recipients = sum(len(each.people) for each in found if each.status is Recipient.RESOLVED)
        is_too_much = recipients > MOST_WITH_AVAILABILITY
        return [self._response(name, each, is_too_much) for name, each in zip(self._asked.names, found, strict=True)]

    def _response(self, name: str, found: Resolved, is_too_much: bool) -> Element:
        status, shown = found.status, found.people
        if status is Recipient.AMBIGUOUS:
            shown = shown[: self._asked.most_suggestions]
            status = Recipient.AMBIGUOUS if len(shown) == found.total else Recipient.AMBIGUOUS_AND_MORE
        response = Element(
            f"{NAMESPACE}:Response",
            Element(f"{NAMESPACE}:To", text=name),
            _text("Status", int(status)),
            _text("RecipientCount", found.total),
        )
        album = Album(self._asked.pictures, NAMESPACE) if self._asked.pictures is not None else None
        for person in shown:
            response.append(self._recipient(person, found, album, is_too_much))
        return response

    def _recipient(self, person: DirectoryEntry, found: Resolved, album: Album | None, is_too_much: bool) -> Element:
        recipient = Element(
            f"{NAMESPACE}:Recipient",
            Element(f"{NAMESPACE}:Type", text=_GAL if person.is_of_organisation else _CONTACT),
            Element(f"{NAMESPACE}:DisplayName", text=person.name or person.email),
            Element(f"{NAMESPACE}:EmailAddress", text=person.email),
        )
        is_resolved = found.status is Recipient.RESOLVED
        if is_resolved and self._asked.window is not None:
            recipient.append(self._availability(person, found, self._asked.window, is_too_much))
        if is_resolved and self._asked.wants_certificates:
            none = _text("Status", int(Certificates.NONE))
            recipient.append(Element(f"{NAMESPACE}:Certificates", none, _text("CertificateCount", 0)))
        if album is not None:
            recipient.append(album.element(self._resolver.people.photo(person)))
        return recipient

    def _availability(self, person: DirectoryEntry, found: Resolved, window: Window, is_too_much: bool) -> Element:
        members = self._resolver.people.members(person, LARGEST_GROUP + 1) if person.is_group else []
        if is_too_much:
            return _said(Availability.TOO_MANY_RECIPIENTS)
        if found.is_large_group or len(members) > LARGEST_GROUP:
            return _said(Availability.GROUP_TOO_LARGE)
        if person.is_group:
            digits = of_a_group([self._digits_of(member, window) for member in members], window)
        else:
            digits = self._digits_of(person, window)
        return _said(Availability.OK, digits)

    def _digits_of(self, person: DirectoryEntry, window: Window) -> str:
        """The half hours of one person; each person is looked up once. Somebody with several addresses has an account under one
        of them."""
        if person.email not in self._digits:
            self._digits[person.email] = merged_free_busy(
                self._spans((person.email, *person.addresses), window), window
            )
        return self._digits[person.email]

    def _spans(self, addresses: Sequence[str], window: Window) -> list[Span] | None:
        for address in dict.fromkeys(addresses):
            me, time = self._viewer.account, (window.start, window.end)
            spans = busy.busy(self._core, self._work, me, address, *time, effort=self._effort)
            if spans is not None:
                return spans
        return None


def _said(status: Availability, digits: str | None = None) -> Element:
    said = Element(f"{NAMESPACE}:Availability", _text("Status", int(status)))
    if digits is not None:
        said.append(Element(f"{NAMESPACE}:MergedFreeBusy", text=digits))
    return said


def _text(tag: str, number: int) -> Element:
    return Element(f"{NAMESPACE}:{tag}", text=str(number))


def _answer(status: ResolveRecipients, *responses: Element) -> Element:
    return Element(f"{NAMESPACE}:{NAMESPACE}", _text("Status", int(status)), *responses)
