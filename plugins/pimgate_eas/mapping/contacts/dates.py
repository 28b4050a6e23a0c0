"""Birthday and anniversary: days, whatever hour a device puts to them.

Devices send the midnight of their own zone in UTC, or 08:00, or noon; so anything after noon is taken for the
midnight before the next day, somewhere east of Greenwich. A day without a year is one of 1604, as Apple has it.

Sources: MS-ASCNTC "Birthday", RFC 6350 "BDAY".
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import partial
from typing import Final

from pimgate.text.lines import make_line
from pimgate_eas.mapping.contacts.card import Card
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.mapping.rows import Row, Shape
from pimgate_eas.mapping.words import clean
from pimgate_eas.wbxml.element import Element

BIRTHDAY: Final = "Contacts:Birthday"
ANNIVERSARY: Final = "Contacts:Anniversary"
NO_YEAR: Final = 1604

_ANNIVERSARY_NAMES: Final = (
    *("ANNIVERSARY", "X-ANNIVERSARY", "X-EVOLUTION-ANNIVERSARY", "X-KADDRESSBOOK-X-ANNIVERSARY"),
)
_IN_CARD: Final = re.compile(r"(?:([0-9]{4})(-?)|--)([0-9]{2})-?([0-9]{2})([T ].*)?\Z", re.DOTALL)
_SENT: Final = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[T ]([0-9]{2})[0-9:.]*Z?)?\Z")
_FIRST_EVENING_HOUR: Final = 13


def fill(card: Card) -> None:
    """Put the card's days into slots."""
    card.fill((BIRTHDAY,), card.named("BDAY"))
    labelled = [line for line in card.named("X-ABDATE") if card.label(line).strip("_$!<>").lower() == "anniversary"]
    card.fill((ANNIVERSARY,), card.named(*_ANNIVERSARY_NAMES) + labelled)


def _read(element: Element) -> str | None:
    """The day as 1980-02-29, "" for an empty element. CannotConvert for what is no day."""
    text = clean(element.text or "")
    if not text:
        return ""
    found = _SENT.match(text)
    try:
        if found is None:
            raise ValueError
        year, month, day, hour = (int(each or 0) for each in found.groups())
        return (date(year, month, day) + timedelta(days=hour >= _FIRST_EVENING_HOUR)).isoformat()
    except (ValueError, OverflowError):
        raise CannotConvert("A birthday or anniversary is no date.") from None


def _element(tag: str, day: str) -> Element:
    return Element(tag, text=f"{day}T00:00:00.000Z")


DAY: Final = Shape("", _read, _element)


def _day(slot: str, card: Card) -> str:
    """The day as 1980-02-29; "" if the card has none that is complete."""
    found = _IN_CARD.match(card.text(slot))
    if found is None:
        return ""
    year, _, month, day, _ = found.groups()
    return date(int(year or NO_YEAR), int(month), int(day)).isoformat()


def _put_day(slot: str, card: Card, day: str) -> None:
    """Write a day in the style of the old one: with hyphens or without, with its hour, without a year."""
    if not day:
        card.clear(slot)
        return
    line = card.slots.get(slot)
    found = _IN_CARD.match(card.text(slot)) if line is not None else None
    if line is not None and found is not None:
        card.rewrite(slot, _in_style(day, found), dropped=("X-APPLE-OMIT-YEAR",) if not _is_without_year(day) else ())
    elif card.version == "4.0":
        card.replace(slot, make_line(_new_name(slot, card), day.replace("-", "")))
    else:
        card.replace(slot, make_line(_new_name(slot, card), day))


def _in_style(day: str, old: re.Match[str]) -> str:
    year, hyphen, _, _, rest = old.groups()
    if year is None:
        return day[4:].replace("-", "").rjust(6, "-") if _is_without_year(day) else day.replace("-", "")
    return (day if hyphen else day.replace("-", "")) + (rest or "")


def _is_without_year(day: str) -> bool:
    return day.startswith(f"{NO_YEAR}-")


def _new_name(slot: str, card: Card) -> str:
    if slot == BIRTHDAY:
        return "BDAY"
    return "ANNIVERSARY" if card.version == "4.0" else "X-ANNIVERSARY"


DAYS: Final = tuple(Row(slot, partial(_day, slot), partial(_put_day, slot), DAY) for slot in (BIRTHDAY, ANNIVERSARY))
