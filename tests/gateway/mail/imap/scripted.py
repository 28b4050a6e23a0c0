"""A mail server that says what it is told to, and keeps what it hears: commands as a server reads them, literals included."""

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from pimgate.mail.imap import Connection, Login, Place, Way, connect
from pimgate.settings import Security

CAPABILITIES = "IMAP4rev1 AUTH=PLAIN SASL-IR ENABLE IDLE UIDPLUS MOVE ESEARCH CONDSTORE"
LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r\n\Z")

Answers = Callable[[bytes], bytes]
"""Untagged answers to a command (without its tag); "NO ..." or "OK ..." in the last line is the tagged one."""


@dataclass
class Scripted:
    """Where it listens, and what it heard: each command with its literals as one run of octets, the tag taken off."""

    port: int = 0
    commands: list[bytes] = field(default_factory=list)
    connections: int = 0

    def place(self, security: Security = Security.NONE, context: ssl.SSLContext | None = None) -> Place:
        return Place("localhost", self.port, security, context, patience_seconds=20)

    @property
    def said(self) -> list[bytes]:
        """What was said after the login."""
        return [each for each in self.commands if not each.startswith((b"AUTHENTICATE", b"CAPABILITY", b"ENABLE"))]


@contextlib.asynccontextmanager
async def scripted(
    answers: Answers = lambda command: b"", capabilities: str = CAPABILITIES, *, wants_literals: bool = True
) -> AsyncIterator[Scripted]:
    """A server that lets everybody in, and answers each command by `answers`, else with OK. One that wants no literals answers as
    soon as one is announced."""
    server = Scripted()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        writer.write(f"* OK [CAPABILITY {capabilities}] hello\r\n".encode())
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while command := await _command(reader, writer, wants_literals):
                tag, _, words = command.partition(b" ")
                server.commands.append(words)
                if words == b"IDLE" and not answers(words).startswith(b"BAD"):
                    writer.write(b"+ idling\r\n")
                    await reader.readline()
                    writer.write(tag + b" OK done\r\n")
                    continue
                writer.write(_answer(tag, words, answers, capabilities))
                await writer.drain()
        writer.close()

    async with listening(serve) as server.port:
        yield server


@contextlib.asynccontextmanager
async def listening(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], object], **options: object
) -> AsyncIterator[int]:
    """A server for the length of the block; connections that are still open are ended, and waited for."""
    tasks: set[asyncio.Task[None]] = set()

    async def accepted(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await serve(reader, writer)  # type: ignore[misc]
        except asyncio.CancelledError:
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    server = await asyncio.start_server(accepted, "127.0.0.1", 0, **options)  # type: ignore[arg-type]
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0.01)  # A connection that is just being accepted when its server closes is never closed.
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def talking(
    answers: Answers = lambda command: b"", capabilities: str = CAPABILITIES, *, wants_literals: bool = True
) -> AsyncIterator[tuple[Connection, Scripted]]:
    """A connection to such a server."""
    async with scripted(answers, capabilities, wants_literals=wants_literals) as server:
        connection = await connect(server.place(), Login("anna", "secret", Way.PASSWORD))
        try:
            yield connection, server
        finally:
            await connection.log_out()


async def _command(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wants_literals: bool) -> bytes:
    """One command with its literals, as a server reads it; b"" at the end."""
    whole = b""
    while line := await reader.readline():
        whole += line
        found = LITERAL.search(line)
        if found is None or not wants_literals:
            return whole.removesuffix(b"\r\n")
        if not found.group(2):
            writer.write(b"+ go on\r\n")
        whole += await reader.readexactly(int(found.group(1)))
    return b""


def _answer(tag: bytes, words: bytes, answers: Answers, capabilities: str) -> bytes:
    if words.startswith(b"CAPABILITY"):
        return f"* CAPABILITY {capabilities}\r\n".encode() + tag + b" OK done\r\n"
    if words.startswith(b"ENABLE"):
        return b"* ENABLED " + words.removeprefix(b"ENABLE ") + b"\r\n" + tag + b" OK done\r\n"
    said = b"" if words.startswith(b"AUTHENTICATE") else answers(words)
    lines = said.splitlines(keepends=True)
    if lines and lines[-1].startswith((b"OK", b"NO", b"BAD")):
        return b"".join(lines[:-1]) + tag + b" " + lines[-1].rstrip(b"\r\n") + b"\r\n"
    return said + tag + b" OK done\r\n"
