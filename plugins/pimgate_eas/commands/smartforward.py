"""SmartForward: a message handed on, with its files; or a calendar entry. Source: MS-ASCMD, "SmartForward"."""

from __future__ import annotations

from pimgate_eas.commands.sendmail import refused
from pimgate_eas.exchange import Exchange
from pimgate_eas.mapping.email.answering import Kind
from pimgate_eas.sending import answers as sending_answers
from pimgate_eas.sending.request import NotSent
from pimgate_eas.wbxml.element import Element


async def serve(exchange: Exchange) -> Element | None:
    """Nothing, when it went well."""
    try:
        await sending_answers.serve(exchange, Kind.FORWARD)
    except NotSent as error:
        return refused(exchange, error)
    return None
