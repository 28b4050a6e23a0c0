"""Commands about the connection itself: capabilities, identity, login. Source: RFC 9051, RFC 2971 (ID), RFC 4616 (PLAIN)."""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import TYPE_CHECKING

from ..answers import Bad, Goodbye, No
from ..parser import Arguments

if TYPE_CHECKING:
    from ...people import Person
    from ..session import Session

MAX_REFUSED_LOGINS = 5


async def capability(session: Session, arguments: Arguments) -> None:
    arguments.end()
    session.say(f"* CAPABILITY {session.capabilities}")


async def noop(session: Session, arguments: Arguments) -> None:
    arguments.end()


async def logout(session: Session, arguments: Arguments) -> None:
    arguments.end()
    session.say("* BYE Good-bye.")
    session.unselect()


async def identify(session: Session, arguments: Arguments) -> None:
    session.say('* ID ("name" "pimgate mail")')


async def enable(session: Session, arguments: Arguments) -> None:
    names = [arguments.word()]
    while arguments.take(b" "):
        names.append(arguments.word())
    arguments.end()
    is_new = "CONDSTORE" in names
    session.uses_condstore = session.uses_condstore or is_new
    session.say("* ENABLED CONDSTORE" if is_new else "* ENABLED")


async def log_in(session: Session, arguments: Arguments) -> str:
    login = arguments.text()
    arguments.space()
    password = arguments.text()
    arguments.end()
    person = await session.office.people.with_password(login, password, session.network, "imap")
    return await _enter(session, person)


async def authenticate(session: Session, arguments: Arguments) -> str:
    if arguments.word() != "PLAIN":
        raise No("", "Only the mechanism PLAIN is offered.")
    if arguments.take(b" "):
        encoded = arguments.rest()
    else:
        session.say(b"+ ")
        await session.flush()
        encoded = await session.reader.line()
    if encoded == b"*":
        raise Bad("AUTHENTICATE cancelled.")
    authorize_as, login, password = _plain_message(encoded)
    return await _enter(session, await _person(session, authorize_as, login, password))


def _plain_message(encoded: bytes) -> tuple[str, str, str]:
    try:
        message = base64.b64decode(b"" if encoded == b"=" else encoded, validate=True)
        authorize_as, login, password = message.decode("utf-8").split("\0")
    except (binascii.Error, ValueError):
        raise Bad("This is not a PLAIN message.") from None
    return authorize_as, login, password


async def _person(session: Session, authorize_as: str, login: str, password: str) -> Person | None:
    """Who is let in: oneself, or whoever the master names."""
    office = session.office
    if office.master_password and login == office.master_login and authorize_as not in ("", login):
        is_master = hmac.compare_digest(password.encode(), office.master_password.encode())
        return await office.people.with_login(authorize_as) if is_master else None
    if authorize_as not in ("", login):
        raise No("AUTHORIZATIONFAILED", "You can log in as yourself only.")
    return await office.people.with_password(login, password, session.network, "imap")


async def _enter(session: Session, person: Person | None) -> str:
    if person is None:
        session.refused_logins += 1
        if session.refused_logins >= MAX_REFUSED_LOGINS:
            raise Goodbye("Too many logins were refused.")
        raise No("AUTHENTICATIONFAILED", "The login or the password is wrong.")
    await session.post.furnish(person.login)
    session.let_in(person.login)
    return f"[CAPABILITY {session.capabilities}] Logged in."
