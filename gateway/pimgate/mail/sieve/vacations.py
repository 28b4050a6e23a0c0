"""A person's absence brought to their mail server, which then answers by itself.

No script of theirs is changed: where one is active, another one that includes ours and theirs becomes active instead, and theirs is
active again when the absence is over. Where that cannot be, nothing is done and the person is told why.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from typing import Final

from pimgate.errors import AwayNow, Refused
from pimgate.mail.imap.connecting import Place
from pimgate.mail.imap.errors import Away, BadLogin, Rejected, Unsayable
from pimgate.mail.imap.sasl import Login
from pimgate.mail.logins import Logins
from pimgate.mail.refusals import Refusals
from pimgate.mail.sieve import scripts
from pimgate.mail.sieve.conversation import Conversation, connect
from pimgate.model.absence import OutOfOffice
from pimgate.model.people import Account, AccountId
from pimgate.settings import Settings

log = logging.getLogger("pimgate.mail")

OWN_ANSWER: Final = "A mail filter of this person answers messages already; switch that off first."
OWN_FILTER: Final = "This person has a mail filter of their own, and the mail server cannot run ours beside it."
NOT_TAKEN: Final = "The mail server does not take the answer for the time away."
LACKING: Final = "The mail server cannot answer like this: it lacks the Sieve extension '{}'."


class NotTaken(Refused):
    """The mail server cannot answer for this person, or not like this; `public` says why."""


class Vacations:
    """Absences on the mail server, where the settings name one that takes scripts. Belongs to the event loop."""

    def __init__(self, settings: Settings, logins: Logins, place: Place | None) -> None:
        self._logins = logins
        self._place = place
        self._domains = {settings.accounts.default_domain, *settings.outgoing.from_domains} - {""}
        self._refusals = Refusals()
        self._turns: weakref.WeakValueDictionary[AccountId, asyncio.Lock] = weakref.WeakValueDictionary()

    @property
    def is_on(self) -> bool:
        """Whether there is a server that takes scripts."""
        return self._place is not None

    async def carry_out(self, account: Account, absence: OutOfOffice) -> None:
        """Have the mail server answer, or no longer; nothing where there is none. The same once more changes nothing. NotTaken,
        AwayNow, and what `Logins` raises."""
        if self._place is None:
            return
        login = await self._login(account)
        turn = self._turns.setdefault(account.id, asyncio.Lock())
        try:
            async with turn, connect(self._place, login) as line:
                if scripts.says_anything(absence):
                    await self._switch_on(line, account, absence)
                else:
                    await _switch_off(line)
        except BadLogin as error:
            self._refusals.note(account.id, login)
            raise self._logins.refusal(account) from error
        except Away as error:
            raise AwayNow(f"server of scripts: {error.detail}") from error
        except (Rejected, Unsayable) as error:
            raise _not_taken(account, NOT_TAKEN, str(error)) from error
        except scripts.Lacking as error:
            raise _not_taken(account, LACKING.format(error.name)) from error
        log.info("the absence of %s is carried out by their mail server", account.id)

    async def extensions(self, account: Account) -> frozenset[str]:
        """What scripts of this person may ask for. AwayNow, and what `Logins` raises."""
        if self._place is None:
            return frozenset()
        login = await self._login(account)
        try:
            async with connect(self._place, login) as line:
                return line.extensions
        except BadLogin as error:
            self._refusals.note(account.id, login)
            raise self._logins.refusal(account) from error
        except (Away, Rejected) as error:
            raise AwayNow(f"server of scripts: {error}") from error

    async def _login(self, account: Account) -> Login:
        """The person's login, unless the server refused it a moment ago."""
        login = await self._logins.login_of(account)
        if self._refusals.holds(account.id, login):
            raise self._logins.refusal(account)
        return login

    async def _switch_on(self, line: Conversation, account: Account, absence: OutOfOffice) -> None:
        domains = {*self._domains, account.login.rpartition("@")[2]}
        text = scripts.script_of(absence, account.login, domains, line.extensions)
        active = next((each.name for each in await line.scripts() if each.is_active), "")
        if active in (scripts.NAME, scripts.WRAPPER, ""):
            await line.put(scripts.NAME, text)
            if not active:
                await line.activate(scripts.NAME)
            return
        own = await line.script(active)
        if scripts.answers_already(own):
            raise _not_taken(account, OWN_ANSWER)
        if not scripts.runs_ours(own) and "include" not in line.extensions:
            raise _not_taken(account, OWN_FILTER)
        await line.put(scripts.NAME, text)
        if not scripts.runs_ours(own):
            await line.put(scripts.WRAPPER, scripts.wrapper_of(active))
            await line.activate(scripts.WRAPPER)


def _not_taken(account: Account, why: str, detail: str = "") -> NotTaken:
    """A phone is told only that it was refused, so the log says why."""
    log.warning("the absence of %s is not carried out: %s %s", account.id, why, detail)
    return NotTaken(f"{account.id}: {detail}".rstrip(": "), why)


async def _switch_off(line: Conversation) -> None:
    known = await line.scripts()
    names = {each.name for each in known}
    active = next((each.name for each in known if each.is_active), "")
    if active == scripts.WRAPPER:
        own = scripts.included_in(await line.script(scripts.WRAPPER))
        active = next((each for each in own if each in names), "")
        await line.activate(active)
    elif active == scripts.NAME:
        active = ""
        await line.activate(active)
    if scripts.WRAPPER in names:
        await line.remove(scripts.WRAPPER)
    if scripts.NAME in names:
        if active and scripts.runs_ours(await line.script(active)):
            await line.put(scripts.NAME, scripts.nothing())
        else:
            await line.remove(scripts.NAME)
