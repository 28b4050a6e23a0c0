"""What is kept beside a device: bounded, printable, without content, and gone with the device."""

from collections.abc import Callable

import pytest

from pimgate import device_notes
from pimgate.core import Core
from pimgate.device_notes import LONGEST, MOST_REFUSALS
from pimgate.model.devices import Device, DeviceFacts, DeviceState
from pimgate.model.people import Account, Identity
from pimgate.settings import Devices


@pytest.fixture
def phone(core: Core, person: Callable[[str], Account]) -> Device:
    anna = Identity(person("anna"))
    with core.database.write() as work:
        return core.devices.admit(work, anna, DeviceFacts("eas", "APPL1", "iPhone"))


def test_device_without_notes_has_empty_ones(core: Core, phone: Device) -> None:
    with core.database.read() as work:
        notes = device_notes.notes_of(work, phone.id)
    assert (notes.information.model, notes.refusals, notes.slowing, notes.policy, notes.wipe) == (
        "",
        (),
        None,
        None,
        None,
    )


def test_information_is_added_to_and_bounded(core: Core, phone: Device) -> None:
    with core.database.write() as work:
        device_notes.set_information(work, phone.id, {"model": "iPhone\x1b[31m 17", "imei": "3" * 500})
        device_notes.set_information(work, phone.id, {"os": "iOS 26"})
        told = device_notes.notes_of(work, phone.id).information
    assert (told.model, told.os, len(told.imei)) == ("iPhone[31m 17", "iOS 26", LONGEST)


def test_last_refusals_are_kept_the_newest_first_and_each_once(core: Core, phone: Device) -> None:
    with core.database.write() as work:
        for number in range(MOST_REFUSALS + 5):
            device_notes.add_refusals(work, phone.id, [("c1", str(number), "A birthday is no date.")])
        device_notes.add_refusals(work, phone.id, [("c1", "24", "A birthday is no date."), ("c1", "", "x" * 999)])
        refusals = device_notes.notes_of(work, phone.id).refusals
    assert len(refusals) == MOST_REFUSALS
    assert [each.item for each in refusals[:4]] == ["", "24", "23", "22"]
    assert len(refusals[0].reason) == LONGEST


def test_slowed_device_is_forgiven_after_a_day(core: Core, phone: Device) -> None:
    core.database.clock = lambda: 1_800_000_000.0
    with core.database.write() as work:
        device_notes.add_slowing(work, phone.id, "asks the same again and again")
        device_notes.add_slowing(work, phone.id, "asks the same again and again")
        slowing = device_notes.notes_of(work, phone.id).slowing
    assert slowing is not None
    assert slowing.times == 2
    core.database.clock = lambda: 1_800_000_000.0 + 90_000
    with core.database.read() as work:
        assert device_notes.notes_of(work, phone.id).slowing is None


def test_notes_go_with_the_device(core: Core, phone: Device) -> None:
    with core.database.write() as work:
        device_notes.set_recovery_password(work, phone.id, "4711")
        assert device_notes.recovery_password(work, phone.id) == "4711"
        core.devices.forget(work, phone.id)
        assert device_notes.recovery_password(work, phone.id) is None


def test_app_that_relays_through_a_cloud_is_known_and_turned_away_where_the_operator_says_so(
    make_core: Callable[..., Core], person: Callable[[str], Account]
) -> None:
    relayed = DeviceFacts("eas", "R1", "Outlook", "Outlook-iOS-Android/1.0", "16.1")
    open_core, strict = make_core(), make_core(devices=Devices(refused=["outlook-mobile"]))
    for core, login, expected in ((open_core, "anna", "allowed"), (strict, "bert", "blocked")):
        identity = Identity(person(login))
        with core.database.write() as work:
            seen = core.devices.admit(work, identity, relayed)
        assert (seen.profile, seen.state.value) == ("outlook-mobile", expected)
    with strict.database.write() as work:
        assert strict.devices.decide(work, seen.id, DeviceState.ALLOWED).state is DeviceState.ALLOWED


def test_pinned_profile_counts_at_once(core: Core, phone: Device) -> None:
    with core.database.write() as work:
        pinned = core.devices.pin(work, phone.id, profile="samsung", client_kind="eas-other")
        assert core.devices.get(work, phone.id) == pinned
    assert (pinned.profile, pinned.client_kind) == ("samsung", "eas-other")
