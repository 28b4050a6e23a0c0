"""How one collection appears on one client, as that client finds out for itself. Nothing here asks the gateway's inside.

A client looks once (`look`), and then says of each exhibit what it experienced:
full     listed, and its items are there
online   listed with the online mark
remote   listed with the mark of a directory, found by a query, and its listing is refused
search   not listed, found by the search for people
hidden   neither
Anything else is said in words.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any

from pimgate.demo.household import Exhibit
from pimgate.testing.browser import Browser
from pimgate.testing.desktop import Desktop, Listed, Unexpected
from pimgate.testing.phone import Phone
from pimgate.testing.phone_comparison import facts_told

SERVICES = {"book": "carddav", "calendar": "caldav"}


class Eyes(ABC):
    """One client. `kind` is the name of its row in the visibility table."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    @abstractmethod
    def look(self) -> None:
        """Bring the client up to date."""

    @abstractmethod
    def appearance(self, exhibit: Exhibit) -> str:
        """How the exhibit appeared at the last look."""

    def problems(self) -> Iterable[str]:
        """What would confuse a real client of this kind."""
        return ()


class PhoneEyes(Eyes):
    """A phone: its folders, its items and its search for people."""

    def __init__(self, kind: str, phone: Phone) -> None:
        super().__init__(kind)
        self._phone = phone
        phone.provision()

    def look(self) -> None:
        self._phone.sync_folders()
        self._phone.sync()

    def appearance(self, exhibit: Exhibit) -> str:
        if exhibit.id in self._phone.folders:
            names = {facts_told(each)[0] for each in self._phone.items.get(exhibit.id, {}).values()}
            return "full" if any(name.startswith(exhibit.marker) for name in names) else "listed, and empty"
        if exhibit.class_ == "calendar":
            return "hidden"
        found = {each.get("DisplayName") for each in self._phone.search(exhibit.marker)}
        return "search" if exhibit.marker in found else "hidden"

    def problems(self) -> Iterable[str]:
        return self._phone.complaints


class DesktopEyes(Eyes):
    """A CalDAV and CardDAV program: what its homes list, what a listing and a query give."""

    def __init__(self, kind: str, program: Desktop) -> None:
        super().__init__(kind)
        self._program = program
        self._listed: dict[str, Listed] = {}

    def look(self) -> None:
        found = [each for service in SERVICES.values() for each in self._program.listed(service)]
        self._listed = {each.url.rstrip("/").rpartition("/")[2]: each for each in found}

    def appearance(self, exhibit: Exhibit) -> str:
        listed = self._listed.get(exhibit.id)
        if listed is None:
            return "hidden"
        if listed.is_directory and not listed.is_book:
            return self._as_directory(listed, exhibit)
        if listed.exposure not in ("full", "online"):
            return f"listed with the mark '{listed.exposure}'"
        return listed.exposure if self._has_items(listed, exhibit) else "listed, and empty"

    def _has_items(self, listed: Listed, exhibit: Exhibit) -> bool:
        _, texts = self._program.changes(listed.url, service=SERVICES[exhibit.class_])
        return any(exhibit.marker in (text or "") for text in texts.values())

    def _as_directory(self, listed: Listed, exhibit: Exhibit) -> str:
        if listed.exposure != "remote":
            return f"a directory with the mark '{listed.exposure}'"
        if not any(exhibit.marker in text for text in self._program.search(listed.url, exhibit.marker)):
            return "a directory that does not find"
        try:
            return "a directory that can be downloaded" if self._program.etags(listed.url) else "remote"
        except Unexpected:
            return "remote"


class BrowserEyes(Eyes):
    """The pages: the collection is on the page with its switch, and the twin of the page says how it is shown."""

    def __init__(self, browser: Browser) -> None:
        super().__init__("web")
        self._browser = browser
        self._page = ""
        self._rows: dict[str, dict[str, Any]] = {}

    def look(self) -> None:
        self._page = self._browser.get("/preferences").body.decode()
        sections = self._browser.get_json("/preferences")["sections"]
        self._rows = {row["id"]: row for section in sections for row in section["collections"]}

    def appearance(self, exhibit: Exhibit) -> str:
        row = self._rows.get(exhibit.id)
        if row is None or f'id="{exhibit.id}"' not in self._page:
            return "hidden"
        (own,) = [each for each in row["kinds"] if each["client"] == self.kind]
        return str(own["exposure"])
