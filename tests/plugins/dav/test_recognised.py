"""Whoever was here a moment ago is recognised within the request's own unit of work; whoever changed meanwhile is not."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection
from sqlalchemy import event as engine_event

from pimgate.api import AccountState, CollectionKind, DeviceState
from pimgate_dav.door import SHORT_BYTES
from plugins.dav.stage import D, Program, Stage, card, parsed

FEW = 7
"""Questions that tell who looks, at what, and that nothing is new."""


@contextmanager
def units_of_work(stage: Stage) -> Iterator[list[list[str]]]:
    """What the database is asked while the block runs, by the units of work in their order; the gateway's own are among them."""
    units: list[list[str]] = []
    of_connection: dict[int, list[str]] = {}

    def note(connection: Connection, _cursor: object, statement: str, *_more: object) -> None:
        of_connection.setdefault(id(connection.connection.dbapi_connection), []).append(" ".join(statement.split()))

    def note_begin(connection: Connection) -> None:
        units.append([])
        of_connection[id(connection.connection.dbapi_connection)] = units[-1]

    engine = stage.core.database.engine
    listeners = {"before_cursor_execute": note, "begin": note_begin}
    for name, listener in listeners.items():
        engine_event.listen(engine, name, listener)
    try:
        yield units
    finally:
        for name, listener in listeners.items():
            engine_event.remove(engine, name, listener)


def test_repeated_look_is_one_unit_of_work_of_few_statements(stage: Stage) -> None:
    book = stage.owned(CollectionKind.BOOK)
    program, path = stage.program(), stage.path(book)
    token = parsed(program.sync(path)).token
    with units_of_work(stage) as units:
        assert parsed(program.sync(path, token)).hrefs == []
    (looked,) = (unit for unit in units if any(" FROM device " in each for each in unit))
    assert any(" FROM stream " in each for each in looked)
    assert len([each for each in looked if each.startswith("SELECT")]) <= FEW


def test_item_is_looked_at_once_before_it_is_kept(stage: Stage) -> None:
    program, path = stage.program(), stage.path(stage.owned(CollectionKind.BOOK))
    assert program.ask("PUT", f"{path}1.vcf", card("1")).status_code == 201
    with units_of_work(stage) as units:
        assert program.ask("PUT", f"{path}1.vcf", card("1", "Ada King")).status_code == 204
    assert len([each for unit in units for each in unit if " FROM item " in each]) == 1


def _other_password(stage: Stage) -> None:
    with stage.core.database.write() as work:
        stage.core.people.set_password(work, stage.alice.id, "another password for Alice")


def _disabled(stage: Stage) -> None:
    with stage.core.database.write() as work:
        stage.core.people.set_state(work, stage.alice.id, AccountState.DISABLED)


def _blocked(stage: Stage) -> None:
    with stage.core.database.write() as work:
        for device in stage.core.devices.of_person(work, stage.alice.id):
            stage.core.devices.decide(work, device.id, DeviceState.BLOCKED)


def _look(program: Program, path: str) -> int:
    return program.ask("PROPFIND", path, depth="0").status_code


def _write(program: Program, path: str) -> int:
    return program.ask("PUT", f"{path}1.vcf", card("1")).status_code


@pytest.mark.parametrize("asks", [_look, _write])
@pytest.mark.parametrize(("happens", "status"), [(_other_password, 401), (_disabled, 401), (_blocked, 403)])
def test_whoever_lost_their_ground_is_let_in_no_more(
    stage: Stage, happens: Callable[[Stage], None], status: int, asks: Callable[[Program, str], int]
) -> None:
    book = stage.owned(CollectionKind.BOOK)
    program, path = stage.program(), stage.path(book)
    assert _look(program, path) == 207
    happens(stage)
    assert asks(program, path) == status
    with stage.core.database.read() as work:
        assert work.items.heads(book.id) == []


def test_stranger_with_a_bad_request_hears_of_the_password_alone(stage: Stage) -> None:
    assert stage.program(password="wrong").ask("PROPFIND", "/dav/", "<", depth="seven").status_code == 401


def test_long_question_is_answered_as_well_as_a_short_one(stage: Stage) -> None:
    book = stage.owned(CollectionKind.BOOK)
    stage.put(book, "1.vcf", card("1"))
    program, path = stage.program(), stage.path(book)
    hrefs = f"<D:href>{path}1.vcf</D:href>" + f"<D:href>{path}none.vcf</D:href>" * (SHORT_BYTES // 30)
    body = (
        '<A:addressbook-multiget xmlns:D="DAV:" xmlns:A="urn:ietf:params:xml:ns:carddav">'
        f"<D:prop><D:getetag/></D:prop>{hrefs}</A:addressbook-multiget>"
    )
    assert len(body) > SHORT_BYTES
    for _ in range(2):
        assert f"{D}getetag" in parsed(program.report(path, body)).of(f"{path}1.vcf")
        in_pieces = program.client.request("REPORT", path, content=iter([body.encode()]), headers={"Depth": "1"})
        assert f"{D}getetag" in parsed(in_pieces).of(f"{path}1.vcf")


@pytest.mark.parametrize(("happens", "status"), [(_other_password, 401), (_disabled, 401), (_blocked, 403)])
def test_whoever_lost_their_ground_while_the_body_came_writes_nothing(
    stage: Stage, happens: Callable[[Stage], None], status: int
) -> None:
    book = stage.owned(CollectionKind.BOOK)
    program, path = stage.program(), stage.path(book)
    assert _look(program, path) == 207

    def slowly() -> Iterator[bytes]:
        yield card("1").encode()[:20]
        time.sleep(0.5)  # the head is read meanwhile, and they are let in
        happens(stage)
        yield card("1").encode()[20:]

    assert program.client.put(f"{path}1.vcf", content=slowly()).status_code == status
    with stage.core.database.read() as work:
        assert work.items.heads(book.id) == []
