"""The lane of each method, and the methods that write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pimgate_dav.answer import Answer
from pimgate_dav.behind.application import Behind
from pimgate_dav.lanes.items import delete, get, put
from pimgate_dav.lanes.making import make
from pimgate_dav.lanes.moving import copy, move
from pimgate_dav.lanes.propfind import propfind
from pimgate_dav.lanes.proppatch import proppatch
from pimgate_dav.lanes.reports import report
from pimgate_dav.visit import Visit

Lane = Callable[[Visit], Answer]

WRITING: Final = frozenset({"PUT", "DELETE", "MOVE", "COPY", "PROPPATCH", "MKCOL", "MKCALENDAR"})
WITH_XML: Final = frozenset({"PROPFIND", "PROPPATCH", "REPORT", "MKCOL", "MKCALENDAR"})
METHODS: Final = (
    *("OPTIONS", "GET", "HEAD", "PUT", "DELETE", "MOVE", "COPY"),
    *("PROPFIND", "PROPPATCH", "REPORT", "MKCOL", "MKCALENDAR"),
)


def lanes(behind: Behind) -> Mapping[str, Lane]:
    """Who answers which method; some lanes look first and leave the rest to Radicale."""
    return {
        "GET": get,
        "HEAD": get,
        "PUT": put,
        "DELETE": delete,
        "MOVE": move,
        "COPY": copy,
        "PROPFIND": propfind,
        "PROPPATCH": lambda visit: proppatch(visit, behind),
        "REPORT": lambda visit: report(visit, behind),
        "MKCOL": lambda visit: make(visit, behind),
        "MKCALENDAR": lambda visit: make(visit, behind),
    }
