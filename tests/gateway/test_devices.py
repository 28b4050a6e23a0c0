"""The device list: first seen, decided about, forgotten."""

import threading
from collections.abc import Callable

import pytest

from pimgate.core import Core
from pimgate.devices import SEEN_SECONDS, check_allowed
from pimgate.errors import DeviceBlocked, DevicePending, NoSuchDevice, NotAllowedIn, TooManyDevices
from pimgate.journal import hierarchy_of
from pimgate.model.devices import DeviceFacts, DeviceId, DeviceState
from pimgate.model.people import Account, AccountState, AppPassword, Identity
from pimgate.settings import Devices, UnknownDevices
from pimgate.store.shelf import Document
from pimgate.store.work import Work

NOW = 1_800_000_000.0
IPHONE = DeviceFacts("eas", "APPL1", "iPhone", "Apple-iPhone16C1/2201.123", "16.1")
ANDROID = DeviceFacts("eas", "androidc1", "Android", "Android/14-EAS-2.0", "16.1")
THUNDERBIRD = DeviceFacts("dav", "tb", "", "Mozilla/5.0 Gecko/20100101 Thunderbird/140.0")


@pytest.fixture
def anna(person: Callable[[str], Account]) -> Identity:
    return Identity(person("anna"))


@pytest.mark.parametrize(
    ("policy", "state"),
    [("allow", DeviceState.ALLOWED), ("ask", DeviceState.PENDING), ("block", DeviceState.BLOCKED)],
)
def test_unknown_phone_is_treated_as_the_operator_wants_and_desktops_are_let_in(
    make_core: Callable[..., Core], anna: Identity, policy: str, state: DeviceState
) -> None:
    core = make_core(devices=Devices(unknown=UnknownDevices(policy)))
    with core.database.write() as work:
        assert core.devices.admit(work, anna, IPHONE).state is state
        assert core.devices.admit(work, anna, THUNDERBIRD).state is DeviceState.ALLOWED


def test_phone_with_an_app_password_made_for_it_needs_no_approval(
    make_core: Callable[..., Core], anna: Identity
) -> None:
    core = make_core(devices=Devices(unknown=UnknownDevices.ASK))
    bound = AppPassword(1, anna.account.id, "phone", "eas", "eas-other", "APPL1", NOW)
    with core.database.write() as work:
        seen = core.devices.admit(work, Identity(anna.account, bound), IPHONE)
        assert (seen.state, seen.client_kind) == (DeviceState.ALLOWED, "eas-other")
        other = core.devices.admit(work, Identity(anna.account, bound), ANDROID)
        assert other.state is DeviceState.PENDING


def test_kind_is_pinned_when_a_device_is_first_seen(core: Core, anna: Identity) -> None:
    with core.database.write() as work:
        first = core.devices.admit(work, anna, THUNDERBIRD)
        again = core.devices.admit(work, anna, DeviceFacts("dav", "tb", "", "curl/8"))
    assert first.client_kind == again.client_kind == "thunderbird"
    assert (again.id, again.agent) == (first.id, "curl/8")
    viewer = core.viewer(anna, again)
    assert (viewer.client_kind.name, viewer.profile.name, viewer.origin) == ("thunderbird", "thunderbird", again.id)


def test_same_phone_of_another_person_is_another_device(
    core: Core, anna: Identity, person: Callable[[str], Account]
) -> None:
    bert = Identity(person("bert"))
    with core.database.write() as work:
        hers, his = (core.devices.admit(work, each, IPHONE) for each in (anna, bert))
        assert hers.id != his.id
        core.devices.decide(work, hers.id, DeviceState.BLOCKED)
        assert core.devices.get(work, his.id).state is DeviceState.ALLOWED


def test_device_is_not_written_at_each_request(core: Core, anna: Identity) -> None:
    core.database.clock = lambda: NOW
    with core.database.write() as work:
        assert core.devices.known(work, anna, IPHONE) is None
        seen = core.devices.admit(work, anna, IPHONE)
    core.database.clock = lambda: NOW + SEEN_SECONDS
    with core.database.write() as work:
        assert core.devices.known(work, anna, IPHONE) == seen
        newer = DeviceFacts("eas", "APPL1", "iPhone", "Apple-iPhone16C1/2201.123", "14.1")
        assert core.devices.known(work, anna, newer) is None
    core.database.clock = lambda: NOW + SEEN_SECONDS + 1
    with core.database.write() as work:
        assert core.devices.known(work, anna, IPHONE) is None
        assert core.devices.admit(work, anna, IPHONE).last_seen == NOW + SEEN_SECONDS + 1


def test_person_has_no_more_phones_than_the_limit_and_any_number_of_desktops(
    make_core: Callable[..., Core], anna: Identity
) -> None:
    core = make_core(devices=Devices(most_per_person=2))
    with core.database.write() as work:
        phones = [core.devices.admit(work, anna, DeviceFacts("eas", f"A{number}")) for number in range(2)]
        with pytest.raises(TooManyDevices):
            core.devices.admit(work, anna, DeviceFacts("eas", "A3"))
        for number in range(5):
            core.devices.admit(work, anna, DeviceFacts("dav", f"tb{number}"))
        core.devices.admit(work, anna, DeviceFacts("eas", "A0"))
        core.devices.decide(work, phones[0].id, DeviceState.BLOCKED)
        core.devices.admit(work, anna, DeviceFacts("eas", "A3"))


def test_invented_phones_that_are_blocked_from_the_start_fill_no_list(
    make_core: Callable[..., Core], anna: Identity
) -> None:
    core = make_core(devices=Devices(most_per_person=2, unknown=UnknownDevices.BLOCK))
    with core.database.write() as work:
        for number in range(2):
            core.devices.admit(work, anna, DeviceFacts("eas", f"A{number}"))
        with pytest.raises(TooManyDevices):
            core.devices.admit(work, anna, DeviceFacts("eas", "A3"))
        assert len(core.devices.of_person(work, anna.account.id)) == 2


@pytest.mark.parametrize(
    ("state", "refusal"),
    [
        (DeviceState.PENDING, DevicePending),
        (DeviceState.BLOCKED, DeviceBlocked),
        (DeviceState.WIPED, DeviceBlocked),
        (DeviceState.ALLOWED, None),
        (DeviceState.WIPING, None),
    ],
)
def test_decision_is_kept_and_acts(
    core: Core, anna: Identity, state: DeviceState, refusal: type[Exception] | None
) -> None:
    with core.database.write() as work:
        phone = core.devices.admit(work, anna, IPHONE)
        assert core.devices.decide(work, phone.id, state).state is state
        found = core.devices.get(work, phone.id)
        assert core.devices.admit(work, anna, IPHONE).state is state
    if refusal is None:
        check_allowed(found)
    else:
        with pytest.raises(refusal):
            check_allowed(found)


def test_every_state_is_answered_for() -> None:
    assert set(DeviceState) == {"pending", "blocked", "wiped", "allowed", "wiping"}


def test_forgotten_device_takes_its_documents_along_and_may_come_back_as_a_new_one(core: Core, anna: Identity) -> None:
    with core.database.write() as work:
        phone = core.devices.admit(work, anna, IPHONE)
        core.devices.set_policy_key(work, phone.id, 4711)
        assert core.devices.get(work, phone.id).policy_key == 4711
        work.shelf.put(phone.id, "folder", Document({"a": 1}))
        before = work.journal.head(hierarchy_of(anna.account.id))
        core.devices.forget(work, phone.id)
        assert work.journal.head(hierarchy_of(anna.account.id)) == before + 1
        assert work.shelf.get(phone.id, "folder") is None
        again = core.devices.admit(work, anna, IPHONE)
    assert (again.id != phone.id, again.policy_key) == (True, 0)


def test_nothing_can_be_decided_about_a_device_that_is_not_there(core: Core) -> None:
    nothing = DeviceId("dnothing")
    with core.database.write() as work:
        for attempt in (
            lambda: core.devices.get(work, nothing),
            lambda: core.devices.decide(work, nothing, DeviceState.BLOCKED),
            lambda: core.devices.forget(work, nothing),
        ):
            with pytest.raises(NoSuchDevice):
                attempt()


@pytest.mark.parametrize(
    "facts",
    [
        DeviceFacts("eas", "x" * 5000, "y" * 5000, "z" * 5000, "v" * 5000),
        DeviceFacts("eas", "a\0b", "i\0Phone", "\0", "\0"),
        DeviceFacts("eas", "\ud800", "\ud800", "\ud800", "\ud800"),
        DeviceFacts("dav", "", "", "\r\nX: y", ""),
    ],
    ids=["endless", "NUL", "surrogates", "lines"],
)
def test_whatever_a_client_says_of_itself_is_one_device_and_no_fault(
    core: Core, anna: Identity, facts: DeviceFacts
) -> None:
    with core.database.write() as work:
        seen = core.devices.admit(work, anna, facts)
        assert core.devices.known(work, anna, facts) is not None
        assert core.devices.admit(work, anna, facts).id == seen.id
        for said in (seen.identifier, seen.device_type, seen.agent, seen.protocol_version):
            assert said.isprintable()


def test_long_identifiers_that_differ_at_their_end_are_two_devices(core: Core, anna: Identity) -> None:
    with core.database.write() as work:
        ids = {core.devices.admit(work, anna, DeviceFacts("eas", "x" * 70 + end)).id for end in "ab"}
    assert len(ids) == 2


def test_two_first_requests_at_once_are_one_device(make_core: Callable[..., Core], anna: Identity) -> None:
    cores = [make_core(), make_core()]
    seen: list[DeviceId] = []

    def come_in(core: Core, number: int) -> None:
        with core.database.write() as work:
            seen.append(core.devices.admit(work, anna, DeviceFacts("eas", f"A{number}")).id)

    for number in range(5):
        threads = [threading.Thread(target=come_in, args=(core, number)) for core in cores]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert (len(seen), len(set(seen))) == (10, 5)


def test_decision_and_request_at_once_do_not_wait_for_each_other(
    make_core: Callable[..., Core], anna: Identity
) -> None:
    core = make_core()
    with core.database.write() as work:
        device = core.devices.admit(work, anna, IPHONE)
    faults: list[BaseException] = []

    def repeat(act: Callable[[Work], object]) -> None:
        try:
            for _ in range(20):
                with core.database.write() as work:
                    act(work)
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            faults.append(error)

    acts: list[Callable[[Work], object]] = [
        lambda work: core.devices.admit(work, anna, IPHONE),
        lambda work: core.devices.decide(work, device.id, DeviceState.ALLOWED),
    ]
    threads = [threading.Thread(target=repeat, args=(act,)) for act in acts * 2]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert faults == []


def test_request_that_was_long_on_its_way_is_judged_again(core: Core, anna: Identity) -> None:
    with core.database.write() as work:
        device = core.devices.admit(work, anna, IPHONE)
        core.hold(work, anna, device)
        core.devices.decide(work, device.id, DeviceState.BLOCKED)
        with pytest.raises(DeviceBlocked):
            core.hold(work, anna, device)
        core.devices.decide(work, device.id, DeviceState.ALLOWED)
        core.people.set_state(work, anna.account.id, AccountState.DISABLED)
        with pytest.raises(NotAllowedIn):
            core.hold(work, anna, device)
        core.devices.forget(work, device.id)
        with pytest.raises(NoSuchDevice):
            core.hold(work, anna, device)


# The shelf


def test_document_comes_back_with_its_bytes_and_is_replaced_as_a_whole(core: Core) -> None:
    with core.database.write() as work:
        work.shelf.put("d1", "key", Document({"a": ["ü", 1, None, {"b": True}]}, b"\0\xff"))
        assert work.shelf.get("d1", "key") == Document({"a": ["ü", 1, None, {"b": True}]}, b"\0\xff")
        work.shelf.put("d1", "key", Document({}))
        assert work.shelf.get("d1", "key") == Document({}, None)
        assert work.shelf.get("d1", "other") is None
        assert work.shelf.get("d2", "key") is None


def test_documents_are_found_by_the_beginning_of_their_key_taken_literally(core: Core) -> None:
    keys = ["sync_1", "sync_2", "syncX3", "Sync_4", "100%", "100x"]
    with core.database.write() as work:
        for key in keys:
            work.shelf.put("d1", key, Document({"key": key}))
        assert set(work.shelf.get_many("d1", "sync_")) == {"sync_1", "sync_2"}
        assert set(work.shelf.get_many("d1", "100%")) == {"100%"}
        assert set(work.shelf.get_many("d1", "")) == set(keys)
        assert work.shelf.get_many("d2", "") == {}


def test_documents_are_removed_one_by_one_or_all_at_once(core: Core) -> None:
    with core.database.write() as work:
        for owner in ("d1", "d2"):
            for key in "ab":
                work.shelf.put(owner, key, Document({}))
        work.shelf.remove("d1", "a")
        assert set(work.shelf.get_many("d1", "")) == {"b"}
        work.shelf.remove("d1")
        assert work.shelf.get_many("d1", "") == {}
        assert set(work.shelf.get_many("d2", "")) == {"a", "b"}
