"""SendMail: a message as the device wrote it. Source: MS-ASCMD, "SendMail"."""

from __future__ import annotations

import logging

from pimgate_eas.exchange import Exchange
from pimgate_eas.sending.once import send_now
from pimgate_eas.sending.request import NotSent, read
from pimgate_eas.wbxml.element import Element

log = logging.getLogger("pimgate.eas")


async def serve(exchange: Exchange) -> Element | None:
    """Nothing, when it went well."""
    try:
        request = read(exchange.query, exchange.body, exchange.octets)
        await send_now(exchange, request.mime, client_id=request.client_id, keeps_copy=request.keeps_copy)
    except NotSent as error:
        return refused(exchange, error)
    return None


def refused(exchange: Exchange, error: NotSent) -> Element:
    """The answer for a message that is not sent: its status."""
    command = exchange.query.command
    log.info("%s of device %s: %s (%s)", command, exchange.device.id, int(error.status), error.detail)
    root = f"ComposeMail:{command}"
    return Element(root, Element("ComposeMail:Status", text=str(int(error.status))))
