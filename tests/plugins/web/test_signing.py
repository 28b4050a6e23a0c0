"""Signing in and out, and what ends a session."""

from collections.abc import Callable

import httpx
import pytest

from gateway.places import PASSWORD
from pimgate.api import Account, AccountState, AwayNow, Core
from pimgate.settings import Accounts, Http
from pimgate_web.settings import WebSettings
from plugins.web.stage import FROM_OUR_PAGE, JSON, Browser

ANNA = "anna@example.org"
DAY = 86_400
OpenBrowser = Callable[..., Browser]


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/preferences").url.path == "/preferences"


def test_person_signs_in_sees_the_page_and_signs_out(open_browser: OpenBrowser) -> None:
    browser = open_browser()
    assert browser.get("/").url.path == "/sign-in"
    answer = browser.sign_in(ANNA, PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/preferences")
    page = browser.get("/")
    assert "My address books and calendars" in page.text
    assert f"Signed in as {ANNA}" in page.text
    assert browser.get("/sign-in").url.path == "/preferences"
    token = browser.cookies["pimgate"]
    assert browser.post("/sign-out", {}).headers["location"] == "/sign-in"
    assert "pimgate" not in browser.cookies
    browser.cookies.set("pimgate", token, domain="pimgate.test")
    assert not is_signed_in(browser), "a session that was ended stays ended, whoever kept the token"


def test_wrong_password_keeps_the_login_and_says_so(open_browser: OpenBrowser) -> None:
    page = open_browser().sign_in('anna"><script>@example.org', "wrong horse")
    assert page.status_code == 403
    assert "The e-mail address or the password is wrong." in page.text
    assert "<script>" not in page.text
    assert "anna&#34;&gt;&lt;script&gt;@example.org" in page.text
    assert "wrong horse" not in page.text
    assert "www-authenticate" not in page.headers


def test_answer_does_not_tell_whether_a_person_exists(open_browser: OpenBrowser) -> None:
    browser = open_browser()
    known, unknown = (browser.sign_in(login, "wrong horse") for login in (ANNA, "nemo@example.org"))
    assert known.status_code == unknown.status_code
    assert known.text.replace(ANNA, "") == unknown.text.replace("nemo@example.org", "")


def test_guessing_is_throttled_with_a_time_to_come_back(
    make_pages: Callable[..., Core], open_browser: OpenBrowser
) -> None:
    browser = open_browser(make_pages(accounts=Accounts(default_domain="example.org", guesses_per_minute=2)))
    for number in range(2):
        browser.sign_in(ANNA, f"wrong horse {number}")
    page = browser.sign_in(ANNA, PASSWORD)
    assert page.status_code == 429
    assert 0 < int(page.headers["retry-after"]) <= 60
    assert "Try again in 1 minute." in page.text


@pytest.mark.parametrize("protocol", ["any", "dav"])
def test_app_password_does_not_open_the_pages(
    core: Core, anna: Account, open_browser: OpenBrowser, protocol: str
) -> None:
    with core.database.write() as work:
        secret, _ = core.people.add_app_password(work, anna.id, "Thunderbird", protocol=protocol)
    assert open_browser().sign_in(ANNA, secret).status_code == 403


def test_basic_credentials_are_not_looked_at(open_browser: OpenBrowser) -> None:
    client = open_browser()
    answer = client.request("GET", "/preferences", {"Authorization": httpx.BasicAuth(ANNA, PASSWORD)._auth_header})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_cookie_is_out_of_reach_of_scripts_and_other_sites(open_browser: OpenBrowser) -> None:
    cookie = open_browser().sign_in(ANNA, PASSWORD).headers["set-cookie"]
    assert cookie.startswith("pimgate=p")
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_cookie_is_bound_to_the_host_when_the_address_is_https(
    make_pages: Callable[..., Core], open_browser: OpenBrowser
) -> None:
    of = make_pages(http=Http(public_url="https://pim.example.org"))
    browser = open_browser(of, origin="https://pim.example.org")
    cookie = browser.sign_in(ANNA, PASSWORD).headers["set-cookie"]
    assert cookie.startswith("__Host-pimgate=p")
    assert "Secure" in cookie.split("; ")
    assert is_signed_in(browser)


def test_token_is_not_kept_by_the_gateway(core: Core, anna: Account, browser: Browser) -> None:
    with core.database.read() as work:
        kept = work.shelf.get_many(anna.id, "")
    secret = browser.cookies["pimgate"].partition(".")[2]
    assert len(kept) == 1
    assert secret not in repr(kept)


def test_new_login_ends_the_session_that_the_browser_had(core: Core, anna: Account, browser: Browser) -> None:
    before = browser.cookies["pimgate"]
    browser.sign_in(ANNA, PASSWORD)
    assert browser.cookies["pimgate"] != before
    with core.database.read() as work:
        assert len(work.shelf.get_many(anna.id, "web:")) == 1


def new_password(core: Core, anna: Account) -> None:
    with core.database.write() as work:
        core.people.set_password(work, anna.id, "another horse")


def disable(core: Core, anna: Account) -> None:
    with core.database.write() as work:
        core.people.set_state(work, anna.id, AccountState.DISABLED)


def remove(core: Core, anna: Account) -> None:
    with core.database.write() as work:
        core.people.remove(work, anna.id)


@pytest.mark.parametrize("decision", [new_password, disable, remove])
def test_session_ends_at_once(
    core: Core, anna: Account, browser: Browser, decision: Callable[[Core, Account], None]
) -> None:
    assert is_signed_in(browser)
    decision(core, anna)
    assert not is_signed_in(browser)


def test_session_lasts_while_it_is_used_and_ends_when_it_is_not(core: Core, browser: Browser) -> None:
    now = core.database.clock()
    for day in (10, 20, 30):
        core.database.clock = lambda day=day: now + day * DAY  # type: ignore[misc]
        assert is_signed_in(browser), f"after {day} days"
    core.database.clock = lambda: now + 45 * DAY
    assert not is_signed_in(browser)


def test_page_is_looked_at_without_a_write_each_time(core: Core, browser: Browser) -> None:
    assert "set-cookie" not in browser.get("/preferences").headers
    later = core.database.clock() + 2 * 3600
    core.database.clock = lambda: later
    assert "set-cookie" in browser.get("/preferences").headers
    assert "set-cookie" not in browser.get("/preferences").headers


def test_oldest_of_too_many_sessions_gives_way(make_pages: Callable[..., Core], open_browser: OpenBrowser) -> None:
    of = make_pages(**{"plugins.web": WebSettings(sessions_per_person=2)})
    browsers = []
    for step in range(3):
        now = of.database.clock() + step
        of.database.clock = lambda now=now: now  # type: ignore[misc]
        browsers.append(open_browser(of))
        browsers[-1].sign_in(ANNA, PASSWORD)
    assert [is_signed_in(each) for each in browsers] == [False, True, True]


@pytest.mark.parametrize(
    "token", ["", "x", "p.y", "p" + "a" * 40 + "." + "b" * 43, "pabc." + "%" * 43, "pabc." + "c" * 43]
)
def test_token_that_was_never_given_opens_nothing(open_browser: OpenBrowser, token: str) -> None:
    browser = open_browser()
    browser.cookies.set("pimgate", token, domain="pimgate.test")
    assert not is_signed_in(browser)


def test_token_of_another_person_does_not_fit(core: Core, bert: Account, browser: Browser) -> None:
    secret = browser.cookies["pimgate"].partition(".")[2]
    browser.cookies.set("pimgate", f"{bert.id}.{secret}", domain="pimgate.test")
    assert not is_signed_in(browser)


def test_program_signs_in_and_is_told_in_json_when_it_must(open_browser: OpenBrowser) -> None:
    browser = open_browser()
    refused = browser.get("/preferences", accept="application/json")
    assert refused.status_code == 403
    assert refused.json() == {"error": "sign-in-first", "message": "Please sign in."}
    fields = {"login": ANNA, "password": "wrong horse"}
    assert browser.post("/sign-in", fields, FROM_OUR_PAGE | JSON).json()["error"] == "bad-credentials"
    right = fields | {"password": PASSWORD}
    assert browser.post("/sign-in", right, FROM_OUR_PAGE | JSON).json() == {"login": ANNA}


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"login=anna", "application/x-www-form-urlencoded", 400),
        (b'{"login": "anna"}', "application/json", 400),
        (b"login=%ff&password=%ff", "application/x-www-form-urlencoded", 400),
        (b"&".join(b"a=1" for _ in range(100)), "application/x-www-form-urlencoded", 400),
        (b"login=" + b"a" * 20_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_form_that_cannot_be_read_is_refused(
    open_browser: OpenBrowser, content: bytes, media_type: str, status: int
) -> None:
    browser = open_browser()
    headers = FROM_OUR_PAGE | {"Content-Type": media_type}
    assert browser.post("/sign-in", {}, headers, content=content, data=None).status_code == status


def test_database_that_is_away_is_said_on_a_page(core: Core, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise AwayNow("database: gone")

    monkeypatch.setattr(core.catalogue, "sights", away)
    page = browser.get("/preferences")
    assert page.status_code == 503
    assert page.headers["retry-after"] == "300"
    assert "The service is not available now." in page.text
    assert "Try again in 5 minutes." in page.text
    assert "database" not in page.text
