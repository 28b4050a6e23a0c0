"""A gateway takes over the database of the first release: phones go on with their keys, as if nothing had been."""

from collections.abc import Iterator

import pytest

from gateway.places import PASSWORD, Place, make_gateway
from journeys.clients import ANNA
from journeys.earlier import Earlier, lay_down
from pimgate.core import Core
from pimgate.model.collections import CollectionId
from pimgate.settings import Log
from pimgate.testing.desktop import THUNDERBIRD, Desktop
from pimgate.testing.network import Network, http_request
from pimgate.testing.phone import Phone
from pimgate.testing.phone_comparison import compare
from pimgate.testing.phone_forms import contact
from pimgate.testing.phone_line import PATH, Facts
from pimgate.testing.phone_memory import Memory
from pimgate.testing.running import Running, running
from pimgate_eas.sync.keys import EPOCH_DIGITS

NEW_FOLDERS = {("Tasks", "7"), ("Notes", "10")}
"""Classes that phones have since."""


@pytest.fixture
def earlier(empty: Place) -> Earlier:
    return lay_down(empty)


@pytest.fixture
def gateway(empty: Place, earlier: Earlier) -> Iterator[Running]:
    with make_gateway(empty, "eas", "dav", log=Log(requests=False)) as core, running(core) as found:
        yield found


def iphone(gateway: Running, memory: Memory) -> Phone:
    phone = Phone(gateway.url, ANNA, PASSWORD, "ApplF0ANNA")
    phone.recall(memory)
    return phone


def young_phone(gateway: Running, memory: Memory) -> Phone:
    phone = Phone(gateway.url, ANNA, PASSWORD, "ApplYOUNG")
    phone.recall(memory)
    return phone


ANDROID = Facts(ANNA, PASSWORD, "androidc1anna", "Android", "Android-Mail/2025.11.02.827654321.Release", "14.1")


def android(gateway: Running, memory: Memory) -> Phone:
    phone = Phone(gateway.url, ANNA, PASSWORD, ANDROID.device_id, "Android", ANDROID.user_agent, ANDROID.version)
    phone.recall(memory)
    return phone


def texts(core: Core, collection_id: str) -> list[str]:
    with core.database.read() as work:
        return [item.text for item in work.items.all(CollectionId(collection_id))]


def epochs(phone: Phone, earlier: Earlier) -> dict[str, str]:
    """The part of its keys that stays the same as long as a folder is not begun anew."""
    return {each: phone._copies[each].key[:EPOCH_DIGITS] for each in (earlier.book, earlier.calendar)}


def lives(memory: Memory, earlier: Earlier) -> dict[str, str]:
    return {each: memory.copies[each][0][:EPOCH_DIGITS] for each in (earlier.book, earlier.calendar)}


def test_a_phone_goes_on_with_its_keys(gateway: Running, earlier: Earlier) -> None:
    phone = iphone(gateway, earlier.iphone)
    had = set(phone.folders)
    told = phone.sync_folders()
    assert {change for change, _ in told} == {"Add"}
    assert {(phone.folders[each].name, phone.folders[each].type) for _, each in told} == NEW_FOLDERS
    assert had == set(phone.folders) - {each for _, each in told}
    phone.sync()
    assert (phone.restarts, phone.complaints) == (0, [])
    assert epochs(phone, earlier) == lives(earlier.iphone, earlier)
    kept = {each: texts(gateway.core, each) for each in (earlier.book, earlier.calendar)}
    assert compare(phone, kept).differences == ()
    assert [len(each) for each in kept.values()] == [14, 4]


def test_nothing_is_told_twice(gateway: Running, earlier: Earlier) -> None:
    """Only what a desktop program wrote last: a new card, a changed one, one that went; and an event that went."""
    phone = iphone(gateway, earlier.iphone)
    before = {each: set(items) for each, items in phone.items.items()}
    phone.sync()
    assert {len(set(phone.items[each]) - before[each]) for each in (earlier.book,)} == {2}
    assert [len(before[each] - set(phone.items[each])) for each in (earlier.book, earlier.calendar)] == [1, 1]
    assert phone.complaints == []
    assert phone.sync_unchanged() or phone.complaints == []


def test_an_answer_that_was_lost_before_is_given_again_byte_for_byte(gateway: Running, earlier: Earlier) -> None:
    book = texts(gateway.core, earlier.book)
    headers = ANDROID.headers(earlier.android.policy_key) | {"Content-Type": "application/vnd.ms-sync.wbxml"}
    request = http_request("POST", gateway.url, f"{PATH}?Cmd=Sync&{ANDROID.query}", headers, earlier.question)
    for _ in range(2):
        assert Network().carry(gateway.url, request, 30).body == earlier.answer
    assert texts(gateway.core, earlier.book) == book


def test_an_edit_whose_answer_was_lost_before_is_not_done_twice(gateway: Running, earlier: Earlier) -> None:
    """The phone asks something else under the old key: its new contact is there already."""
    phone = android(gateway, earlier.android)
    again = phone.add(earlier.book, contact("Oda", "Offline", "oda@example.com"))
    other = phone.add(earlier.book, contact("Una", "Unheard"))
    phone.sync(earlier.book)
    assert again.is_accepted
    assert other.is_accepted
    assert sum("FN:Oda Offline" in text for text in texts(gateway.core, earlier.book)) == 1
    assert (phone.restarts, phone.complaints) == (0, [])
    assert compare(phone, {earlier.book: texts(gateway.core, earlier.book)}).differences == ()


def test_a_first_synchronisation_goes_on_where_it_was(gateway: Running, earlier: Earlier) -> None:
    phone = young_phone(gateway, earlier.young)
    assert len(phone.items[earlier.book]) == 3
    phone.sync(earlier.book, window=3)
    assert (phone.restarts, phone.complaints) == (0, [])
    assert compare(phone, {earlier.book: texts(gateway.core, earlier.book)}).differences == ()


def test_phones_edit_on(gateway: Running, earlier: Earlier) -> None:
    first, second = iphone(gateway, earlier.iphone), android(gateway, earlier.android)
    for phone in (first, second):
        phone.sync_folders()
        phone.sync()
    item = next(iter(first.items[earlier.calendar]))
    edit = first.change(earlier.calendar, item, {"Calendar:Subject": "After the upgrade"})
    first.sync()
    second.sync()
    assert edit.is_accepted
    assert second.items[earlier.calendar][item].text_of("Calendar:Subject") == "After the upgrade"
    for phone in (first, second):
        assert (phone.restarts, phone.complaints) == (0, [])
        kept = {each: texts(gateway.core, each) for each in (earlier.book, earlier.calendar)}
        assert compare(phone, kept).differences == ()


def test_a_program_keeps_properties_with_what_was_there_and_phones_hear_nothing(
    gateway: Running, earlier: Earlier
) -> None:
    phone = iphone(gateway, earlier.iphone)
    phone.sync_folders()
    phone.sync()
    phone.sync_unchanged()
    assert phone.sync_unchanged()
    desktop = Desktop(gateway.url, ANNA, PASSWORD, THUNDERBIRD)
    book = next(each.url for each in desktop.listed("carddav") if earlier.book in each.url)
    etags = desktop.etags(book)
    noted = next(iter(etags))
    value = '<set><prop><note xmlns="urn:x">seen</note></prop></set>'
    reply = desktop.ask("PROPPATCH", noted, f'<propertyupdate xmlns="DAV:">{value}</propertyupdate>')
    assert (reply.status, b"200 OK" in reply.body) == (207, True)
    shown = desktop.properties(book, 'n:note xmlns:n="urn:x"', "d:getetag", depth="1")
    assert {url: found["{urn:x}note"].text for url, found in shown.items() if "{urn:x}note" in found} == {noted: "seen"}
    assert desktop.etags(book) == etags
    assert phone.sync_unchanged()
