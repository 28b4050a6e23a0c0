"""A guest's answer: their own copy says it, and the organizer hears of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pimgate.errors import BadItem, NoSuchItem
from pimgate.items import View
from pimgate.model.items import ItemHead, ItemId
from pimgate.scheduling.notices import forget
from pimgate.scheduling.telling import Sender, tell
from pimgate.store.work import Work
from pimgate.text import itip
from pimgate.text.errors import BadText
from pimgate.text.itip import Answer

if TYPE_CHECKING:
    from pimgate.core import Core


def respond(
    core: Core, work: Work, view: View, item_id: ItemId, answer: Answer, sender: Sender, *, tells: bool = True
) -> ItemHead | None:
    """Answer an invitation in the person's own calendar; gives its copy, None if that went because it was declined. The same answer
    again tells nobody. `tells`: whether the organizer is to hear of it. NoSuchItem, ReadOnly; BadItem if it is no invitation of
    this person, or has no such occurrence."""
    view.begin_writing()
    head = view.head_by_id(item_id)
    if head is None:
        raise NoSuchItem(f"{view.id}:{item_id}")
    account, before = view.viewer.account, view.text(head)
    if view.collection.owner != account.id:
        raise BadItem("an invitation of somebody else")
    now = datetime.fromtimestamp(work.now, UTC)
    try:
        text, messages = itip.responded(before, account.login, replace(answer, start=None, end=None), now)
        if tells and answer.start is not None:
            messages = (*messages, itip.proposal(before, account.login, answer, now))
    except BadText as error:
        raise BadItem(error.reason, public="This is no invitation that can be answered.") from error
    forget(work, account.id, head.uid)
    if tells:
        tell(core, work, account, messages, sender)
    if text is None:
        view.delete_by_id(head.id)
        return None
    return view.put(head.name, text, needs_room=False)
