"""Passwords for the mail server that people entrust to the gateway: tried there first, kept encrypted, given back to nobody."""

from __future__ import annotations

from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Final

from pimgate.errors import BadCredentials, NotThere, Throttled
from pimgate.mail.imap import BadLogin, Login, Way
from pimgate.mail.logins import Vault, name_at_server
from pimgate.model.people import Account, AccountId

if TYPE_CHECKING:
    from pimgate.core import Core

LONGEST: Final = 4_096
MOST_TRIES: Final = 10
WITHIN_SECONDS: Final = 600.0
MOST_REMEMBERED: Final = 10_000


class Tries:
    """How often each person tried lately; belongs to one gateway."""

    def __init__(self) -> None:
        self._at: OrderedDict[AccountId, deque[float]] = OrderedDict()

    def note(self, account_id: AccountId, now: float) -> None:
        """Count a try. Throttled."""
        at = self._at.setdefault(account_id, deque(maxlen=MOST_TRIES))
        self._at.move_to_end(account_id)
        if len(at) == MOST_TRIES and now - at[0] < WITHIN_SECONDS:
            raise Throttled(round(WITHIN_SECONDS - (now - at[0])) + 1, f"mail passwords of {account_id}")
        at.append(now)
        if len(self._at) > MOST_REMEMBERED:
            self._at.popitem(last=False)


def vault_of(core: Core) -> Vault:
    """Where passwords are kept. NotThere where the gateway logs in another way."""
    vault = core.mail.vault if core.mail is not None else None
    if vault is None:
        raise NotThere("no passwords for the mail server are kept here")
    return vault


async def entrust(
    core: Core, account: Account, secret: str, *, name: str = "", way: Way = Way.PASSWORD, is_tried: bool = True
) -> None:
    """Keep what a person entrusts, if the mail server accepts it (`is_tried`). `name` is how the server calls them, where that is
    not as usual. BadCredentials if it does not; AwayNow, Throttled, NotThere."""
    vault = vault_of(core)
    if not secret or len(secret) > LONGEST or len(name) > LONGEST:
        raise BadCredentials("no password")
    if is_tried and core.mail is not None:
        core.belonging(Tries).note(account.id, await core.read(lambda work: work.now))
        login = Login(name or name_at_server(account, core.settings.mail.name), secret, way)
        try:
            await core.mail.upstream.try_out(login)
        except BadLogin as error:
            raise BadCredentials(f"the mail server does not accept what {account.id} gave") from error
    await core.write(lambda work: vault.keep(work, account.id, secret, name=name, way=way))
    if core.mail is not None:
        core.mail.upstream.begin_anew(account.id)


async def withdraw(core: Core, account: Account) -> None:
    """Keep nothing of this person any more. NotThere."""
    vault = vault_of(core)
    await core.write(lambda work: vault.forget(work, account.id))
    if core.mail is not None:
        await core.mail.stop_watching(account)
        core.mail.upstream.begin_anew(account.id)
