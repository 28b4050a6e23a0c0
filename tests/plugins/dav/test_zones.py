"""Time zones by name and by rules, and floating times in the zone that is meant."""

from collections.abc import Callable

from pimgate.api import CollectionKind
from pimgate.core import Core
from pimgate.settings import Accounts, Outgoing
from pimgate.text.component import parse
from pimgate_dav.settings import DavSettings
from plugins.dav.stage import DAVX5, SPACES, C, D, Program, Stage, event, parsed, staged, task

AUCKLAND = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VTIMEZONE\r\nTZID:Pacific/Auckland\r\n"
    "BEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+1300\r\nTZOFFSETTO:+1300\r\nEND:STANDARD\r\n"
    "END:VTIMEZONE\r\nEND:VCALENDAR\r\n"
)
OWN = AUCKLAND.replace("Pacific/Auckland", "My own").replace("+1300", "-1000")


def said(program: Program, path: str) -> tuple[str | None, str | None]:
    """The name and the rules of a calendar's zone; rules by the name that is in them."""
    found = program.propfind(path, "C:calendar-timezone", "C:calendar-timezone-id").of(path)
    name, rules = (found[f"{C}{each}"].text if f"{C}{each}" in found else None for each in NAMES)
    line = parse(rules).children[0].get("TZID") if rules else None
    return name, line.text if line is not None else None


NAMES = ("calendar-timezone-id", "calendar-timezone")


def update(*, timezone: str | None = None, name: str | None = None, remove: str = "") -> str:
    props = f"<C:calendar-timezone>{timezone}</C:calendar-timezone>" if timezone is not None else ""
    props += f"<C:calendar-timezone-id>{name}</C:calendar-timezone-id>" if name is not None else ""
    change = f"<D:remove><D:prop><C:{remove}/></D:prop></D:remove>" if remove else ""
    change += f"<D:set><D:prop>{props}</D:prop></D:set>" if props else ""
    return f"<D:propertyupdate {SPACES}>{change}</D:propertyupdate>"


def test_a_zone_is_one_truth_under_two_names(stage: Stage) -> None:
    program, path = stage.program(), stage.path(stage.owned(CollectionKind.CALENDAR))

    def change(body: str) -> str:
        answer = parsed(program.ask("PROPPATCH", path, body))
        error = answer.root.find(f".//{D}error/*")
        return error.tag if error is not None else (answer.root.findtext(f".//{D}status") or "").split(" ")[1]

    assert said(program, path) == (None, None)
    assert change(update(name="Europe/Berlin")) == "200"
    assert said(program, path) == ("Europe/Berlin", "Europe/Berlin")
    assert change(update(timezone=AUCKLAND)) == "200"
    assert said(program, path) == ("Pacific/Auckland", "Pacific/Auckland")
    for refused, rule in (
        (update(name="Europe/Atlantis"), f"{C}valid-timezone"),
        (update(name=""), f"{C}valid-timezone"),
        (update(timezone="Europe/Berlin"), f"{C}valid-calendar-data"),
        (update(timezone=event("1")), f"{C}valid-calendar-data"),
        (update(timezone=AUCKLAND.replace("STANDARD", "ODD")), f"{C}valid-calendar-data"),
    ):
        assert change(refused) == rule
        assert said(program, path) == ("Pacific/Auckland", "Pacific/Auckland")
    assert change(update(remove="calendar-timezone-id")) == "200"
    assert said(program, path) == (None, None)
    assert change(update(timezone=OWN)) == "200"
    assert said(program, path) == (None, "My own")
    assert change(update(name="W. Europe Standard Time")) == "200"
    assert said(program, path) == ("W. Europe Standard Time", "W. Europe Standard Time")
    allprop = program.ask("PROPFIND", path, f"<D:propfind {SPACES}><D:allprop/></D:propfind>", depth="0")
    assert b"calendar-timezone" not in allprop.content
    assert change(update(remove="calendar-timezone")) == "200"
    assert said(program, path) == (None, None)


def test_a_calendar_is_made_in_a_zone(stage: Stage) -> None:
    program = stage.program()
    kind = "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"
    for method, root, more in (("MKCALENDAR", "C:mkcalendar", ""), ("MKCOL", "D:mkcol", kind)):

        def body(zone: str, root: str = root, more: str = more) -> str:
            return f"<{root} {SPACES}><D:set><D:prop>{more}{zone}</D:prop></D:set></{root}>"

        named, given = (f"{program.home}{root[2:]}-{each}/" for each in ("named", "given"))
        refused = program.ask(method, named, body("<C:calendar-timezone-id>Mars</C:calendar-timezone-id>"))
        assert (refused.status_code, "valid-timezone" in refused.text) == (403, True)
        refused = program.ask(method, named, body("<C:calendar-timezone>Mars</C:calendar-timezone>"))
        assert (refused.status_code, "valid-calendar-data" in refused.text) == (403, True)
        name = "<C:calendar-timezone-id>Europe/Paris</C:calendar-timezone-id>"
        assert program.ask(method, named, body(name)).status_code == 201
        assert said(program, named) == ("Europe/Paris", "Europe/Paris")
        rules = f"<C:calendar-timezone>{AUCKLAND}</C:calendar-timezone>"
        assert program.ask(method, given, body(rules)).status_code == 201
        assert said(program, given) == ("Pacific/Auckland", "Pacific/Auckland")


DAY = event("day").replace("DTSTART:20270301T120000Z\r\nDURATION:PT1H", "DTSTART;VALUE=DATE:20270301")
DAYS = DAY.replace("UID:day", "UID:days").replace("20270301", "20260105\r\nRRULE:FREQ=WEEKLY")
LOCAL = {
    "day": DAY,
    "days": DAYS,
    "floating": event("floating", "Tea", "20270301T233000"),
    "changed": event("changed", "Walk", "20270101T233000", "RRULE:FREQ=MONTHLY").replace(
        "END:VCALENDAR",
        "BEGIN:VEVENT\r\nUID:changed\r\nDTSTAMP:20270101T000000Z\r\nRECURRENCE-ID:20270201T233000\r\n"
        "DTSTART:20270301T233000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\nEND:VCALENDAR",
    ),
    "fixed": event("fixed", "Call", "20270301T120000Z"),
    "weekly": event("weekly", "Standup", "20260105T120000Z", "RRULE:FREQ=WEEKLY"),
}
"""On the first of March, a Monday: two whole days, two floating times before midnight, one of them with an occurrence that is moved
to the same hour in UTC, and two times at noon in UTC."""


def query(start: str, end: str, zone: str = "", *, kind: str = "VEVENT", data: str = "") -> str:
    times = f'<C:time-range start="{start}" end="{end}"/>'
    filter_ = f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="{kind}">{times}</C:comp-filter></C:comp-filter>'
    props = f"<D:prop><D:getetag/>{data}</D:prop>"
    return f"<C:calendar-query {SPACES}>{props}<C:filter>{filter_}</C:filter>{zone}</C:calendar-query>"


def named_zone(name: str) -> str:
    return f"<C:timezone-id>{name}</C:timezone-id>"


def found(program: Program, path: str, body: str) -> set[str]:
    answer = parsed(program.report(path, body))
    return {href.removeprefix(path).partition(".")[0] for href in answer.hrefs}


def test_floating_times_and_whole_days_are_asked_in_the_zone_that_is_meant(stage: Stage) -> None:
    calendar = stage.owned(CollectionKind.CALENDAR)
    for name, text in LOCAL.items():
        stage.put(calendar, f"{name}.ics", text)
    program, path = stage.program(DAVX5), stage.path(calendar)
    # The first of March in Auckland, and the half hour before and after it.
    first, before, after = (
        ("20270228T110000Z", "20270301T110000Z"),
        ("20270228T103000Z", "20270228T110000Z"),
        ("20270301T110000Z", "20270301T113000Z"),
    )
    auckland = named_zone("Pacific/Auckland")
    rules = f"<C:timezone><![CDATA[{AUCKLAND}]]></C:timezone>"
    assert found(program, path, query(*first)) == {"day", "days"}
    for zone in (auckland, named_zone("New Zealand Standard Time"), rules):
        assert found(program, path, query(*first, zone)) == {"day", "days", "floating", "changed"}
        assert found(program, path, query(*before, zone)) == set()
        assert found(program, path, query(*after, zone)) == {"floating", "changed"}
        assert found(program, path, query("20270301T113000Z", "20270301T130000Z", zone)) == {"fixed", "weekly"}
    assert found(program, path, query(*after)) == {"day", "days"}
    stamped = (
        '<C:prop-filter name="DTSTAMP"><C:time-range start="20270101T000000Z" end="20270101T010000Z"/></C:prop-filter>'
    )
    times = query(*first, auckland).partition("<C:time-range")[2].partition("/>")[0]
    assert len(found(program, path, query(*first, auckland).replace(f"<C:time-range{times}/>", stamped))) == len(LOCAL)
    assert program.ask("PROPPATCH", path, update(name="Pacific/Auckland")).status_code == 207
    assert found(program, path, query(*first)) == {"day", "days", "floating", "changed"}
    assert found(program, path, query(*after, named_zone("UTC"))) == {"day", "days"}
    refused = program.report(path, query(*first, named_zone("Mars")))
    assert (refused.status_code, "valid-timezone" in refused.text) == (403, True)
    refused = program.report(path, query(*first, "<C:timezone>Mars</C:timezone>"))
    assert (refused.status_code, "valid-calendar-data" in refused.text) == (403, True)
    assert program.report(path, query(*first, auckland + rules)).status_code == 400


def test_tasks_alarms_and_expansions_follow_the_zone(make_core: Callable[..., Core]) -> None:
    """Without a zone of its own a calendar is where the deployment is."""
    core = make_core("dav", accounts=Accounts(time_zone="Pacific/Auckland"))
    with staged(core) as stage:
        calendar, tasks = stage.owned(CollectionKind.CALENDAR), stage.owned(CollectionKind.TASKS)
        stage.put(tasks, "due.ics", task("due").replace("SUMMARY", "DUE;VALUE=DATE:20270301\r\nSUMMARY"))
        stage.put(calendar, "days.ics", DAYS)
        stage.put(calendar, "fixed.ics", LOCAL["fixed"])
        program, path = stage.program(DAVX5), stage.path(calendar)
        first, third = ("20270228T110000Z", "20270301T110000Z"), ("20270301T120000Z", "20270302T000000Z")
        begin = "20270228T103000Z", "20270228T113000Z"
        for zone, due in (("", {"due"}), (named_zone("UTC"), set())):
            assert found(program, stage.path(tasks), query(*begin, zone, kind="VTODO")) == due
        assert found(program, path, query(*first)) == {"days"}
        assert found(program, path, query(*third)) == {"fixed"}
        window = f'start="{first[0]}" end="{first[1]}"'
        data = f"<C:calendar-data><C:expand {window}/></C:calendar-data>"
        answer = parsed(program.report(path, query(*first, data=data)))
        [text] = [each.text or "" for each in answer.root.iter(f"{C}calendar-data")]
        assert [line for line in text.split() if line.startswith("DTSTART")] == ["DTSTART;VALUE=DATE:20270301"]
        asked = f"<C:free-busy-query {SPACES}><C:time-range {window}/></C:free-busy-query>"
        assert "20270228T110000Z/20270301T110000Z" in program.report(path, asked).text
        assert program.ask("PROPPATCH", path, update(timezone=OWN)).status_code == 207
        assert "20270228T110000Z/20270228T" not in (free := program.report(path, asked).text)
        assert "FREEBUSY;FBTYPE=BUSY:20270301T100000Z/20270301T110000Z" in free


BARE = event("bare", "Dinner", "20270301T190000").replace("DTSTART:", "DTSTART;TZID=Europe/Berlin:")


def test_a_program_says_whether_it_wants_the_rules_of_zones(stage: Stage) -> None:
    program, path = stage.program(), stage.path(stage.owned(CollectionKind.CALENDAR))
    made = program.ask("PUT", f"{path}1.ics", BARE)
    assert (made.status_code, set(made.headers) >= {"etag"}) == (201, True)
    stage.put(stage.owned(CollectionKind.CALENDAR), "2.ics", event("2"))

    def given(word: str, name: str = "1.ics") -> tuple[str, str | None]:
        headers = {"caldav_timezones": word} if word else {}
        answer = program.ask("GET", f"{path}{name}", **headers)
        assert answer.headers["vary"] == "CalDAV-Timezones"
        return answer.text, answer.headers.get("etag")

    assert given("") == (BARE, made.headers["etag"])
    assert given("F") == (BARE, made.headers["etag"])
    full, tag = given("T")
    assert tag is None, "an ETag stands for what is kept"
    [zone] = parse(full).children_named("VTIMEZONE")
    assert full.replace(zone.to_text(), "") == BARE
    assert given("T", "2.ics")[0] == event("2")
    assert program.ask("GET", f"{path}1.ics", caldav_timezones="X").status_code == 400

    data = "<D:prop><D:getetag/><C:calendar-data/></D:prop>"
    multiget = f"<C:calendar-multiget {SPACES}>{data}<D:href>{path}1.ics</D:href></C:calendar-multiget>"
    sync = f"<D:sync-collection {SPACES}><D:sync-token/>{data}</D:sync-collection>"
    lists = (
        f"<C:calendar-query {SPACES}>{data}<C:filter><C:comp-filter name='VCALENDAR'/></C:filter></C:calendar-query>"
    )
    for body in (multiget, sync, lists):
        answer = parsed(program.ask("REPORT", path, body, depth="1", caldav_timezones="T"))
        said = answer.of(f"{path}1.ics")
        assert (said[f"{C}calendar-data"].text, said[f"{D}getetag"].text) == (full, made.headers["etag"])

    whole = {word: program.ask("GET", path, caldav_timezones=word) for word in "TF"}
    assert [parse(whole[word].text).children[0].name for word in "TF"] == ["VTIMEZONE", "VEVENT"]
    assert whole["T"].headers["etag"] != whole["F"].headers["etag"]
    assert program.ask("PUT", f"{path}1.ics", full, if_match=made.headers["etag"]).status_code == 204
    assert given("F") == (BARE, None)


def test_an_event_invites_no_more_people_than_the_calendar_says(make_core: Callable[..., Core]) -> None:
    with staged(make_core("dav", outgoing=Outgoing(guests_per_event=3))) as stage:
        program, calendar = stage.program(), stage.owned(CollectionKind.CALENDAR)
        path = stage.path(calendar)
        said = program.propfind(path, "C:max-attendees-per-instance").of(path)
        assert said[f"{C}max-attendees-per-instance"].text == "3"
        organizer = f"ORGANIZER:mailto:{stage.alice.login}"
        guests = [f"ATTENDEE:mailto:zoe{number}@outside.example" for number in range(4)]
        refused = program.ask("PUT", f"{path}m.ics", event("m", "M", "20270301T120000Z", organizer, *guests))
        assert (refused.status_code, "max-attendees-per-instance" in refused.text) == (403, True)
        assert program.ask("GET", f"{path}m.ics").status_code == 404
        kept = program.ask("PUT", f"{path}m.ics", event("m", "M", "20270301T120000Z", organizer, *guests[:3]))
        assert kept.status_code == 201
        copy = event("c", "C", "20270301T120000Z", "ORGANIZER:mailto:zoe@outside.example", *guests)
        assert program.ask("PUT", f"{path}c.ics", copy).status_code == 201, "what others organize is theirs"
        tasks = stage.path(stage.owned(CollectionKind.TASKS))
        assert f"{C}max-attendees-per-instance" in program.propfind(tasks, "C:max-attendees-per-instance").missing(
            tasks
        )


def test_programs_may_leave_rules_out_where_a_service_gives_them(make_core: Callable[..., Core]) -> None:
    settings = DavSettings(timezone_services=["https://zones.example.org/tz?a&b"])
    for chosen, services in ((DavSettings(), []), (settings, settings.timezone_services)):
        with staged(make_core("dav", **{"plugins.dav": chosen})) as stage:
            program = stage.program()
            claims = program.ask("OPTIONS", program.home).headers["dav"].split(", ")
            assert ("calendar-no-timezone" in claims) == bool(services)
            said = program.propfind(program.home, "C:timezone-service-set").root.iter(f"{C}timezone-service-set")
            assert [each.text for found in said for each in found] == services
