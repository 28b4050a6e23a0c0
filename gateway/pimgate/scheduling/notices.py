"""What arrived for a person about meetings, kept for programs that show it: an invitation, a new time, an answer.

A notice is no task: the calendar has taken what it says already. There is one for each meeting and each party that spoke, the
latest; it goes when the person has dealt with the meeting or dismisses it, when it is old, or when there are too many.

Source: RFC 6638 "Scheduling Inbox Collection".
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from pimgate.errors import NoSuchItem
from pimgate.model.people import AccountId
from pimgate.store.shelf import Document
from pimgate.store.work import Work
from pimgate.text.itip import Incoming

MOST = 50
MOST_CHARACTERS = 65_536
KEPT_SECONDS = 30 * 86_400
_PREFIX = "notice:"


@dataclass(frozen=True, slots=True)
class Notice:
    """One message as it arrived, with its METHOD. `name` ends in `.ics` and stays while the same party speaks of the same."""

    name: str
    uid: str
    text: str
    at: float


def note(work: Work, account_id: AccountId, incoming: Incoming, text: str) -> None:
    """Keep what has just arrived; the oldest go when there are too many."""
    if len(text) > MOST_CHARACTERS:
        return
    words = "\0".join((incoming.uid, incoming.party, incoming.instance))
    name = f"{hashlib.sha256(words.encode('utf-8', 'replace')).hexdigest()[:32]}.ics"
    content = {"uid": incoming.uid, "text": text, "at": work.now}
    work.shelf.put(account_id, _PREFIX + name, Document(content))
    for old in notices(work, account_id)[MOST:]:
        work.shelf.remove(account_id, _PREFIX + old.name)


def notices(work: Work, account_id: AccountId) -> list[Notice]:
    """What a person has not dealt with, the latest first."""
    found = [
        Notice(
            key.removeprefix(_PREFIX), str(each.content["uid"]), str(each.content["text"]), float(each.content["at"])
        )
        for key, each in work.shelf.get_many(account_id, _PREFIX).items()
    ]
    recent = (each for each in found if each.at > work.now - KEPT_SECONDS)
    return sorted(recent, key=lambda each: (-each.at, each.name))


def dismiss(work: Work, account_id: AccountId, name: str) -> None:
    """The person has seen it. NoSuchItem."""
    if all(each.name != name for each in notices(work, account_id)):
        raise NoSuchItem(name)
    work.shelf.remove(account_id, _PREFIX + name)


def forget(work: Work, account_id: AccountId, uid: str) -> None:
    """The person has dealt with this meeting."""
    for each in notices(work, account_id):
        if each.uid == uid:
            work.shelf.remove(account_id, _PREFIX + each.name)
