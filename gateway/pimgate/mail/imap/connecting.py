"""From an address and a login to a connection that takes commands.

Credentials travel under TLS or to this very machine, never otherwise. What a server says before TLS begins counts for nothing, and
one that claims to have authenticated us already (PREAUTH) is refused: that is how TLS is talked away.

Source: RFC 9051, "Greeting", "STARTTLS Command", "AUTHENTICATE Command", "LOGIN Command"; RFC 4959 (SASL-IR); RFC 5161 (ENABLE).
"""

from __future__ import annotations

import asyncio
import base64
import ssl
from dataclasses import dataclass
from typing import Final

from pimgate.mail.imap.editing import Editing
from pimgate.mail.imap.errors import Away, BadAnswer, BadLogin, Busy, Rejected, Unsayable
from pimgate.mail.imap.sasl import Login, Said, Way, said
from pimgate.mail.imap.saying import string
from pimgate.mail.imap.stream import Stream
from pimgate.mail.imap.waiting import Waiting
from pimgate.settings import Security

CONNECT_SECONDS: Final = 10.0
LOGIN_SECONDS: Final = 30.0
WANTED: Final = ("CONDSTORE", "QRESYNC", "UTF8=ACCEPT")
AWAY_CODES: Final = ("UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "CONTACTADMIN")
"""These say that the server, not the login, is the reason. Source: RFC 9051, "Response Codes"."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server is and how it is spoken to. `context` is needed unless `security` is NONE; `patience_seconds` is how long it
    may be silent."""

    host: str
    port: int
    security: Security
    context: ssl.SSLContext | None = None
    patience_seconds: float = 60.0


class Connection(Editing, Waiting):
    """A connection on which somebody is logged in. Made by `connect`; one command at a time, further ones wait."""


async def connect(place: Place, login: Login) -> Connection:
    """Connect and log in. Away, BadLogin; whatever was opened is closed then."""
    stream = await opened(place)
    stream.patience_seconds = min(place.patience_seconds, LOGIN_SECONDS)
    connection = Connection(stream)
    try:
        async with asyncio.timeout(LOGIN_SECONDS):
            await _greeted(connection)
            await _protected(connection, stream, place)
            await _logged_in(connection, place, login)
            await _enabled(connection)
    except (OSError, TimeoutError) as error:
        connection.close()
        raise Away(f"{type(error).__name__} while logging in") from error
    except Rejected as error:
        connection.close()
        raise Away(f"while logging in: {error}") from error
    except BaseException:
        connection.close()
        raise
    stream.patience_seconds = place.patience_seconds
    return connection


async def look(place: Place) -> frozenset[str]:
    """What the server offers before a login, once TLS protects what it says. Away."""
    stream = await opened(place)
    stream.patience_seconds = min(place.patience_seconds, LOGIN_SECONDS)
    connection = Connection(stream)
    try:
        async with asyncio.timeout(LOGIN_SECONDS):
            await _greeted(connection)
            await _protected(connection, stream, place)
            await _know_capabilities(connection)
            await connection.log_out()
    except (OSError, TimeoutError) as error:
        raise Away(f"{type(error).__name__} while looking: {error}") from error
    except Rejected as error:
        raise Away(f"while looking: {error}") from error
    finally:
        connection.close()
    return connection.capabilities


async def opened(place: Place) -> Stream:
    """The octets of a connection to this place, under TLS where it begins with that. Away."""
    is_tls = place.security is Security.TLS
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, stream = await asyncio.get_running_loop().create_connection(
                Stream,
                place.host,
                place.port,
                ssl=context_of(place) if is_tls else None,
                server_hostname=place.host if is_tls else None,
            )
    except (OSError, TimeoutError) as error:
        raise Away(f"{type(error).__name__} while connecting: {error}") from error
    return stream


async def _greeted(connection: Connection) -> None:
    with connection._sound():
        greeting = await connection._hear()
    if greeting.tag != "*" or greeting.word != "OK":
        raise BadAnswer("a greeting that is not OK")


async def _protected(connection: Connection, stream: Stream, place: Place) -> None:
    if place.security is Security.STARTTLS:
        await _know_capabilities(connection)
        if not connection.has("STARTTLS"):
            raise BadAnswer("no STARTTLS is offered")
        await connection.ask(b"STARTTLS")
        await stream.start_tls(context_of(place), place.host)
        connection.capabilities = frozenset()
        connection.take_unasked()
    if not stream.is_private:
        raise Away("no TLS on the way to another machine: no password is sent")


async def _logged_in(connection: Connection, place: Place, login: Login) -> None:
    await _know_capabilities(connection)
    before = connection.capabilities
    try:
        await _authenticated(connection, place, login)
    except Rejected as error:
        if error.is_our_fault or error.code in AWAY_CODES:
            raise Busy(f"while logging in: {error}") from error
        raise BadLogin("the mail server does not accept this login") from None
    except Unsayable:
        raise BadLogin("this login cannot be said") from None
    # A server may tell with its OK what it offers from now on; else it is asked.
    if connection.capabilities is before:
        await connection.ask(b"CAPABILITY")


async def _authenticated(connection: Connection, place: Place, login: Login) -> None:
    offered = {each.removeprefix("AUTH=") for each in connection.capabilities if each.startswith("AUTH=")}
    found = said(login, offered, place.host, place.port)
    if found is not None:
        await _by_sasl(connection, found)
    elif login.way is Way.TOKEN:
        raise BadLogin("the mail server takes no tokens")
    elif login.way is Way.PASSWORD and not connection.has("LOGINDISABLED"):
        await connection.ask(b"LOGIN", string(login.person), string(login.secret))
    else:
        raise BadLogin("the mail server offers no way for this login")


async def _by_sasl(connection: Connection, found: Said) -> None:
    coded = base64.b64encode(found.message)
    last_word = b"*" if found.last_word is None else base64.b64encode(found.last_word)
    command = b"AUTHENTICATE " + found.mechanism.encode("ascii")
    if connection.has("SASL-IR"):
        await connection.ask(command, coded, replies=(last_word,))
    else:
        await connection.ask(command, replies=(coded, last_word))


async def _enabled(connection: Connection) -> None:
    """Switch on what is offered: a server counts changes of a mailbox only once that was asked for."""
    wanted = [each.encode("ascii") for each in WANTED if connection.has(each)]
    if not wanted or not connection.has("ENABLE"):
        return
    done = await connection.ask(b"ENABLE", *wanted, takes=("ENABLED",))
    connection.enabled = frozenset(str(value).upper() for each in done.answers for value in each.values)


async def _know_capabilities(connection: Connection) -> None:
    if not connection.capabilities:
        await connection.ask(b"CAPABILITY")


def context_of(place: Place) -> ssl.SSLContext:
    """What its certificate is verified against."""
    if place.context is None:
        raise ValueError("TLS needs a context")
    return place.context
