"""One connection of one mail program: who it is, which mailbox it has selected, and what it has been told of it.

Source: RFC 9051, "State and Flow Diagram" and "Message Sequence Number Message Attribute": numbers shift only when an
expunge is told, and it is never told in answer to FETCH, STORE or SEARCH by number.
"""

import asyncio
import logging
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

from ..flags import BadFlag, listed
from ..people import People
from ..post import Post
from ..records import Changes, Mailbox, MailboxProblem, Message
from .answers import Bad, Goodbye, No
from .commands import COMMANDS
from .commands.states import State
from .parser import Arguments
from .reader import Command, Reader, Unreadable

LOGIN_SECONDS = 60.0
IDLE_SECONDS = 31 * 60.0
MAX_MISTAKES = 20

log = logging.getLogger("pimgate.mail")


@dataclass(frozen=True, slots=True)
class Office:
    """What every session is handed: the post, the people, and for a trusted gateway the master's name and password."""

    post: Post
    people: People
    max_message_bytes: int
    master_login: str = ""
    master_password: str = field(default="", repr=False)


@dataclass(slots=True)
class Selected:
    """The selected mailbox as the mail program knows it."""

    mailbox: Mailbox
    is_read_only: bool
    uids: list[int]
    modseq: int
    told: dict[int, int] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def place_of(self, uid: int) -> int | None:
        """The sequence number of a message, None when the mail program does not know of it."""
        place = bisect_left(self.uids, uid)
        return place + 1 if place < len(self.uids) and self.uids[place] == uid else None


class Session:
    """The conversation. Commands (in `commands/`) use what is public here."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, office: Office) -> None:
        self.office = office
        self.post = office.post
        self.reader = Reader(reader, writer, office.max_message_bytes)
        self.login = ""
        self.tag = ""
        self.selected: Selected | None = None
        self.uses_condstore = False
        self.refused_logins = 0
        self._writer = writer
        self._mistakes = 0

    @property
    def network(self) -> str:
        """The address of the mail program."""
        return str(self._writer.get_extra_info("peername")[0])

    async def run(self) -> None:
        """Talk until one of both has had enough."""
        try:
            self.say(f"* OK [CAPABILITY {self.capabilities}] pimgate mail, for trying things out.")
            while True:
                await self.flush()
                async with asyncio.timeout(IDLE_SECONDS if self.login else LOGIN_SECONDS):
                    command = await self._next_command()
                if command is not None:
                    await self._obey(command)
        except Goodbye as goodbye:
            if str(goodbye):
                self.say(f"* BYE {goodbye}")
        except TimeoutError:
            self.say("* BYE Nothing was said for too long.")
        except ConnectionError:
            pass
        finally:
            self.unselect()

    # What commands use.

    @property
    def capabilities(self) -> str:
        first = "IMAP4rev1 LITERAL+ SASL-IR ID ENABLE"
        if not self.login:
            return f"{first} AUTH=PLAIN"
        rest = "CHILDREN CONDSTORE ESEARCH IDLE LIST-EXTENDED LIST-STATUS MOVE NAMESPACE SPECIAL-USE UIDPLUS UNSELECT"
        return f"{first} {rest} STATUS=SIZE APPENDLIMIT={self.office.max_message_bytes}"

    def say(self, line: str | bytes) -> None:
        """Write one line (or a response with literals in it)."""
        self._writer.write((line if isinstance(line, bytes) else line.encode()) + b"\r\n")

    async def flush(self) -> None:
        """Wait until the mail program takes what was written."""
        await self._writer.drain()

    def let_in(self, login: str) -> None:
        """The mail program has logged in."""
        self.login = login
        self.reader.is_logged_in = True

    def select(self, mailbox: Mailbox, messages: Iterable[Message], *, is_read_only: bool) -> Selected:
        self.unselect()
        self.selected = Selected(mailbox, is_read_only, [m.uid for m in messages], mailbox.modseq)
        self.post.bell.listen(mailbox.id, self.selected.woken)
        return self.selected

    def unselect(self) -> None:
        if self.selected is not None:
            self.post.bell.leave(self.selected.mailbox.id, self.selected.woken)
            self.selected = None

    async def announce(self, *, expunges: bool) -> None:
        """Tell what happened in the selected mailbox since it was last told."""
        selected = self.selected
        if selected is None:
            return
        changes = await self.post.hop(lambda store: store.changes_since(selected.mailbox.id, selected.modseq))
        if changes is None:
            raise Goodbye("The selected mailbox was deleted.")
        selected.modseq = changes.modseq
        selected.gone.update(set(changes.expunged) & set(selected.uids))
        if expunges:
            self._tell_expunged(selected)
        self._tell_changed(selected, changes)

    def tell_flags(self, message: Message, *, with_uid: bool = False) -> None:
        """Tell the flags of one message, and remember that they were told."""
        assert self.selected is not None
        place = self.selected.place_of(message.uid)
        if place is None:
            return
        uid = f" UID {message.uid}" if with_uid else ""
        modseq = f" MODSEQ ({message.modseq})" if self.uses_condstore else ""
        self.say(f"* {place} FETCH (FLAGS {listed(message.flags)}{uid}{modseq})")
        self.selected.told[message.uid] = message.modseq

    def keep_quiet_about(self, message: Message) -> None:
        """Remember that the mail program knows this state of a message already."""
        assert self.selected is not None
        self.selected.told[message.uid] = message.modseq

    # The loop.

    async def _next_command(self) -> Command | None:
        try:
            return await self.reader.command()
        except Unreadable as unreadable:
            word = "NO" if isinstance(unreadable.cause, No) else "BAD"
            self._answer(unreadable.tag, word, unreadable.cause)
            return None

    async def _obey(self, command: Command) -> None:
        self.tag = command.tag
        entry = COMMANDS.get(command.name)
        try:
            if entry is None:
                raise Bad("There is no such command.")
            self._require_state(entry.state)
            text = await entry.run(self, Arguments(command.arguments))
            await self.announce(expunges=entry.tells_expunges)
        except (Bad, No, MailboxProblem, BadFlag) as refusal:
            self._answer(command.tag, "BAD" if isinstance(refusal, Bad) else "NO", refusal)
            return
        self.say(f"{command.tag} OK {text or command.name + ' completed.'}")
        if command.name == "LOGOUT":
            raise Goodbye("")

    def _require_state(self, state: State) -> None:
        if state is State.LOGGED_OUT and self.login:
            raise Bad("This is for before the login.")
        if state in (State.LOGGED_IN, State.SELECTED) and not self.login:
            raise Bad("Log in first.")
        if state is State.SELECTED and self.selected is None:
            raise Bad("Select a mailbox first.")

    def _answer(self, tag: str, word: str, refusal: Exception) -> None:
        code = getattr(refusal, "code", "")
        self.say(f"{tag} {word} " + (f"[{code}] " if code else "") + str(refusal))
        self._mistakes += word == "BAD"
        if self._mistakes > MAX_MISTAKES:
            raise Goodbye("Too many commands could not be understood.")

    def _tell_expunged(self, selected: Selected) -> None:
        for place in range(len(selected.uids), 0, -1):
            uid = selected.uids[place - 1]
            if uid in selected.gone:
                self.say(f"* {place} EXPUNGE")
                del selected.uids[place - 1]
                selected.told.pop(uid, None)
        selected.gone.clear()

    def _tell_changed(self, selected: Selected, changes: Changes) -> None:
        known = set(selected.uids)
        new = [message.uid for message in changes.changed if message.uid not in known]
        if new:
            selected.uids += new
            self.say(f"* {len(selected.uids)} EXISTS")
            self.say("* 0 RECENT")
        for message in changes.changed:
            if message.uid in known and selected.told.get(message.uid) != message.modseq:
                self.tell_flags(message, with_uid=self.uses_condstore)
