"""Private events of others over CalDAV: by no request do they tell more than when they take place."""

from collections.abc import Iterator

import pytest

from pimgate.api import Collection, CollectionKind, Right
from pimgate.text.private import masked
from plugins.dav.stage import BOB, DAVX5, SPACES, C, D, Program, Stage, event, parsed

SECRET = event("p", "Dentist", "20270301T120000Z", "CLASS:PRIVATE", "LOCATION:Molar Street")
WORDS = ("Dentist", "Molar")
DATA = "<D:getetag/><C:calendar-data/>"


@pytest.fixture
def diary(stage: Stage) -> Collection:
    """Alice's calendar, which Bob may write."""
    diary = stage.owned(CollectionKind.CALENDAR)
    stage.put(diary, "p.ics", SECRET)
    stage.put(diary, "o.ics", event("o", "Lunch", "20270302T120000Z"))
    stage.share(diary, Right.WRITE)
    return diary


@pytest.fixture(params=["", DAVX5], ids=["thunderbird", "davx5"])
def bob(request: pytest.FixtureRequest, stage: Stage) -> Iterator[Program]:
    yield stage.program(request.param, BOB) if request.param else stage.program(login=BOB)


def test_get_and_head_give_the_masked_event_with_a_validator_of_its_own(
    stage: Stage, diary: Collection, bob: Program
) -> None:
    path = stage.path(diary, stage.bob) + "p.ics"
    found = bob.ask("GET", path)
    assert found.text == masked(SECRET)
    assert found.headers["etag"] != stage.program().ask("GET", stage.path(diary) + "p.ics").headers["etag"]
    assert bob.ask("GET", path, if_none_match=found.headers["etag"]).status_code == 304
    assert bob.ask("HEAD", path).headers["etag"] == found.headers["etag"]
    listed = bob.propfind(path, "D:getetag", "D:getcontentlength").of(path)
    assert listed[f"{D}getetag"].text == found.headers["etag"]
    assert listed[f"{D}getcontentlength"].text == str(len(found.content))


def test_no_report_tells_what_it_is(stage: Stage, diary: Collection, bob: Program) -> None:
    path = stage.path(diary, stage.bob)
    anything = '<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{}</C:comp-filter></C:comp-filter>'
    query = f"<C:calendar-query {SPACES}><D:prop>{DATA}</D:prop><C:filter>{anything}</C:filter></C:calendar-query>"
    span = '<C:time-range start="20270301T000000Z" end="20270302T000000Z"/>'
    multiget = (
        f"<C:calendar-multiget {SPACES}><D:prop>{DATA}</D:prop><D:href>{path}p.ics</D:href></C:calendar-multiget>"
    )
    for response in (
        bob.report(path, multiget),
        bob.report(path, query.format("")),
        bob.report(path, query.format(span)),
        bob.sync(path, props=DATA),
    ):
        found = parsed(response).of(f"{path}p.ics")
        assert (found[f"{C}calendar-data"].text or "").replace("\r\n", "\n") == masked(SECRET).replace("\r\n", "\n")
        assert found[f"{D}getetag"].text == bob.ask("GET", f"{path}p.ics").headers["etag"]
        assert not any(word in response.text for word in WORDS)


def test_hidden_words_are_not_found(stage: Stage, diary: Collection, bob: Program) -> None:
    path = stage.path(diary, stage.bob)
    for name, word in (("SUMMARY", "Dentist"), ("LOCATION", "Molar"), ("SUMMARY", "Lunch")):
        body = (
            f'<C:calendar-query {SPACES}><D:prop>{DATA}</D:prop><C:filter><C:comp-filter name="VCALENDAR">'
            f'<C:comp-filter name="VEVENT"><C:prop-filter name="{name}"><C:text-match>{word}</C:text-match>'
            "</C:prop-filter></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
        )
        found = parsed(bob.report(path, body)).hrefs
        assert found == ([f"{path}o.ics"] if word == "Lunch" else [])


def test_it_is_neither_overwritten_nor_deleted_nor_moved_nor_copied_out(
    stage: Stage, diary: Collection, bob: Program
) -> None:
    path, own = stage.path(diary, stage.bob), stage.owned(CollectionKind.CALENDAR, owner=stage.bob)
    there = stage.path(own, stage.bob)
    assert bob.ask("PUT", f"{path}p.ics", event("p", "Mine now")).status_code == 403
    assert bob.ask("DELETE", f"{path}p.ics").status_code == 403
    assert bob.ask("MOVE", f"{path}p.ics", destination=f"{stage.url}{there}p.ics").status_code == 403
    assert bob.ask("COPY", f"{path}p.ics", destination=f"{stage.url}{there}p.ics").status_code == 201
    assert bob.ask("GET", f"{there}p.ics").text == masked(SECRET)
    assert stage.program().ask("GET", stage.path(diary) + "p.ics").text == SECRET


def test_client_that_gives_back_what_it_was_shown_is_content(stage: Stage, diary: Collection, bob: Program) -> None:
    path = stage.path(diary, stage.bob) + "p.ics"
    shown = bob.ask("GET", path)
    again = bob.ask("PUT", path, shown.content, if_match=shown.headers["etag"])
    assert again.status_code == 204
    assert stage.program().ask("GET", stage.path(diary) + "p.ics").text == SECRET


def test_bob_adds_no_event_that_he_could_not_see_any_more(stage: Stage, diary: Collection, bob: Program) -> None:
    path, own = stage.path(diary, stage.bob), stage.owned(CollectionKind.CALENDAR, owner=stage.bob)
    mine, text = stage.path(own, stage.bob) + "n.ics", SECRET.replace("UID:p", "UID:n")
    assert bob.ask("PUT", mine, text).status_code == 201
    for refused in (
        bob.ask("PUT", f"{path}n.ics", text),
        bob.ask("PUT", f"{path}o.ics", event("o", "Lunch", "20270302T120000Z", "CLASS:CONFIDENTIAL")),
        bob.ask("COPY", mine, destination=f"{stage.url}{path}n.ics"),
        bob.ask("MOVE", mine, destination=f"{stage.url}{path}n.ics"),
    ):
        assert (refused.status_code, "need-privileges" in refused.text) == (403, True)
    assert bob.ask("GET", mine).text == text
    assert bob.ask("GET", f"{path}n.ics").status_code == 404
    assert bob.ask("GET", f"{path}o.ics").text == event("o", "Lunch", "20270302T120000Z")
