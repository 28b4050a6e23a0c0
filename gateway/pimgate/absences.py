"""A person's answer while they are away: set by their phones, carried out by their mail server or by a plugin that can.

It lies on the person's shelf, so that it is given back word for word even where nobody carries it out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING

from pimgate.model.absence import Audience, OutOfOffice, Reply
from pimgate.model.people import Account, AccountId
from pimgate.store.shelf import Document
from pimgate.store.work import Work

if TYPE_CHECKING:
    from pimgate.core import Core

KEY = "out-of-office"


async def change(
    core: Core, account: Account, change_to: Callable[[OutOfOffice], OutOfOffice], hold: Callable[[Work], object]
) -> OutOfOffice:
    """Make of a person's absence what `change_to` makes of it, and give that. The mail server has it before it is kept: where it
    refuses (Refused) or cannot be reached (AwayNow), all is as before. `hold` comes first in the unit of work that keeps it."""
    absence = change_to(await core.read(lambda work: absence_of(work, account.id)))
    if core.mail is not None:
        await core.mail.vacations.carry_out(account, absence)

    def keep(work: Work) -> None:
        hold(work)
        set_absence(work, account.id, absence)

    await core.write(keep)
    await core.in_thread(core.plugins.out_of_office, core, account, absence)
    return absence


def absence_of(work: Work, account_id: AccountId) -> OutOfOffice:
    """What this person set last; off if they never did."""
    kept = work.shelf.get(account_id, KEY)
    if kept is None:
        return OutOfOffice()
    replies = {Audience(name): Reply(**reply) for name, reply in kept.content["replies"].items()}
    return OutOfOffice(kept.content["is_on"], kept.content["starts_at"], kept.content["ends_at"], replies)


def set_absence(work: Work, account_id: AccountId, absence: OutOfOffice) -> None:
    """Keep it. `change` does this, and has it carried out."""
    replies = {audience.value: asdict(reply) for audience, reply in absence.replies.items()}
    content = {"is_on": absence.is_on, "starts_at": absence.starts_at, "ends_at": absence.ends_at, "replies": replies}
    work.shelf.put(account_id, KEY, Document(content))
