"""`pimgate device ...`"""

import pytest

from gateway.cli.conftest import Operator
from pimgate import device_notes
from pimgate.app import open_core
from pimgate.model.devices import DeviceFacts, DeviceId
from pimgate.model.people import Identity

ANNA, BERT = "anna@example.org", "bert@example.org"


@pytest.fixture(autouse=True)
def phones(operator: Operator) -> None:
    """Under the policy `ask`: one phone under two accounts, with a name that would paint the operator's terminal."""
    operator.settings('[plugins]\nenabled = []\n[devices]\nunknown = "ask"\n')
    operator.adds(ANNA)
    operator.adds(BERT)
    core = open_core(operator.file)
    for login, identifier in ((ANNA, "APPL1"), (BERT, "APPL1"), (BERT, "SEC1")):
        with core.database.write() as work:
            facts = DeviceFacts("eas", identifier, "iPhone\x1b[31m", "Apple-iPhone15C2")
            seen = core.devices.admit(work, Identity(core.people.get(work, login)), facts)
            work.devices.change(seen.id, device_type=facts.device_type)
    core.close()


def states(operator: Operator) -> dict[tuple[str, str], str]:
    return {(each["person"], each["identifier"]): each["state"] for each in operator.asks("device", "list")}


def test_devices_are_listed_by_person_and_state(operator: Operator) -> None:
    assert set(states(operator).values()) == {"pending"}
    assert len(operator.asks("device", "list", "--person", ANNA)) == 1
    assert operator.asks("device", "list", "--state", "blocked") == []
    text = operator.does("device", "list")
    assert "\x1b" not in text
    assert "iPhone?[31m" in text


def test_device_is_allowed_blocked_and_forgotten(operator: Operator) -> None:
    operator.does("device", "allow", "SEC1")
    assert states(operator)[BERT, "SEC1"] == "allowed"
    assert operator.asks("device", "block", "SEC1")["state"] == "blocked"
    assert states(operator)[BERT, "SEC1"] == "blocked"
    operator.does("device", "forget", "SEC1")
    assert (BERT, "SEC1") not in states(operator)
    assert operator.fails("device", "allow", "SEC1") == "There is no device 'SEC1'.\n"


def test_identifier_of_two_people_is_not_guessed(operator: Operator) -> None:
    said = operator.fails("device", "allow", "APPL1")
    assert ANNA in said
    assert BERT in said
    annas = operator.asks("device", "list", "--person", ANNA)[0]["id"]
    operator.does("device", "allow", annas)
    assert (states(operator)[ANNA, "APPL1"], states(operator)[BERT, "APPL1"]) == ("allowed", "pending")


def a_phone(operator: Operator) -> str:
    """The id of Anna's iPhone, allowed in, in the version that knows the wipe of an account."""
    found = str(operator.asks("device", "list", "--person", ANNA)[0]["id"])
    operator.does("device", "allow", found)
    core = open_core(operator.file)
    with core.database.write() as work:
        work.devices.change(DeviceId(found), protocol_version="16.1")
    core.close()
    return found


def test_device_is_wiped_with_its_identifier_typed_and_the_wipe_cancelled(operator: Operator) -> None:
    phone = a_phone(operator)
    assert operator.fails("device", "wipe", phone, "--confirm", "APPL2").startswith("What was typed is not")
    assert "--confirm" in operator.fails("device", "wipe", phone, code=2)
    assert "not enabled" in operator.fails("device", "wipe", phone, "--confirm", "APPL1", "--scope", "device")
    asked = operator.asks("device", "wipe", phone, "--confirm", "APPL1")
    assert (asked["state"], asked["wipe"]["scope"], asked["wipe"]["sent_at"]) == ("wiping", "account", None)
    for word in ("allow", "block", "forget"):
        assert operator.fails("device", word, phone) == "This device is being wiped; cancel that first.\n"
    assert operator.asks("device", "cancel-wipe", phone)["state"] == "allowed"
    assert operator.fails("device", "cancel-wipe", phone) == "This device is not being wiped.\n"


def test_device_is_shown_with_all_that_is_kept_beside_it(operator: Operator) -> None:
    phone = DeviceId(a_phone(operator))
    core = open_core(operator.file)
    with core.database.write() as work:
        device_notes.set_information(work, phone, {"model": "iPhone 17", "imei": "35"})
        device_notes.add_refusals(work, phone, [("c1", "7", "A birthday is no date.")])
        device_notes.add_slowing(work, phone, "asks the same again and again")
        device_notes.set_policy_kept(work, phone, "partial")
        device_notes.set_recovery_password(work, phone, "4711")
    core.close()
    document = operator.asks("device", "show", phone)
    assert document["information"]["model"] == "iPhone 17"
    assert document["refused"][0]["reason"] == "A birthday is no date."
    assert document["policy"]["compliance"] == "partial"
    assert "4711" not in str(document)
    text = operator.does("device", "show", phone)
    assert "refused: " in text
    assert "iPhone 17" in text
    assert "(slowed down)" in operator.does("device", "list")
    assert operator.asks("device", "show", phone, "--recovery-password")["recovery_password"] == "4711"


def test_device_is_treated_as_another_sort(operator: Operator) -> None:
    phone = a_phone(operator)
    pinned = operator.asks("device", "kind", phone, "samsung")
    assert (pinned["profile"], pinned["kind"]) == ("samsung", "eas-other")
    assert "Did you mean 'samsung'?" in operator.fails("device", "kind", phone, "samsun")


@pytest.mark.parametrize("word", ["list", "show", "allow", "block", "wipe", "cancel-wipe", "forget", "kind"])
def test_help_ends_with_an_example(operator: Operator, word: str) -> None:
    assert f"Example: pimgate device {word}" in operator.does("device", word, "--help")
