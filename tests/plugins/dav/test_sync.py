"""Sync tokens: what they promise, and what happens to those that promise nothing."""

import pytest

from pimgate.api import CollectionKind
from plugins.dav.stage import DAVX5, THUNDERBIRD, D, Stage, card, event, parsed

pytestmark = pytest.mark.both_databases

BAD = {
    "nonsense": "nonsense",
    "another server's": "http://radicale.org/ns/sync/0123456789",
    "from the future": "https://pimgate.org/ns/sync/{id}/999999",
    "of another collection": "https://pimgate.org/ns/sync/cabcdefghijkm/1",
    "huge": "https://pimgate.org/ns/sync/{id}/" + "9" * 40,
    "markup": "&lt;x/&gt;",
}


@pytest.mark.parametrize("token", BAD.values(), ids=BAD)
def test_bad_token_is_answered_so_that_each_program_recovers(stage: Stage, token: str) -> None:
    book, calendar = stage.owned(CollectionKind.BOOK), stage.owned(CollectionKind.CALENDAR)
    for agent, collection, status in (
        (THUNDERBIRD, book, 400),
        (THUNDERBIRD, calendar, 403),
        (DAVX5, book, 403),
        (DAVX5, calendar, 403),
    ):
        answer = stage.program(agent).sync(stage.path(collection), token.format(id=collection.id))
        assert answer.status_code == status
        assert (status == 400) or "valid-sync-token" in answer.text


def test_token_of_a_forgotten_past_is_refused(stage: Stage) -> None:
    calendar = stage.owned(CollectionKind.CALENDAR)
    stage.put(calendar, "1.ics", event("1"))
    program = stage.program(DAVX5)
    old = parsed(program.sync(stage.path(calendar))).token
    stage.put(calendar, "2.ics", event("2"))
    stage.put(calendar, "3.ics", event("3"))
    with stage.core.database.write() as work:
        while work.journal.prune(work.now + 1, 1000):
            pass
    answer = program.sync(stage.path(calendar), old)
    assert answer.status_code == 403
    assert len(parsed(program.sync(stage.path(calendar))).hrefs) == 3


def test_limit_cuts_the_first_synchronisation_and_loses_nothing(stage: Stage) -> None:
    calendar = stage.owned(CollectionKind.CALENDAR)
    path, program = stage.path(calendar), stage.program(DAVX5)
    for number in range(7):
        stage.put(calendar, f"{number}.ics", event(f"uid-{number}"))
    copy: dict[str, str] = {}
    token, rounds = "", 0
    while True:
        answer = parsed(program.sync(path, token, more="<D:limit><D:nresults>2</D:nresults></D:limit>"))
        for href in answer.hrefs:
            if href == path:
                continue
            if answer.status(href) == "404":
                copy.pop(href, None)
            else:
                copy[href] = answer.of(href)[f"{D}getetag"].text or ""
        token, rounds = answer.token, rounds + 1
        if rounds == 2:
            stage.put(calendar, "0.ics", event("uid-0", "Changed meanwhile"))
            stage.put(calendar, "late.ics", event("late"))
            stage.empty(calendar, "1.ics")
        if path not in answer.hrefs and rounds > 4:
            break
    fresh = parsed(program.sync(path))
    assert copy == {href: fresh.of(href)[f"{D}getetag"].text for href in fresh.hrefs}
    assert len(copy) == 7


def test_limit_cuts_the_changes_too(stage: Stage) -> None:
    book = stage.owned(CollectionKind.BOOK)
    path, program = stage.path(book), stage.program(DAVX5)
    token = parsed(program.sync(path)).token
    for number in range(5):
        stage.put(book, f"{number}.vcf", card(f"uid-{number}"))
    seen: list[str] = []
    for _ in range(3):
        answer = parsed(program.sync(path, token, more="<D:limit><D:nresults>2</D:nresults></D:limit>"))
        seen += [href for href in answer.hrefs if href != path]
        token = answer.token
    assert sorted(seen) == [f"{path}{number}.vcf" for number in range(5)]
    assert parsed(program.sync(path, token)).hrefs == []


@pytest.mark.parametrize("limit", ["0", "-1", "many", "", "1e9", "9" * 30])
def test_limit_that_is_none_is_refused(stage: Stage, limit: str) -> None:
    path = stage.path(stage.owned(CollectionKind.BOOK))
    more = f"<D:limit><D:nresults>{limit}</D:nresults></D:limit>"
    assert stage.program().sync(path, more=more).status_code == 400


def test_item_that_came_and_went_is_not_mentioned(stage: Stage) -> None:
    calendar = stage.owned(CollectionKind.CALENDAR)
    path, program = stage.path(calendar), stage.program()
    stage.put(calendar, "old.ics", event("old"))
    token = parsed(program.sync(path)).token
    stage.put(calendar, "brief.ics", event("brief"))
    stage.empty(calendar, "brief.ics")
    stage.empty(calendar, "old.ics")
    stage.put(calendar, "old.ics", event("new under an old name"))
    answer = parsed(program.sync(path, token))
    assert answer.hrefs == [f"{path}old.ics"]
    assert answer.status(f"{path}old.ics") == ""


def test_token_of_a_calendar_that_was_made_anew_under_its_name_is_refused(stage: Stage) -> None:
    program = stage.program(DAVX5)
    path = f"{program.home}holidays/"
    for _ in range(2):
        assert program.ask("MKCALENDAR", path).status_code == 201
        token = parsed(program.sync(path)).token
        last = token
        program.ask("PUT", f"{path}1.ics", event("1"))
        if _ == 0:
            first = parsed(program.sync(path)).token
            assert program.ask("DELETE", path).status_code == 204
    assert last != first
    assert program.sync(path, first).status_code == 403


def test_ctag_moves_with_every_change_and_with_nothing_else(stage: Stage) -> None:
    calendar = stage.owned(CollectionKind.CALENDAR)
    path, program = stage.path(calendar), stage.program()

    def ctag() -> str | None:
        return (
            program.propfind(program.home, "CS:getctag", depth="1")
            .of(path)["{http://calendarserver.org/ns/}getctag"]
            .text
        )

    first = ctag()
    assert ctag() == first
    program.ask("PUT", f"{path}1.ics", event("1"))
    second = ctag()
    assert second != first
    program.ask("PUT", f"{path}1.ics", event("1"))
    assert ctag() == second
