"""The lane of each method, and the methods that write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from pimgate_dav.answer import Answer
from pimgate_dav.attachments import giving
from pimgate_dav.behind.application import Behind
from pimgate_dav.errors import NotPossible
from pimgate_dav.lanes.items import delete, get, put
from pimgate_dav.lanes.making import make
from pimgate_dav.lanes.moving import copy, move
from pimgate_dav.lanes.posting import acl, post
from pimgate_dav.lanes.propfind import propfind
from pimgate_dav.lanes.proppatch import proppatch
from pimgate_dav.lanes.reports import report
from pimgate_dav.layout import ATTACHMENTS, DIRECTORY, INBOX, NOTIFICATIONS, OUTBOX, PROXY_READ, PROXY_WRITE, PUSH
from pimgate_dav.principals import groups
from pimgate_dav.push import registering
from pimgate_dav.scheduling import inbox, outbox
from pimgate_dav.searching import gateway
from pimgate_dav.sharing import notifications
from pimgate_dav.visit import Ask, Visit

Lane = Callable[[Visit], Answer]

WRITING: Final = frozenset({"PUT", "DELETE", "MOVE", "COPY", "PROPPATCH", "MKCOL", "MKCALENDAR", "POST"})
FIXED: Final[Mapping[str, Mapping[str, Lane]]] = {
    OUTBOX: {"PROPFIND": outbox.propfind, "POST": outbox.post},
    INBOX: {
        "GET": inbox.get,
        "HEAD": inbox.get,
        "PROPFIND": inbox.propfind,
        "PROPPATCH": inbox.proppatch,
        "REPORT": inbox.report,
        "DELETE": inbox.delete,
    },
    NOTIFICATIONS: {
        "GET": notifications.get,
        "HEAD": notifications.get,
        "PROPFIND": notifications.propfind,
        "DELETE": notifications.delete,
    },
    DIRECTORY: {"PROPFIND": gateway.propfind, "REPORT": gateway.report},
    PUSH: {"DELETE": registering.unregister},
    ATTACHMENTS: {"GET": giving.get, "HEAD": giving.get},
    PROXY_READ: {"PROPFIND": groups.propfind, "REPORT": groups.report},
    PROXY_WRITE: {"PROPFIND": groups.propfind, "REPORT": groups.report},
}
"""What stands in every home and is no collection, and which methods it knows."""

METHODS: Final = (
    *("OPTIONS", "GET", "HEAD", "PUT", "DELETE", "MOVE", "COPY"),
    *("PROPFIND", "PROPPATCH", "REPORT", "MKCOL", "MKCALENDAR", "POST", "ACL"),
)


def lanes(behind: Behind) -> Mapping[str, Lane]:
    """Who answers which method; some lanes look first and leave the rest to Radicale."""
    found: dict[str, Lane] = {
        "GET": get,
        "HEAD": get,
        "PUT": put,
        "DELETE": delete,
        "MOVE": move,
        "COPY": copy,
        "PROPFIND": propfind,
        "PROPPATCH": proppatch,
        "REPORT": report,
        "MKCOL": lambda visit: make(visit, behind),
        "MKCALENDAR": lambda visit: make(visit, behind),
        "POST": post,
        "ACL": acl,
    }
    return {method: _or_fixed(method, lane) for method, lane in found.items()}


def _or_fixed(method: str, lane: Lane) -> Lane:
    """The lane, but for what stands in every home and is no collection."""

    def found(visit: Visit) -> Answer:
        fixed = FIXED.get(visit.ask.place.collection)
        if fixed is None:
            return lane(visit)
        if method not in fixed:
            raise NotPossible(", ".join(("OPTIONS", *fixed)))
        return fixed[method](visit)

    return found


def writes(ask: Ask) -> bool:
    """Whether a request is to be alone with the database: a question about free time only looks."""
    return ask.method in WRITING and not (ask.method == "POST" and ask.place.collection == OUTBOX)
