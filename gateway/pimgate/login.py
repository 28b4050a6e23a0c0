"""The door: credentials in, Identity out.

A verified credential is remembered for a short time as a keyed digest together with the account's `secret_stamp`; each use reads
the account again, so a change of password, app password or state counts at once, in every process. Wrong passwords are
counted (`guesses.py`) and answered late; whether a person exists can't be told from the answer or its time.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pimgate.accounts import PROTOCOLS, normal_login
from pimgate.errors import BadCredentials, Refused
from pimgate.guesses import DELAYS_SECONDS, Guesses, network_of
from pimgate.model.people import Account, AccountId, AppPassword, Credentials, Identity
from pimgate.passwords import Hasher, app_password_digest
from pimgate.settings import Accounts
from pimgate.store.database import Database
from pimgate.store.work import Work

if TYPE_CHECKING:
    from pimgate.core import Core

REMEMBERED = 10_000


class WrongPassword(BadCredentials):
    """A guess that was counted, or one that was counted before; its answer should take `delay_seconds`."""

    def __init__(self, delay_seconds: float) -> None:
        super().__init__()
        self.delay_seconds = delay_seconds


class WrongAgain:
    """This credential was wrong a moment ago, and nothing changed."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A credential that was right or wrong for the account as it stood (`secret_stamp`; 0: there was none), until `until`."""

    account_id: AccountId | None
    secret_stamp: int
    app_password: AppPassword | None
    until: float


class Door:
    """Lets people in. All methods are synchronous: they belong in a worker thread."""

    def __init__(self, database: Database, hasher: Hasher, settings: Accounts, core: Callable[[], Core]) -> None:
        self._database = database
        self._hasher = hasher
        self._settings = settings
        self._core = core
        self._guesses = Guesses(settings)
        self._key = secrets.token_bytes(32)
        self._memory: OrderedDict[bytes, Remembered] = OrderedDict()
        self._lock = threading.Lock()

    def authenticate(self, credentials: Credentials) -> Identity:
        """Who this is. BadCredentials (with the delay that its answer should take, when it is a new guess), Throttled."""
        try:
            login = normal_login(credentials.login, self._settings.default_domain)
        except Refused as error:
            raise BadCredentials("not a login") from error
        network = network_of(credentials.network)
        with self._database.read() as work:
            known = self._recognised(work, login, network, credentials)
        if known is None:
            return self._verify(login, credentials, network)
        if isinstance(known, WrongAgain):
            raise WrongPassword(DELAYS_SECONDS[0])
        return known

    def remembers(self, credentials: Credentials) -> bool:
        """Whether exactly this credential was right a moment ago; whether it still is, `recognise` says."""
        try:
            login = normal_login(credentials.login, self._settings.default_domain)
        except Refused:
            return False
        return self._recall(self._right_digest(login, credentials, network_of(credentials.network))) is not None

    def recognise(self, work: Work, credentials: Credentials) -> Identity | None:
        """The person, if exactly this credential was right a moment ago and still is; None says nothing."""
        try:
            login = normal_login(credentials.login, self._settings.default_domain)
        except Refused:
            return None
        known = self._recognised(work, login, network_of(credentials.network), credentials)
        return known if isinstance(known, Identity) else None

    def _recognised(
        self, work: Work, login: str, network: str, credentials: Credentials
    ) -> Identity | WrongAgain | None:
        """What is remembered of this credential, if nothing about the account's secrets and state changed since."""
        right = self._recall(self._right_digest(login, credentials, network))
        if right is not None and right.account_id is not None:
            account = work.people.by_id(right.account_id)
            is_same = account is not None and account.secret_stamp == right.secret_stamp
            if account is not None and is_same and _still_fits(right.app_password, account, credentials):
                return Identity(account, right.app_password)
        wrong = self._recall(self._wrong_digest(login, credentials))
        if wrong is None:
            return None
        account = work.people.by_login(login)
        return WrongAgain() if (account.secret_stamp if account else 0) == wrong.secret_stamp else None

    def _verify(self, login: str, credentials: Credentials, network: str) -> Identity:
        with self._database.read() as work:
            self._guesses.check(work, login, network)
            account = work.people.by_login(login)
            app_password = work.people.app_password(app_password_digest(credentials.secret))
            password_hash = work.people.password_hash(account.id) if account else ""
        identity = self._identity(account, app_password, password_hash, credentials)
        until = self._database.clock() + self._settings.verified_for_seconds
        if identity is None:
            with self._database.write() as work:
                delay = self._guesses.note(work, login, network)
            wrong = Remembered(None, account.secret_stamp if account else 0, None, until)
            self._remember(self._wrong_digest(login, credentials), wrong)
            raise WrongPassword(delay)
        self._guesses.welcome(login, network)
        known = identity.account
        right = Remembered(known.id, known.secret_stamp, identity.app_password, until)
        self._remember(self._right_digest(login, credentials, network), right)
        return identity

    def _identity(
        self, account: Account | None, app_password: AppPassword | None, password_hash: str, credentials: Credentials
    ) -> Identity | None:
        """The person, if one of the secrets fits: an app password bound to this use, the password, or a plugin's word."""
        if app_password is not None and account is not None and _fits(app_password, account, credentials):
            return Identity(account, app_password) if account.is_active else None
        is_right = self._hasher.is_right(password_hash, credentials.secret)
        if account is not None and (password_hash or not account.is_active):
            return Identity(account) if is_right and account.is_active else None
        core = self._core()
        try:
            known = core.plugins.authenticate(core, credentials)
        except BadCredentials:
            return None
        return known if known is not None and known.account.is_active else None

    def _right_digest(self, login: str, credentials: Credentials, network: str) -> bytes:
        """A right credential is remembered for the network that it came from alone, or strangers could guess at the memory,
        past all limits."""
        return self._digest("right", login, credentials.secret, network)

    def _wrong_digest(self, login: str, credentials: Credentials) -> bytes:
        """A wrong one is wrong from everywhere, for this protocol and device."""
        return self._digest("wrong", login, credentials.secret, credentials.protocol, credentials.device_identifier)

    def _digest(self, *parts: str | None) -> bytes:
        return hmac.digest(self._key, repr(parts).encode(), "sha256")

    def _recall(self, digest: bytes) -> Remembered | None:
        with self._lock:
            found = self._memory.get(digest)
            if found is not None and found.until <= self._database.clock():
                del self._memory[digest]
                return None
            return found

    def _remember(self, digest: bytes, what: Remembered) -> None:
        with self._lock:
            self._memory[digest] = what
            self._memory.move_to_end(digest)
            while len(self._memory) > REMEMBERED:
                self._memory.popitem(last=False)


def _fits(app_password: AppPassword, account: Account, credentials: Credentials) -> bool:
    """Whether an app password may be used for this; never for the pages (`web`), where a person's account is looked after. A
    phone asks which versions are spoken before it says which phone it is."""
    bound = app_password.device_identifier
    is_unnamed_phone = credentials.protocol == "eas" and credentials.device_identifier is None
    return (
        app_password.account_id == account.id
        and credentials.protocol in PROTOCOLS
        and app_password.protocol in ("any", credentials.protocol)
        and (bound is None or bound == credentials.device_identifier or is_unnamed_phone)
    )


def _still_fits(app_password: AppPassword | None, account: Account, credentials: Credentials) -> bool:
    return app_password is None or _fits(app_password, account, credentials)
