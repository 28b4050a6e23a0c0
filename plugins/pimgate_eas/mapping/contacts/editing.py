"""A device's edit laid onto a stored card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pimgate.text.vcard import new_card, parse_card
from pimgate_eas.mapping.contacts import names
from pimgate_eas.mapping.contacts.card import Card
from pimgate_eas.mapping.contacts.fields import FIELDS, LIKE_SLOTS, opened
from pimgate_eas.mapping.contacts.slots import settled
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.mapping.rows import Row
from pimgate_eas.wbxml.element import Element

Edits = dict[str, Any]
"""What is to be written, by the name of the element."""


def patch(text: str | None, data: Element, context: Context, *, ghosted: Callable[[str], bool], uid: str) -> str:
    """The card after a device's edit; for `text` None a new one with this UID.

    `data` is the ApplicationData; `ghosted(name)` says whether the absence of that element means that the field stays
    (True) or is removed (False). An edit that asks for nothing new gives back the very text. CannotConvert.
    """
    try:
        card = opened(parse_card(new_card(uid, "") if text is None else text).component)
        edits = _edits(card, data, context, ghosted)
        file_as = names.FILE_AS.edit(card, data, ghosted)
        if text is not None and not edits and file_as is None:
            return text
        _write(card, edits, file_as, is_new=text is None)
        edited = card.component.to_text()
        parse_card(edited)
    except ValueError as error:
        raise CannotConvert("A contact cannot be written as a card.") from error
    return edited


def _edits(card: Card, data: Element, context: Context, ghosted: Callable[[str], bool]) -> Edits:
    known = [row for row in FIELDS if context.knows(row.tag)]
    edits = {row.tag: value for row in known if (value := row.edit(card, data, ghosted)) is not None}
    rows = {row.tag: row for row in known}
    for slots in LIKE_SLOTS:
        _settle(card, [rows[slot] for slot in slots], edits)
    return edits


def _settle(card: Card, rows: list[Row[Card, Any]], edits: Edits) -> None:
    """Replace what the edits say of like slots by what is meant."""
    before = [row.value(card) for row in rows]
    after = [edits.pop(row.tag, shown) for row, shown in zip(rows, before, strict=True)]
    edits.update((rows[place].tag, value) for place, value in settled(before, after).items())


def _write(card: Card, edits: Edits, file_as: str | None, *, is_new: bool) -> None:
    name, company = names.shown_parts(card), names.part("ORG", 0, card)
    for row in FIELDS:
        if row.tag in edits:
            row.write(card, edits[row.tag])
    names.follow(card, name, company, file_as or "", is_new=is_new)
    if file_as is not None:
        names.FILE_AS.write(card, file_as)
