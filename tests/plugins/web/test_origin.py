"""Only our own pages may change something: every unsafe route, asked in every way another site could."""

from collections.abc import Callable

import pytest

from pimgate.api import Core
from pimgate.settings import Http
from pimgate_web.routes import PAGES
from plugins.web.stage import Browser

PLACES = {"collection": "cabcdefghjkm", "device": "dabcdefghjkm", "decision": "block"}
UNSAFE = [path.format(**PLACES) for method, path, _ in PAGES if method != "GET"]

FOREIGN = {
    "says nothing": {},
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "another host of our domain": {"Sec-Fetch-Site": "same-site"},
    "typed by hand": {"Sec-Fetch-Site": "none"},
    "a word we do not know": {"Sec-Fetch-Site": "same-origin, cross-site"},
    "foreign origin": {"Origin": "http://evil.test"},
    "foreign origin that begins like ours": {"Origin": "http://pimgate.test.evil.test"},
    "other port": {"Origin": "http://pimgate.test:8443"},
    "no origin": {"Origin": "null"},
    "broken origin": {"Origin": "http://[::1"},
    "only a referrer": {"Referer": "http://pimgate.test/preferences"},
    "our origin, but the browser says otherwise": {"Origin": "http://pimgate.test", "Sec-Fetch-Site": "cross-site"},
}


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        *((UNSAFE[-1], headers) for headers in FOREIGN.values()),
        *((path, FOREIGN["cross-site"]) for path in UNSAFE[:-1]),
    ],
)
def test_foreign_request_changes_nothing(browser: Browser, path: str, headers: dict[str, str]) -> None:
    answer = browser.post(path, {"turn": "on", "language": "fr"}, headers)
    assert answer.status_code == 403
    assert "did not come from this page" in answer.text
    assert browser.overview()["account"]["language"] is None


@pytest.mark.parametrize("path", UNSAFE)
def test_change_cannot_be_asked_for_by_a_link(browser: Browser, path: str) -> None:
    answer = browser.request("GET", path, {"Sec-Fetch-Site": "cross-site"})
    shows = {"/sign-in": 200, "/mail-password": 404}  # a page of its own; and there is no mail server here
    assert answer.status_code == shows.get(path, 405) or answer.headers["location"] == "/preferences"


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://pimgate.test"}])
def test_our_own_page_may(browser: Browser, headers: dict[str, str]) -> None:
    assert browser.post("/preferences/language", {"language": "fr"}, headers).status_code == 303


def test_public_address_is_the_only_origin_when_it_is_set(
    make_pages: Callable[..., Core], open_browser: Callable[..., Browser]
) -> None:
    browser = open_browser(make_pages(http=Http(public_url="https://pim.example.org/")), origin="http://10.0.0.7:8080")
    fields = {"login": "x@example.org", "password": "wrong horse"}
    by_address = browser.post("/sign-in", fields, {"Origin": "http://10.0.0.7:8080"})
    by_name = browser.post("/sign-in", fields, {"Origin": "https://pim.example.org"})
    assert "did not come from this page" in by_address.text
    assert "password is wrong" in by_name.text
