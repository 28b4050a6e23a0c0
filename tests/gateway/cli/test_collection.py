"""`pimgate collection ...` and `pimgate explain`"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.cli.conftest import Operator
from pimgate.app import open_core
from pimgate.model.devices import DeviceFacts
from pimgate.model.people import Identity

ANNA, BERT = "anna@example.org", "bert@example.org"
Find = Callable[[str, str], str]


@pytest.fixture(autouse=True)
def people(operator: Operator) -> None:
    operator.adds(ANNA)
    operator.adds(BERT)


def switch(operator: Operator, login: str, name: str) -> str | None:
    found = operator.asks("collection", "list", "--person", login)
    return next((each["switch"] for each in found if each["name"] == name), "not there")


def test_collection_is_created_renamed_and_removed(operator: Operator, collection_id: Find) -> None:
    made = operator.asks("collection", "create", "calendar", "Team", "--person", ANNA)
    assert made["owner"] == ANNA
    assert switch(operator, ANNA, "Team") == "on"
    operator.does("collection", "rename", "team", "Team 2026")
    assert collection_id(ANNA, "Team 2026") == made["id"]
    operator.fails("collection", "remove", made["id"], keys="n\n")
    operator.does("collection", "remove", made["id"], "--yes")
    assert switch(operator, ANNA, "Team 2026") == "not there"


def test_collection_of_the_organisation_is_subscribed_for_everybody(operator: Operator) -> None:
    operator.does("collection", "create", "calendar", "Holidays", "--on")
    assert switch(operator, ANNA, "Holidays") == switch(operator, BERT, "Holidays") == "on"
    operator.does("collection", "rename", "Holidays", "Feasts")
    operator.does("collection", "remove", "Feasts", "--yes")
    assert switch(operator, BERT, "Feasts") == "not there"


def test_default_collection_stays(operator: Operator, collection_id: Find) -> None:
    found = collection_id(ANNA, "Contacts")
    assert "cannot be deleted" in operator.fails("collection", "remove", found, "--yes")


def test_sharing_subscribing_and_the_switch(operator: Operator) -> None:
    made = operator.asks("collection", "create", "book", "Suppliers", "--person", BERT)
    assert operator.fails("collection", "subscribe", ANNA, "Suppliers") == "There is no such collection.\n"
    operator.does("collection", "share", made["id"], ANNA, "read")
    assert switch(operator, ANNA, "Suppliers") is None
    operator.does("collection", "subscribe", ANNA, "Suppliers", "--off")
    assert switch(operator, ANNA, "Suppliers") == "off"
    assert operator.asks("collection", "switch", ANNA, "Suppliers", "on")["switch"] == "on"
    operator.does("collection", "unsubscribe", ANNA, "Suppliers")
    assert switch(operator, ANNA, "Suppliers") is None
    operator.does("collection", "share", made["id"], ANNA, "none")
    assert switch(operator, ANNA, "Suppliers") == "not there"


def test_everybody_may_be_given_a_right(operator: Operator) -> None:
    operator.does("collection", "create", "book", "Suppliers", "--person", BERT)
    operator.does("collection", "share", "Suppliers", "everybody", "write")
    found = operator.asks("collection", "list", "--person", ANNA)
    assert [each["right"] for each in found if each["name"] == "Suppliers"] == ["write"]


def test_name_that_fits_several_is_answered_with_their_ids(operator: Operator) -> None:
    said = operator.fails("collection", "rename", "Contacts", "x")
    assert f"(book of {ANNA})" in said
    assert f"(book of {BERT})" in said
    operator.does("collection", "switch", ANNA, "contacts", "off")
    assert (switch(operator, ANNA, "Contacts"), switch(operator, BERT, "Contacts")) == ("off", "on")


def test_large_collection_is_warned_of_and_switched_all_the_same(operator: Operator) -> None:
    operator.settings('[plugins]\nenabled = ["web"]\n[limits]\ncontacts_warning = 1\n')
    answer = operator.types("collection", "switch", ANNA, "Directory", "on")
    assert answer.exit_code == 0
    assert answer.stderr.startswith("This is large: 2 items, ")
    assert switch(operator, ANNA, "Directory") == "on"


CLIENTS = """
import click
from pimgate.api import ClientKind, CollectionKind, hookimpl

DATED = frozenset({CollectionKind.BOOK, CollectionKind.CALENDAR})

@hookimpl
def pimgate_client_kinds():
    return [ClientKind("eas-ios", "iPhone"), ClientKind("eas-other", "Others", DATED), ClientKind("dav", "DAV", DATED)]

@hookimpl
def pimgate_commands():
    @click.command("knit")
    def knit():
        click.echo("one, two, purl")
    @click.command("check")
    def check():
        click.echo("never reached")
    return [knit, check]
"""


@pytest.fixture
def phones(
    operator: Operator, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """A plugin `handmade` is installed and enabled: it serves phones and DAV programs, and adds commands."""
    place: Path = tmp_path_factory.mktemp("site")
    metadata = place / "handmade-1.dist-info"
    metadata.mkdir()
    (place / "handmade_plugin.py").write_text(CLIENTS)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: handmade\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[pimgate]\nhandmade = handmade_plugin\n")
    monkeypatch.syspath_prepend(str(place))
    operator.settings('[plugins]\nenabled = ["web", "handmade"]\n')
    yield
    sys.modules.pop("handmade_plugin", None)


def test_explain_says_how_a_calendar_appears_on_every_kind(operator: Operator, phones: None) -> None:
    operator.does("collection", "create", "calendar", "Choir", "--person", ANNA)
    answer = operator.asks("explain", ANNA, "Choir")
    kinds = {each["client"]: each for each in answer["kinds"]}
    assert list(kinds) == ["web", "eas-ios", "eas-other", "eas-other+multicalendar", "dav"]
    assert [each["exposure"] for each in kinds.values()] == ["full", "full", "hidden", "full", "full"]
    assert kinds["eas-other"]["reason"] == (
        "its switch has no effect here: neither listed nor found (eas-other, calendar, own, on)"
    )
    assert (kinds["eas-ios"]["when_on"], kinds["eas-ios"]["when_off"]) == ("full", "hidden")
    lines = operator.does("explain", ANNA, "Choir").splitlines()
    assert lines[0].endswith(f"of {ANNA}, for {ANNA}: right manage, switch on")
    assert any(line.startswith("eas-other+multicalendar  full ") for line in lines)


def test_explain_says_why_somebody_elses_book_is_not_there(operator: Operator, phones: None) -> None:
    operator.does("collection", "create", "book", "Suppliers", "--person", BERT)
    answer = operator.asks("explain", ANNA, "Suppliers")
    assert (answer["right"], answer["subscribed"], answer["switch"]) == ("none", False, None)
    assert {each["reason"] for each in answer["kinds"]} == {"the person has no right to read it"}
    operator.does("collection", "share", "Suppliers", ANNA, "read")
    answer = operator.asks("explain", ANNA, "Suppliers")
    assert {each["reason"] for each in answer["kinds"]} == {"the person has not subscribed to it"}


def test_explain_says_which_client_has_no_place_for_it(operator: Operator, phones: None) -> None:
    kinds = {each["client"]: each for each in operator.asks("explain", ANNA, "Tasks")["kinds"]}
    assert kinds["dav"]["reason"] == "this kind of client does not show such collections"
    assert kinds["eas-ios"]["exposure"] == "full"


def test_explain_speaks_of_the_persons_own_devices(operator: Operator, phones: None) -> None:
    core = open_core(operator.file)
    with core.database.write() as work:
        anna = core.people.get(work, ANNA)
        core.devices.admit(work, Identity(anna), DeviceFacts("eas", "A1", "iPhone", "Apple-iPhone15C2"))
    core.close()
    devices = operator.asks("explain", ANNA, "Collected")["devices"]
    assert [(each["title"], each["exposure"]) for each in devices] == [("iPhone", "full")]
    operator.does("collection", "switch", ANNA, "Collected", "off")
    assert operator.asks("explain", ANNA, "Collected")["devices"][0]["exposure"] == "search"


@pytest.mark.parametrize(
    ("words", "said"),
    [(("nemo@example.org", "Tasks"), "There is no account"), ((ANNA, "Nowhere"), "There is no collection 'Nowhere'.")],
)
def test_explain_of_nobody_or_nothing_is_a_sentence(operator: Operator, words: tuple[str, str], said: str) -> None:
    assert operator.fails("explain", *words).startswith(said)


def test_plugin_adds_commands_and_never_replaces_one(operator: Operator, phones: None) -> None:
    assert operator.does("knit") == "one, two, purl\n"
    assert "never reached" not in operator.does("check")
    assert "knit" in operator.does("--help")
    operator.settings('[plugins]\nenabled = ["web"]\n')
    operator.fails("knit", code=2)
