"""When somebody is available, as a property of their inbox (RFC 7953, "CALDAV:calendar-availability Property").

Apple's programs know it by a name of their own; both names are one truth. What it says counts wherever others ask for free time.
"""

from __future__ import annotations

from typing import Final

from pimgate.api import BadItem, ItemTooLarge, availability
from pimgate_dav.answer import Answer
from pimgate_dav.errors import row_of
from pimgate_dav.names import caldav, calendarserver
from pimgate_dav.properties.instructions import Refusal, instructions_of, patched, protected_among
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import escaped

NAMES: Final = (caldav("calendar-availability"), calendarserver("calendar-availability"))


def said(visit: Visit) -> str | None:
    """What the owner of this inbox said last, as they said it."""
    text = availability.text_of(visit.work, visit.viewer.account.id)
    return escaped(text) if text is not None else None


def written(visit: Visit) -> Answer:
    """A PROPPATCH of the inbox: whatever of it has another name is not for programs to write. Of several values the last counts."""
    instructions = instructions_of(visit.ask.xml)
    refusals = protected_among(instructions, {each.name for each in instructions}.difference(NAMES))
    if not refusals:
        last = instructions[-1]
        text = "".join(last.value.itertext()) if last.value is not None else None
        try:
            availability.keep(visit.work, visit.viewer.account.id, text)
        except (BadItem, ItemTooLarge) as error:
            row = row_of(error)
            refusals = {last.name: Refusal(403, row.precondition)}
    return patched(visit.ask, instructions, refusals)
