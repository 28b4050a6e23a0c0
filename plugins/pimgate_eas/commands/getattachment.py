"""GetAttachment: a file as it is, for devices of 12.1; later ones have ItemOperations. Source: MS-ASCMD, "GetAttachment"."""

from __future__ import annotations

from typing import Final

from pimgate.api import AwayNow
from pimgate_eas.answer import Octets, Streamed
from pimgate_eas.dialect import Ending
from pimgate_eas.exchange import Exchange
from pimgate_eas.fetching import HELD_BYTES, CannotFetch, file_referred
from pimgate_eas.spool import Portion
from pimgate_eas.status import Common, ItemOperations
from pimgate_eas.versions import has_common_statuses

ENDINGS: Final = {ItemOperations.TOO_LARGE: Ending(413), ItemOperations.BAD_ATTACHMENT: Ending(404)}
"""By what cannot be fetched; the answer has no place for a status."""
LONGEST: Final = 256


async def serve(exchange: Exchange) -> Octets | Streamed | Ending:
    """The octets of the file that the request line names."""
    if has_common_statuses(exchange.version):
        return Ending(501)
    name = exchange.query.attachment_name or ""
    try:
        file = await file_referred(exchange, name[:LONGEST])
    except CannotFetch as error:
        if error.status == Common.MAILBOX_OFFLINE:
            raise AwayNow("the mailbox is away") from error
        return ENDINGS.get(ItemOperations(error.status), Ending(404))
    if file.content.size_bytes <= HELD_BYTES:
        return Octets(file.content.read(0, HELD_BYTES), file.media_type)
    return Streamed((Portion.whole(file.content),), file.media_type)
