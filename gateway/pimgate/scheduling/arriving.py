"""What others say of a meeting, brought into a person's own calendar. The only way into a calendar of somebody else.

Handed a message and who really sent it, it finds the copy of that meeting among the person's own calendars (else their default
one), holds that calendar alone, and keeps what the rules of meetings make of it. The latest word of each party is remembered, so a
message counts once however often and however late it arrives, also after the person removed their copy.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from pimgate.errors import NoSuchAccount, PimgateError, Refused
from pimgate.items import drop, keep
from pimgate.model.collections import Collection, Role
from pimgate.model.items import ItemHead
from pimgate.model.outbox import Entry
from pimgate.model.people import Account, AccountId
from pimgate.scheduling.notices import note
from pimgate.scheduling.places import own_calendars
from pimgate.scheduling.telling import Sender, digest, tell
from pimgate.store.work import Work
from pimgate.text import itip
from pimgate.text.errors import BadText
from pimgate.text.itip import Arrived, Delivery, Effect, Incoming, Method, Stamp

if TYPE_CHECKING:
    from pimgate.core import Core

log = logging.getLogger("pimgate.scheduling")


def receive(
    core: Core,
    work: Work,
    account: Account,
    text: str,
    sender: str,
    *,
    is_wanted: bool = False,
    needs_room: bool = True,
) -> Effect:
    """Bring a message about a meeting to a person, once; gives what it did to their calendar. `sender` is the address that is
    proven to have sent it: the login of a person here, or the authenticated sender of a mail. A message that is none, from
    somebody who may not say this, or older than what is known, does nothing. `is_wanted`: the person asks for it themselves, so
    that it comes also after they had removed it. NoRoom for a meeting that is new to whoever keeps as much as they may, if it
    `needs_room`; word about one that they have always reaches them."""
    try:
        incoming = itip.read_incoming(text)
    except BadText as error:
        log.info("a message for %s is none about a meeting: %s", account.id, error.reason)
        return Effect.NOTHING
    place, head = place_of(work, account.id, incoming.uid)
    stored = work.items.text(head.id) if head is not None else None
    arrived = _arrived(work, account, incoming, text, stored, sender.strip().lower(), is_wanted=is_wanted)
    if arrived.effect is Effect.NOTHING and arrived.reason:
        log.info("a message for %s changes nothing: %s", account.id, arrived.reason)
    if arrived.effect is Effect.REMOVE and head is not None:
        drop(work, head)
    elif arrived.effect is Effect.KEEP and arrived.text is not None:
        slot = head or _name(work, place, incoming.uid)
        keep(work, core.settings.limits, place, slot, arrived.text, needs_room=needs_room and head is None)
    if arrived.effect is not Effect.NOTHING:
        note(work, account.id, incoming, text)
    tell(core, work, account, arrived.messages, Sender.SERVER)
    return arrived.effect


def deliver(core: Core, work: Work, entry: Entry) -> None:
    """Bring a row of the outbox to the person here that it is for. NoSuchAccount if they are gone meanwhile."""
    account = work.people.by_login(entry.recipients[0])
    if account is None:
        raise NoSuchAccount(entry.recipients[0])
    receive(core, work, account, entry.content.decode(), entry.sender)


def note_failure(core: Core, work: Work, entry: Entry) -> None:
    """Write beside the recipient, in the sender's own copy, that a message did not reach them."""
    if not entry.about:
        return
    try:
        with work.together():
            _write_failure(core, work, entry)
    except PimgateError as error:
        log.info("what became of message %s could not be noted: %s", entry.id, error.detail)


def _write_failure(core: Core, work: Work, entry: Entry) -> None:
    place, head = place_of(work, entry.account_id, entry.about)
    if head is not None:
        text = itip.with_deliveries(work.items.text(head.id), dict.fromkeys(entry.recipients, Delivery.NOT_DELIVERED))
        keep(work, core.settings.limits, place, head, text, needs_room=False)


def _arrived(
    work: Work, account: Account, incoming: Incoming, text: str, stored: str | None, sender: str, *, is_wanted: bool
) -> Arrived:
    whole, own = (_key(account.id, incoming, instance) for instance in ("", incoming.instance))
    known = work.arrivals.latest({whole, own})
    stamps = [Stamp(sequence, at) for sequence, at, _ in known.values()]
    mark = f"{incoming.method.value}:{digest(text)[:40]}"
    if own in known and not (is_wanted and stored is None):
        sequence, at, last = known[own]
        if (incoming.stamp, mark) == (Stamp(sequence, at), last):
            return Arrived(Effect.NOTHING, reason="it was brought before")
        if stored is None and last.startswith(Method.REQUEST) and incoming.stamp.sequence == sequence:
            return Arrived(Effect.NOTHING, reason="the person removed it")
    now = datetime.fromtimestamp(work.now, UTC)
    arrived = itip.arrive(incoming, stored, account.login, sender, now, max(stamps, default=None))
    if itip.same_address(sender, incoming.party) and (not stamps or incoming.stamp >= max(stamps)):
        work.arrivals.keep(own, incoming.stamp.sequence, incoming.stamp.at, mark)
    return arrived


def _key(account_id: AccountId, incoming: Incoming, instance: str) -> str:
    words = (account_id, incoming.uid, incoming.party, instance)
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def place_of(work: Work, account_id: AccountId, uid: str) -> tuple[Collection, ItemHead | None]:
    """The person's own calendar that has this meeting, held alone until the commit, else the default one. Refused if there is
    none."""
    mine = own_calendars(work, account_id)
    has_it = [each for each in mine if work.items.by_uid(each.id, uid) is not None]
    default = [each for each in mine if each.role is Role.DEFAULT]
    for place in (*has_it, *default):
        if work.journal.lock(place.id):
            return place, work.items.by_uid(place.id, uid)
    raise Refused(f"{account_id} has no calendar of their own")


def _name(work: Work, place: Collection, uid: str) -> str:
    name = f"{quote(uid, safe='@._-')[:200]}.ics"
    return name if work.items.by_name(place.id, name) is None else f"{uuid.uuid4()}.ics"
