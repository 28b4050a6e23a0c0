"""The pages about mail on phones: a password that is tried, kept and never shown; and what an operator sees of watching."""

import html
import re
from collections.abc import Callable, Iterator

import pytest
from cryptography.fernet import Fernet

from gateway.mail.dovecot import Dovecot, running_dovecot
from gateway.places import PASSWORD
from pimgate.api import Account, Core
from pimgate.errors import AwayNow
from pimgate.mail.imap import Login
from pimgate.mail.watcher import Attention, Hindrance, WatchState
from pimgate.settings import Mail, MailLogin, Security
from plugins.web.stage import JSON, Browser

SECRET = "s3cret pass"


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot() as server:
        yield server


@pytest.fixture
def core(make_pages: Callable[..., Core], dovecot: Dovecot) -> Core:
    mail = Mail(
        host="localhost",
        port=dovecot.port,
        tls=Security.STARTTLS,
        ca_file=str(dovecot.certificate),
        login=MailLogin.STORED,
        key=Fernet.generate_key().decode(),
    )
    return make_pages(mail=mail)


def kept(core: Core, account: Account) -> Login | None:
    assert core.mail is not None and core.mail.vault is not None
    with core.database.read() as work:
        return core.mail.vault.login_of(work, account.id, account.login)


def words(text: str) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", text).split()))


def test_person_entrusts_a_password_that_works_and_takes_it_back(
    browser: Browser, core: Core, anna: Account, dovecot: Dovecot
) -> None:
    assert "/mail-password" in browser.get("/preferences").text
    assert "No password is kept" in words(browser.get("/mail-password").text)
    refused = browser.post("/mail-password", {"password": "wrong & secret", "name": dovecot.user})
    assert refused.status_code == 403
    assert "does not accept this password" in words(refused.text)
    assert "secret" not in refused.text and f'value="{dovecot.user}"' in refused.text
    assert kept(core, anna) is None
    assert browser.post("/mail-password", {"password": SECRET, "name": dovecot.user}).status_code == 303
    assert kept(core, anna) == Login(dovecot.user, SECRET)
    page = browser.get("/mail-password").text
    assert "A password is kept." in words(page) and SECRET not in page
    assert core.mail is not None

    async def use() -> int:
        assert core.mail is not None
        async with core.mail.upstream.connection(anna):
            pass
        return len(core.mail.upstream._open)

    assert browser._run(use()) == 1
    browser.press(browser.get("/mail-password"), "Forget the kept password")
    assert len(core.mail.upstream._open) == 0, "nothing goes on with what was taken back"
    assert kept(core, anna) is None


def test_passwords_are_not_guessed_there(browser: Browser, monkeypatch: pytest.MonkeyPatch, core: Core) -> None:
    async def refuse(login: Login) -> frozenset[str]:
        raise AwayNow("away")

    assert core.mail is not None
    monkeypatch.setattr(core.mail.upstream, "try_out", refuse)
    answers = [browser.post("/mail-password", {"password": "x"}, headers={"Sec-Fetch-Site": "same-origin", **JSON})
               for _ in range(11)]  # fmt: skip
    assert [each.status_code for each in answers] == [503] * 10 + [429]
    assert browser.post("/mail-password", {"password": "x"}, {"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_page_is_not_there_where_no_passwords_are_kept(
    make_pages: Callable[..., Core], open_browser: Callable[..., Browser], anna: Account
) -> None:
    for mail in (Mail(), Mail(host="localhost", tls=Security.NONE)):
        made = open_browser(make_pages(mail=mail))
        made.sign_in(anna.login, PASSWORD)
        assert made.get("/mail-password").status_code == 404
        assert made.post("/mail-password", {"password": "x"}).status_code == 404
        assert "/mail-password" not in made.get("/preferences").text


def test_operator_sees_how_mail_is_watched_and_nobody_else_does(
    browser: Browser, open_browser: Callable[..., Browser], core: Core, anna: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert browser.get("/operator/mail").status_code == 404
    with core.database.write() as work:
        made = core.people.create(work, "op@example.org", PASSWORD, is_operator=True)
        at = work.now
    operator = open_browser()
    operator.sign_in("op@example.org", PASSWORD)
    assert "Nobody's phone has asked" in words(operator.get("/operator/mail").text)
    states = {
        made.id: WatchState(Attention.EVERYTHING, 3),
        anna.id: WatchState(Attention.NONE, 0, Hindrance.AWAY, "mail server: <refused>", at - 3600),
    }
    assert core.mail is not None
    monkeypatch.setattr(core.mail, "states", lambda: states)
    page = operator.get("/operator/mail").text
    assert "<refused>" not in page
    assert page.index("anna@example.org") < page.rindex("op@example.org")
    assert "cannot be reached. Last 1 hour ago: mail server: <refused>" in words(page)
    document = operator.get("/operator/mail", accept="application/json").json()
    assert [each["hindrance"] for each in document["people"]] == ["away", None]
    assert document["people"][1]["watched"] == "everything"
