"""What differs between the dialects, at the wire: what is asked, what is answered, and how errors are said."""

import shutil
import subprocess
from itertools import pairwise

import pytest

from pimgate import collections
from pimgate.model.collections import CollectionKind
from pimgate.model.devices import DeviceState
from pimgate.settings import Devices
from pimgate.testing.phone_line import foreign_in
from pimgate_eas.commands import COMMANDS
from pimgate_eas.dialect import HTTP_BELOW_14, INSTEAD, Ending, spoken_in, unknown_to
from pimgate_eas.settings import EasSettings
from pimgate_eas.status import Common
from pimgate_eas.versions import VERSIONS, offered
from pimgate_eas.wbxml.codec import decode, encode
from pimgate_eas.wbxml.codepages import TOKENS
from pimgate_eas.wbxml.element import Element
from plugins.eas.test_sync import book_of
from plugins.eas.wire import Wire, add, collection, contact, folder_sync, key_of, status_of, sync

SINCE_14 = [version for version in VERSIONS if version != "12.1"]


def named(element: Element, class_: str = "Contacts") -> Element:
    """A collection with its class first, as 12.1 has it."""
    return Element(element.name, Element("AirSync:Class", text=class_), *element.children)


# Pure


@pytest.mark.parametrize("version", VERSIONS)
def test_an_answer_keeps_what_its_dialect_knows_and_nothing_else(version):
    parts = [Element(name) for name in TOKENS if name not in ("AirSync:Status", "AirSync:Sync")]
    spoken = spoken_in(Element("AirSync:Sync", *parts), version)
    assert isinstance(spoken, Element)
    assert foreign_in(spoken, version) == []
    assert {part.name for part in parts} - {part.name for part in spoken.children} == unknown_to(version)


def test_older_dialects_know_less():
    assert unknown_to("16.1") == frozenset()
    assert all(unknown_to(older) > unknown_to(newer) for older, newer in pairwise(VERSIONS) if newer != "16.1")


def test_the_given_answer_is_left_as_it_is():
    data = Element("AirSync:ApplicationData", Element("Calendar:ResponseType", text="1"), Element("Calendar:Subject"))
    answer = Element("AirSync:Sync", data)
    before = encode(answer)
    spoken = spoken_in(answer, "12.1")
    assert isinstance(spoken, Element)
    assert [child.name for child in spoken.children[0].children] == ["Calendar:Subject"]
    assert encode(answer) == before
    assert spoken_in(answer, "16.1") is answer


def test_elements_stand_within_others_only_where_the_dialect_lets_them():
    told = Element("Provision:Provision", Element("Settings:DeviceInformation"), Element("Provision:Status", text="1"))
    kept = {version: spoken_in(told, version) for version in VERSIONS}
    has = {version: isinstance(each, Element) and len(each.children) == 2 for version, each in kept.items()}
    assert has == {"12.1": False, "14.0": False, "14.1": True, "16.0": True, "16.1": True}


@pytest.mark.parametrize("status", [int(each) for each in Common])
def test_a_common_status_is_said_by_http_to_those_who_do_not_know_it(status):
    answer = Element("Search:Search", Element("Search:Status", text=str(status)))
    assert spoken_in(answer, "14.0") is answer
    ended = spoken_in(answer, "12.1")
    assert isinstance(ended, Ending)
    assert ended.http in (200, 400, 403, 449, 501, 503, 507)


def test_a_common_status_of_a_part_is_a_plain_failure_below_14_0():
    result = Element("MeetingResponse:Result", Element("MeetingResponse:Status", text="146"))
    answer = Element("MeetingResponse:MeetingResponse", result)
    statuses = {}
    for version in ("12.1", "14.0"):
        spoken = spoken_in(answer, version)
        assert isinstance(spoken, Element)
        statuses[version] = spoken.children[0].text_of("MeetingResponse:Status")
    assert statuses == {"12.1": "2", "14.0": "146"}
    assert {name for name in INSTEAD if name not in TOKENS} == set()


def test_find_is_answered_in_every_dialect():
    answer = Element("Find:Find", Element("Find:Status", text="1"))
    assert [spoken_in(answer, version) for version in VERSIONS] == [answer] * len(VERSIONS)


def test_no_status_stands_for_a_failure_of_ours():
    assert 500 not in HTTP_BELOW_14.values()


@pytest.mark.parametrize(
    ("most", "versions"),
    [("", VERSIONS), ("16.1", VERSIONS), ("14.1", VERSIONS[:3]), ("14.0", VERSIONS[:2]), ("2.5", VERSIONS[:1])],
)
def test_a_cap_offers_what_is_below_it_and_never_nothing(most, versions):
    assert offered(most) == versions


# Sync


def test_a_12_1_phone_names_the_class_and_reads_it_in_each_answer(wire):
    old = wire.twin(version="12.1")
    book = book_of(old)
    first = old.sync(named(collection(book, "0")))[book]
    assert [child.tag for child in first.children] == ["Class", "SyncKey", "CollectionId", "Status"]
    question = sync(named(collection(book, key_of(first), commands=(add("c1", *contact("Ann", "Alpha")),))))
    octets = old.octets("Sync", question)
    [part] = decode(octets).path("AirSync:Collections", "AirSync:Collection")
    assert part.text_of("AirSync:Class") == "Contacts"
    assert old.octets("Sync", question) == octets, "a repeated question gets the same bytes"
    assert status_of(old.sync(named(collection(book, "999")))[book]) == "3"


@pytest.mark.parametrize("version", SINCE_14)
def test_from_14_0_on_no_class_stands_beside_a_collection(wire, version):
    new = wire.twin(version=version)
    book = book_of(new)
    assert not new.sync(named(collection(book, "0")))[book].has("AirSync:Class")


@pytest.mark.parametrize(
    ("version", "wait", "status"),
    [
        ("12.1", {"Wait": "0"}, "14"),
        ("12.1", {"HeartbeatInterval": "60"}, "4"),
        ("14.0", {"HeartbeatInterval": "59"}, "14"),
        ("14.0", {"Wait": "60"}, "14"),
        ("16.1", {"HeartbeatInterval": "60", "Wait": "1"}, "4"),
    ],
)
def test_a_12_1_phone_waits_in_minutes_and_later_ones_in_seconds_as_well(wire, version, wait, status):
    phone = wire.twin(version=version)
    answer = phone.ask("Sync", sync(collection(book_of(phone), "0"), **wait))
    assert answer is not None
    assert status_of(answer) == status


@pytest.mark.parametrize("version", VERSIONS)
def test_an_empty_sync_with_nothing_before_it_is_asked_for_in_full(wire, version):
    answer = wire.twin(version=version).ask("Sync")
    assert answer is not None
    assert status_of(answer) == "13"


@pytest.mark.parametrize("version", VERSIONS)
def test_changes_come_unless_they_are_refused_and_never_with_the_first_key(wire, version):
    phone = wire.twin(version=version)
    book = book_of(phone)
    first = phone.sync(collection(book, "0", Element("AirSync:GetChanges", text="0")))[book]
    assert not first.has("AirSync:Commands")
    key = key_of(first)
    other = wire.twin(device="Appl2")
    other.sync(collection(book, other.begin(book), commands=(add("c1", *contact("Ann", "Alpha")),)))
    assert phone.sync(collection(book, key, Element("AirSync:GetChanges", text="0"))) == {}
    assert phone.sync(collection(book, key))[book].has("AirSync:Commands")


def test_options_for_text_messages_are_not_taken_for_those_of_the_folder(wire):
    book = book_of(wire)
    for_messages = Element(
        "AirSync:Options", Element("AirSync:Class", text="SMS"), Element("AirSync:Conflict", text="0")
    )
    own = Element("AirSync:Options", Element("AirSync:Conflict", text="1"))
    assert status_of(wire.sync(collection(book, wire.begin(book), for_messages, own))[book]) == "1"


# Errors and policies


WBXML_BELOW_14 = [name for name, each in COMMANDS.items() if not each.is_mail_below_14 and each.until != "12.1"]


@pytest.mark.parametrize("command", sorted(WBXML_BELOW_14))
def test_what_cannot_be_read_is_a_bad_request_below_14_0(wire, command):
    old = wire.twin(version="12.1")
    assert old.octets(command, b"\x03\x01\x6a\x00\x05\x05") != b""
    assert old.status == 400
    assert old.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("version", ["12.1", *SINCE_14])
def test_a_phone_without_the_policy_is_sent_for_it_as_its_dialect_says(make_core, version):
    with Wire(make_core("eas", **{"plugins.eas": EasSettings(require_policy=True)}), version=version) as wire:
        octets = wire.octets("FolderSync", folder_sync("0"))
        if version == "12.1":
            assert wire.status == 449
        else:
            assert (wire.status, decode(octets).text_of("FolderHierarchy:Status")) == (200, "142")


def test_a_phone_that_understands_only_449_gets_it_whatever_it_agreed_on(make_core, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        '[[profile]]\nname = "odd"\nprotocol = "eas"\ndevice_type = "odd"\nclient_kind = "eas-other"\nneeds_449 = true\n'
    )
    settings = {"plugins.eas": EasSettings(require_policy=True), "devices": Devices(profiles=str(own))}
    with Wire(make_core("eas", **settings), device_type="Odd", version="14.1") as wire:
        wire.octets("FolderSync", folder_sync("0"))
        assert wire.status == 449
        wire.twin(device="Appl2", device_type="iPhone").ask("FolderSync", folder_sync("0"))


def test_a_phone_that_is_to_be_wiped_hears_of_it_in_its_dialect(wire):
    wire.folders()
    with wire.core.database.write() as work:
        [device] = work.devices.all()
        work.devices.change(device.id, state=DeviceState.WIPING.value)
    answer = wire.ask("FolderSync", folder_sync("0"))
    assert answer is not None
    assert answer.text_of("FolderHierarchy:Status") == "140"
    wire.twin(version="12.1").octets("FolderSync", folder_sync("0"))


# The other codec


@pytest.mark.skipif(shutil.which("wbxml2xml") is None, reason="needs the tools of libwbxml")
@pytest.mark.parametrize("version", VERSIONS)
def test_another_codec_reads_what_each_dialect_is_sent(wire, version, tmp_path):
    with wire.core.database.write() as work:
        anna = work.people.by_login("anna@example.org")
        collections.create(work, anna.id, CollectionKind.CALENDAR, "Choir")
    phone = wire.twin(version=version)
    answers = [phone.octets("FolderSync", folder_sync("0"))]
    book = book_of(phone)
    answers.append(
        phone.octets("Sync", sync(named(collection(book, "0")) if version == "12.1" else collection(book, "0")))
    )
    answers.append(phone.octets("Ping", Element("Ping:Ping", Element("Ping:HeartbeatInterval", text="1"))))
    for octets in answers:
        file = tmp_path / "answer.wbxml"
        file.write_bytes(octets)
        read = subprocess.run(
            ["wbxml2xml", "-l", "ACTIVESYNC", "-o", "-", str(file)], capture_output=True, check=True, timeout=60
        )
        assert decode(octets).tag in read.stdout.decode()
