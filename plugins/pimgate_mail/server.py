"""The embedded mail server as a whole: opened, it listens and takes mail; closed, everything stays in its directory."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from .imap.server import serving_imap
from .imap.session import Office
from .names import INBOX
from .people import People
from .post import Post, open_post
from .settings import MailSettings, require_loopback
from .smtp import serving_smtp

Arrived = Callable[[str, Sequence[str], bytes], Awaitable[None]]
"""Is told of mail that was submitted and delivered: the sender, who had to log in as that, the logins it is for, the octets."""


async def _nobody(_sender: str, _logins: Sequence[str], _octets: bytes) -> None:
    """Nobody wants to hear of mail."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """A running server: where it listens, and a way to put mail into it."""

    host: str
    imap_port: int
    smtp_port: int
    post: Post
    people: People
    arrived: Arrived = _nobody

    async def logins_at(self, addresses: Iterable[str]) -> list[str]:
        """Who lives at these addresses, each person once."""
        found = [await self.people.at_address(each.lower()) for each in addresses]
        return sorted({person.login for person in found if person is not None})

    async def take(self, sender: str, logins: Sequence[str], octets: bytes) -> None:
        """Deliver a message from one person here to others, and let it be known."""
        for login in logins:
            await self.post.deliver(login, octets)
        await self.arrived(sender, logins, octets)

    async def deliver(self, login: str, raw_message: bytes, mailbox: str = INBOX, flags: Iterable[str] = ()) -> int:
        """Put a message into a mailbox of `login` and give its UID; the first mailboxes are made when missing.

        Raises MailboxProblem for a mailbox that is not there, BadFlag for a flag that cannot be kept.
        """
        return await self.post.deliver(login, raw_message, mailbox, flags)

    async def mailbox_for(self, login: str) -> None:
        """Make the first mailboxes of `login` (Inbox, Drafts, Sent, Trash, Junk, Archive), unless they are there."""
        await self.post.furnish(login)


@asynccontextmanager
async def mail_server(
    settings: MailSettings, directory: Path, people: People, arrived: Arrived = _nobody
) -> AsyncIterator[MailServer]:
    """A mail server for `people` with its mail in `directory`, while entered. Raises NotLoopback, OSError."""
    host = require_loopback(settings.host)
    async with open_post(directory) as post:
        office = Office(post, people, settings.max_message_bytes, settings.master_login, settings.master_password)
        async with (
            serving_imap(host, settings.imap_port, office) as imap_port,
            serving_smtp(host, settings.smtp_port, post, people, settings.max_message_bytes, arrived) as smtp_port,
        ):
            yield MailServer(host, imap_port, smtp_port, post, people, arrived)
