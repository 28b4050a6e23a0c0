"""The one person whose password this plugin knows: a guest without an account of their own."""

import hmac

from pimgate.api import Account, BadCredentials, Core, Credentials, Identity, NoSuchAccount
from pimgate_sample.settings import SampleSettings


def guest_identity(core: Core, settings: SampleSettings, credentials: Credentials) -> Identity | None:
    """The guest, None for everybody else. BadCredentials for the guest's login with another password."""
    if not settings.guest_password or credentials.login.casefold() != settings.guest_login.casefold():
        return None
    if not hmac.compare_digest(credentials.secret.encode(), settings.guest_password.encode()):
        raise BadCredentials("the guest's password is another one")
    return Identity(_guest_account(core, settings.guest_login))


def _guest_account(core: Core, login: str) -> Account:
    """The guest's account in the core, made when the guest comes for the first time; it has no password there."""
    with core.database.write() as work:
        try:
            return core.people.get(work, login)
        except NoSuchAccount:
            return core.people.create(work, login, None, name="Guest")
