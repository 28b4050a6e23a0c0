"""MoveItems for messages, on a real mail server: what moves is not told to its mover again, is not lost, and is not moved twice."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pimgate.errors import AwayNow
from pimgate.mail.imap import Connection
from pimgate_eas.wbxml.codec import decode
from plugins.eas.mail_house import MailHouse, mail_house
from plugins.eas.test_move_items import fetched, moved, moving, outcome, told
from plugins.eas.wire import Wire, collection, window


@pytest.fixture(scope="module")
def house(_templates: Callable[[str], str]) -> Iterator[MailHouse]:
    with mail_house(_templates) as made:
        yield made


class Shelves:
    """Folders of a test, with messages in them, and a phone that knows them."""

    def __init__(self, house: MailHouse, wire: Wire, name: str) -> None:
        self.house, self.wire = house, wire
        self.paths = {each: f"{name} {each}" for each in ("here", "there", "beyond")}
        with house.program() as line:
            for path in self.paths.values():
                line.done(line.create(f'"{path}"'))
            for number in range(3):
                line.put(f"m{number}", folder=f'"{self.paths["here"]}"')
        house.index(self.paths["here"])
        wire.folders()
        self.here, self.there, self.beyond = (house.folder(each) for each in self.paths.values())

    @property
    def items(self) -> list[str]:
        """The messages `here`, m0 first, as devices call them."""
        return list(self.ids(self.here).values())

    def ids(self, folder: str) -> dict[str, str]:
        found = sorted(self.house.indexed(folder).items())
        return {name.strip("<>").partition("@")[0]: f"{folder}:{each.id}" for name, each in found}

    def count(self, name: str) -> int:
        """How many messages lie on the server."""
        with self.house.program() as line:
            return line.count(f'"{self.paths[name]}"')

    def keys(self, wire: Wire) -> dict[str, str]:
        return {each: fetched(wire, each) for each in (self.here, self.there)}


@pytest.fixture
def shelves(house: MailHouse, request: pytest.FixtureRequest) -> Shelves:
    number = sum(request.node.name.encode())
    return Shelves(house, house.wire.twin(device=f"Appl{number % 6}"), f"t{number}")


def test_mover_is_told_nothing_of_its_move_and_others_are(house: MailHouse, shelves: Shelves) -> None:
    wire, twin = shelves.wire, house.wire.twin(device="Appltwin")
    twin.folders()
    keys, others = shelves.keys(wire), shelves.keys(twin)
    item = shelves.items[0]
    status, new = moved(wire, item, shelves.here, shelves.there)
    assert (status, new) == ("3", shelves.ids(shelves.there)["m0"])
    assert (shelves.count("here"), shelves.count("there")) == (2, 1)
    assert [told(wire, each, key)[1] for each, key in keys.items()] == [{}, {}]
    assert told(twin, shelves.here, others[shelves.here])[1] == {"Delete": [item]}
    assert told(twin, shelves.there, others[shelves.there])[1] == {"Add": [new]}


def test_many_go_at_once_each_route_in_one_step(
    house: MailHouse, shelves: Shelves, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[int] = []
    whole = Connection.move

    async def counted(line: Connection, uids: Any, mailbox: str) -> Any:
        steps.append(len(uids))
        return await whole(line, uids, mailbox)

    monkeypatch.setattr(Connection, "move", counted)
    one, two, three = shelves.items
    here, there, beyond = shelves.here, shelves.there, shelves.beyond
    contacts = shelves.wire.folders()["Contacts"]
    asked = [
        (one, here, there),
        (three, here, beyond),
        ("x", here, there),
        (two, here, there),
        (two, here, beyond),
        (f"{here}:999999", here, there),
        (one, here, here),
        (one, here, "c000000000000"),
        (one, here, contacts),
        (one, contacts, here),
        (one, "c000000000000", here),
    ]
    answer = outcome(shelves.wire.ask("MoveItems", moving(*asked)))
    assert [(item, status) for item, status, _ in answer] == [
        (item, status)
        for (item, _, _), status in zip(asked, ("3", "3", "1", "3", "5", "1", "4", "2", "2", "2", "1"), strict=True)
    ]
    assert steps == [2, 1]
    assert (shelves.count("here"), shelves.count("there"), shelves.count("beyond")) == (0, 2, 1)


def test_repeated_move_is_answered_the_same_and_done_once(house: MailHouse, shelves: Shelves) -> None:
    wire, item = shelves.wire, shelves.items[1]
    question = moving((item, shelves.here, shelves.there))
    first = wire.octets("MoveItems", question)
    assert outcome(decode(first))[0][1] == "3"
    assert [wire.octets("MoveItems", question) for _ in range(2)] == [first, first]
    assert moved(wire, item, shelves.here, shelves.beyond) == ("1", "")
    assert (shelves.count("here"), shelves.count("there")) == (2, 1)


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param((), marks=pytest.mark.slow),
        pytest.param(("MOVE",), marks=pytest.mark.slow),
        ("MOVE", "UIDPLUS"),
    ],
)
def test_move_that_broke_off_is_found_done(
    house: MailHouse, shelves: Shelves, monkeypatch: pytest.MonkeyPatch, hidden: tuple[str, ...]
) -> None:
    """The server moved the messages, or copied them where it cannot move, and the connection broke."""
    offers = Connection.has
    monkeypatch.setattr(Connection, "has", lambda line, word: word not in hidden and offers(line, word))
    verb = "copy" if "MOVE" in hidden else "move"
    whole = getattr(Connection, verb)

    async def broken(line: Connection, *words: Any) -> None:
        await whole(line, *words)
        line.close()
        raise AwayNow("the connection broke")

    wire, keys, items = shelves.wire, shelves.keys(shelves.wire), shelves.items[:2]
    question = moving(*((each, shelves.here, shelves.there) for each in items))
    with monkeypatch.context() as patched:
        patched.setattr(Connection, verb, broken)
        wire.octets("MoveItems", question)
        assert wire.status == 503
    answer = outcome(wire.ask("MoveItems", question))
    there = shelves.ids(shelves.there)
    assert answer == [(items[0], "3", there["m0"]), (items[1], "3", there["m1"])]
    assert (shelves.count("here"), shelves.count("there")) == (1, 2)
    assert told(wire, shelves.here, keys[shelves.here])[1] == {}
    for each in shelves.ids(shelves.there).values():
        moved(wire, each, shelves.there, shelves.beyond)
    for each in shelves.items:
        moved(wire, each, shelves.here, shelves.beyond)


def test_what_another_program_took_away_is_not_found(house: MailHouse, shelves: Shelves) -> None:
    with house.program() as line:
        line.remove("m0", f'"{shelves.paths["here"]}"')
    assert moved(shelves.wire, shelves.items[0], shelves.here, shelves.there) == ("1", "")


def test_message_goes_to_the_folder_that_is_meant_whatever_it_is_called_by_now(
    house: MailHouse, shelves: Shelves
) -> None:
    with house.program() as line:
        line.done(line.rename(f'"{shelves.paths["there"]}"', "Other"))
        line.done(line.create(f'"{shelves.paths["there"]}"'))
    wire, question = shelves.wire, moving((shelves.items[0], shelves.here, shelves.there))
    wire.octets("MoveItems", question)
    wire.octets("MoveItems", question)
    assert wire.status == 200
    with house.program() as line:
        assert line.names("Other") == {"m0"}
    assert shelves.count("there") == 0


def test_first_synchronisation_brings_what_was_moved_before(house: MailHouse, shelves: Shelves) -> None:
    wire = shelves.wire
    _, new = moved(wire, shelves.items[2], shelves.here, shelves.there)
    part = wire.sync(collection(shelves.there, wire.begin(shelves.there), window(512)))[shelves.there]
    assert [each.text_of("AirSync:ServerId") for each in part.path("AirSync:Commands", "AirSync:Add")] == [new]


def test_server_that_is_away_moves_nothing_and_loses_nothing(house: MailHouse, shelves: Shelves) -> None:
    wire, question = shelves.wire, moving((shelves.items[0], shelves.here, shelves.there))
    house.server.stop()
    try:
        wire.octets("MoveItems", question)
        assert (wire.status, "retry-after" in wire.headers) == (503, True)
    finally:
        house.server.start()
    assert (shelves.count("here"), shelves.count("there")) == (3, 0)
