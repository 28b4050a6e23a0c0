"""Erasing a device from afar: asked for by the operator, acknowledged by the device, and nobody else's business."""

from collections.abc import Callable

import pytest

from pimgate import device_notes, wipes
from pimgate.core import Core
from pimgate.errors import DeviceBlocked, NotAllowedIn, Refused
from pimgate.model.devices import Device, DeviceFacts, DeviceState, WipeScope
from pimgate.model.people import Account, Identity
from pimgate.settings import Devices
from pimgate.store.shelf import Document

ACCOUNT, WHOLE = WipeScope.ACCOUNT, WipeScope.DEVICE
IPHONE = DeviceFacts("eas", "APPL1", "iPhone", "Apple-iPhone16C1/2201.123", "16.1")
OLD_PHONE = DeviceFacts("eas", "SEC1", "SAMSUNG", "SAMSUNG/1", "14.1")


@pytest.fixture
def anna(person: Callable[[str], Account]) -> Identity:
    return Identity(person("anna"))


def admit(core: Core, identity: Identity, facts: DeviceFacts = IPHONE) -> Device:
    with core.database.write() as work:
        return core.devices.admit(work, identity, facts)


def begin(core: Core, device: Device, scope: WipeScope = ACCOUNT, confirm: str | None = None) -> Device:
    typed = device.identifier if confirm is None else confirm
    with core.database.write() as work:
        return wipes.begin(work, core.devices, core.settings.devices, device.id, scope, typed, "op@example.org")


def acknowledge(core: Core, device: Device, scope: WipeScope = ACCOUNT, *, has_succeeded: bool = True) -> object:
    with core.database.write() as work:
        return wipes.acknowledge(work, core.devices, device.id, scope, has_succeeded=has_succeeded)


def state(core: Core, device: Device) -> DeviceState:
    with core.database.read() as work:
        return core.devices.get(work, device.id).state


def test_wipe_is_asked_for_sent_and_acknowledged(core: Core, anna: Identity) -> None:
    phone = admit(core, anna)
    assert begin(core, phone).state is DeviceState.WIPING
    with core.database.write() as work:
        told = wipes.note_sent(work, core.devices, phone.id)
    assert told is not None
    assert (told.scope, told.by) == (ACCOUNT, "op@example.org")
    assert acknowledge(core, phone) is None
    assert state(core, phone) is DeviceState.WIPED
    with core.database.read() as work:
        kept = device_notes.wipe_of(work, phone.id)
    assert kept is not None
    assert kept.sent_at is not None
    assert kept.done_at is not None


@pytest.mark.parametrize("typed", ["", "appl1", "APPL", "APPL12"])
def test_wipe_wants_the_identifier_typed(core: Core, anna: Identity, typed: str) -> None:
    phone = admit(core, anna)
    with pytest.raises(Refused, match="identifier"):
        begin(core, phone, confirm=typed)
    assert state(core, phone) is DeviceState.ALLOWED


def test_old_phone_is_not_asked_for_what_it_has_no_word_for(core: Core, anna: Identity) -> None:
    with pytest.raises(Refused, match=r"speaks 14\.1"):
        begin(core, admit(core, anna, OLD_PHONE))


def test_version_that_counts_is_the_one_it_speaks_now(core: Core, anna: Identity) -> None:
    phone = admit(core, anna, OLD_PHONE)
    admit(core, anna, DeviceFacts("eas", "SEC1", "SAMSUNG", "SAMSUNG/2", "16.1"))
    assert begin(core, phone).state is DeviceState.WIPING


def test_whole_device_is_wiped_only_where_the_operator_enabled_it(
    make_core: Callable[..., Core], anna: Identity
) -> None:
    careful = make_core()
    phone = admit(careful, anna, OLD_PHONE)
    with pytest.raises(Refused, match="allow_device_wipe"):
        begin(careful, phone, WHOLE)
    daring = make_core(devices=Devices(allow_device_wipe=True))
    assert begin(daring, phone, WHOLE).state is DeviceState.WIPING


def test_program_at_a_desk_cannot_be_wiped(core: Core, anna: Identity) -> None:
    with pytest.raises(Refused, match="ActiveSync"):
        begin(core, admit(core, anna, DeviceFacts("dav", "tb", "", "Thunderbird/140")))


def test_same_phone_under_another_account_is_left_alone(
    core: Core, anna: Identity, person: Callable[[str], Account]
) -> None:
    hers, his = admit(core, anna), admit(core, Identity(person("bert")))
    begin(core, hers)
    assert (state(core, hers), state(core, his)) == (DeviceState.WIPING, DeviceState.ALLOWED)


@pytest.mark.parametrize("before", [DeviceState.ALLOWED, DeviceState.BLOCKED])
def test_cancelled_wipe_leaves_the_device_as_it_was(core: Core, anna: Identity, before: DeviceState) -> None:
    phone = admit(core, anna)
    with core.database.write() as work:
        core.devices.decide(work, phone.id, before)
    begin(core, phone)
    with core.database.write() as work:
        assert wipes.cancel(work, core.devices, phone.id).state is before
        assert device_notes.wipe_of(work, phone.id) is None
        with pytest.raises(Refused):
            wipes.cancel(work, core.devices, phone.id)
    assert acknowledge(core, phone) is None
    assert state(core, phone) is before


def test_failed_wipe_goes_on(core: Core, anna: Identity) -> None:
    phone = admit(core, anna)
    begin(core, phone)
    left = acknowledge(core, phone, has_succeeded=False)
    assert left is not None
    assert state(core, phone) is DeviceState.WIPING
    with core.database.read() as work:
        kept = device_notes.wipe_of(work, phone.id)
    assert kept is not None
    assert kept.failed_at is not None


def test_acknowledgement_of_another_wipe_is_none(core: Core, anna: Identity) -> None:
    phone = admit(core, anna)
    begin(core, phone)
    assert acknowledge(core, phone, WHOLE) is not None
    assert state(core, phone) is DeviceState.WIPING


def test_wipe_survives_a_restart(make_core: Callable[..., Core], anna: Identity) -> None:
    first = make_core()
    phone = admit(first, anna)
    begin(first, phone)
    again = make_core()
    assert state(again, phone) is DeviceState.WIPING
    with again.database.write() as work:
        assert wipes.note_sent(work, again.devices, phone.id) is not None


def test_device_that_is_being_wiped_is_not_decided_about(core: Core, anna: Identity) -> None:
    phone = admit(core, anna)
    begin(core, phone)
    for wanted in (DeviceState.ALLOWED, DeviceState.BLOCKED):
        with core.database.write() as work, pytest.raises(Refused, match="being wiped"):
            core.devices.decide(work, phone.id, wanted)
    with pytest.raises(Refused):
        begin(core, phone)


def test_wiped_device_that_is_allowed_again_begins_anew(core: Core, anna: Identity) -> None:
    phone = admit(core, anna)
    with core.database.write() as work:
        work.shelf.put(phone.id, "eas/folders", Document({"key": "1"}))
        core.devices.set_policy_key(work, phone.id, 7)
    begin(core, phone)
    acknowledge(core, phone)
    with core.database.write() as work:
        allowed = core.devices.decide(work, phone.id, DeviceState.ALLOWED)
        assert (allowed.state, allowed.policy_key) == (DeviceState.ALLOWED, 0)
        assert work.shelf.get_many(phone.id, "") == {}


def test_request_that_began_before_the_wipe_is_not_served_after_it(core: Core, anna: Identity) -> None:
    phone = admit(core, anna)
    begin(core, phone)
    with core.database.write() as work, pytest.raises(NotAllowedIn):
        core.hold(work, anna, phone)
    acknowledge(core, phone)
    with core.database.write() as work, pytest.raises(DeviceBlocked):
        core.hold(work, anna, phone)
