"""Every cell of the visibility table on a running gateway: the switches are turned in the browser, and each client says what it
experienced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pimgate.demo.eyes import BrowserEyes, DesktopEyes, Eyes, PhoneEyes
from pimgate.demo.household import Exhibit
from pimgate.demo.people import Person
from pimgate.testing.browser import Browser
from pimgate.testing.desktop import CALDAV_SYNCHRONIZER, DAVX5, THUNDERBIRD, Desktop
from pimgate.testing.phone import Phone
from pimgate.visibility import CELLS, MULTICALENDAR

ANDROID_AGENT = "Android-Mail/2025.11.02.827654321.Release"
SAMSUNG_AGENT = "SAMSUNG-SM-S921B/101.14000"


@dataclass(frozen=True, slots=True)
class Cell:
    """One line of the result. `switch` is on or off."""

    kind: str
    class_: str
    ownership: str
    switch: str
    expected: str
    experienced: str

    @property
    def is_as_expected(self) -> bool:
        return self.expected == self.experienced


def clients_of(url: str, person: Person, browser: Browser) -> list[Eyes]:
    """One client for each kind of the table, signed in. The browser comes along."""

    def phone(kind: str, device_id: str, device_type: str, agent: str, version: str) -> Eyes:
        return PhoneEyes(kind, Phone(url, person.login, person.password, device_id, device_type, agent, version))

    def desktop(kind: str, agent: str) -> Eyes:
        return DesktopEyes(kind, Desktop(url, person.login, person.password, agent))

    return [
        BrowserEyes(browser),
        phone("eas-ios", "ApplF0DEMOIPHONE", "iPhone", "Apple-iPhone14C2/2206.79", "16.1"),
        phone("eas-other", "androidc0dem0", "Android", ANDROID_AGENT, "14.1"),
        phone(MULTICALENDAR, "SEC00DEM0", "SAMSUNGSMS921B", SAMSUNG_AGENT, "16.1"),
        desktop("thunderbird", THUNDERBIRD),
        desktop("dav", DAVX5),
        desktop("outlook", CALDAV_SYNCHRONIZER),
    ]


def walk(
    browser: Browser, clients: Sequence[Eyes], exhibits: Sequence[Exhibit], say: Callable[[str], None]
) -> list[Cell]:
    """Turn every switch on, off and on again; all clients look after each. The last round must be as the first."""
    rounds = {}
    for number, is_on in enumerate((True, False, True)):
        for exhibit in exhibits:
            browser.turn(exhibit.id, is_on=is_on)
        say(f"all switches {'on' if is_on else 'off'}")
        for client in clients:
            client.look()
            say(f"  {client.kind} has looked")
        rounds[number] = list(_seen(clients, exhibits, is_on))
    again = [cell for cell in rounds[2] if not cell.is_as_expected and cell not in rounds[0]]
    return [*rounds[0], *rounds[1], *again]


def _seen(clients: Sequence[Eyes], exhibits: Sequence[Exhibit], is_on: bool) -> Iterator[Cell]:
    for client in clients:
        for exhibit in exhibits:
            expected = CELLS.get((client.kind, exhibit.class_, exhibit.ownership, is_on))
            if expected is not None:
                yield Cell(
                    client.kind,
                    exhibit.class_,
                    exhibit.ownership.value,
                    "on" if is_on else "off",
                    expected.value,
                    client.appearance(exhibit),
                )
