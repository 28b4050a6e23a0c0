"""A person's answer while they are away, kept for whoever asks: phones set it, and a plugin that can carries it out.

It lies on the person's shelf, so that it is given back word for word even where nobody carries it out.
"""

from __future__ import annotations

from dataclasses import asdict

from pimgate.model.absence import Audience, OutOfOffice, Reply
from pimgate.model.people import AccountId
from pimgate.store.shelf import Document
from pimgate.store.work import Work

KEY = "out-of-office"


def absence_of(work: Work, account_id: AccountId) -> OutOfOffice:
    """What this person set last; off if they never did."""
    kept = work.shelf.get(account_id, KEY)
    if kept is None:
        return OutOfOffice()
    replies = {Audience(name): Reply(**reply) for name, reply in kept.content["replies"].items()}
    return OutOfOffice(kept.content["is_on"], kept.content["starts_at"], kept.content["ends_at"], replies)


def set_absence(work: Work, account_id: AccountId, absence: OutOfOffice) -> None:
    """Keep it. Afterwards, outside the unit of work, `core.plugins.out_of_office` offers it to those who can carry it out."""
    replies = {audience.value: asdict(reply) for audience, reply in absence.replies.items()}
    content = {"is_on": absence.is_on, "starts_at": absence.starts_at, "ends_at": absence.ends_at, "replies": replies}
    work.shelf.put(account_id, KEY, Document(content))
