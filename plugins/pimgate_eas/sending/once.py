"""Mail that a device sends: taken by the core once, and what it says of it in the statuses of ActiveSync.

    await send_now(exchange, octets, client_id="42", keeps_copy=True)      # NotSent, with the status to answer

Source: MS-ASCMD "Common Status Codes" (107, 115 to 122).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pimgate.api import mailing
from pimgate.mail.letters import Fault, Unfit
from pimgate_eas.exchange import Exchange
from pimgate_eas.sending.request import NotSent
from pimgate_eas.status import Common

STATUSES: Final[Mapping[Fault, Common]] = {
    Fault.MALFORMED: Common.INVALID_MIME,
    Fault.NO_RECIPIENT: Common.MESSAGE_HAS_NO_RECIPIENT,
    Fault.BAD_RECIPIENT: Common.MESSAGE_RECIPIENT_UNRESOLVED,
    Fault.TOO_MANY_RECIPIENTS: Common.SEND_QUOTA_EXCEEDED,
    Fault.TOO_MUCH: Common.SEND_QUOTA_EXCEEDED,
    Fault.TOO_LARGE: Common.ATTACHMENT_TOO_LARGE,
    Fault.NO_WAY: Common.MAIL_SUBMISSION_FAILED,
    Fault.NOT_TAKEN: Common.MAIL_SUBMISSION_FAILED,
}


async def send_now(
    exchange: Exchange,
    octets: bytes,
    *,
    client_id: str,
    keeps_copy: bool,
    written: bytes | None = None,
    about: str = "",
) -> None:
    """Send a message of this person, so that it leaves once. It is taken when this returns; `keeps_copy`: one lies in the folder of
    sent mail afterwards, with the Bcc that does not leave.

    The same person's same device names a message by `client_id`; without one it is known by what it is, and what it is `about`.
    `written` is what the device itself wrote of it, where the message was made of more. NotSent: with 118 for a message that was
    taken before, and with 120 where the mail server refuses it for good within a moment; what it refuses later the person reads in
    their inbox."""
    mark = await _token(exchange, client_id, written or octets, about)
    try:
        is_new = await mailing.hand_in(
            exchange.core,
            exchange.identity.account,
            octets,
            mark,
            keeps_copy=keeps_copy,
            hold=exchange.hold,
        )
    except Unfit as error:
        raise NotSent(STATUSES[error.fault], error.detail) from error
    if not is_new:
        raise NotSent(Common.MESSAGE_PREVIOUSLY_SENT)


async def was_sent(exchange: Exchange, written: bytes, *, client_id: str, about: str = "") -> bool:
    """Whether what the device wrote was taken already. NotSent."""
    mark = await _token(exchange, client_id, written, about)
    try:
        return await mailing.taken_before(exchange.core, mark)
    except Unfit as error:
        raise NotSent(STATUSES[error.fault], error.detail) from error


async def _token(exchange: Exchange, client_id: str, written: bytes, about: str) -> mailing.Token:
    account, device_id = exchange.identity.account, exchange.device.id
    return await mailing.token(exchange.core, account, device_id, client_id, written, about)
