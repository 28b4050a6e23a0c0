"""Postal addresses: three ADR lines as Business, Home and Other, five fields each."""

from __future__ import annotations

from functools import partial
from typing import Final

from pimgate.text.lines import Line, escape, make_line, split_unescaped, unescape
from pimgate_eas.mapping.contacts.card import Card
from pimgate_eas.mapping.rows import TEXT, Row
from pimgate_eas.mapping.words import clean

_PARTS: Final = 7
_STREET: Final = 2
# Box and "extended address" are shown as the street of an address that has no other.
_STREET_INSTEAD: Final = (_STREET, 0, 1)

_FIELDS: Final = (("Street", _STREET), ("City", 3), ("State", 4), ("PostalCode", 5), ("Country", 6))
_NEW_TYPES: Final = {"Business": ("WORK",), "Home": ("HOME",), "Other": ()}


def fill(card: Card) -> None:
    """Put the card's addresses into slots: the first of work, the first of home, and the first of all others."""
    lines = card.named("ADR")
    for slot, word in (("Business", "WORK"), ("Home", "HOME")):
        card.fill([_slot(slot)], [line for line in lines if word in line.param("TYPE") and not _is_in(card, line)])
    card.fill([_slot("Other")], [line for line in lines if not _is_in(card, line)])


def _slot(name: str) -> str:
    return f"ADR {name}"


def _is_in(card: Card, line: Line) -> bool:
    return any(each is line for each in card.slots.values())


def _parts(card: Card, slot: str) -> list[str]:
    line = card.slots.get(slot)
    parts = split_unescaped(line.decoded, ";") if line is not None else []
    return parts + [""] * (_PARTS - len(parts))


def _place(parts: list[str], index: int) -> int:
    if index != _STREET:
        return index
    return next((place for place in _STREET_INSTEAD if parts[place]), _STREET)


def _field(slot: str, index: int, card: Card) -> str:
    parts = _parts(card, slot)
    return clean(unescape(parts[_place(parts, index)]))


def _put_field(slot: str, index: int, types: tuple[str, ...], card: Card, text: str) -> None:
    """Change one field; an address whose last field goes, goes itself."""
    parts = _parts(card, slot)
    parts[_place(parts, index)] = escape(text)
    value = ";".join(parts)
    if not any(parts):
        card.clear(slot)
    elif slot in card.slots:
        card.rewrite(slot, value)
    else:
        card.replace(slot, make_line("ADR", value, (("TYPE", types),) if types else ()))


ADDRESSES: Final[tuple[Row[Card, str], ...]] = tuple(
    Row(
        f"Contacts:{name}Address{field}",
        partial(_field, f"ADR {name}", index),
        partial(_put_field, f"ADR {name}", index, types),
        TEXT,
    )
    for name, types in _NEW_TYPES.items()
    for field, index in _FIELDS
)
