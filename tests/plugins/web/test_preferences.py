"""The page with the switches, in a browser without script."""

import html
import re
from collections.abc import Callable

import pytest

from gateway.places import PASSWORD
from pimgate.api import (
    Account,
    Collection,
    CollectionKind,
    Core,
    DeviceFacts,
    Grant,
    Identity,
    Right,
    collections,
    hierarchy_of,
    sharing,
    subscriptions,
)
from pimgate.settings import Devices, Http, Limits
from pimgate_web.settings import WebSettings
from plugins.web.stage import FROM_OUR_PAGE, JSON, Browser

HOSTILE = "<script>alert(1)</script>\"' onload=x {{7*7}} {name}"
BOOK, CALENDAR = CollectionKind.BOOK, CollectionKind.CALENDAR
TITLES = {
    "en": "My address books and calendars",
    "fr": "Mes carnets d’adresses et mes agendas",
    "de": "Meine Adressbücher und Kalender",
}


def make(core: Core, owner: Account, name: str, kind: CollectionKind = BOOK, items: int = 0) -> Collection:
    """A collection, with the figures of `items` items of 3,000 bytes."""
    with core.database.write() as work:
        made = collections.create(work, owner.id, kind, name)
        work.collections.grow(made.id, items, items * 3_000)
    return made


def share(core: Core, found: Collection, reader: Account, right: Right = Right.READ) -> None:
    with core.database.write() as work:
        sharing.grant(work, Grant(found.id, reader.id, right))


def row(text: str, found: str) -> str:
    """The words of one row, as a person reads them."""
    start = text.index(f'<li class="row" id="{found}"')
    end = text.find('<li class="row"', start + 1)
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", text[start : end if end > 0 else None]).split()))


def headings(text: str) -> list[str]:
    return [html.unescape(each) for each in re.findall(r"<h2[^>]*>(.*?)</h2>", text)]


def test_page_has_the_four_sections_tasks_notes_and_the_devices(browser: Browser) -> None:
    assert headings(browser.get("/").text)[:7] == [
        "My address books",
        "Other address books",
        "My calendars",
        "Other calendars",
        "My task lists",
        "My notes",
        "My devices",
    ]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "3.0 MB of 2.1 GB used, without mail."),
        ("fr", "3,0 Mo sur 2,1 Go utilisés, sans le courrier."),
        ("de", "3,0 MB von 2,1 GB belegt, ohne E-Mail."),
    ],
)
def test_page_says_how_much_is_used_of_what_one_may_keep(
    core: Core, anna: Account, open_browser: Callable[..., Browser], language: str, words: str
) -> None:
    make(core, anna, "Friends", items=1_000)
    browser = open_browser(language=language)
    browser.sign_in(anna.login, PASSWORD)
    assert words in html.unescape(browser.get("/").text)
    assert browser.get("/", **JSON).json()["storage"] == {"used_bytes": 3_000_000, "limit_bytes": 2_147_483_648}


def test_page_says_nothing_of_room_where_there_is_no_limit(
    make_pages: Callable[..., Core], open_browser: Callable[..., Browser], anna: Account
) -> None:
    browser = open_browser(make_pages(limits=Limits(bytes_per_person=0)))
    browser.sign_in(anna.login, PASSWORD)
    assert "My devices" in browser.get("/").text
    assert "used, without mail" not in browser.get("/").text
    assert browser.get("/", **JSON).json()["storage"]["limit_bytes"] is None


def test_switch_is_turned_without_script(browser: Browser) -> None:
    contacts = browser.collection("Contacts")
    page = browser.press(browser.get("/preferences"), "Synchronise Contacts")
    assert browser.came_back_to == f"/preferences#{contacts['id']}"
    assert browser.collection("Contacts")["is_on"] is False
    assert 'aria-checked="false" aria-label="Synchronise Contacts"' in page.text
    browser.press(page, "Synchronise Contacts")
    assert browser.collection("Contacts")["is_on"] is True


def test_turning_a_switch_is_a_line_that_waiting_phones_hear_of(core: Core, anna: Account, browser: Browser) -> None:
    def head() -> int:
        with core.database.read() as work:
            return work.journal.head(hierarchy_of(anna.id))

    before = head()
    contacts = browser.collection("Contacts")
    answer = browser.post(f"/preferences/{contacts['id']}/switch", {"turn": "off"}, FROM_OUR_PAGE | JSON)
    assert answer.json() == {"id": contacts["id"], "is_on": False}
    assert head() == before + 1
    browser.post(f"/preferences/{contacts['id']}/switch", {"turn": "off"})
    assert head() == before + 1, "turning it where it stands tells nobody"


def test_row_says_what_the_switch_means(core: Core, anna: Account, browser: Browser) -> None:
    made = make(core, anna, "Friends")
    on = row(browser.get("/").text, made.id)
    assert "Downloaded iPhone and iPad Thunderbird Outlook" in on
    assert "Found by search Other phones" in on
    with core.database.write() as work:
        subscriptions.turn(work, anna.id, made.id, is_on=False)
    off = row(browser.get("/").text, made.id)
    assert "Shown and searched, not downloaded Thunderbird" in off
    assert "Found by search iPhone and iPad Other phones" in off
    assert "Not shown Outlook CalDAV and CardDAV programs" in off


def test_default_rows_say_where_the_switch_has_no_effect(browser: Browser) -> None:
    page = browser.get("/").text
    book = row(page, browser.collection("Contacts")["id"])
    calendar = row(page, browser.collection("Calendar")["id"])
    assert "Always there, whatever the switch says: Other phones CalDAV and CardDAV programs" in book
    assert "Always there, whatever the switch says: CalDAV and CardDAV programs" in calendar


def test_why_names_every_kind_of_client_and_every_device(
    core: Core, anna: Account, phone: None, browser: Browser
) -> None:
    made = make(core, anna, "Choir", CALENDAR)
    words = row(browser.get("/").text, made.id)
    why = words[words.index("Why?") :]
    assert "My devices How it appears Because iPhone Downloaded The switch is on." in why
    assert "SamsungDevice Not shown The switch makes no difference here." in why
    assert "All kinds of client How it appears Because This page Downloaded The switch is on." in why
    assert "several calendars" not in why


def test_phones_with_several_calendars_are_told_apart_where_the_operator_has_some(
    make_pages: Callable[..., Core], open_browser: Callable[..., Browser], anna: Account
) -> None:
    of = make_pages(devices=Devices(multicalendar=["samsung"]))
    made = make(of, anna, "Choir", CALENDAR)
    browser = open_browser(of)
    browser.sign_in(anna.login, PASSWORD)
    assert "Other phones with several calendars Downloaded" in row(browser.get("/").text, made.id)


def test_device_that_needs_its_default_folders_is_named_beside_the_switch(
    make_pages: Callable[..., Core], open_browser: Callable[..., Browser], anna: Account, phone: None, core: Core
) -> None:
    place = core.settings.path("profiles.toml")
    place.write_text(
        '[[profile]]\nname = "samsung"\nprotocol = "eas"\ndevice_type = "samsung.*"\nclient_kind = "eas-other"\n'
        "always_show_default = true\n"
    )
    browser = open_browser(make_pages(devices=Devices(profiles=str(place))))
    browser.sign_in(anna.login, PASSWORD)
    words = row(browser.get("/").text, browser.collection("Calendar")["id"])
    assert "Needs its default folders, whatever the switch says: SamsungDevice" in words


@pytest.mark.parametrize(
    ("collection_kind", "items", "warns"),
    [(BOOK, 1_000, False), (BOOK, 1_001, True), (CALENDAR, 9_000, False), (CALENDAR, 9_001, True)],
)
def test_volume_is_warned_of_before_the_switch_is_turned(
    core: Core, anna: Account, phone: None, browser: Browser, collection_kind: CollectionKind, items: int, warns: bool
) -> None:
    made = make(core, anna, "Everything", collection_kind, items)
    with core.database.write() as work:
        subscriptions.turn(work, anna.id, made.id, is_on=False)
    words = row(browser.get("/").text, made.id)
    assert ("A lot to download:" in words) is warns
    if warns:
        assert f"{items:,} {'contacts' if collection_kind is BOOK else 'entries'}" in words
        assert ("3.0 MB" if collection_kind is BOOK else "27 MB") in words
        assert "With the switch on it goes to: iPhone Thunderbird" in words
    page = browser.press(browser.get("/"), "Synchronise Everything")
    assert browser.collection("Everything")["is_on"] is True, "the warning never forbids"
    assert ("Large:" in row(page.text, made.id)) is warns


def test_volume_without_a_device_says_what_will_be(core: Core, anna: Account, browser: Browser) -> None:
    made = make(core, anna, "Everything", BOOK, 2_000)
    assert "it goes to every phone that you connect" in row(browser.get("/").text, made.id)


def test_shared_book_is_subscribed_and_unsubscribed(core: Core, anna: Account, bert: Account, browser: Browser) -> None:
    made = make(core, bert, "Suppliers")
    assert "Suppliers" not in browser.get("/").text
    share(core, made, anna)
    page = browser.get("/")
    assert "0 contacts of bert read-only" in row(page.text, made.id)
    assert "Not subscribed" in row(page.text, made.id)
    page = browser.press(page, "Subscribe to Suppliers")
    assert browser.collection("Suppliers")["is_on"] is True
    page = browser.press(page, "Unsubscribe from Suppliers")
    assert browser.collection("Suppliers")["subscribed"] is False


def test_large_shared_book_is_subscribed_with_the_switch_off(
    core: Core, anna: Account, bert: Account, browser: Browser
) -> None:
    made = make(core, bert, "Suppliers", BOOK, 5_000)
    share(core, made, anna, Right.WRITE)
    page = browser.press(browser.get("/"), "Subscribe to Suppliers")
    assert browser.collection("Suppliers")["is_on"] is False
    assert "A lot to download: 5,000 contacts" in row(page.text, made.id)
    assert "read-only" not in row(page.text, made.id)


def test_what_a_person_always_has_cannot_be_unsubscribed(browser: Browser) -> None:
    assert "Unsubscribe" not in browser.get("/").text
    for name in ("Contacts", "Collected", "Calendar", "Tasks", "Notes", "Directory"):
        found = browser.collection(name)
        answer = browser.post(f"/preferences/{found['id']}/subscription", {"subscribe": "no"})
        assert answer.status_code == 409
        assert "cannot be deleted or unsubscribed" in answer.text
        assert browser.collection(name)["subscribed"] is True


@pytest.mark.parametrize(("action", "fields"), [("switch", {"turn": "on"}), ("subscription", {"subscribe": "yes"})])
@pytest.mark.parametrize("headers", [{}, JSON])
def test_other_peoples_collections_look_like_none(
    core: Core, bert: Account, browser: Browser, action: str, fields: dict[str, str], headers: dict[str, str]
) -> None:
    hidden = make(core, bert, "Diary")
    answers = [
        browser.post(f"/preferences/{each}/{action}", fields, FROM_OUR_PAGE | headers)
        for each in (hidden.id, "cabcdefghjkmn", "%27--", "x" * 300)
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert "Diary" not in answers[0].text


def test_right_that_is_taken_away_takes_the_row_away(
    core: Core, anna: Account, bert: Account, browser: Browser
) -> None:
    made = make(core, bert, "Suppliers")
    share(core, made, anna)
    browser.press(browser.get("/"), "Subscribe to Suppliers")
    share(core, made, anna, Right.NONE)
    assert "Suppliers" not in browser.get("/").text
    assert browser.post(f"/preferences/{made.id}/switch", {"turn": "off"}).status_code == 404


@pytest.mark.parametrize("fields", [{}, {"turn": ""}, {"turn": "maybe"}])
def test_switch_has_two_positions(browser: Browser, fields: dict[str, str]) -> None:
    found = browser.collection("Contacts")["id"]
    assert browser.post(f"/preferences/{found}/switch", fields).status_code == 400
    assert browser.collection("Contacts")["is_on"] is True


def test_hostile_names_are_text(core: Core, anna: Account, bert: Account, browser: Browser) -> None:
    made = make(core, bert, HOSTILE)
    share(core, made, anna)
    make(core, anna, HOSTILE, CALENDAR, 10_000)
    with core.database.write() as work:
        work.people.change(bert.id, name=HOSTILE)
        from_phone = core.devices.admit(work, Identity(anna), DeviceFacts("eas", "X1", HOSTILE, HOSTILE))
    page = browser.get("/").text
    assert from_phone.agent == HOSTILE
    assert "<script" not in page
    assert "<b>" not in page
    assert "49" not in re.sub(r'v=\w+|id="\w+"|/preferences/\w+', "", page)
    assert html.unescape(page).count(HOSTILE) >= 8


@pytest.mark.parametrize("language", TITLES)
def test_page_speaks_the_language_of_the_browser(
    open_browser: Callable[..., Browser], anna: Account, phone: None, core: Core, bert: Account, language: str
) -> None:
    share(core, make(core, bert, "Suppliers", BOOK, 5_000), anna)
    browser = open_browser(language=f"{language}-XX,en;q=0.1")
    browser.sign_in(anna.login, PASSWORD)
    page = browser.get("/")
    assert f'<html lang="{language}">' in page.text
    assert f"<h1>{TITLES[language]}</h1>" in html.unescape(page.text)


def test_chosen_language_is_kept_with_the_account(open_browser: Callable[..., Browser], anna: Account) -> None:
    browser = open_browser()
    browser.sign_in(anna.login, PASSWORD)
    assert browser.post("/preferences/language", {"language": "de"}).status_code == 303
    elsewhere = open_browser(language="fr")
    assert "Connexion" in elsewhere.get("/sign-in").text
    elsewhere.sign_in(anna.login, PASSWORD)
    assert TITLES["de"] in elsewhere.get("/").text
    assert browser.post("/preferences/language", {"language": "xx"}).status_code == 400


def test_devices_are_listed_with_their_state(core: Core, phone: None, browser: Browser) -> None:
    page = html.unescape(" ".join(re.sub(r"<[^>]+>", " ", browser.get("/").text).split()))
    assert "iPhone Apple-iPhone15C2/2105.218 ActiveSync allowed just now" in page
    assert "Thunderbird Mozilla/5.0 Thunderbird/140.5.0 CalDAV, CardDAV allowed just now" in page


def test_browser_is_no_device(core: Core, browser: Browser) -> None:
    browser.get("/")
    assert browser.overview()["devices"] == []


def test_panels_of_other_plugins_are_shown_as_text(browser: Browser) -> None:
    page = browser.get("/").text
    assert "Holiday &lt;b&gt;greetings&lt;/b&gt;" in page
    assert "Hello anna." in page


def test_addresses_for_devices_are_those_of_the_enabled_protocols(
    make_pages: Callable[..., Core],
    open_browser: Callable[..., Browser],
    anna: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sections = {
        "http": Http(public_url="https://pim.example.org"),
        "plugins.web": WebSettings(imap_address="imap.test"),
    }
    of = make_pages(**sections)
    browser = open_browser(of, origin="https://pim.example.org")
    browser.sign_in(anna.login, PASSWORD)
    assert "Exchange" not in browser.get("/").text
    monkeypatch.setattr(of.plugins, "enabled", ("web", "clients", "eas", "dav", "imap"))
    page = html.unescape(browser.get("/").text)
    assert "<dt>Phone, as an Exchange account: server</dt><dd>pim.example.org</dd>" in page
    assert "<dt>CalDAV and CardDAV</dt><dd>https://pim.example.org/</dd>" in page
    assert "<dt>IMAP: server</dt><dd>imap.test</dd>" in page


def test_limits_of_the_operator_decide_what_is_large(
    make_pages: Callable[..., Core], open_browser: Callable[..., Browser], anna: Account
) -> None:
    of = make_pages(limits=Limits(contacts_warning=5))
    make(of, anna, "Friends", BOOK, 6)
    browser = open_browser(of)
    browser.sign_in(anna.login, PASSWORD)
    assert browser.collection("Friends")["warning"] == {"items": 6, "size_bytes": 18_000, "devices": []}


def test_twin_says_all_that_the_page_says(core: Core, anna: Account, phone: None, browser: Browser) -> None:
    document = browser.overview()
    assert document["account"] == {"login": anna.login, "name": "anna", "language": None}
    assert [(each["kind"], each["mine"]) for each in document["sections"]] == [
        ("book", True),
        ("book", False),
        ("calendar", True),
        ("calendar", False),
        ("tasks", True),
        ("notes", True),
    ]
    contacts = browser.collection("Contacts")
    kinds = {each["client"]: each for each in contacts["kinds"]}
    assert list(kinds) == ["web", "eas-ios", "eas-other", "thunderbird", "outlook", "dav"]
    assert (kinds["dav"]["exposure"], kinds["dav"]["cause"], kinds["dav"]["when_off"]) == ("full", "no-effect", "full")
    assert [each["title"] for each in contacts["devices"]] == ["iPhone", "SamsungDevice", "Thunderbird"]
    assert [each["state"] for each in document["devices"]] == ["allowed"] * 3


def test_every_page_is_closed_to_scripts_and_frames(open_browser: Callable[..., Browser], browser: Browser) -> None:
    signed_out = open_browser()
    answers = [
        browser.get("/"),
        signed_out.get("/sign-in"),
        browser.post("/preferences/nothing/switch", {"turn": "on"}),
        browser.post("/preferences/nothing/switch", {"turn": "on"}, {}),
        browser.get("/preferences", accept="application/json"),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'")
        assert "script-src" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"


def test_style_may_be_kept_and_changes_its_address_with_its_content(browser: Browser) -> None:
    address = re.search(r'href="(/static/web/style\.css\?v=\w{12})"', browser.get("/").text)
    assert address is not None
    style = browser.get(address[1])
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert "immutable" in style.headers["cache-control"]


def test_session_holds_at_every_gateway_on_the_database(
    make_pages: Callable[..., Core], open_browser: Callable[..., Browser], browser: Browser
) -> None:
    other = open_browser(make_pages())
    other.cookies.set("pimgate", browser.cookies["pimgate"], domain="pimgate.test")
    assert other.get("/").url.path == "/"


def test_ids_in_the_page_are_ids_of_collections(browser: Browser) -> None:
    ids = re.findall(r'class="row" id="(\w+)"', browser.get("/").text)
    assert len(ids) == len(set(ids)) == 6
