"""Who may see and do what, and that nobody learns what is not theirs."""

import pytest

from pimgate.api import CollectionKind, DeviceState, Ownership, Right, collections
from pimgate.items import drop
from plugins.dav.stage import BOB, DAVX5, THUNDERBIRD, D, Program, Stage, card, event, parsed


def privileges(program: Program, path: str) -> set[str]:
    found = program.propfind(path, "D:current-user-privilege-set").of(path)[f"{D}current-user-privilege-set"]
    return {each[0].tag.removeprefix(D) for each in found}


def test_reader_reads_and_does_not_write(stage: Stage) -> None:
    calendar = stage.owned(CollectionKind.CALENDAR)
    stage.put(calendar, "1.ics", event("1"))
    stage.share(calendar, Right.READ)
    program, path = stage.program(login=BOB), stage.path(calendar, stage.bob)
    assert path in program.listed().values()
    assert program.ask("GET", f"{path}1.ics").text == event("1")
    assert privileges(program, path) == {"read"}
    name = "<D:set><D:prop><D:displayname>Mine</D:displayname></D:prop></D:set>"
    patch = f'<D:propertyupdate xmlns:D="DAV:">{name}</D:propertyupdate>'
    refused = [
        program.ask("PUT", f"{path}2.ics", event("2")),
        program.ask("PUT", f"{path}1.ics", event("1", "Mine")),
        program.ask("DELETE", f"{path}1.ics"),
        program.ask("PROPPATCH", path, patch),
        program.ask("MOVE", f"{path}1.ics", destination=f"{program.home}x/1.ics"),
    ]
    assert [(each.status_code, "need-privileges" in each.text) for each in refused[:4]] == [(403, True)] * 4
    assert refused[4].status_code in (403, 404)
    assert stage.program().ask("GET", f"{stage.path(calendar)}1.ics").text == event("1")


def test_writer_writes_and_does_not_manage(stage: Stage) -> None:
    calendar = stage.owned(CollectionKind.CALENDAR)
    stage.share(calendar, Right.WRITE)
    program, path = stage.program(login=BOB), stage.path(calendar, stage.bob)
    assert program.ask("PUT", f"{path}2.ics", event("2")).status_code == 201
    assert "write-content" in privileges(program, path)
    assert not privileges(program, path) & {"all", "write", "write-properties"}
    assert stage.program().ask("GET", f"{stage.path(calendar)}2.ics").status_code == 200


@pytest.mark.parametrize("right", [Right.READ, Right.MANAGE])
def test_whoever_deletes_what_somebody_shares_leaves_it_and_nothing_more(stage: Stage, right: Right) -> None:
    calendar = stage.owned(CollectionKind.CALENDAR)
    stage.put(calendar, "1.ics", event("1"))
    stage.share(calendar, right)
    program, path = stage.program(login=BOB), stage.path(calendar, stage.bob)
    assert program.ask("DELETE", path).status_code == 204
    assert path not in program.listed().values()
    assert stage.program().ask("GET", f"{stage.path(calendar)}1.ics").status_code == 200


def test_lost_right_is_a_lost_collection(stage: Stage) -> None:
    calendar = stage.owned(CollectionKind.CALENDAR)
    stage.put(calendar, "1.ics", event("1"))
    stage.share(calendar, Right.WRITE)
    program, path = stage.program(login=BOB), stage.path(calendar, stage.bob)
    assert program.ask("GET", f"{path}1.ics").status_code == 200
    stage.share(calendar, Right.NONE)
    assert path not in program.listed().values()
    statuses = [
        program.ask("GET", f"{path}1.ics").status_code,
        program.ask("PROPFIND", path, depth="1").status_code,
        program.sync(path).status_code,
        program.ask("PUT", f"{path}2.ics", event("2")).status_code,
    ]
    assert statuses == [404] * 4


METHODS = ("GET", "HEAD", "PUT", "DELETE", "PROPFIND", "PROPPATCH", "REPORT", "MKCOL", "MKCALENDAR", "MOVE", "COPY")
BODIES = {
    "PUT": event("x"),
    "PROPFIND": '<D:propfind xmlns:D="DAV:"><D:allprop/></D:propfind>',
    "PROPPATCH": (
        '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:displayname>x</D:displayname></D:prop></D:set></D:propertyupdate>'
    ),
    "REPORT": '<D:sync-collection xmlns:D="DAV:"><D:sync-token/><D:prop><D:getetag/></D:prop></D:sync-collection>',
    "MKCALENDAR": "",
}


@pytest.mark.parametrize("method", METHODS)
def test_what_is_anothers_is_said_like_what_is_not(stage: Stage, method: str) -> None:
    """The whole answer is compared: status, headers but the date, and octets. Colleagues whom the directory shows are known, and
    so is their principal: here it shows nobody."""
    with stage.core.database.write() as work:
        found = collections.directory(work)
        assert found is not None
        for head in work.items.heads(found.id):
            drop(work, head)
    mine, theirs = stage.owned(CollectionKind.CALENDAR), stage.owned(CollectionKind.CALENDAR, owner=stage.bob)
    stage.put(theirs, "1.ics", event("1"))
    program = stage.program()
    nobody = f"/dav/p{'x' * 12}/"
    pairs = [
        (f"/dav/{stage.bob.id}/", nobody),
        (f"/dav/{stage.bob.id}/{theirs.id}/", f"{nobody}{theirs.id}/"),
        (f"/dav/{stage.bob.id}/{theirs.id}/1.ics", f"{nobody}c{'x' * 12}/1.ics"),
        (f"/dav/{stage.bob.id}/{mine.id}/", f"{nobody}{mine.id}/"),
    ]
    if method not in ("MKCOL", "MKCALENDAR"):
        pairs.append((f"{program.home}{theirs.id}/1.ics", f"{program.home}c{'x' * 12}/1.ics"))
    for there, absent in pairs:
        answers = [
            program.ask(method, path, BODIES.get(method, ""), destination=f"{program.home}{mine.id}/2.ics")
            for path in (there, absent)
        ]
        assert [each.status_code for each in answers] == [404, 404]
        assert answers[0].content == answers[1].content
        heads = [{name: value for name, value in each.headers.items() if name != "date"} for each in answers]
        assert heads[0] == heads[1]


def test_nothing_is_moved_into_or_out_of_what_is_anothers(stage: Stage) -> None:
    mine, theirs = stage.owned(CollectionKind.CALENDAR), stage.owned(CollectionKind.CALENDAR, owner=stage.bob)
    stage.put(mine, "1.ics", event("1"))
    stage.put(theirs, "2.ics", event("2"))
    program = stage.program()
    for target in (f"/dav/{stage.bob.id}/{theirs.id}/1.ics", f"{program.home}{theirs.id}/1.ics"):
        assert program.ask("MOVE", f"{stage.path(mine)}1.ics", destination=target).status_code == 404
        assert program.ask("COPY", f"{stage.path(mine)}1.ics", destination=target).status_code == 404
    assert (
        program.ask("COPY", f"{program.home}{theirs.id}/2.ics", destination=f"{stage.path(mine)}2.ics").status_code
        == 404
    )
    assert program.ask("GET", f"{stage.path(mine)}1.ics").status_code == 200


def test_stranger_is_asked_who_they_are(stage: Stage) -> None:
    answer = stage.program(password="wrong").ask("PROPFIND", "/dav/", depth="0")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")


def test_blocked_program_gets_nothing(stage: Stage) -> None:
    program = stage.program(THUNDERBIRD)
    assert program.listed()
    with stage.core.database.write() as work:
        (device,) = stage.core.devices.of_person(work, stage.alice.id)
        stage.core.devices.decide(work, device.id, DeviceState.BLOCKED)
    assert program.ask("PROPFIND", program.home, depth="1").status_code == 403
    assert stage.program(DAVX5).ask("PROPFIND", program.home, depth="1").status_code == 207


def test_collection_of_the_organisation_is_read_only_and_under_ones_own_home(stage: Stage) -> None:
    book = stage.make(CollectionKind.BOOK, Ownership.DOMAIN)
    stage.put(book, "1.vcf", card("1"))
    program, path = stage.program(), stage.path(book)
    assert program.listed()["Everybody's"] == path
    assert parsed(program.sync(path)).hrefs == [f"{path}1.vcf"]
    assert program.ask("PUT", f"{path}1.vcf", card("1", "Somebody Else")).status_code == 403
