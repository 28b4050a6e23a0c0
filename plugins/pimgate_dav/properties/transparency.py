"""Whether the events of a calendar take their owner's time (RFC 6638, "CALDAV:schedule-calendar-transp Property").

Kept as one word, which the look at free and busy times understands; in XML it is an element of that name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from pimgate.api import Collection, CollectionKind, Refused, busy
from pimgate_dav.names import caldav, local
from pimgate_dav.visit import Ask
from pimgate_dav.xml_out import element

NAME: Final = busy.TRANSPARENCY
WORDS: Final = frozenset({caldav("opaque"), caldav("transparent")})


def transparency(collection: Collection) -> str | None:
    if collection.kind is not CollectionKind.CALENDAR:
        return None
    return element(caldav("transparent" if busy.is_transparent(collection) else "opaque"))


def with_words(ask: Ask) -> Ask:
    """A request that writes properties, with the word in place of the element. Refused for one that is not known."""
    found = list(ask.xml.iter(NAME)) if ask.xml is not None else []
    if ask.xml is None or not any(len(each) for each in found):
        return ask
    for each in found:
        _put_word(each)
    return replace(ask, body=ElementTree.tostring(ask.xml, encoding="utf-8", xml_declaration=True))


def _put_word(found: Element) -> None:
    if not len(found):
        return
    if len(found) > 1 or found[0].tag not in WORDS:
        raise Refused("transparency", public="Events take time (opaque), or they do not (transparent).")
    word = local(found[0].tag)
    found.clear()
    found.text = word
