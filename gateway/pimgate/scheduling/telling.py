"""Posting messages about meetings: inside to people of this deployment, by mail to the rest of the world."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pimgate import outbox
from pimgate.errors import BadItem, ItemTooLarge, TooManyGuests
from pimgate.mail.imip import letter
from pimgate.model.outbox import Channel
from pimgate.model.people import Account
from pimgate.outbox import Posting
from pimgate.store.work import Work
from pimgate.text.itip import Delivery, Message, Method

if TYPE_CHECKING:
    from pimgate.core import Core

MOST_BYTES = 32 * 1024 * 1024
"""What one edit may give to be sent, all guests together."""

_STAMP = re.compile(r"^(?:DTSTAMP|LAST-MODIFIED)[:;].*\r?\n", re.MULTILINE)


class Sender(StrEnum):
    """Who tells people outside of this deployment."""

    SERVER = "server"
    """We do: DAV, and ActiveSync from 16.0 on."""
    CLIENT = "client"
    """The client mails them itself: ActiveSync up to 14.1."""


def tell(core: Core, work: Work, account: Account, messages: Sequence[Message], sender: Sender) -> dict[str, Delivery]:
    """Post messages of a person; gives by address what can be said of them now. Refused beyond the limits."""
    outbox.check_room(work, account.id, len(messages), core.settings.outgoing.messages_per_hour)
    if sum(len(message.text) for message in messages) > MOST_BYTES:
        raise ItemTooLarge(account.id, public="The event is too large to be sent to so many people.")
    deliveries: dict[str, Delivery] = {}
    for message in messages:
        is_inside = is_here(work, message.recipient)
        if is_inside and message.method is not Method.COUNTER:
            _post_inside(work, account, message)
            deliveries[message.recipient] = Delivery.DELIVERED
        elif sender is Sender.SERVER:
            is_sent = _post_mail(core, work, account, message)
            deliveries[message.recipient] = Delivery.SENT if is_sent else Delivery.NOT_DELIVERED
    return deliveries


def check_guests(guests: Iterable[str], most: int) -> None:
    """TooManyGuests if an event invites more people than it may."""
    count = len(set(guests))
    if count > most:
        raise TooManyGuests(f"{count} guests", public=f"An event may invite at most {most} people.")


def is_here(work: Work, address: str) -> bool:
    """Whether an address is that of a person of this deployment."""
    return work.people.by_login(address) is not None


def digest(text: str) -> str:
    """The same for two messages that say the same at different times."""
    return hashlib.sha256(_STAMP.sub("", text).encode()).hexdigest()


def _topic(account: Account, message: Message) -> tuple[str, ...]:
    return (
        *("itip", account.id, message.uid, str(message.sequence)),
        *(message.instance, message.method.value, message.recipient),
    )


def _post_inside(work: Work, account: Account, message: Message) -> None:
    posting = Posting(
        channel=Channel.INSIDE,
        account_id=account.id,
        sender=account.login,
        recipients=(message.recipient,),
        content=message.text.encode(),
        topic=_topic(account, message),
        words=digest(message.text),
        about=message.uid,
    )
    outbox.post(work, posting)


def _can_mail(core: Core, account: Account) -> bool:
    return core.carrier() is not None and (_is_own_domain(core, account) or bool(core.settings.outgoing.other_sender))


def _is_own_domain(core: Core, account: Account) -> bool:
    allowed = core.settings.outgoing.from_domains
    return not allowed or account.login.rpartition("@")[2] in (each.lower() for each in allowed)


def _post_mail(core: Core, work: Work, account: Account, message: Message) -> bool:
    """Whether there is a way out for mail of this person."""
    if not _can_mail(core, account):
        return False
    other = "" if _is_own_domain(core, account) else core.settings.outgoing.other_sender
    words = digest(message.text)
    name = hashlib.sha256("\0".join((*_topic(account, message), words, str(work.now))).encode()).hexdigest()[:32]
    now = datetime.fromtimestamp(work.now, UTC)
    message_id = f"<{name}@{(other or account.login).rpartition('@')[2]}>"
    try:
        octets = letter(message, account.name, account.login, now, message_id, sender=other)
    except (ValueError, LookupError) as error:
        raise BadItem(f"no mail can be made: {error}", public="A guest has no proper mail address.") from error
    posting = Posting(
        channel=Channel.MAIL,
        account_id=account.id,
        sender=other or account.login,
        recipients=(message.recipient,),
        content=octets,
        topic=_topic(account, message),
        words=words,
        about=message.uid,
    )
    outbox.post(work, posting)
    return True
