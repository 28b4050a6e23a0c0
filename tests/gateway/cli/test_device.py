"""`pimgate device ...`"""

import pytest

from gateway.cli.conftest import Operator
from pimgate.app import open_core
from pimgate.model.devices import DeviceFacts
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
