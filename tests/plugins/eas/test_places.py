"""A person's requests at the same time: as many as there are places, and one too many costs nothing."""

import threading
import time

import pytest
from starlette.requests import Request

from pimgate.bell import Bell
from pimgate.model.devices import DeviceId
from pimgate.model.people import AccountId
from pimgate_eas.places import Crowded, Places
from pimgate_eas.settings import EasSettings
from pimgate_eas.waiting import Waiting
from pimgate_eas.wbxml.element import Element
from plugins.eas.test_sync import book_of
from plugins.eas.wire import Wire, folder_sync

ANNA, BERT = AccountId("anna"), AccountId("bert")
PHONE = DeviceId("d1")


def request() -> Request:
    return Request({"type": "http", "method": "POST", "headers": []})


@pytest.fixture
def places() -> Places:
    return Places(2, Waiting(Bell()))


def test_one_too_many_is_turned_away_until_a_place_is_free(places):
    with places.taken(request(), ANNA, PHONE):
        with places.taken(request(), ANNA, PHONE):
            with pytest.raises(Crowded), places.taken(request(), ANNA, PHONE):
                pass
            with places.taken(request(), BERT, PHONE):
                pass
        with places.taken(request(), ANNA, PHONE):
            pass


def test_a_place_is_free_again_after_a_failure(places):
    for _ in range(5):
        with pytest.raises(ValueError, match="failed"), places.taken(request(), ANNA, PHONE):
            raise ValueError("failed")
    assert places._taken == {}


class OneHangs(Waiting):
    """One request hangs, that of `PHONE`, until it is ended."""

    def __init__(self, hanging: Request) -> None:
        super().__init__(Bell())
        self.hanging: Request | None = hanging

    def end(self, device_id: DeviceId) -> Request | None:
        if device_id != PHONE:
            return None
        ended, self.hanging = self.hanging, None
        return ended


def test_a_hanging_request_gives_its_place_to_a_newer_one_of_its_device():
    older = request()
    places = Places(1, OneHangs(older))
    with places.taken(older, ANNA, PHONE):
        with pytest.raises(Crowded), places.taken(request(), ANNA, DeviceId("d2")):
            pass
        with places.taken(request(), ANNA, PHONE), pytest.raises(Crowded), places.taken(request(), ANNA, PHONE):
            pass
    assert places._taken == {}


def test_a_hanging_request_is_left_alone_while_there_are_places():
    waiting = OneHangs(older := request())
    with Places(2, waiting).taken(older, ANNA, PHONE):
        pass
    assert waiting.hanging is older


# At the wire


def ping(book: str) -> Element:
    watched = Element("Ping:Folder", Element("Ping:Id", text=book), Element("Ping:Class", text="Contacts"))
    return Element("Ping:Ping", Element("Ping:HeartbeatInterval", text="60"), Element("Ping:Folders", watched))


def hang(phone: Wire, book: str) -> tuple[threading.Thread, list[int]]:
    """A Ping under way, and the status it will get."""
    asking, statuses = phone.twin(), []

    def ask() -> None:
        asking.octets("Ping", ping(book))
        statuses.append(asking.status)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    time.sleep(0.4)
    assert thread.is_alive(), f"the Ping was answered at once: {statuses}"
    return thread, statuses


def test_the_request_beyond_the_places_gets_503_until_one_is_free(make_core):
    with Wire(make_core("eas", **{"plugins.eas": EasSettings(most_at_once=3)})) as wire:
        book = book_of(wire)
        phones = [wire.twin(device=f"Hang{number}") for number in range(3)]
        for phone in phones:
            phone.folders()
        first, *others = [hang(phone, book) for phone in phones]
        wire.octets("FolderSync", folder_sync("0"))
        assert wire.status == 503
        assert 0 < int(wire.headers["retry-after"]) <= 60
        assert wire.twin(login="bert@example.org", device="Other").folders(), "another person is served"
        newer = hang(phones[0], book)
        first[0].join(10)
        assert first[1] == [200], "the older Ping of that phone has ended"
        assert phones[1].folders(), "a phone that asks no longer waits"
        assert wire.folders(), "its place is free"
        with wire.core.database.write() as work:
            person = work.people.by_login("anna@example.org")
            wire.core.people.add_app_password(work, person.id, "another")
        for thread, _ in [*others, newer]:
            thread.join(10)
            assert not thread.is_alive()
