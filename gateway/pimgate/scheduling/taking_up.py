"""An invitation that a person holds in their hands, brought into their calendar because they answer it.

It need not have come by a way that proves its sender: the person read it and wants it. So it may also be one that they had removed.
What it may not do is change a meeting that they have already, unless it is believed to come from whoever arranges that meeting.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pimgate.errors import BadItem
from pimgate.mail.senders import speaks_for
from pimgate.model.collections import CollectionId
from pimgate.model.items import ItemId
from pimgate.model.people import Account
from pimgate.scheduling.arriving import place_of, receive
from pimgate.scheduling.telling import is_here
from pimgate.settings import Invitations
from pimgate.store.work import Work
from pimgate.text import itip
from pimgate.text.errors import BadText
from pimgate.text.itip import Incoming, Meeting, Method
from pimgate.text.itip.meeting import is_cancelled

if TYPE_CHECKING:
    from pimgate.core import Core


def take_up(
    core: Core, work: Work, account: Account, text: str, header: bytes, *, needs_room: bool = True
) -> tuple[CollectionId, ItemId]:
    """Where the meeting of an invitation is among the person's own calendars, put there if it was not. `header` is that of the mail
    that it came in. BadItem for what is no invitation of this person, and for one whose meeting has a later version there or was
    called off; NoRoom, unless it goes again at once (`needs_room`); Refused."""
    incoming = _invitation(text)
    place, head = place_of(work, account.id, incoming.uid)
    if head is not None:
        is_from_organizer = _is_from(core, work, incoming.party, header)
        _check(incoming, Meeting(work.items.text(head.id)), is_from_organizer=is_from_organizer)
        if not is_from_organizer:
            return place.id, head.id  # this version is there already, in the organizer's own words
    receive(core, work, account, text, incoming.party, is_wanted=True, needs_room=needs_room)
    kept = work.items.by_uid(place.id, incoming.uid)
    if kept is None:
        raise BadItem("the invitation is not for this person, or there is a later word")
    return place.id, kept.id


def _invitation(text: str) -> Incoming:
    try:
        incoming = itip.read_incoming(text)
    except BadText as error:
        raise BadItem(error.reason) from error
    if incoming.method is not Method.REQUEST:
        raise BadItem(f"a message that is a {incoming.method}")
    return incoming


def _is_from(core: Core, work: Work, party: str, header: bytes) -> bool:
    """Whether the mail is believed to come from this party: in the name of people here only where that was verified."""
    chosen = core.settings.mail
    is_lenient = chosen.invitations is not Invitations.AUTHENTICATED and not is_here(work, party)
    believed = Invitations.PLAUSIBLE if is_lenient else Invitations.AUTHENTICATED
    return speaks_for(header, party, believed, chosen.authenticated_by)


def _check(incoming: Incoming, kept: Meeting, *, is_from_organizer: bool) -> None:
    if kept.organizer != incoming.party:
        raise BadItem("another meeting of the same name")
    if is_cancelled(kept.main):
        raise BadItem("the meeting was called off")
    if incoming.stamp.sequence < kept.sequence:
        raise BadItem("the meeting has a later version")
    if incoming.stamp.sequence > kept.sequence and not is_from_organizer:
        raise BadItem("somebody else speaks for the organizer")
