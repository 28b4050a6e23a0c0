"""Making, naming, colouring and removing collections from a desktop program."""

from xml.etree import ElementTree

import pytest

from pimgate.api import CollectionKind
from plugins.dav.stage import DAVX5, ICAL, OUTLOOK, SPACES, A, C, D, Program, Stage, card, event, parsed, task


def mkcol(resource_type: str, *props: str) -> str:
    types = f"<D:resourcetype><D:collection/><{resource_type}/></D:resourcetype>"
    return f"<D:mkcol {SPACES}><D:set><D:prop>{types}{''.join(props)}</D:prop></D:set></D:mkcol>"


def mkcalendar(*props: str) -> str:
    return f"<C:mkcalendar {SPACES}><D:set><D:prop>{''.join(props)}</D:prop></D:set></C:mkcalendar>"


def update(set_: str = "", remove: str = "") -> str:
    parts = (f"<D:set><D:prop>{set_}</D:prop></D:set>" if set_ else "") + (
        f"<D:remove><D:prop>{remove}</D:prop></D:remove>" if remove else ""
    )
    return f"<D:propertyupdate {SPACES}>{parts}</D:propertyupdate>"


def components(program: Program, path: str) -> list[str | None]:
    found = program.propfind(path, "C:supported-calendar-component-set").of(path)
    return [each.get("name") for each in found[f"{C}supported-calendar-component-set"]]


def test_calendar_stands_where_its_maker_put_it_and_is_seen_everywhere(stage: Stage) -> None:
    program = stage.program(DAVX5)
    path = f"{program.home}6f1c2f9e-8a9b-4c53/"
    body = mkcalendar(
        "<D:displayname>Voyages &amp; more</D:displayname>",
        '<C:supported-calendar-component-set><C:comp name="VEVENT"/></C:supported-calendar-component-set>',
        "<I:calendar-color>#FF2968FF</I:calendar-color>",
        "<C:calendar-description>Far away</C:calendar-description>",
        "<I:calendar-order>7</I:calendar-order>",
    )
    assert program.ask("MKCALENDAR", path, body).status_code == 201
    assert program.listed()["Voyages & more"] == path
    found = program.propfind(path, "I:calendar-color", "C:calendar-description", "I:calendar-order").of(path)
    assert [each.text for each in found.values()] == ["#FF2968FF", "Far away", "7"]
    assert components(program, path) == ["VEVENT"]
    assert program.ask("PUT", f"{path}1.ics", event("1")).status_code == 201
    assert stage.program(OUTLOOK).ask("GET", f"{path}1.ics").status_code == 200
    assert program.ask("MKCALENDAR", path, body).status_code == 405
    assert program.ask("DELETE", path).status_code == 204
    assert program.ask("GET", f"{path}1.ics").status_code == 404
    assert program.ask("MKCALENDAR", path).status_code == 201


@pytest.mark.parametrize(
    ("asked", "taken", "made"),
    [
        ([], ["VEVENT", "VTODO", "VJOURNAL"], CollectionKind.CALENDAR),
        (["VTODO"], ["VTODO"], CollectionKind.TASKS),
        (["VJOURNAL"], ["VJOURNAL"], CollectionKind.NOTES),
        (["VTODO", "VEVENT"], ["VEVENT", "VTODO"], CollectionKind.CALENDAR),
    ],
)
def test_components_say_what_a_calendar_is(
    stage: Stage, asked: list[str], taken: list[str], made: CollectionKind
) -> None:
    program = stage.program()
    inner = "".join(f'<C:comp name="{name}"/>' for name in asked)
    props = f"<C:supported-calendar-component-set>{inner}</C:supported-calendar-component-set>" if asked else ""
    assert program.ask("MKCALENDAR", f"{program.home}mine/", mkcalendar(props) if props else "").status_code == 201
    assert components(program, f"{program.home}mine/") == taken
    assert (program.ask("PUT", f"{program.home}mine/1.ics", task("1")).status_code == 201) == ("VTODO" in taken)
    with stage.core.database.read() as work:
        mine = [each.collection for each in work.collections.standings(stage.alice.id)]
    assert [each.kind for each in mine if each.name == "mine"] == [made]


def test_book_is_made_by_extended_mkcol(stage: Stage) -> None:
    program = stage.program()
    path = f"{program.home}friends/"
    body = mkcol("A:addressbook", "<D:displayname>Friends</D:displayname>")
    assert program.ask("MKCOL", path, body).status_code == 201
    found = program.propfind(path, "D:resourcetype", "D:displayname").of(path)
    assert {each.tag for each in found[f"{D}resourcetype"]} == {f"{D}collection", f"{A}addressbook"}
    assert program.ask("PUT", f"{path}1.vcf", card("1")).status_code == 201
    other = f"{program.home}second/"
    assert program.ask("MKCOL", other, mkcol("C:calendar")).status_code == 201


def test_collections_stand_only_in_ones_own_home(stage: Stage) -> None:
    program = stage.program()
    before = program.listed()
    calendar = stage.path(stage.owned(CollectionKind.CALENDAR))
    assert program.ask("MKCALENDAR", f"{calendar}inner/").status_code == 403
    assert program.ask("MKCALENDAR", f"/dav/{stage.bob.id}/mine/").status_code == 404
    bobs = stage.path(stage.owned(CollectionKind.CALENDAR, owner=stage.bob), stage.alice)
    for nowhere in (f"{program.home}none/inner/", f"{bobs}inner/", f"{calendar}1.ics/a/b/"):
        assert program.ask("MKCALENDAR", nowhere).status_code == program.ask("MKCOL", nowhere).status_code == 409
    assert program.ask("MKCALENDAR", program.home).status_code == 405
    assert program.ask("MKCALENDAR", "/dav/").status_code == 405
    assert program.ask("MKCOL", f"{program.home}plain/").status_code == 403
    assert program.ask("MKCOL", f"{program.home}plain/", mkcol("D:unknown")).status_code == 403
    assert program.ask("MKCALENDAR", f"{program.home}c{'x' * 12}/").status_code == 403, "that is what an id looks like"
    strange = program.ask("MKCOL", f"{program.home}strange/", "a b c", content_type="xzy-foo/bar-512")
    assert strange.status_code == 415
    only_freebusy = (
        '<C:supported-calendar-component-set><C:comp name="VFREEBUSY"/></C:supported-calendar-component-set>'
    )
    assert program.ask("MKCALENDAR", f"{program.home}busy/", mkcalendar(only_freebusy)).status_code == 403
    nameless = mkcalendar("<C:supported-calendar-component-set><C:comp/></C:supported-calendar-component-set>")
    assert program.ask("MKCALENDAR", f"{program.home}nameless/", nameless).status_code == 400
    assert before
    assert program.listed() == before


def test_home_says_what_calendars_may_take(stage: Stage) -> None:
    program = stage.program()
    found = program.propfind(program.home, "C:supported-calendar-component-sets").of(program.home)
    (sets,) = ([[comp.get("name") for comp in each] for each in found[f"{C}supported-calendar-component-sets"]],)
    assert (len(sets), sets[0], sets[-1]) == (7, ["VEVENT"], ["VEVENT", "VTODO", "VJOURNAL"])


def test_name_colour_and_foreign_properties_are_kept(stage: Stage) -> None:
    program, other = stage.program(), stage.program(DAVX5)
    path = stage.path(stage.owned(CollectionKind.CALENDAR))
    props = (
        "<D:displayname>Büro</D:displayname><I:calendar-color>#00ff00ff</I:calendar-color>"
        '<X:note xmlns:X="urn:x">a &lt; b</X:note>'
    )
    assert program.ask("PROPPATCH", path, update(props)).status_code == 207
    found = other.propfind(path, "D:displayname", "I:calendar-color", 'X:note xmlns:X="urn:x"').of(path)
    assert [each.text for each in found.values()] == ["Büro", "#00ff00ff", "a < b"]
    assert (
        program.ask("PROPPATCH", path, update(remove='<I:calendar-color/><X:note xmlns:X="urn:x"/>')).status_code == 207
    )
    assert other.propfind(path, "I:calendar-color", 'X:note xmlns:X="urn:x"').missing(path) == {
        f"{ICAL}calendar-color",
        "{urn:x}note",
    }
    assert other.propfind(path, "D:displayname").of(path)[f"{D}displayname"].text == "Büro"


@pytest.mark.parametrize(
    "name",
    ["D:resourcetype", "D:getetag", "D:sync-token", "CS:getctag", "D:owner", "C:supported-calendar-component-set"],
)
@pytest.mark.parametrize("removes", [False, True])
def test_protected_property_stays_and_so_does_the_rest(stage: Stage, name: str, removes: bool) -> None:
    program = stage.program()
    path = stage.path(stage.owned(CollectionKind.CALENDAR))
    before = program.propfind(path, "D:displayname", "D:resourcetype").of(path)
    both = f"<D:displayname>New</D:displayname><{name}/>"
    answer = parsed(program.ask("PROPPATCH", path, update(remove=both) if removes else update(both)))
    statuses = {
        each.tag: (propstat.findtext(f"{D}status") or "").split(" ")[1]
        for propstat in answer.root.iter(f"{D}propstat")
        for each in propstat.iterfind(f"{D}prop/*")
    }
    assert statuses.pop(f"{D}displayname") == "424"
    assert list(statuses.values()) == ["403"]
    after = program.propfind(path, "D:displayname", "D:resourcetype").of(path)
    assert [ElementTree.tostring(each) for each in before.values()] == [
        ElementTree.tostring(each) for each in after.values()
    ]
    assert program.sync(path).status_code == 207


def test_item_moves_between_calendars(stage: Stage) -> None:
    program = stage.program()
    here, there = stage.path(stage.owned(CollectionKind.CALENDAR)), f"{program.home}other/"
    program.ask("MKCALENDAR", there)
    etag = program.ask("PUT", f"{here}1.ics", event("1")).headers["etag"]
    tokens = [parsed(program.sync(path)).token for path in (here, there)]
    moved = program.ask("MOVE", f"{here}1.ics", destination=f"{stage.url}{there}new.ics")
    assert (moved.status_code, moved.headers["etag"]) == (201, etag)
    assert parsed(program.sync(here, tokens[0])).status(f"{here}1.ics") == "404"
    assert parsed(program.sync(there, tokens[1])).hrefs == [f"{there}new.ics"]
    program.ask("PUT", f"{here}2.ics", event("2"))
    assert program.ask("MOVE", f"{here}2.ics", destination=f"{there}new.ics", overwrite="F").status_code == 412
    assert program.ask("GET", f"{here}2.ics").status_code == 200
    assert program.ask("MOVE", f"{here}2.ics", destination=f"{there}new.ics").status_code == 204
    assert program.ask("GET", f"{there}new.ics").text == event("2")
    assert program.ask("COPY", f"{there}new.ics", destination=f"{here}copy.ics").status_code == 201
    assert program.ask("COPY", f"{there}new.ics", destination=f"{there}twice.ics").status_code == 409
    assert program.ask("MOVE", f"{there}new.ics", destination="http://elsewhere.example/dav/x/y/z").status_code == 502
    assert program.ask("MOVE", f"{there}new.ics").status_code == 400
    book = stage.path(stage.owned(CollectionKind.BOOK))
    assert program.ask("MOVE", f"{there}new.ics", destination=f"{book}1.vcf").status_code == 403
    assert program.ask("GET", f"{there}new.ics").status_code == 200
