"""Provision: the policy is fetched and acknowledged, in whatever order phones do it."""

import pytest

from pimgate.api import device_notes
from pimgate_eas.policy import POLICY_TYPE
from pimgate_eas.policy_settings import Compliance, PolicySettings
from pimgate_eas.settings import EasSettings
from pimgate_eas.wbxml.codec import decode
from pimgate_eas.wbxml.element import Element
from plugins.eas.wire import Wire, folder_sync


def question(key: str | None = None, policy_type: str = POLICY_TYPE, status: str = "1") -> Element:
    policy = Element("Provision:Policy", Element("Provision:PolicyType", text=policy_type))
    if key is not None:
        policy.append(Element("Provision:PolicyKey", text=key))
        policy.append(Element("Provision:Status", text=status))
    return Element("Provision:Provision", Element("Provision:Policies", policy))


def policy_of(answer: Element | None) -> Element:
    assert answer is not None
    [policy] = answer.path("Provision:Policies", "Provision:Policy")
    return policy


def provision(wire: Wire) -> str:
    """Both phases; the final key."""
    offered = policy_of(wire.ask("Provision", question())).text_of("Provision:PolicyKey")
    return policy_of(wire.ask("Provision", question(offered))).text_of("Provision:PolicyKey") or ""


def test_a_phone_fetches_the_policy_and_acknowledges_it(wire):
    policy = policy_of(wire.ask("Provision", question()))
    document = policy.path("Provision:Data", "Provision:EASProvisionDoc")
    assert document
    assert document[0].text_of("Provision:DevicePasswordEnabled") == "0"
    offered = policy.text_of("Provision:PolicyKey") or ""
    final = policy_of(wire.ask("Provision", question(offered)))
    assert final.text_of("Provision:Status") == "1"
    assert not final.has("Provision:Data")
    key = int(final.text_of("Provision:PolicyKey") or 0)
    assert 0 < key < 2**32
    with wire.core.database.read() as work:
        assert [device.policy_key for device in work.devices.all()] == [key]


def test_a_repeated_acknowledgement_gets_the_same_key(wire):
    offered = policy_of(wire.ask("Provision", question())).text_of("Provision:PolicyKey")
    first = wire.octets("Provision", question(offered))
    assert wire.octets("Provision", question(offered)) == first


def test_a_key_that_was_not_offered_is_refused(wire):
    policy_of(wire.ask("Provision", question()))
    assert policy_of(wire.ask("Provision", question("12345"))).text_of("Provision:Status") == "5"


def test_an_unknown_kind_of_policy_is_refused(wire):
    policy = policy_of(wire.ask("Provision", question(policy_type="MS-WAP-Provisioning-XML")))
    assert policy.text_of("Provision:Status") == "3"


def test_the_facts_a_device_sends_along_are_acknowledged(wire):
    body = question()
    facts = Element("Settings:Set", Element("Settings:Model", text="iPhone 17"))
    body.children.insert(0, Element("Settings:DeviceInformation", facts))
    answer = wire.ask("Provision", body)
    assert answer is not None
    assert answer.path("Settings:DeviceInformation", "Settings:Status")[0].text == "1"


def test_what_a_device_says_of_itself_is_kept(wire):
    body = question()
    facts = Element(
        "Settings:Set",
        Element("Settings:Model", text="iPhone 17"),
        Element("Settings:IMEI", text="35"),
        Element("Settings:EnableOutboundSMS", text="1"),
    )
    body.children.insert(0, Element("Settings:DeviceInformation", facts))
    wire.ask("Provision", body)
    with wire.core.database.read() as work:
        [device] = work.devices.all()
        told = device_notes.notes_of(work, device.id).information
    assert (told.model, told.imei) == ("iPhone 17", "35")


@pytest.fixture
def demanding(make_core):
    """A gateway that demands a policy: `demanding(policy=PolicySettings(...))`."""
    opened = []

    def make(policy=PolicySettings(), **of_wire):  # noqa: B008 - a frozen value
        settings = EasSettings(require_policy=True, policy=policy)
        wire = Wire(make_core("eas", **{"plugins.eas": settings}), **of_wire)
        opened.append(wire)
        return wire.__enter__()

    yield make
    for each in reversed(opened):
        each.__exit__(None, None, None)


def folders_status(wire: Wire, **headers: str) -> str | int:
    """What a FolderSync is answered: its status, or the HTTP status that stands for one."""
    octets = wire.octets("FolderSync", folder_sync("0"), **headers)
    if wire.status != 200:
        return wire.status
    return decode(octets).text_of("FolderHierarchy:Status") or ""


def test_nothing_is_served_before_the_policy_where_it_is_demanded(demanding):
    wire = demanding()
    assert folders_status(wire) == "142"
    key = provision(wire)
    assert folders_status(wire, X_MS_PolicyKey=key) == "1"
    assert folders_status(wire, X_MS_PolicyKey="12345") == "144"
    assert folders_status(wire, X_MS_PolicyKey="0") == "142"


def test_phone_of_12_1_hears_of_it_by_http(demanding):
    wire = demanding(version="12.1")
    assert folders_status(wire) == 449
    key = provision(wire)
    assert folders_status(wire, X_MS_PolicyKey=key) == "1"
    assert folders_status(wire, X_MS_PolicyKey="12345") == 449


def test_new_policy_is_asked_for_again_and_only_by_those_it_concerns(demanding):
    before = demanding()
    key = provision(before)
    after = demanding(policy=PolicySettings(password=True, password_length=6))
    assert folders_status(after, X_MS_PolicyKey=key) == "143"
    offered = policy_of(after.ask("Provision", question()))
    document = offered.path("Provision:Data", "Provision:EASProvisionDoc")[0]
    assert document.text_of("Provision:MinDevicePasswordLength") == "6"
    assert folders_status(after, X_MS_PolicyKey=key) == "143"
    new = policy_of(after.ask("Provision", question(offered.text_of("Provision:PolicyKey"))))
    assert folders_status(after, X_MS_PolicyKey=new.text_of("Provision:PolicyKey") or "") == "1"
    same = demanding(policy=PolicySettings(password=True, password_length=6, lock_seconds=0))
    assert folders_status(same, X_MS_PolicyKey=new.text_of("Provision:PolicyKey") or "") == "1"


@pytest.mark.parametrize(
    ("accept", "status", "answer"),
    [
        (Compliance.FULL, "1", "1"),
        (Compliance.FULL, "2", "139"),
        (Compliance.PARTIAL, "2", "1"),
        (Compliance.PARTIAL, "3", "139"),
        (Compliance.PARTIAL, "4", "145"),
        (Compliance.ANY, "4", "1"),
        (Compliance.ANY, "3", "139"),
        (Compliance.ANY, "9", "2"),
    ],
)
def test_what_a_phone_did_with_the_policy_must_be_enough(demanding, accept, status, answer):
    wire = demanding(policy=PolicySettings(accept=accept))
    offered = policy_of(wire.ask("Provision", question())).text_of("Provision:PolicyKey")
    told = wire.ask("Provision", question(offered, status=status))
    assert told is not None
    assert told.text_of("Provision:Status") == answer
    with wire.core.database.read() as work:
        [device] = work.devices.all()
        assert bool(device.policy_key) is (answer == "1")


def test_phone_of_12_1_that_refuses_the_policy_is_turned_away(demanding):
    wire = demanding(version="12.1")
    offered = policy_of(wire.ask("Provision", question())).text_of("Provision:PolicyKey")
    wire.octets("Provision", question(offered, status="3"))
    assert wire.status == 403


def test_outlook_for_windows_is_let_in_without_a_policy(demanding):
    wire = demanding(policy=PolicySettings(password=True), device_type="WindowsOutlook15", version="14.0")
    assert folders_status(wire) == "1"
    document = policy_of(wire.ask("Provision", question())).path("Provision:Data", "Provision:EASProvisionDoc")[0]
    assert document.text_of("Provision:DevicePasswordEnabled") == "0"


def test_refused_policy_costs_nothing_where_none_is_demanded(wire):
    offered = policy_of(wire.ask("Provision", question())).text_of("Provision:PolicyKey")
    final = policy_of(wire.ask("Provision", question(offered, status="3")))
    assert final.text_of("Provision:Status") == "1"
    with wire.core.database.read() as work:
        [device] = work.devices.all()
        kept = device_notes.notes_of(work, device.id).policy
    assert kept is not None
    assert kept.compliance == "refused"


@pytest.mark.parametrize("body", [b"", Element("Provision:Provision")])
def test_empty_question_is_answered(wire, body):
    answer = wire.ask("Provision", body)
    assert answer is not None
    assert answer.text_of("Provision:Status") == "1"
