"""A device that is to erase itself hears of nothing else until it has said that it did."""

import threading
import time

import pytest

from pimgate.api import DeviceState, WipeScope, device_notes, wipes
from pimgate.settings import Devices
from pimgate_eas.wbxml.codec import decode
from pimgate_eas.wbxml.element import Element
from plugins.eas.test_provision import question
from plugins.eas.wire import Wire, folder_sync

ACCOUNT, WHOLE = WipeScope.ACCOUNT, WipeScope.DEVICE
NAMES = {ACCOUNT: "Provision:AccountOnlyRemoteWipe", WHOLE: "Provision:RemoteWipe"}


@pytest.fixture
def wire(make_core):
    with Wire(make_core("eas", devices=Devices(allow_device_wipe=True))) as made:
        made.folders()
        yield made


def device_of(wire: Wire):
    with wire.core.database.read() as work:
        return next(each for each in work.devices.all() if each.identifier == wire.device)


def begin(wire: Wire, scope: WipeScope = ACCOUNT) -> None:
    device = device_of(wire)
    with wire.core.database.write() as work:
        wipes.begin(work, wire.core.devices, wire.core.settings.devices, device.id, scope, device.identifier)


def status_of_folders(wire: Wire) -> str | int:
    octets = wire.octets("FolderSync", folder_sync("0"))
    return (decode(octets).text_of("FolderHierarchy:Status") or "") if wire.status == 200 else wire.status


def done_inside(scope: WipeScope, status: str = "1") -> Element:
    return Element("Provision:Provision", Element(NAMES[scope], Element("Provision:Status", text=status)))


def done_before(scope: WipeScope, status: str = "1") -> Element:
    return Element("Provision:Provision", Element("Provision:Status", text=status), Element(NAMES[scope]))


def ask(wire: Wire, body: Element) -> Element:
    answer = wire.ask("Provision", body)
    assert answer is not None
    return answer


@pytest.mark.parametrize("scope", list(WipeScope))
@pytest.mark.parametrize("done", [done_inside, done_before])
@pytest.mark.parametrize("first", [Element("Provision:Provision"), question()])
def test_wipe_is_told_acknowledged_and_ends_the_partnership(wire, scope, done, first):
    begin(wire, scope)
    assert status_of_folders(wire) == "140"
    told = ask(wire, first)
    assert told.text_of("Provision:Status") == "1"
    assert told.has(NAMES[scope])
    assert not told.has("Provision:Policies")
    assert sum(told.has(name) for name in NAMES.values()) == 1
    answer = ask(wire, done(scope))
    assert answer.text_of("Provision:Status") == "1"
    assert not answer.has(NAMES[scope])
    assert device_of(wire).state is DeviceState.WIPED
    assert status_of_folders(wire) == 403
    wire.octets("Provision", question())  # some ask for the policy once more
    assert wire.status == 403


def test_every_command_hears_of_it(wire):
    begin(wire)
    for command, root in (("Sync", "AirSync"), ("Ping", "Ping"), ("Search", "Search"), ("Settings", "Settings")):
        answer = wire.ask(command, Element(f"{root}:{command}"))
        assert answer is not None
        assert answer.text_of(f"{root}:Status") == "140", command


def test_wipe_is_told_until_it_is_acknowledged(wire):
    begin(wire)
    for _ in range(3):
        assert ask(wire, Element("Provision:Provision")).has(NAMES[ACCOUNT])
    failed = ask(wire, done_inside(ACCOUNT, "2"))
    assert failed.text_of("Provision:Status") == "2"
    assert failed.has(NAMES[ACCOUNT])
    assert device_of(wire).state is DeviceState.WIPING
    with wire.core.database.read() as work:
        kept = device_notes.wipe_of(work, device_of(wire).id)
    assert kept is not None
    assert kept.failed_at is not None


def test_acknowledgement_of_the_other_wipe_does_not_count(wire):
    begin(wire, WHOLE)
    assert ask(wire, done_inside(ACCOUNT)).has(NAMES[WHOLE])
    assert device_of(wire).state is DeviceState.WIPING


def test_acknowledgement_without_a_wipe_changes_nothing(wire):
    assert ask(wire, done_inside(WHOLE)).text_of("Provision:Status") == "1"
    assert device_of(wire).state is DeviceState.ALLOWED
    assert status_of_folders(wire) == "1"


def test_cancelled_wipe_is_told_no_more(wire):
    begin(wire)
    assert status_of_folders(wire) == "140"
    with wire.core.database.write() as work:
        wipes.cancel(work, wire.core.devices, device_of(wire).id)
    assert status_of_folders(wire) == "1"
    assert not ask(wire, Element("Provision:Provision")).has(NAMES[ACCOUNT])


def test_same_phone_of_another_person_never_hears_of_it(wire):
    his = wire.twin("bert@example.org")
    his.folders()
    begin(wire)
    with wire.core.database.read() as work:
        states = {each.account_id: each.state for each in work.devices.all()}
    assert sorted(states.values()) == [DeviceState.ALLOWED, DeviceState.WIPING]
    assert "140" in {status_of_folders(wire), status_of_folders(his)}
    assert "1" in {status_of_folders(wire), status_of_folders(his)}


def test_phone_that_has_no_word_for_it_any_more_is_turned_away_and_not_wiped_as_a_whole(wire):
    begin(wire)
    older = wire.twin(version="14.1")
    older.octets("Provision", Element("Provision:Provision"))
    assert older.status == 403
    assert status_of_folders(older) == "140"


def test_phone_of_12_1_hears_of_it_by_http(wire):
    older = wire.twin(version="12.1", device="Old1")
    older.folders()
    begin(older, WHOLE)
    assert status_of_folders(older) == 449
    assert ask(older, Element("Provision:Provision")).has(NAMES[WHOLE])
    ask(older, done_inside(WHOLE))
    assert status_of_folders(older) == 403


def test_phone_that_was_wiped_and_is_allowed_again_begins_anew(wire):
    begin(wire)
    ask(wire, done_inside(ACCOUNT))
    with wire.core.database.write() as work:
        wire.core.devices.decide(work, device_of(wire).id, DeviceState.ALLOWED)
    answer = wire.ask("FolderSync", folder_sync("1"))
    assert answer is not None
    assert answer.text_of("FolderHierarchy:Status") == "9"
    assert wire.folders()


@pytest.mark.parametrize("decision", ["block", "wipe"])
def test_waiting_phone_hears_of_a_decision_at_once(wire, decision):
    folder = next(iter(wire.folders().values()))
    wire.begin(folder)
    watched = Element("Ping:Folder", Element("Ping:Id", text=folder), Element("Ping:Class", text="Contacts"))
    question = Element("Ping:Ping", Element("Ping:HeartbeatInterval", text="600"), Element("Ping:Folders", watched))
    answered: list[float] = []

    def wait() -> None:
        wire.octets("Ping", question)
        answered.append(time.monotonic())

    waiting = threading.Thread(target=wait)
    waiting.start()
    until = time.monotonic() + 20
    while not wire.core.bell.is_anybody_listening and time.monotonic() < until:
        time.sleep(0.05)
    decided = time.monotonic()
    if decision == "wipe":
        begin(wire)
    else:
        with wire.core.database.write() as work:
            wire.core.devices.decide(work, device_of(wire).id, DeviceState.BLOCKED)
    waiting.join(20)
    assert answered, "the phone still waits"
    assert answered[0] - decided < 10  # its own wait is ten minutes
    assert status_of_folders(wire) == ("140" if decision == "wipe" else 403)
