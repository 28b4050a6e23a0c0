"""People whose password is the mail server's: let in here when the mail server lets them in.

The question is asked in a worker thread, and a gateway has few of those. So no more than half of them ever wait for the
mail server, and one that kept somebody waiting in vain is not asked again for a moment. That it is away is never told as
a wrong password: phones would ask their people for another one, for ever.
"""

import asyncio
import logging
import threading
import time
import unicodedata
from dataclasses import replace

from pimgate.api import Account, AlreadyThere, AwayNow, BadCredentials, Core, Credentials, Identity, NoSuchAccount

from .settings import ImapSettings, LoginMode
from .upstream import LoggedIn, Target, UpstreamAway, UpstreamRefused, log_in, log_out

CHECK_SECONDS = 10.0
PLACE_SECONDS = 1.0
SLOW_SECONDS = 2.0
LEFT_ALONE_SECONDS = 5.0

log = logging.getLogger("pimgate.imap")


class MailServer:
    """The mail server as one that knows passwords. `places`: how many may ask it at one time."""

    def __init__(self, target: Target, places: int) -> None:
        # It is the person's own password that has to be proven, whoever the proxy logs in as afterwards.
        self._target = replace(target, mode=LoginMode.PASSTHROUGH)
        self._places = threading.BoundedSemaphore(places)
        self._left_alone_until = 0.0
        self._is_away = False

    def accepts(self, login: str, password: str, client_address: str) -> bool:
        """Whether this person can log in there. AwayNow when that cannot be said; blocks for ten seconds at most."""
        # Some servers take a login without a password for an anonymous one.
        if not password:
            return False
        if time.monotonic() < self._left_alone_until:
            raise AwayNow("the mail server did not answer a moment ago")
        if not self._places.acquire(timeout=PLACE_SECONDS):
            raise AwayNow("too many passwords are being checked at the mail server")
        try:
            return self._ask(login, password, client_address)
        finally:
            self._places.release()

    def _ask(self, login: str, password: str, client_address: str) -> bool:
        began = time.monotonic()
        try:
            asyncio.run(_try(self._target, login, password, client_address))
            is_right = True
        except UpstreamRefused:
            is_right = False
        except UpstreamAway as away:
            if time.monotonic() - began > SLOW_SECONDS:
                self._left_alone_until = time.monotonic() + LEFT_ALONE_SECONDS
            self._note(is_away=True, reason=str(away))
            raise AwayNow(f"the mail server cannot check a password: {away}") from away
        self._note(is_away=False)
        return is_right

    def _note(self, *, is_away: bool, reason: str = "") -> None:
        """One line when it goes and one when it comes back, however many people ask meanwhile."""
        if is_away and not self._is_away:
            log.error("passwords cannot be checked at the mail server: %s", reason)
        elif self._is_away and not is_away:
            log.info("passwords can be checked at the mail server again")
        self._is_away = is_away


def identity_of(core: Core, settings: ImapSettings, server: MailServer, credentials: Credentials) -> Identity | None:
    """The person, proven by the mail server; None for people it is not asked about. BadCredentials, AwayNow."""
    account = _known(core, credentials.login)
    login = account.login if account is not None else newcomer(core, settings, credentials.login)
    if login is None:
        return None
    if not server.accepts(login, credentials.secret, credentials.network):
        raise BadCredentials("the mail server does not accept this login")
    return Identity(account or _made(core, login))


def newcomer(core: Core, settings: ImapSettings, typed: str) -> str | None:
    """The login that somebody without an account would get; None when nobody gets one by it."""
    if not settings.create_people:
        return None
    login = unicodedata.normalize("NFC", typed.strip()).lower()
    if "@" not in login and core.settings.accounts.default_domain:
        login = f"{login}@{core.settings.accounts.default_domain.lower()}"
    user, _, domain = login.partition("@")
    is_ours = domain in {each.strip().lower() for each in settings.people_domains if each.strip()}
    return login if user and is_ours and "\\" not in user else None


def _known(core: Core, typed: str) -> Account | None:
    with core.database.read() as work:
        try:
            return core.people.get(work, typed)
        except NoSuchAccount:
            return None


def _made(core: Core, login: str) -> Account:
    """A new account, or the one that another program of the same person has just made."""
    with core.database.write() as work:
        try:
            account = core.people.create(work, login, None)
        except AlreadyThere:
            return core.people.get(work, login)
    log.info("made an account for %r, whom the mail server knows", login)
    return account


async def _try(target: Target, login: str, password: str, client_address: str) -> None:
    upstream = await _logged_in(target, login, password, client_address)
    await log_out(upstream)


async def _logged_in(target: Target, login: str, password: str, client_address: str) -> LoggedIn:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return await log_in(target, login, password, client_address)
    except TimeoutError:
        raise UpstreamAway(f"no answer within {CHECK_SECONDS:.0f} seconds") from None
