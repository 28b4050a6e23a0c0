"""One command at a time, and what the server says meanwhile.

Everything is bounded: the length of a line, the size of a literal and of all that one command brings, the time a server may be
silent. After a failure in the middle of a command the connection is closed and never used again. What the server says without being
asked waits until somebody listens (`waiting`).

Source: RFC 9051, "Commands and Responses"; RFC 7888 (LITERAL+, LITERAL-).
"""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from pimgate.mail.imap.answers import Overflow, Unasked
from pimgate.mail.imap.errors import Away, BadAnswer, Rejected
from pimgate.mail.imap.hearing import LARGEST_ANSWER, LONGEST_LINE, Answer, announced, heard
from pimgate.mail.imap.saying import Literal, Part, Streamed, joined
from pimgate.mail.imap.stream import Stream
from pimgate.mail.imap.understanding import unasked

COMMAND_SECONDS: Final = 900.0
LOGOUT_SECONDS: Final = 2.0
MOST_ANSWERS: Final = 500_000
MOST_OCTETS: Final = 256 * 1_048_576
MOST_UNASKED: Final = 10_000
SMALL_LITERAL: Final = 4096
"""Larger ones are announced first, even where that is not needed: the server may say that it does not want them."""
MESSAGE_BYTES: Final = 64 * 1_048_576
"""A message that is larger is neither fetched nor appended as a whole."""


@dataclass(slots=True)
class Done:
    """A command that went well: what the server said while it worked, as far as it was waited for, and its closing words."""

    answers: list[Answer] = field(default_factory=list)
    closing: Answer = field(default_factory=lambda: Answer("", "OK"))

    def of(self, word: str) -> list[Answer]:
        return [each for each in self.answers if each.word == word]

    def codes(self) -> Iterator[Answer]:
        """Everything that carries a code, the closing words last."""
        yield from (each for each in (*self.answers, self.closing) if each.code)


class Conversation:
    """A connection that takes commands. The verbs are in the classes that build on it."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._tags = (f"p{number}" for number in itertools.count(1))
        self._busy = asyncio.Lock()
        self._pieces: list[bytes] = []
        self._expected: int | None = None
        self._octets = 0
        self._unasked: deque[Unasked] = deque()
        self.capabilities: frozenset[str] = frozenset()
        self.enabled: frozenset[str] = frozenset()

    @property
    def is_closed(self) -> bool:
        return self._stream.is_closed

    @property
    def is_utf8(self) -> bool:
        """Whether names of mailboxes travel as UTF-8."""
        return bool(self.enabled & {"UTF8=ACCEPT", "IMAP4REV2"})

    def has(self, capability: str) -> bool:
        """Whether the server offers this ("MOVE"), or what includes it."""
        wanted = capability.upper()
        return wanted in self.capabilities or (wanted in REV2 and "IMAP4REV2" in self.capabilities)

    def close(self) -> None:
        """Close at once, without a word."""
        self._stream.abort()

    async def log_out(self) -> None:
        """Say good-bye and close; whatever goes wrong with that harms nobody."""
        with suppress(OSError, TimeoutError):
            if not self.is_closed and not self._busy.locked():
                async with asyncio.timeout(LOGOUT_SECONDS):
                    await self._stream.send(b"bye LOGOUT\r\n")
        await self._stream.closed(LOGOUT_SECONDS)

    async def ask(self, *parts: Part, takes: Collection[str] = (), replies: Iterable[bytes] = ()) -> Done:
        """Say a command and hear its answers, those of the kinds in `takes` for the caller. `replies` are lines that the server may
        ask for meanwhile. Away, Rejected."""
        async with self._busy:
            with self._sound():
                async with asyncio.timeout(COMMAND_SECONDS):
                    self._octets = 0
                    done = await self._asked(next(self._tags), joined(parts), takes, iter(replies))
        if done.closing.word != "OK":
            raise Rejected(done.closing.word, done.closing.code_name)
        return done

    async def _asked(self, tag: str, parts: Sequence[Part], takes: Collection[str], replies: Iterator[bytes]) -> Done:
        done = Done()
        line = tag.encode("ascii") + b" "
        for part in parts:
            if isinstance(part, bytes):
                line += part
                continue
            if not await self._announce(tag, line, part, takes, done):
                return done
            line = b""
            if isinstance(part, Literal):
                line = part.octets
            else:
                await self._stream_out(part)
        await self._stream.send(line + b"\r\n")
        while await self._hear_for(tag, takes, done):
            reply = next(replies, None)
            if reply is None:
                raise BadAnswer("the server waits for what nobody has")
            await self._stream.send(reply + b"\r\n")
        return done

    async def _announce(
        self, tag: str, line: bytes, part: Literal | Streamed, takes: Collection[str], done: Done
    ) -> bool:
        """Say how long a literal is; gives whether the server wants it."""
        is_small = part.size_bytes <= SMALL_LITERAL
        if is_small and (self.has("LITERAL+") or self.has("LITERAL-")):
            await self._stream.send(line + b"{%d+}\r\n" % part.size_bytes)
            return True
        await self._stream.send(line + b"{%d}\r\n" % part.size_bytes)
        if await self._hear_for(tag, takes, done):
            return True
        if done.closing.word == "OK":
            raise BadAnswer("OK in the middle of a command")
        return False

    async def _stream_out(self, part: Streamed) -> None:
        left = part.size_bytes
        async for piece in part.pieces:
            left -= len(piece)
            if left < 0:
                break
            await self._stream.send(piece)
        if left != 0:
            raise ValueError("a message that is not as long as was said")

    async def _hear_for(self, tag: str, takes: Collection[str], done: Done) -> bool:
        """Hear until the command ends (False) or the server wants more of it (True)."""
        while True:
            answer = await self._hear()
            if answer.tag == tag:
                done.closing = answer
                return False
            if answer.tag == "+":
                return True
            self._sort(answer, takes, done.answers)
            if len(done.answers) > MOST_ANSWERS:
                raise BadAnswer("a command without end")

    async def _hear(self) -> Answer:
        """The next answer. Whoever is cancelled meanwhile loses nothing: what was heard so far is kept."""
        while True:
            if self._expected is not None:
                self._pieces.append(await self._stream.exactly(self._expected))
                self._expected = None
            is_first = not self._pieces
            line = await self._stream.line(LONGEST_LINE)
            self._pieces.append(line)
            self._expected = announced(line, is_first=is_first)
            size = sum(map(len, self._pieces)) + (self._expected or 0)
            if size > LARGEST_ANSWER or len(self._pieces) > MOST_UNASKED:
                raise BadAnswer("an answer that is too large")
            if self._expected is None:
                break
        self._octets += size
        if self._octets > MOST_OCTETS:
            raise BadAnswer("a command that brings too much")
        pieces, self._pieces = self._pieces, []
        return self._noted(heard(pieces))

    def _noted(self, answer: Answer) -> Answer:
        """An answer, after what it says about the connection itself was taken to heart."""
        if answer.tag == "*" and answer.word == "BYE":
            raise Away("the server said good-bye")
        if answer.word == "CAPABILITY":
            self.capabilities = frozenset(str(each).upper() for each in answer.values)
        elif answer.code_name == "CAPABILITY":
            self.capabilities = frozenset(str(each).upper() for each in answer.code[1:])
        return answer

    def _sort(self, answer: Answer, takes: Collection[str], taken: list[Answer]) -> None:
        if answer.tag != "*":
            raise BadAnswer("an answer to what nobody asked")
        if answer.word in takes:
            taken.append(answer)
        elif (event := unasked(answer, is_utf8=self.is_utf8)) is not None:
            self._put_aside(event)

    def _put_aside(self, event: Unasked) -> None:
        if len(self._unasked) >= MOST_UNASKED:
            self._unasked.clear()
            event = Overflow()
        self._unasked.append(event)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Answers are read within. A server whose answers make no sense is not asked again: the connection is closed."""
        try:
            yield
        except BadAnswer:
            self.close()
            raise

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """Whatever goes wrong within leaves a connection in the middle of something: it is closed."""
        try:
            yield
        except (OSError, TimeoutError) as error:
            self.close()
            raise Away(f"{type(error).__name__}: {error}") from error
        except BaseException:
            self.close()
            raise


REV2: Final = frozenset(
    (
        *("ENABLE", "ESEARCH", "IDLE", "LIST-EXTENDED", "LIST-STATUS", "LITERAL-", "MOVE", "NAMESPACE", "SASL-IR"),
        *("SEARCHRES", "SPECIAL-USE", "STATUS=SIZE", "UIDPLUS", "UNSELECT"),
    )
)
"""What a server of IMAP4rev2 offers without saying so. Source: RFC 9051, "Changes from RFC 3501"."""
