"""Provision: the policy is fetched and acknowledged, in whatever order phones do it."""

from pimgate_eas.policy import POLICY_TYPE
from pimgate_eas.wbxml.element import Element
from plugins.eas.wire import Wire


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
