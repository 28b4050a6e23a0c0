"""The View that the lanes write through: its writes tell everybody whom they concern."""

from __future__ import annotations

from pimgate.api import Collection, CollectionKind, View, scheduling
from pimgate_dav.visit import Visit

MAIL_THEMSELVES = frozenset({"outlook"})
"""Kinds of client that mail invitations and answers whatever the server does: Outlook, whose add-in brings us what it arranged."""


def arranged(visit: Visit, view: View) -> View:
    """The same collection; in a person's own calendar with the server's scheduling."""
    return scheduling.arranging(visit.core, visit.work, view, _sender(visit), replies=_replies(visit))


def _sender(visit: Visit) -> scheduling.Sender:
    """Who tells people outside: the client where it does so anyhow, or where no mail can leave, of which it was told."""
    mails_itself = visit.viewer.client_kind.column in MAIL_THEMSELVES
    if mails_itself or visit.core.carrier() is None:
        return scheduling.Sender.CLIENT
    return scheduling.Sender.SERVER


def is_arranged(visit: Visit, collection: Collection) -> bool:
    """Whether what is kept there are scheduling objects: in calendars of others meetings are neutral."""
    return collection.kind is CollectionKind.CALENDAR and collection.owner == visit.viewer.account.id


def _replies(visit: Visit) -> bool:
    """Whether a guest who deletes an invitation declines by that (RFC 6638, "Schedule-Reply Request Header")."""
    if visit.ask.method != "DELETE":
        return True
    return visit.ask.headers.get("schedule-reply", "T").strip().upper() != "F"
