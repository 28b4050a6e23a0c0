"""Whether the events of a calendar take their owner's time (RFC 6638, "CALDAV:schedule-calendar-transp Property").

Kept as one word, which the look at free and busy times understands; in XML it is an element of that name.
"""

from __future__ import annotations

from typing import Final
from xml.etree.ElementTree import Element

from pimgate.api import Collection, CollectionKind, Refused, busy
from pimgate_dav.names import caldav, local
from pimgate_dav.xml_out import element

NAME: Final = busy.TRANSPARENCY
WORDS: Final = frozenset({caldav("opaque"), caldav("transparent")})


def transparency(collection: Collection) -> str | None:
    if collection.kind is not CollectionKind.CALENDAR:
        return None
    return element(caldav("transparent" if busy.is_transparent(collection) else "opaque"))


def word_of(found: Element) -> str:
    """The word for what stands in the element; a text is taken as it is. Refused for one that is not known."""
    if not len(found):
        return found.text or ""
    if len(found) > 1 or found[0].tag not in WORDS:
        raise Refused("transparency", public="Events take time (opaque), or they do not (transparent).")
    return local(found[0].tag)
