"""Answers for people who are away: once to each sender, as long as what they set holds.

Everybody who sends here is of the house, so everybody gets the answer for the house. Source: RFC 3834, "When (not) to send
automatic responses" and "Message header".
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP
from email.utils import formatdate, make_msgid

from pimgate.api import Account, Audience, Core, Reply, Work, absences

from .carrier import Running

MOST_REMEMBERED = 10_000
LONGEST_SUBJECT = 200


class Answered:
    """Who was answered on whose behalf, since they last set their answer; belongs to one gateway."""

    def __init__(self) -> None:
        self._pairs: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def is_first(self, login: str, sender: str) -> bool:
        with self._lock:
            if (login, sender) in self._pairs or len(self._pairs) >= MOST_REMEMBERED:
                return False
            self._pairs.add((login, sender))
            return True

    def begin_anew(self, login: str) -> None:
        """What this person set is new, so everybody may hear it."""
        with self._lock:
            self._pairs = {pair for pair in self._pairs if pair[0] != login}


async def answer(core: Core, sender: str, logins: Sequence[str], octets: bytes) -> None:
    """Answer a message that has just been delivered to these people, for those of them who are away."""
    server = core.belonging(Running).server
    headers = BytesHeaderParser(policy=SMTP).parsebytes(octets)
    is_automatic = str(headers.get("Auto-Submitted", "no")).strip().lower() != "no"
    if server is None or is_automatic or "List-Id" in headers or "List-Unsubscribe" in headers:
        return
    for login in logins:
        reply, account = await core.read(_reply_of(core, login))
        if login == sender or reply is None or not core.belonging(Answered).is_first(login, sender):
            continue
        message = _message(account, sender, reply, str(headers.get("Subject", "")), str(headers.get("Message-ID", "")))
        for back in await server.logins_at([sender]):
            await server.post.deliver(back, message.as_bytes())


def _reply_of(core: Core, login: str) -> Callable[[Work], tuple[Reply | None, Account]]:
    def job(work: Work) -> tuple[Reply | None, Account]:
        account = core.people.get(work, login)
        return absences.absence_of(work, account.id).reply_to(Audience.INTERNAL, work.now), account

    return job


def _message(account: Account, sender: str, reply: Reply, subject: str, message_id: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = account.login
    message["To"] = sender
    message["Subject"] = f"Auto: {' '.join(subject.split())[:LONGEST_SUBJECT]}"
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain="pimgate.localhost")
    message["Auto-Submitted"] = "auto-replied"
    if message_id and message_id.isprintable():
        message["In-Reply-To"] = message_id.strip()
    message.set_content(reply.text, subtype="html" if reply.is_html else "plain")
    return message
