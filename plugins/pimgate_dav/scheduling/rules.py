"""What is looked at before a meeting is kept in its owner's calendar (RFC 6638, "PUT", "Avoiding Conflicts when Updating Scheduling
Object Resources")."""

from __future__ import annotations

from pimgate.api import Slot, View, scheduling
from pimgate.text import itip
from pimgate.text.errors import BadText
from pimgate_dav.errors import Precondition
from pimgate_dav.names import caldav
from pimgate_dav.scheduling.arranged import is_arranged
from pimgate_dav.scheduling.tags import CONDITION, check_tag
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import href

WORDS = {
    itip.Fault.TWO_ORGANIZERS: "All parts of a meeting have one organizer.",
    itip.Fault.BY_ORGANIZER: "A meeting cannot be handed over to another organizer.",
    itip.Fault.BY_GUEST: "Only the organizer changes when a meeting is and whose it is.",
}


def ready_to_keep(visit: Visit, view: View, slot: Slot, text: str) -> str:
    """The text to keep of what a client sends for an item. WrongVersion if it speaks of another version; Precondition for what the
    owner of the calendar may not make of a meeting. Answers that came in since its version are in it."""
    check_tag(visit, view, slot.head)
    if not is_arranged(visit, view.collection):
        return text
    before = slot.text
    if text == before or not (itip.is_meeting(text) or itip.is_meeting(before)):
        return text
    login = visit.viewer.account.login
    fault = itip.fault_of(before, text, login)
    if fault is not None:
        raise Precondition(403, caldav(fault.value), WORDS[fault])
    if before is None:
        check_only_copy(visit, view, text)
    if before is not None and CONDITION in visit.ask.headers:
        return itip.with_answers(before, text, login)
    return text


def check_only_copy(visit: Visit, view: View, text: str) -> None:
    """Precondition if the person has this meeting in another calendar of theirs: which of two copies should an answer change?"""
    account = visit.viewer.account
    if not is_arranged(visit, view.collection) or not itip.is_meeting(text):
        return
    if itip.schedule_tag(text, account.login) is None:
        return
    try:
        uid = itip.Meeting(text).uid
    except BadText:
        return
    other = scheduling.copy_elsewhere(visit.work, account.id, uid, view.id)
    if other is not None:
        there = visit.view_of(other.collection_id)
        raise Precondition(
            403, caldav("unique-scheduling-object-resource"), inner=href(visit.item_href(there, other.name))
        )
