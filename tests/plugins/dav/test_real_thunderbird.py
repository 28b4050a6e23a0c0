"""The real Thunderbird with our extension, on a display that nobody sees: what a person sets up, finds, and loses again when a
switch is turned. Takes a minute; pictures of what it looked like are left in the directory that PIMGATE_PICTURES names.
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.places import PASSWORD
from pimgate.api import CollectionKind, Ownership
from pimgate.core import Core
from pimgate.settings import Accounts, Log
from pimgate_dav.extension import packed
from plugins.dav.marionette import Thunderbird, thunderbird
from plugins.dav.stage import ALICE, Stage, card, event, staged

pytestmark = pytest.mark.slow

BOOKS = """
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
return MailServices.ab.directories.map(each => [each.dirName, each.isRemote, each.readOnly, each.childCardCount]);
"""

SEARCH = """
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const book = MailServices.ab.directories.find(each => each.dirName == arguments[0]);
const cards = [];
return await new Promise((resolve, reject) => book.search(null, arguments[1], {
  onSearchFoundCard: found => cards.push([found.displayName, found.primaryEmail]),
  onSearchFinished: (status, isComplete) => status ? reject(new Error(status)) : resolve({ cards, isComplete }),
}));
"""

COMPLETE = """
const search = Cc["@mozilla.org/autocomplete/search;1?name=addrbook"].createInstance(Ci.nsIAutoCompleteSearch);
return await new Promise(resolve => search.startSearch(arguments[0], JSON.stringify({ type: "addr_to" }), null, {
  onSearchResult(_search, result) {
    const { RESULT_SUCCESS_ONGOING, RESULT_NOMATCH_ONGOING } = Ci.nsIAutoCompleteResult;
    if (![RESULT_SUCCESS_ONGOING, RESULT_NOMATCH_ONGOING].includes(result.searchResult)) {
      resolve(Array.from({ length: result.matchCount }, (_, index) => result.getValueAt(index)));
    }
  },
}));
"""

CALENDARS = """
const { cal } = ChromeUtils.importESModule("resource:///modules/calendar/calUtils.sys.mjs");
return Object.fromEntries(cal.manager.getCalendars().filter(each => each.type == "caldav").map(each => [each.name, {
  id: each.id, isCached: Boolean(each.wrappedJSObject.mCachedCalendar), readOnly: each.readOnly }]));
"""

EVENTS = """
const { cal } = ChromeUtils.importESModule("resource:///modules/calendar/calUtils.sys.mjs");
const calendar = cal.manager.getCalendars().find(each => each.name == arguments[0]);
const items = await calendar.getItemsAsArray(Ci.calICalendar.ITEM_FILTER_ALL_ITEMS, 0, null, null);
return items.map(each => each.title);
"""

KEPT = """
const { Sqlite } = ChromeUtils.importESModule("resource://gre/modules/Sqlite.sys.mjs");
const path = PathUtils.join(PathUtils.profileDir, "calendar-data", "cache.sqlite");
const file = await Sqlite.openConnection({ path, readOnly: true });
const rows = await file.execute("SELECT title FROM cal_events");
await file.close();
return rows.map(each => each.getResultByName("title"));
"""


ADD_EVENT = """
const { cal } = ChromeUtils.importESModule("resource:///modules/calendar/calUtils.sys.mjs");
const { CalEvent } = ChromeUtils.importESModule("resource:///modules/CalEvent.sys.mjs");
await cal.manager.getCalendars().find(each => each.name == arguments[0]).addItem(new CalEvent(arguments[1]));
"""


@pytest.fixture
def kind() -> str:
    return "sqlite"


@pytest.fixture
def stage(make_core: Callable[..., Core]) -> Iterator[Stage]:
    accounts = Accounts(guesses_per_minute=1000, guesses_per_day=10_000)
    with staged(make_core("dav", accounts=accounts, log=Log(requests=False))) as found:
        yield found


def keep_picture(program: Thunderbird, name: str) -> None:
    """A look at the window, for people."""
    if place := os.environ.get("PIMGATE_PICTURES"):
        time.sleep(2)
        (Path(place) / f"{name}.png").write_bytes(program.picture())


def until(is_true: Callable[[], bool]) -> None:
    end = time.monotonic() + 90
    while not is_true():
        assert time.monotonic() < end
        time.sleep(0.5)


def fill_in_and_set_up(program: Thunderbird, url: str, password: str) -> str:
    program.open_page("pages/options.html")
    for name, value in (("login", ALICE), ("password", password), ("server", url)):
        program.in_page(f"document.querySelector('[name={name}]').value = '{value}'")
    program.in_page("document.querySelector('button[type=submit]').click()")
    return str(outcome_of(program))


def outcome_of(program: Thunderbird) -> str:
    end = time.monotonic() + 60
    while True:
        text = str(program.in_page("document.getElementById('outcome').textContent") or "")
        if text and "moment" not in text:
            return text
        assert time.monotonic() < end, text
        time.sleep(0.5)


def refresh(program: Thunderbird) -> None:
    """As somebody does who opens the popup and presses its button."""
    program.open_page("pages/popup.html")
    program.in_page("document.getElementById('refresh').click()")


def test_thunderbird_searches_what_is_switched_off_and_keeps_none_of_it(stage: Stage, tmp_path: Path) -> None:
    customers = stage.make(CollectionKind.BOOK, Ownership.OWN, is_on=False)
    club = stage.make(CollectionKind.CALENDAR, Ownership.SHARED, is_on=False)
    contacts, calendar = stage.owned(CollectionKind.BOOK), stage.owned(CollectionKind.CALENDAR)
    stage.put(customers, "zoe.vcf", card("zoe", "Zoë Müller", "zoe@customer.example"))
    stage.put(contacts, "ada.vcf", card("ada", "Ada Lovelace", "ada@example.org"))
    stage.put(calendar, "lunch.ics", event("lunch", "Lunch with Ada"))
    stage.put(club, "race.ics", event("race", "Race of the club"))
    searched, downloaded = "Alice's second (on the server)", "Contacts"

    with thunderbird(tmp_path, packed()) as program:
        assert "127.0.0.1" in fill_in_and_set_up(program, stage.url, "wrong password")
        assert fill_in_and_set_up(program, stage.url, PASSWORD) == "Everything is set up.", program.complaints()
        keep_picture(program, "options")
        lines = str(program.in_page("document.getElementById('accounts').innerHTML"))
        assert "searched on the server" in lines, lines

        program.until(f"const books = await (async function() {{ {BOOKS} }})();"
                      f"return books.some(each => each[0] == '{downloaded}' && each[3] == 1)")  # fmt: skip
        books = {name: (is_remote, is_read_only) for name, is_remote, is_read_only, _ in program.run(BOOKS)}
        assert books[searched] == books["Directory (on the server)"] == (True, True), "listed, with a mark of its own"
        assert books[downloaded] == (False, False)
        assert program.run(SEARCH, searched, "zoe") == {
            "cards": [["Zoë Müller", "zoe@customer.example"]],
            "isComplete": True,
        }
        assert program.run(SEARCH, searched, "muller customer")["cards"] == [["Zoë Müller", "zoe@customer.example"]]
        assert program.run(SEARCH, searched, "zoe nobody")["cards"] == []
        assert program.run(COMPLETE, "müll") == ["Zoë Müller <zoe@customer.example>"]
        assert "ada@example.org" in program.run(COMPLETE, "lovelace")[0]

        program.until(
            f"const titles = await (async function() {{ {KEPT} }})(); return titles.includes('Lunch with Ada')"
        )
        found = program.run(CALENDARS)
        assert (found["Calendar"]["isCached"], found["Bob's"]["isCached"]) == (True, False)
        program.until(f"return (await (async function() {{ {EVENTS} }})(\"Bob's\")).includes('Race of the club')")
        assert program.run(KEPT) == ["Lunch with Ada"], "what is switched off is not stored"
        keep_picture(program, "set-up")

        program.run("Services.io.offline = true")
        program.run(ADD_EVENT, "Calendar", event("train", "Made in the train"))
        program.open_page("pages/popup.html")
        url = f"{stage.url}{stage.path(calendar)}"
        program.in_page(f"void window.wrappedJSObject.browser.pimgate.setCached('{url}', false)")
        time.sleep(2)
        assert program.run(CALENDARS)["Calendar"]["isCached"], "what was not sent is not thrown away"
        program.run("Services.io.offline = false")
        sent = stage.program()
        until(lambda: len(sent.propfind(stage.path(calendar), "D:getetag", depth="1").hrefs) == 3)

        stage.turn(contacts.id, False)
        stage.turn(calendar.id, False)
        stage.turn(customers.id, True)
        refresh(program)
        program.until(f"const books = (await (async function() {{ {BOOKS} }})()).map(each => each[0]);"
                      f"return books.includes('{downloaded} (on the server)') && books.includes(\"Alice's second\")")  # fmt: skip
        keep_picture(program, "popup")
        names = [name for name, *_ in program.run(BOOKS)]
        assert downloaded not in names and searched not in names
        program.until(f"return (await (async function() {{ {KEPT} }})()).length == 0")
        assert program.run(SEARCH, f"{downloaded} (on the server)", "ada")["cards"] == [
            ["Ada Lovelace", "ada@example.org"]
        ]

    with thunderbird(tmp_path, packed()) as program:
        program.until(
            f"return (await (async function() {{ {BOOKS} }})()).some(each => each[0] == '{downloaded} (on the server)')"
        )
        assert program.run(SEARCH, f"{downloaded} (on the server)", "ada")["cards"] == [
            ["Ada Lovelace", "ada@example.org"]
        ]
        assert not any(
            each["isCached"] for name, each in program.run(CALENDARS).items() if name in ("Calendar", "Bob's")
        )
        program.run("Services.wm.getMostRecentWindow('mail:3pane').toAddressBook(['cmd_displayAddressBook'])")
        keep_picture(program, "address-book")

        program.open_page("pages/options.html")
        until(lambda: program.in_page("document.querySelectorAll('#accounts button').length") == 1)
        program.in_page("document.querySelector('#accounts button').click()")
        until(lambda: program.run(CALENDARS) == {})
        until(lambda: {name for name, *_ in program.run(BOOKS)} == {"Personal Address Book", "Collected Addresses"})
