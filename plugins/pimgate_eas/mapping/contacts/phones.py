"""Telephone numbers: which TEL line stands in which of the device's twelve slots.

A line's kind is read from its TYPE words and Apple's label. Numbers of no kind, and those for which all slots of
their kind are taken, are shown in the first spare slot rather than not at all; in the card they stay what they are.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from pimgate.text.lines import Line, escape, make_line
from pimgate_eas.mapping.contacts.card import Card
from pimgate_eas.mapping.rows import TEXT, Row

# Kind: its slots in order, each with the TYPE words of a new number.
KINDS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "home": {
        "Contacts:HomePhoneNumber": ("HOME", "VOICE"),
        "Contacts:Home2PhoneNumber": ("HOME", "VOICE", "HOME2"),
    },
    "work": {
        "Contacts:BusinessPhoneNumber": ("WORK", "VOICE"),
        "Contacts:Business2PhoneNumber": ("WORK", "VOICE", "WORK2"),
    },
    "mobile": {"Contacts:MobilePhoneNumber": ("CELL", "VOICE")},
    "home fax": {"Contacts:HomeFaxNumber": ("HOME", "FAX")},
    "work fax": {"Contacts:BusinessFaxNumber": ("WORK", "FAX")},
    "pager": {"Contacts:PagerNumber": ("PAGER",)},
    "car": {"Contacts:CarPhoneNumber": ("CAR",)},
    "radio": {"Contacts:RadioPhoneNumber": ("X-RADIO",)},
    "company": {"Contacts2:CompanyMainPhone": ("X-COMPANY",)},
    "assistant": {"Contacts:AssistantPhoneNumber": ("X-ASSISTANT",)},
}
_SECOND: Final = frozenset({"HOME2", "WORK2"})
"""Words of a second number (Roundcube's as well): it does not move up into the first slot by itself."""

# Kind: words of TYPE or of a label that make a number one, the most telling kinds first.
_WORDS: Final[tuple[tuple[str, frozenset[str]], ...]] = (
    ("assistant", frozenset({"ASSISTANT", "X-ASSISTANT", "X-EVOLUTION-ASSISTANT"})),
    ("company", frozenset({"COMPANY", "X-COMPANY", "X-EVOLUTION-COMPANY", "MAIN"})),
    ("radio", frozenset({"RADIO", "X-RADIO", "X-EVOLUTION-RADIO"})),
    ("car", frozenset({"CAR"})),
    ("pager", frozenset({"PAGER", "BEEPER"})),
    ("fax", frozenset({"FAX", "HOMEFAX", "WORKFAX", "HOME FAX", "WORK FAX"})),
    ("mobile", frozenset({"CELL", "MOBILE", "IPHONE", "X-IPHONE"})),
    ("work", frozenset({"WORK", "WORK2", "BUSINESS", "X-WORK"})),
    ("home", frozenset({"HOME", "HOME2", "X-HOME"})),
)
_SPARE: Final = (
    "Contacts:HomePhoneNumber",
    "Contacts:Home2PhoneNumber",
    "Contacts:Business2PhoneNumber",
    "Contacts:BusinessPhoneNumber",
    "Contacts:CarPhoneNumber",
    "Contacts:RadioPhoneNumber",
)
_LABEL: Final = re.compile(r"_\$!<(.*)>!\$_\Z")
_AT_HOME: Final = frozenset({"HOME", "HOMEFAX", "HOME FAX"})


def fill(card: Card) -> None:
    """Put the card's numbers into slots."""
    waiting: list[Line] = []
    for line in card.named("TEL"):
        if not line.value.strip():
            continue
        kind = _kind_of(line, card.label(line))
        slots = list(KINDS.get(kind, ()))
        if _SECOND.intersection(line.param("TYPE")):
            slots.reverse()
        slot = next((each for each in slots if each not in card.slots), None)
        if slot is None:
            waiting.append(line)
        else:
            card.slots[slot] = line
    card.fill([slot for slot in _SPARE if slot not in card.slots], waiting)


def _kind_of(line: Line, label: str) -> str:
    """A key of KINDS, or "" for a number of no kind."""
    apple = _LABEL.match(label)
    words = {*line.param("TYPE"), (apple.group(1) if apple else label).upper()}
    kind = next((kind for kind, telling in _WORDS if words & telling), "")
    if kind == "fax":
        return "home fax" if words & _AT_HOME else "work fax"
    return kind


def _number(slot: str, card: Card) -> str:
    text = card.text(slot)
    return text[4:].strip() if text[:4].lower() == "tel:" else text


def _put_number(slot: str, types: tuple[str, ...], card: Card, text: str) -> None:
    if not text:
        card.clear(slot)
    elif slot in card.slots:
        card.rewrite(slot, escape(text), dropped=("VALUE",))  # a number as people write it is no tel: URI
    else:
        card.replace(slot, make_line("TEL", escape(text), (("TYPE", types),)))


PHONES: Final[tuple[Row[Card, str], ...]] = tuple(
    Row(slot, partial(_number, slot), partial(_put_number, slot, types), TEXT)
    for slots in KINDS.values()
    for slot, types in slots.items()
)
