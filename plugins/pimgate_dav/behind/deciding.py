"""Radicale's filter for what the index can't tell of a calendar object: times of alarms, of tasks and of properties."""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

from radicale.item import Item as RadicaleItem
from radicale.item.filter import comp_match

from pimgate.api import Item

FAILURES: Final = (RuntimeError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError, AssertionError)
"""What vobject raises for texts that our own reader accepts (an invitee's override without its series, odd zones)."""


def fits(item: Item, tree: Element) -> bool:
    """Whether an object fits a filter that was checked before. One that vobject can't read fits: an item too many is seen
    by the client, one too few is lost to it."""
    seen = RadicaleItem(
        collection_path="",
        href=item.head.name,
        name="VCALENDAR",
        component_name=item.head.component,
        text=item.text,
    )
    try:
        return all(bool(comp_match(seen, child)) for child in tree)
    except FAILURES:
        return True
