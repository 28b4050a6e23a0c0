"""The gateway's accounts as the people of the mail server."""

from pimgate.api import Account, BadCredentials, Core, Credentials, NoSuchAccount, Refused, Throttled

from .people import Person


class AccountsOf:
    """Asks the core whenever it is asked, so a changed password or a disabled account counts at once."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def with_password(self, login: str, password: str, network: str, protocol: str) -> Person | None:
        try:
            identity = await self._core.authenticate(Credentials(login, password, protocol, network))
        except (BadCredentials, Throttled):
            return None
        return _person(identity.account)

    async def with_login(self, login: str) -> Person | None:
        return await self._active(login)

    async def at_address(self, address: str) -> Person | None:
        return await self._active(address) if "@" in address else None

    async def _active(self, login: str) -> Person | None:
        try:
            account = await self._core.read(lambda work: self._core.people.get(work, login))
        except (NoSuchAccount, Refused):
            return None
        return _person(account) if account.is_active else None


def _person(account: Account) -> Person:
    return Person(account.login, frozenset({account.login}))
