"""With whose secret the gateway comes in at the mail server."""

import asyncio
import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from pimgate.core import Core
from pimgate.errors import AwayNow, BadCredentials
from pimgate.mail.imap import Login, Way
from pimgate.mail.logins import KEY, Master, NoSecret, Passthrough, Stored, Vault, logins
from pimgate.model.people import Account, AccountId, AccountState, AppPassword, Identity
from pimgate.settings import Mail, MailLogin, MailName, Settings

ANNA = Account(AccountId("p1"), "anna@example.org", "Anna", AccountState.ACTIVE, False, "en", 1)


def test_phones_password_is_used_until_it_sends_another() -> None:
    known = Passthrough(MailName.ADDRESS)
    with pytest.raises(NoSecret):
        asyncio.run(known.login_of(ANNA))
    for secret in ("first", "second"):
        known.came_in(Identity(ANNA), secret)
        assert asyncio.run(known.login_of(ANNA)) == Login("anna@example.org", secret)
    assert isinstance(known.refusal(ANNA), BadCredentials)


def test_password_of_a_request_that_was_long_on_its_way_replaces_no_later_one() -> None:
    known = Passthrough(MailName.ADDRESS)
    known.came_in(Identity(dataclasses.replace(ANNA, secret_stamp=2)), "later")
    known.came_in(Identity(ANNA), "earlier")
    assert asyncio.run(known.login_of(ANNA)).secret == "later"


def test_app_password_is_not_shown_to_the_mail_server() -> None:
    known = Passthrough(MailName.ADDRESS)
    known.came_in(Identity(ANNA, AppPassword(1, ANNA.id, "phone", "eas", None, None, 0.0)), "app password")
    with pytest.raises(NoSecret):
        asyncio.run(known.login_of(ANNA))


def test_master_comes_in_for_everybody() -> None:
    login = asyncio.run(Master(MailName.LOCAL, "gateway", "key").login_of(ANNA))
    assert login == Login("anna", "key", Way.MASTER, "gateway")
    assert isinstance(Master(MailName.LOCAL, "gateway", "key").refusal(ANNA), AwayNow)


def test_stored_secret_is_kept_encrypted(core: Core, person: Callable[[str], Account]) -> None:
    anna, vault = person("anna"), Vault(Fernet.generate_key().decode())
    stored = Stored(MailName.ADDRESS, vault, core)
    with pytest.raises(NoSecret):
        asyncio.run(stored.login_of(anna))
    with core.database.write() as work:
        assert not vault.holds(work, anna.id)
        vault.keep(work, anna.id, "sesame")
        assert vault.holds(work, anna.id)
        kept = work.shelf.get(anna.id, KEY)
    assert kept is not None
    assert kept.content == {}
    assert b"sesame" not in (kept.blob or b"")
    assert asyncio.run(stored.login_of(anna)) == Login(anna.login, "sesame")
    with core.database.write() as work:
        vault.keep(work, anna.id, "t0ken", name="anna.at.work", way=Way.TOKEN)
    assert asyncio.run(stored.login_of(anna)) == Login("anna.at.work", "t0ken", Way.TOKEN)
    with core.database.write() as work:
        vault.forget(work, anna.id)
    with pytest.raises(NoSecret):
        asyncio.run(stored.login_of(anna))


def test_what_is_stored_opens_with_the_same_key_and_for_the_same_person_alone(
    core: Core, person: Callable[[str], Account]
) -> None:
    anna, bert = person("anna"), person("bert")
    vault, other = (Vault(Fernet.generate_key().decode()) for _ in range(2))
    with core.database.write() as work:
        vault.keep(work, anna.id, "sesame")
        kept = work.shelf.get(anna.id, KEY)
        assert kept is not None
        work.shelf.put(bert.id, KEY, kept)
        assert other.login_of(work, anna.id, "anna") is None
        assert vault.login_of(work, bert.id, "bert") is None
        assert vault.login_of(work, anna.id, "anna") == Login("anna", "sesame")


def test_settings_choose_the_way(core: Core, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from a file\n")
    (tmp_path / "key").write_text(Fernet.generate_key().decode() + "\n")
    mail = Mail(host="mail.example.org", master_login="gateway", master_password_file="secret", key_file="key")

    def way(login: MailLogin) -> object:
        return logins(Settings(tmp_path, mail=dataclasses.replace(mail, login=login)), core)

    assert isinstance(way(MailLogin.PASSTHROUGH), Passthrough)
    assert isinstance(way(MailLogin.STORED), Stored)
    master = way(MailLogin.MASTER)
    assert isinstance(master, Master)
    assert asyncio.run(master.login_of(ANNA)).secret == "from a file"
