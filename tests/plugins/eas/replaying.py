"""Asking again: questions that change something, what they change, and lines on which answers are lost.

A `Case` is one row of the matrix: a question, the same with something more in it, and what either of them does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

from pimgate.core import Core
from pimgate.testing.network import Fate, Lost, Network, http_request
from pimgate_eas.wbxml.codec import encode
from pimgate_eas.wbxml.element import Element
from plugins.eas.wire import TYPE, Wire

HALF_ASKED = Fate(request_share=0.6)
HUNG_UP = Fate(waits=False)
CUT = Fate(answer_share=0.7)


@dataclass(frozen=True, slots=True)
class Effects:
    """What there is: items, lines in the journals of collections, collections, and mails that leave."""

    items: int = 0
    lines: int = 0
    folders: int = 0
    mails: int = 0

    def __sub__(self, other: Effects) -> Effects:
        return Effects(**{each.name: getattr(self, each.name) - getattr(other, each.name) for each in fields(self)})


def effects(core: Core) -> Effects:
    with core.database.read() as work:
        folders = [each.id for each in work.collections.all()]
        return Effects(
            sum(len(work.items.heads(each)) for each in folders),
            sum(work.journal.head(each) for each in folders),
            len(folders),
            len(work.outbox.all()),
        )


@dataclass(frozen=True, slots=True)
class Case:
    """`does`: what the question does when it is asked first. `changed`: another one under the same key or with the same ids, which
    holds the first; `adds`: what it does beyond that. `onward`: from the answer, the question by which a device shows that it
    has it; after that the first question is answered with the status `outdated`, or, where no key is in it ("again"), as before.
    `holds`: something else that must stand, whatever is repeated."""

    command: str
    question: Element
    does: Effects
    changed: Element | None = None
    adds: Effects = Effects()
    onward: Callable[[Element], tuple[str, Element]] | None = None
    outdated: str = "again"
    holds: Callable[[Wire], object] = lambda wire: None


def cut_off(wire: Wire, command: str, question: Element, fate: Fate) -> None:
    """Ask on a line that breaks before the answer is whole."""
    query = f"Cmd={command}&User=anna&DeviceId={wire.device}&DeviceType={wire.device_type}"
    headers = {
        "Authorization": wire.authorization,
        "MS-ASProtocolVersion": wire.version,
        "Content-Type": TYPE,
    }
    url = str(wire.client.base_url)
    request = http_request("POST", url, f"/Microsoft-Server-ActiveSync?{query}", headers, encode(question))
    try:
        Network([replace(fate)]).carry(url.rstrip("/"), request, 30)
    except Lost:
        return
    raise AssertionError("the answer arrived")
