"""The name: N's five parts, FN that follows them, and FileAs beside it.

FileAs is what a device sorts and shows by. It is FN, unless a device asks for something else: then that is kept in
X-EVOLUTION-FILE-AS, which other programs know.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from pimgate.text.lines import escape, split_unescaped, unescape
from pimgate_eas.mapping.contacts.card import Card
from pimgate_eas.mapping.editing import put, put_text, text_of
from pimgate_eas.mapping.rows import TEXT, Row
from pimgate_eas.mapping.words import clean

_FILE_AS: Final = "X-EVOLUTION-FILE-AS"
_FIRST: Final = 1
_SPOKEN: Final = (3, 1, 2, 0, 4)
"""The order in which the parts of N are said: prefix, first, middle, last, suffix."""


def parts_of(card: Card, name: str, size: int) -> list[str]:
    """The parts of N or ORG, still escaped, at least `size` of them."""
    line = card.component.get(name)
    parts = split_unescaped(line.decoded, ";") if line is not None else []
    return parts + [""] * (size - len(parts))


def part(name: str, index: int, card: Card) -> str:
    """One part of N or ORG as a person reads it."""
    return clean(unescape(parts_of(card, name, index + 1)[index]))


def put_part(name: str, index: int, card: Card, text: str) -> None:
    """Change one part; the others stay as they are written. A property that is empty then goes, N excepted."""
    parts = parts_of(card, name, 5 if name == "N" else index + 1)
    parts[index] = escape(text)
    if name != "N" and not any(parts):
        card.component.remove(name)
        return
    put(card.component, name, ";".join(parts))


def name_parts(card: Card) -> list[str]:
    """The five parts of N as a person reads them."""
    return [clean(unescape(each)) for each in parts_of(card, "N", 5)[:5]]


def formatted_name(card: Card) -> str:
    return text_of(card.component.get("FN"))


def _name_part(index: int, card: Card) -> str:
    parts = name_parts(card)
    if not any(parts) and index == _FIRST:
        return _only_name(card)
    return parts[index]


def _only_name(card: Card) -> str:
    """FN of a card without N that is a person's or a group's: some devices show nothing but FirstName and LastName."""
    name = formatted_name(card)
    borrowed = {text_of(line) for line in card.named("EMAIL", "TEL")}
    return "" if name in borrowed or part("ORG", 0, card) else name


def _put_name_part(index: int, card: Card, text: str) -> None:
    if not any(name_parts(card)) and index != _FIRST and (shown := _only_name(card)):
        put_part("N", _FIRST, card, shown)
    put_part("N", index, card, text)


def shown_parts(card: Card) -> list[str]:
    """The five parts of the name as a device sees them."""
    return [_name_part(index, card) for index in range(5)]


def follow(card: Card, before: list[str], company: str, file_as: str, *, is_new: bool) -> None:
    """Let FN follow what was edited: the parts of the name (`before` is what they were shown as), or the company (it
    was `company`) of a card named after it.

    A new card (`is_new`) has FN: without a name it is the company, what the device newly calls it, an address or a number. One
    that was written without it, as old ones may be, gets it with the first edit of its name.
    """
    name, new_company, spoken = formatted_name(card), part("ORG", 0, card), _spoken(card)
    is_named_after_company = not spoken and name == company != new_company
    if not is_new and shown_parts(card) == before and not is_named_after_company:
        return
    others = (text_of(line) for line in card.named("EMAIL", "TEL"))
    best = _with_replaced_parts(name, before, name_parts(card)) or spoken or new_company or file_as
    best = best or next(filter(None, others), "")
    if best != name:
        put(card.component, "FN", escape(best))


def _spoken(card: Card) -> str:
    return " ".join(each for each in map(name_parts(card).__getitem__, _SPOKEN) if each)


def _with_replaced_parts(name: str, old: list[str], new: list[str]) -> str:
    """The name with its changed parts in the places of the old ones, which keeps the order that people gave it (first
    name last, no middle name); "" if they are not all to be found."""
    for before, after in zip(old, new, strict=True):
        if before != after:
            if not before or not after or name.count(before) != 1:
                return ""
            name = name.replace(before, after)
    return name if any(new) else ""


def _file_as(card: Card) -> str:
    """Never empty for a card with any name, because some devices show nothing else."""
    names = (text_of(card.component.get(_FILE_AS)), formatted_name(card), _spoken(card), part("ORG", 0, card))
    return next(filter(None, names), "")


def _put_file_as(card: Card, text: str) -> None:
    if not text or text == formatted_name(card):
        card.component.remove(_FILE_AS)
    elif not any(name_parts(card)) and not part("ORG", 0, card):
        card.component.remove(_FILE_AS)
        put(card.component, "FN", escape(text))
    else:
        put_text(card.component, _FILE_AS, text)


def _name_row(tag: str, index: int) -> Row[Card, str]:
    return Row(tag, partial(_name_part, index), partial(_put_name_part, index), TEXT)


NAMES: Final[tuple[Row[Card, str], ...]] = (
    _name_row("Contacts:LastName", 0),
    _name_row("Contacts:FirstName", 1),
    _name_row("Contacts:MiddleName", 2),
    _name_row("Contacts:Title", 3),
    _name_row("Contacts:Suffix", 4),
)
FILE_AS: Final = Row("Contacts:FileAs", _file_as, _put_file_as, TEXT)
"""Written after all others, and after FN has followed them."""
