"""Messages about meetings in mail that arrives: handed to the core, which brings them to the recipients' calendars."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from pimgate.api import Core, PimgateError, Work, scheduling
from pimgate.mail.imip import calendars_in

log = logging.getLogger("pimgate.mail")


async def bring(core: Core, sender: str, logins: Iterable[str], octets: bytes) -> None:
    """Bring what a mail from `sender`, who had to log in as that, says of meetings to these people. The mail itself is theirs
    whatever comes of it."""
    if b"text/calendar" not in octets.lower():
        return
    texts = await asyncio.to_thread(calendars_in, octets)
    for login in logins:
        for text in texts:
            try:
                await core.write(_receiving(core, login, text, sender))
            except PimgateError as error:
                log.warning("a message about a meeting could not be brought: %s", error.detail)


def _receiving(core: Core, login: str, text: str, sender: str) -> Callable[[Work], object]:
    return lambda work: scheduling.receive(core, work, core.people.get(work, login), text, sender)
