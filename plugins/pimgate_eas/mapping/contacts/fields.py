"""The table of all fields of a contact: a row a field, both directions."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from pimgate.text.component import Component
from pimgate.text.lines import Line, escape
from pimgate_eas.mapping import body
from pimgate_eas.mapping.categories import categories, put_categories
from pimgate_eas.mapping.contacts import addresses, dates, names, online, people, phones, photo
from pimgate_eas.mapping.contacts.card import Card
from pimgate_eas.mapping.editing import put_text, rewritten, text_of
from pimgate_eas.mapping.rows import TEXT, Row, Words


def opened(component: Component) -> Card:
    """The card with all of its slots filled."""
    card = Card(component)
    for room in (online, phones, addresses, people, dates, photo):
        room.fill(card)
    return card


def _shown(properties: tuple[str, ...], card: Card) -> Line | None:
    return next((line for line in card.named(*properties) if text_of(line)), None)


def _text(properties: tuple[str, ...], card: Card) -> str:
    return text_of(_shown(properties, card))


def _put_text(properties: tuple[str, ...], card: Card, text: str) -> None:
    """Edit the line that is shown; a new one gets the first of the names."""
    line = _shown(properties, card)
    if line is None:
        put_text(card.component, properties[0], text)
    elif text:
        card.component.replace(line, rewritten(line, escape(text)))
    else:
        card.component.remove(line)


def _categories(card: Card) -> tuple[str, ...]:
    return categories(card.component)


def _put_categories(card: Card, words: tuple[str, ...]) -> None:
    put_categories(card.component, words)


def _property(tag: str, *properties: str) -> Row[Card, str]:
    return Row(tag, partial(_text, properties), partial(_put_text, properties), TEXT)


def _organisation(tag: str, index: int) -> Row[Card, str]:
    return Row(tag, partial(names.part, "ORG", index), partial(names.put_part, "ORG", index), TEXT)


FIELDS: Final[tuple[Row[Card, Any], ...]] = (
    *names.NAMES,
    _property("Contacts2:NickName", "NICKNAME"),
    _property("Contacts:YomiFirstName", "X-PHONETIC-FIRST-NAME"),
    _property("Contacts:YomiLastName", "X-PHONETIC-LAST-NAME"),
    _property("Contacts:YomiCompanyName", "X-PHONETIC-ORG"),
    _organisation("Contacts:CompanyName", 0),
    _organisation("Contacts:Department", 1),
    _property("Contacts:JobTitle", "TITLE"),
    _property("Contacts:OfficeLocation", "X-KADDRESSBOOK-X-OFFICE", "X-EVOLUTION-OFFICE"),
    *online.ONLINE,
    *phones.PHONES,
    *addresses.ADDRESSES,
    *dates.DAYS,
    *people.PEOPLE,
    people.CHILDREN,
    _property("Contacts2:CustomerId", "X-CUSTOMER-ID"),
    _property("Contacts2:GovernmentId", "X-GOVERNMENT-ID"),
    _property("Contacts2:AccountName", "X-ACCOUNT-NAME"),
    _property("Contacts2:MMS", "X-MMS"),
    Row("Contacts:Categories", _categories, _put_categories, Words("Contacts:Category")),
    photo.PHOTO,
    Row(body.TAG, partial(_text, ("NOTE",)), partial(_put_text, ("NOTE",)), body.BODY, stays_when_absent=True),
)

LIKE_SLOTS: Final = (
    online.EMAILS,
    online.MESSENGERS,
    *(tuple(slots) for slots in phones.KINDS.values() if len(slots) > 1),
)
"""Slots of the same kind, into which the lines of a card move up."""

MOVING: Final = frozenset(
    row.tag
    for row in FIELDS
    if row.tag in ("Contacts2:NickName", "Contacts:JobTitle", "Contacts:OfficeLocation")
    or row.tag.startswith("Contacts:Yomi")
    or row in (*online.ONLINE, *phones.PHONES, *addresses.ADDRESSES, *dates.DAYS, *people.PEOPLE)
)
"""Elements that show the first of perhaps many lines: when that one goes, another may stand there."""
