"""`pimgate account ...`"""

from pathlib import Path

import pytest

from gateway.cli.conftest import PASSWORD, Operator
from pimgate.app import open_core
from pimgate.errors import BadCredentials
from pimgate.model.people import Credentials

ANNA = "anna@example.org"


def comes_in(operator: Operator, password: str, protocol: str = "dav") -> bool:
    core = open_core(operator.file)
    try:
        core.door.authenticate(Credentials(ANNA, password, protocol, "127.0.0.1"))
    except BadCredentials:
        return False
    finally:
        core.close()
    return True


def test_person_is_added_and_listed(operator: Operator) -> None:
    operator.adds(ANNA, name="Anna Weber")
    operator.does("account", "add", "root@example.org", "--operator", "--no-password")
    people = {each["login"]: each for each in operator.asks("account", "list")}
    assert (people[ANNA]["name"], people[ANNA]["state"], people[ANNA]["is_operator"]) == ("Anna Weber", "active", False)
    assert people["root@example.org"]["is_operator"] is True
    assert people[ANNA]["used_bytes"] == 0
    core = open_core(operator.file)
    with core.database.write() as work:
        owned = next(
            each for each in work.collections.standings(core.people.get(work, ANNA).id) if each.collection.owner
        )
        work.collections.grow(owned.collection.id, 1, 4331)
    core.close()
    assert [each["used_bytes"] for each in operator.asks("account", "list")] == [4331, 0]
    assert "anna@example.org  active  -         4331   Anna Weber" in operator.does("account", "list")
    assert comes_in(operator, PASSWORD)


def test_password_is_asked_for_twice_and_not_shown(operator: Operator) -> None:
    answer = operator.types("account", "add", ANNA, "--json", keys=f"{PASSWORD}\n{PASSWORD}\n")
    assert answer.exit_code == 0
    assert PASSWORD not in answer.output
    assert answer.stdout.lstrip().startswith("{"), "the question goes to standard error, so the document stays alone"
    assert comes_in(operator, PASSWORD)


def test_password_comes_from_the_first_line_of_a_file(operator: Operator, tmp_path: Path) -> None:
    place = tmp_path / "secret"
    place.write_bytes(b"caf\xc3\xa9 horse \r\nsecond line\n")
    operator.does("account", "add", ANNA, "--password-file", str(place))
    assert comes_in(operator, "café horse ")


@pytest.mark.parametrize(
    ("keys", "words"), [("\n", "is empty"), ("short\n", "at least 8 characters"), ("\n\n", "empty")]
)
def test_password_that_cannot_be_is_refused(operator: Operator, keys: str, words: str) -> None:
    assert words in operator.fails("account", "add", ANNA, "--password-file", "-", keys=keys)
    assert operator.asks("account", "list") == []


def test_same_login_twice_is_refused(operator: Operator) -> None:
    operator.adds(ANNA)
    said = operator.fails("account", "add", "ANNA@example.org", "--password-file", "-", keys=f"{PASSWORD}\n")
    assert said == "There is already an account anna@example.org.\n"


def test_disabled_person_is_not_let_in_until_enabled(operator: Operator) -> None:
    operator.adds(ANNA)
    operator.does("account", "disable", ANNA)
    assert not comes_in(operator, PASSWORD)
    assert operator.asks("account", "list")[0]["state"] == "disabled"
    operator.does("account", "enable", ANNA)
    assert comes_in(operator, PASSWORD)


def test_new_password_replaces_the_old_one(operator: Operator) -> None:
    operator.adds(ANNA)
    operator.does("account", "password", ANNA, "--password-file", "-", keys="another horse\n")
    assert comes_in(operator, "another horse")
    assert not comes_in(operator, PASSWORD)


def test_person_is_removed_only_when_that_is_sure(operator: Operator) -> None:
    operator.adds(ANNA)
    operator.fails("account", "remove", ANNA, keys="n\n")
    assert len(operator.asks("account", "list")) == 1
    operator.does("account", "remove", ANNA, "--yes")
    assert operator.asks("account", "list") == []
    assert operator.fails("account", "remove", ANNA, "--yes") == "There is no account anna@example.org.\n"


def test_app_password_is_shown_once_and_can_be_revoked(operator: Operator) -> None:
    operator.adds(ANNA)
    secret = operator.does("account", "app-password", "add", ANNA, "Thunderbird", "--protocol", "dav").strip()
    assert comes_in(operator, secret)
    assert not comes_in(operator, secret, "imap")
    listed = operator.asks("account", "app-password", "list", ANNA)
    assert [(each["label"], each["protocol"]) for each in listed] == [("Thunderbird", "dav")]
    assert secret not in operator.does("account", "app-password", "list", ANNA)
    operator.does("account", "app-password", "remove", ANNA, str(listed[0]["number"]))
    assert not comes_in(operator, secret)
    assert "has no app password 99" in operator.fails("account", "app-password", "remove", ANNA, "99")


def test_app_password_is_bound_only_to_a_kind_that_is_served(operator: Operator) -> None:
    operator.adds(ANNA)
    said = operator.fails("account", "app-password", "add", ANNA, "x", "--client-kind", "toaster")
    assert said == "There is no kind of client 'toaster'. This deployment has: web.\n"
