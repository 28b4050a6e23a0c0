"""With whose secret the gateway logs in at the mail server for a person.

`passthrough`  with the password that the person's phone sent last; it is kept in memory alone, so nothing is known after a start
               until a phone comes in, and nothing of people who use app passwords
`master`       as a login that may act for everybody
`stored`       with what the person entrusted to the gateway; it lies on their shelf, encrypted with the key of the settings
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

from cryptography.fernet import Fernet, InvalidToken

from pimgate.errors import AwayNow, BadCredentials, PimgateError
from pimgate.mail.imap.sasl import Login, Way
from pimgate.model.people import Account, AccountId, Identity
from pimgate.settings import MailLogin, MailName, Settings
from pimgate.store.shelf import Document
from pimgate.store.work import Work

T = TypeVar("T")

KEY: Final = "mail login"
MOST_REMEMBERED: Final = 100_000


class NoSecret(AwayNow):
    """The gateway has nothing to log in with for this person, yet or any more."""


class Logins(Protocol):
    """A way to log in for people."""

    def came_in(self, identity: Identity, secret: str) -> None:
        """A person came in with this secret. To be told at each request: nothing is asked of the mail server."""

    async def login_of(self, account: Account) -> Login:
        """How to log in for this person. NoSecret."""

    def forget(self, account_id: AccountId) -> None:
        """What the person came in with no longer holds."""

    def refusal(self, account: Account) -> PimgateError:
        """What to raise when the mail server does not accept that login."""


class Reader(Protocol):
    """Who brings a look at the database to a thread: the core."""

    async def read(self, job: Callable[[Work], T]) -> T: ...


def logins(settings: Settings, reader: Reader) -> Logins:
    """The way that the settings name. OSError for a file of theirs that cannot be read."""
    chosen = settings.mail
    match chosen.login:
        case MailLogin.MASTER:
            password = settings.secret(chosen.master_password, chosen.master_password_file)
            return Master(chosen.name, chosen.master_login, password)
        case MailLogin.STORED:
            return Stored(chosen.name, Vault(settings.secret(chosen.key, chosen.key_file)), reader)
        case MailLogin.PASSTHROUGH:
            return Passthrough(chosen.name)


def name_at_server(account: Account, name: MailName) -> str:
    """How the mail server calls this person."""
    return account.login.partition("@")[0] if name is MailName.LOCAL else account.login


class Passthrough:
    """The password that was right last, in memory. Belongs to the event loop."""

    def __init__(self, name: MailName) -> None:
        self._name = name
        self._secrets: OrderedDict[AccountId, tuple[int, str]] = OrderedDict()

    def came_in(self, identity: Identity, secret: str) -> None:
        account = identity.account
        if identity.app_password is not None:
            return  # The mail server knows nothing of these.
        if self._secrets.get(account.id, (0, ""))[0] > account.secret_stamp:
            return  # A request that was long on its way: there is a later password.
        self._secrets[account.id] = (account.secret_stamp, secret)
        self._secrets.move_to_end(account.id)
        if len(self._secrets) > MOST_REMEMBERED:
            self._secrets.popitem(last=False)

    async def login_of(self, account: Account) -> Login:
        known = self._secrets.get(account.id)
        if known is None:
            raise NoSecret(f"no password of {account.id} is known yet")
        return Login(name_at_server(account, self._name), known[1])

    def forget(self, account_id: AccountId) -> None:
        self._secrets.pop(account_id, None)

    def refusal(self, account: Account) -> PimgateError:
        return BadCredentials(f"the mail server does not accept the password of {account.id}")


class Master:
    """One login for everybody."""

    def __init__(self, name: MailName, login: str, password: str) -> None:
        self._name = name
        self._login = login
        self._password = password

    def came_in(self, identity: Identity, secret: str) -> None:
        """Their secrets are not needed."""

    async def login_of(self, account: Account) -> Login:
        return Login(name_at_server(account, self._name), self._password, Way.MASTER, self._login)

    def forget(self, account_id: AccountId) -> None:
        """Nothing of theirs is kept."""

    def refusal(self, account: Account) -> PimgateError:
        return AwayNow(f"the mail server does not let the master login act for {account.id}")


class Vault:
    """Secrets of people for the mail server, encrypted, on their shelves. What is shelved for one person opens for nobody else."""

    def __init__(self, key: str) -> None:
        """`key` is 32 octets as URL-safe base64. ValueError for another one."""
        self._fernet = Fernet(key)

    def keep(self, work: Work, account_id: AccountId, secret: str, *, name: str = "", way: Way = Way.PASSWORD) -> None:
        """Keep a secret. `name` is how the mail server calls the person, where that is not as usual."""
        content = {"account": account_id, "secret": secret, "name": name, "way": way.value}
        sealed = self._fernet.encrypt(json.dumps(content).encode())
        work.shelf.put(account_id, KEY, Document({}, sealed))

    def forget(self, work: Work, account_id: AccountId) -> None:
        work.shelf.remove(account_id, KEY)

    def holds(self, work: Work, account_id: AccountId) -> bool:
        """Whether anything is kept for this person."""
        return work.shelf.peek(account_id, KEY) is not None

    def login_of(self, work: Work, account_id: AccountId, name: str) -> Login | None:
        """What is kept, with `name` where nothing else was said; None for nothing, and for what this key does not open."""
        kept = work.shelf.get(account_id, KEY)
        if kept is None or kept.blob is None:
            return None
        try:
            content: dict[str, Any] = json.loads(self._fernet.decrypt(kept.blob))
        except InvalidToken:
            return None
        if content["account"] != account_id:
            return None
        return Login(content["name"] or name, content["secret"], Way(content["way"]))


class Stored:
    """What people entrusted to the gateway."""

    def __init__(self, name: MailName, vault: Vault, reader: Reader) -> None:
        self._name = name
        self.vault = vault
        self._reader = reader

    def came_in(self, identity: Identity, secret: str) -> None:
        """Only what a person entrusts to the gateway is kept."""

    async def login_of(self, account: Account) -> Login:
        name = name_at_server(account, self._name)
        login = await self._reader.read(lambda work: self.vault.login_of(work, account.id, name))
        if login is None:
            raise NoSecret(f"nothing that opens is stored for {account.id}")
        return login

    def forget(self, account_id: AccountId) -> None:
        """What a person entrusted stays until they withdraw it, or their account goes."""

    def refusal(self, account: Account) -> PimgateError:
        return NoSecret(f"the mail server does not accept what is stored for {account.id}")
