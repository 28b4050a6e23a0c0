"""A card as a device gets it."""

from __future__ import annotations

from pimgate.text.vcard import parse_card
from pimgate_eas.mapping.contacts.fields import FIELDS, opened
from pimgate_eas.mapping.contacts.names import FILE_AS
from pimgate_eas.mapping.context import Context
from pimgate_eas.wbxml.element import Element


def render(text: str, context: Context) -> list[Element]:
    """The children of ApplicationData for a stored card, in as much of it as the dialect can say."""
    card = opened(parse_card(text).component)
    elements = (row.element(card) for row in (FILE_AS, *FIELDS) if context.knows(row.tag))
    return [element for element in elements if element is not None]
