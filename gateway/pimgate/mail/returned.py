"""What the sender of a mail reads in their inbox when it was not taken, or nobody knows whether it was. Pure.

Source: RFC 3464 "Message/Delivery-Status Content-Type"; RFC 6522 "multipart/report"; RFC 3834 "Auto-Submitted".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import Final

from pimgate.mail.mime.fields import fields_of, value_of
from pimgate.mail.mime.layout import layout_of
from pimgate.mail.mime.making import message_part, plain_part, several, text_part
from pimgate.mail.mime.pieces import HEADER, Piece
from pimgate.mail.mime.rewriting import with_content
from pimgate.mail.mime.words import header_text
from pimgate.model.outbox import Entry
from pimgate.model.people import Account

ATTACHED_BYTES: Final = 8 * 1024 * 1024
"""Of a larger mail only the header comes back."""
MOST_NAMED: Final = 100
LONGEST_SUBJECT: Final = 200

NOT_SENT: Final = "Your message was not delivered to these people:"
UNKNOWN: Final = (
    "The connection broke while your message was handed over. It may have been delivered or not, and is not sent again by itself. "
    "It was for these people:"
)


def notice(entry: Entry, account: Account, reasons: Mapping[str, str], now: float, *, is_unknown: bool) -> bytes:
    """A report about a mail of the outbox, with the mail itself. `reasons` are why, by recipient."""
    header = layout_of(entry.content).piece(Piece(HEADER))
    fields = fields_of(header)
    subject = header_text(value_of(fields, "subject"))[:LONGEST_SUBJECT]
    user, _, domain = account.login.rpartition("@")
    mail = EmailMessage(policy=SMTP if account.login.isascii() else SMTPUTF8)
    mail["From"] = Address("Mail delivery", "mailer-daemon", domain)
    mail["To"] = Address(" ".join(account.name.split()), user, domain)
    mail["Subject"] = f"{'Perhaps not delivered' if is_unknown else 'Not delivered'}: {subject or '(no subject)'}"
    mail["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    mail["Message-ID"] = f"<{hashlib.sha256(f'returned {entry.key}'.encode()).hexdigest()[:32]}@{domain}>"
    mail["Auto-Submitted"] = "auto-replied"
    message_id = header_text(value_of(fields, "message-id"))
    if message_id.isascii() and message_id.isprintable() and len(message_id) < LONGEST_SUBJECT:
        mail["In-Reply-To"] = message_id
    named = list(reasons.items())[:MOST_NAMED]
    first = UNKNOWN if is_unknown else NOT_SENT
    lines = [first, "", *(f"    {who}" + ("" if is_unknown else f" ({why})") for who, why in named), ""]
    is_whole = len(entry.content) <= ATTACHED_BYTES
    original = message_part(entry.content) if is_whole else plain_part("text/rfc822-headers", header)
    status = plain_part("message/delivery-status", _status(domain, named, is_unknown=is_unknown))
    parts = [text_part("\n".join(lines), "plain"), status, original]
    report = several("report", parts, "; report-type=delivery-status")
    return with_content(mail.as_bytes(), b"MIME-Version: 1.0\r\n" + report)


def _status(domain: str, named: Iterable[tuple[str, str]], *, is_unknown: bool) -> bytes:
    action, code = ("delayed", "4.4.2") if is_unknown else ("failed", "5.0.0")
    blocks = [f"Reporting-MTA: dns; {domain}"]
    blocks += [f"Final-Recipient: rfc822; {who}\r\nAction: {action}\r\nStatus: {code}" for who, _ in named]
    return "\r\n\r\n".join([*blocks, ""]).encode("utf-8", "replace")
