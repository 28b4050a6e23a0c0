"""Clients of the journeys: signed in, and up to date."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway.places import PASSWORD
from pimgate.core import Core
from pimgate.model.collections import Collection, CollectionKind, Ownership
from pimgate.testing.browser import Browser
from pimgate.testing.desktop import THUNDERBIRD, Desktop
from pimgate.testing.network import Network
from pimgate.testing.phone import Phone, PingAnswer

ANNA = "anna@example.org"
REGISTER_SECONDS = 0.5
"""A Ping is given this long to reach the gateway before something happens."""


def iphone(url: str, device_id: str = "ApplF0ANNA", network: Network | None = None) -> Phone:
    """Anna's iPhone with all her folders and items."""
    phone = Phone(url, ANNA, PASSWORD, device_id, network=network)
    return up_to_date(phone)


def android(url: str, device_id: str = "androidc1anna", network: Network | None = None) -> Phone:
    """Anna's Android phone, in an older dialect."""
    agent = "Android-Mail/2025.11.02.827654321.Release"
    return up_to_date(Phone(url, ANNA, PASSWORD, device_id, "Android", agent, "14.1", network))


def up_to_date(phone: Phone) -> Phone:
    phone.provision()
    phone.sync_folders()
    phone.sync()
    return phone


def thunderbird(url: str) -> Desktop:
    return Desktop(url, ANNA, PASSWORD, THUNDERBIRD)


def browser(url: str) -> Browser:
    """Anna, signed in to the pages."""
    found = Browser(url)
    found.sign_in(ANNA, PASSWORD)
    return found


def collection_of(core: Core, kind: CollectionKind, login: str = ANNA) -> Collection:
    """The default collection of this kind."""
    with core.database.read() as work:
        account = core.people.get(work, login)
        standings = work.collections.standings(account.id)
    wanted = (kind, Ownership.DEFAULT)
    return next(each.collection for each in standings if (each.collection.kind, each.ownership) == wanted)


def url_of(base_url: str, core: Core, collection: Collection) -> str:
    """The address of one of Anna's collections."""
    with core.database.read() as work:
        return f"{base_url}/dav/{core.people.get(work, ANNA).id}/{collection.id}/"


def texts_in(core: Core, collection: Collection) -> list[str]:
    """What the gateway keeps there."""
    with core.database.read() as work:
        return [item.text for item in work.items.all(collection.id)]


def position_of(core: Core, stream: str) -> int:
    """The present end of a stream of the journal."""
    with core.database.read() as work:
        return work.journal.head(stream)


@dataclass
class Waiting:
    """A Ping of a phone in a thread of its own. `answer` is there once it is answered; `answered_at` is of the monotonic clock."""

    phone: Phone
    answer: PingAnswer | None = None
    answered_at: float = 0.0
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._ping, daemon=True)
        self._thread.start()
        time.sleep(REGISTER_SECONDS)
        assert self.answer is None, f"the Ping did not wait: {self.answer}"

    def _ping(self) -> None:
        answer = self.phone.ping(60)
        self.answered_at = time.monotonic()
        self.answer = answer

    def after(self, happens: Callable[[], object], within_seconds: float) -> tuple[PingAnswer, float]:
        """Do something, and give the answer of the Ping and the seconds that it took from the end of that."""
        happens()
        begun = time.monotonic()
        self._thread.join(within_seconds)
        assert self.answer is not None, f"the Ping still waits after {within_seconds} s"
        return self.answer, self.answered_at - begun
