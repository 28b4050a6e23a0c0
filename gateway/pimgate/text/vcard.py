"""One vCard: what the store indexes of it, and a view for reading it. The text itself stays the truth.

Versions 2.1, 3.0 and 4.0 as clients write them, Apple's groups (`item1.EMAIL`, X-ADDRESSBOOKSERVER-KIND) included.
Sources: RFC 6350 "Property" sections, RFC 2426, vCard 2.1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pimgate.text.component import DEFAULT_LIMITS, Component, Limits, parse
from pimgate.text.errors import BadText
from pimgate.text.lines import Line, escape, make_line, split_unescaped, unescape
from pimgate.text.search import phone_digits, search_key

_VERSIONS: Final = frozenset({"2.1", "3.0", "4.0"})


@dataclass(frozen=True, slots=True)
class CardIndex:
    """What is looked up, listed and searched of a card. Rebuilt from the text at any time.

    `search_text` is folded by `pimgate.text.search.search_key`; fields in it are separated by line breaks, so that no
    search matches across two of them. `photo_bytes` is the size of an inline photo, 0 for one that is a link.
    """

    uid: str | None
    formatted_name: str
    family_name: str
    given_name: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    organisation: str
    is_group: bool
    has_photo: bool
    photo_bytes: int
    search_text: str


class Card:
    """A view over the component of one vCard. Read here, edit `component`, write `to_text()`."""

    __slots__ = ("component",)

    def __init__(self, component: Component) -> None:
        self.component = component

    @property
    def version(self) -> str:
        """ "2.1", "3.0" or "4.0"."""
        line = self.component.get("VERSION")
        return line.value.strip() if line else ""

    @property
    def uid(self) -> str | None:
        line = self.component.get("UID")
        return (line.text.strip() or None) if line else None

    @property
    def formatted_name(self) -> str:
        """FN, or else the name's parts, the organisation or the first address: never empty if the card says anything."""
        return _formatted_name(_collect(self.component))

    @property
    def is_group(self) -> bool:
        return any(line.text.strip().lower() == "group" for line in self._any_of("KIND", "X-ADDRESSBOOKSERVER-KIND"))

    @property
    def members(self) -> tuple[str, ...]:
        """UIDs of a group's members, without `urn:uuid:`; members that are no UID (mailto:) stand as written."""
        lines = self._any_of("MEMBER", "X-ADDRESSBOOKSERVER-MEMBER")
        return tuple(line.text.strip().removeprefix("urn:uuid:") for line in lines)

    def to_text(self) -> str:
        return self.component.to_text()

    def _any_of(self, *names: str) -> list[Line]:
        return [line for line in self.component.lines if line.name in names]


def parse_card(text: str, limits: Limits = DEFAULT_LIMITS) -> Card:
    """The card that a text consists of. BadText unless it is exactly one vCard of version 2.1, 3.0 or 4.0."""
    component = parse(text, limits)
    if component.name != "VCARD":
        raise BadText("The text is not a vCard.", 1)
    card = Card(component)
    if card.version not in _VERSIONS:
        raise BadText("The vCard names no version, or one that is not known.")
    return card


def index_card(text: str, limits: Limits = DEFAULT_LIMITS) -> CardIndex:
    """What the store keeps beside a card's text. BadText as for `parse_card`."""
    found = _collect(parse_card(text, limits).component)
    name = _formatted_name(found)
    organisation = found.organisations[0] if found.organisations else ""
    words = [name, *found.name_fields, *found.nicknames, *found.emails, *found.organisations]
    digits = [phone_digits(phone) for phone in found.phones]
    return CardIndex(
        uid=found.uid,
        formatted_name=name,
        family_name=found.family_name,
        given_name=found.given_name,
        emails=tuple(found.emails),
        phones=tuple(found.phones),
        organisation=organisation,
        is_group=found.is_group,
        has_photo=found.has_photo,
        photo_bytes=found.photo_bytes,
        search_text="\n".join(filter(None, [search_key("\n".join(filter(None, words))), *digits])),
    )


def with_uid(text: str, uid: str, limits: Limits = DEFAULT_LIMITS) -> str:
    """The same card with this UID; everything else stays octet for octet."""
    component = parse_card(text, limits).component
    component.set("UID", escape(uid))
    return component.to_text()


class _Found:
    """What one pass over a card's lines collects."""

    __slots__ = (
        *("emails", "family_name", "formatted", "given_name", "has_photo", "is_group", "name_fields"),
        *("nicknames", "organisations", "phones", "photo_bytes", "uid"),
    )

    def __init__(self) -> None:
        self.uid: str | None = None
        self.formatted = self.family_name = self.given_name = ""
        self.name_fields: list[str] = []
        self.nicknames: list[str] = []
        self.emails: list[str] = []
        self.phones: list[str] = []
        self.organisations: list[str] = []
        self.is_group = self.has_photo = False
        self.photo_bytes = 0


def _take_uid(found: _Found, line: Line) -> None:
    found.uid = found.uid or line.text.strip() or None


def _take_formatted(found: _Found, line: Line) -> None:
    found.formatted = found.formatted or line.text.strip()


def _take_name(found: _Found, line: Line) -> None:
    if found.name_fields:
        return
    found.name_fields = [unescape(field).strip() for field in split_unescaped(line.decoded, ";")]
    found.family_name, found.given_name = (*found.name_fields, "", "")[:2]


def _take_nicknames(found: _Found, line: Line) -> None:
    found.nicknames += (unescape(nickname).strip() for nickname in split_unescaped(line.decoded, ","))


def _take_email(found: _Found, line: Line) -> None:
    if address := line.text.strip().removeprefix("mailto:"):
        found.emails.append(address)


def _take_phone(found: _Found, line: Line) -> None:
    if number := line.text.strip().removeprefix("tel:"):
        found.phones.append(number)


def _take_organisation(found: _Found, line: Line) -> None:
    found.organisations += (unescape(field).strip() for field in split_unescaped(line.decoded, ";"))


def _take_kind(found: _Found, line: Line) -> None:
    found.is_group = found.is_group or line.value.strip().lower() == "group"


def _take_photo(found: _Found, line: Line) -> None:
    value = line.value.strip()
    if not value:
        return
    found.has_photo = True
    if value[:5].lower() == "data:":
        value = value.partition(",")[2]
    elif not line.is_base64:
        return
    found.photo_bytes += max(0, len(value) * 3 // 4 - value.count("=", -2))


_TAKERS: Final[dict[str, Callable[[_Found, Line], None]]] = {
    "UID": _take_uid,
    "FN": _take_formatted,
    "N": _take_name,
    "NICKNAME": _take_nicknames,
    "EMAIL": _take_email,
    "TEL": _take_phone,
    "ORG": _take_organisation,
    "KIND": _take_kind,
    "X-ADDRESSBOOKSERVER-KIND": _take_kind,
    "PHOTO": _take_photo,
}


def _collect(component: Component) -> _Found:
    found = _Found()
    for item in component.items:
        take = _TAKERS.get(item.name)
        if take is not None and isinstance(item, Line):
            take(found, item)
    return found


def _formatted_name(found: _Found) -> str:
    fields = found.name_fields
    if found.formatted:
        return found.formatted
    # N is family; given; further; prefixes; suffixes
    in_spoken_order = [fields[at] for at in (3, 1, 2, 0, 4) if at < len(fields) and fields[at]]
    return " ".join(in_spoken_order) or next(iter([*found.organisations, *found.emails, *found.phones]), "")


def new_card(uid: str, formatted_name: str) -> str:
    """A minimal valid vCard 3.0 to be filled by an editor."""
    lines = [
        make_line("VERSION", "3.0"),
        make_line("UID", escape(uid)),
        make_line("FN", escape(formatted_name)),
        make_line("N", ";;;;"),
    ]
    return Component("VCARD", lines).to_text()
