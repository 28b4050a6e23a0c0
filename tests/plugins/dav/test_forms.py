"""Texts in the form that a request asks for, and collections as one text."""

from datetime import UTC, datetime

from pimgate.api import CollectionKind
from pimgate.text.component import parse
from pimgate_dav.forms.limited import limited
from pimgate_dav.forms.whole import calendar_of
from pimgate_dav.forms.zones import without_zones
from plugins.dav.stage import DAVX5, SPACES, A, C, Program, Stage, card, event, parsed
from plugins.dav.test_queries import MOVED, span

ZONED = event("zoned", "Dinner", "20270301T190000", "X-ODD;A=1:a\\, b").replace(
    "BEGIN:VEVENT\r\n",
    "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\n"
    "TZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\n",
)
ZONED = ZONED.replace("DTSTART:20270301T", "DTSTART;TZID=Europe/Berlin:20270301T")


def texts(program: Program, path: str, data: str, **headers: str) -> list[str]:
    body = f"<C:calendar-query {SPACES}><D:prop>{data}</D:prop><C:filter><C:comp-filter name='VCALENDAR'/></C:filter>"
    found = parsed(program.ask("REPORT", path, f"{body}</C:calendar-query>", depth="1", **headers))
    return [each.text or "" for each in found.root.iter(f"{C}calendar-data")]


def test_a_program_gets_the_parts_that_it_asks_for(stage: Stage) -> None:
    program, calendar = stage.program(DAVX5), stage.owned(CollectionKind.CALENDAR)
    stage.put(calendar, "1.ics", ZONED)
    path = stage.path(calendar)
    inner = '<C:prop name="UID"/><C:prop name="X-ODD" novalue="yes"/>'
    part = f'<C:comp name="VCALENDAR"><C:comp name="VEVENT">{inner}</C:comp></C:comp>'
    [text] = texts(program, path, f"<C:calendar-data>{part}</C:calendar-data>")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", "UID:zoned", "X-ODD;A=1:", "END:VEVENT", "END:VCALENDAR"]
    assert text.split("\r\n") == [*lines, ""]
    everything = '<C:comp name="VCALENDAR"><C:allprop/><C:allcomp/></C:comp>'
    assert texts(program, path, f"<C:calendar-data>{everything}</C:calendar-data>") == [ZONED]
    [text] = texts(program, path, "<C:calendar-data/>", caldav_timezones="F")
    assert ("VTIMEZONE" in text, "TZID=Europe/Berlin:20270301T190000" in text) == (False, True)
    for refused in (
        '<C:calendar-data content-type="application/calendar+json"/>',
        "<C:calendar-data><C:comp/></C:calendar-data>",
    ):
        body = f"<C:calendar-query {SPACES}><D:prop>{refused}</D:prop></C:calendar-query>"
        assert program.report(path, body).status_code == 403


def test_a_program_gets_the_lines_of_a_card_that_it_asks_for(stage: Stage) -> None:
    book = stage.owned(CollectionKind.BOOK)
    stage.put(book, "1.vcf", card("1").replace("EMAIL", "item1.EMAIL"))
    names = "".join(f'<A:prop name="{name}"/>' for name in ("UID", "EMAIL"))
    body = (
        f"<A:addressbook-query {SPACES}><D:prop><A:address-data>{names}</A:address-data></D:prop></A:addressbook-query>"
    )
    [found] = parsed(stage.program().report(stage.path(book), body)).root.iter(f"{A}address-data")
    lines = ["BEGIN:VCARD", "VERSION:3.0", "UID:1", "item1.EMAIL;TYPE=INTERNET:ada@example.org", "END:VCARD", ""]
    assert (found.text or "").split("\r\n") == lines


def test_a_card_is_given_in_the_version_that_is_asked_for_and_kept_as_it_is(stage: Stage) -> None:
    book = stage.owned(CollectionKind.BOOK)
    kept = card("1").replace("END:VCARD", "BDAY:1815-12-10\r\nEND:VCARD")
    stage.put(book, "1.vcf", kept)
    program, path = stage.program(), stage.path(book)
    for version, birthday in (("3.0", "BDAY:1815-12-10"), ("4.0", "BDAY:18151210")):
        data = f'<A:address-data content-type="text/vcard" version="{version}"/>'
        body = f"<A:addressbook-query {SPACES}><D:prop>{data}</D:prop></A:addressbook-query>"
        [found] = parsed(program.report(path, body)).root.iter(f"{A}address-data")
        assert {f"VERSION:{version}", birthday} <= set((found.text or "").split("\r\n"))
    assert program.ask("GET", f"{path}1.vcf").text == kept


def test_only_the_changed_occurrences_of_a_window_come_along(stage: Stage) -> None:
    calendar = stage.owned(CollectionKind.CALENDAR)
    stage.put(calendar, "1.ics", MOVED)
    for start, comes in (("20270308", True), ("20270309", True), ("20270310", False)):
        window = f'start="{start}T000000Z" end="{int(start) + 1}T000000Z"'
        [text] = texts(
            stage.program(),
            stage.path(calendar),
            f"<C:calendar-data><C:limit-recurrence-set {window}/></C:calendar-data>",
        )
        assert ("RECURRENCE-ID" in text) == comes
        assert "RRULE" in text


def test_forms_leave_alone_what_they_cannot_read() -> None:
    broken = "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nRECURRENCE-ID:x\r\n"
    assert (
        without_zones(broken)
        == limited(broken, datetime(2027, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
        == broken
    )
    own = ZONED.replace("Europe/Berlin", "My own zone")
    assert without_zones(own) == own


def test_a_calendar_and_a_book_are_given_as_a_whole(stage: Stage) -> None:
    program, calendar, book = stage.program(), stage.owned(CollectionKind.CALENDAR), stage.owned(CollectionKind.BOOK)
    for name, text in (("1.ics", ZONED), ("2.ics", ZONED.replace("UID:zoned", "UID:2")), ("3.ics", MOVED)):
        stage.put(calendar, name, text)
    stage.put(book, "1.vcf", card("1"))
    stage.put(book, "2.vcf", card("2").rstrip())
    answer = program.ask("GET", stage.path(calendar))
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    whole = parse(answer.text)
    assert [each.name for each in whole.children] == ["VTIMEZONE", *["VEVENT"] * 4]
    assert ZONED.partition("BEGIN:VEVENT")[2].partition("END:VEVENT")[0] in answer.text
    assert program.ask("GET", stage.path(book)).text == card("1") + card("2")
    again = program.ask("GET", stage.path(calendar), if_none_match=answer.headers["etag"])
    assert again.status_code == 304
    stage.put(calendar, "4.ics", event("4"))
    assert program.ask("GET", stage.path(calendar), if_none_match=answer.headers["etag"]).status_code == 200
    assert calendar_of([], "a;b").split("\r\n")[3] == "X-WR-CALNAME:a\\;b"


def test_a_collection_is_removed_only_in_the_version_that_is_named(stage: Stage) -> None:
    program = stage.program()
    path = f"{program.home}short/"
    assert program.ask("MKCALENDAR", path).status_code == 201
    assert program.ask("DELETE", path, if_match='"other"').status_code == 412
    assert program.ask("DELETE", path, if_none_match="*").status_code == 412
    assert program.ask("DELETE", path, if_match="*").status_code == 204


def test_free_and_busy_times_of_a_calendar_come_from_all_that_takes_time(stage: Stage) -> None:
    calendar = stage.owned(CollectionKind.CALENDAR)
    entries = {
        "plain": event("plain", "a", "20270301T120000Z"),
        "zoned": ZONED,
        "free": event("free", "b", "20270302T120000Z", "TRANSP:TRANSPARENT"),
        "maybe": event("maybe", "c", "20270303T120000Z", "STATUS:TENTATIVE", "TRANSP:OPAQUE"),
        "weekly": MOVED,
    }
    for name, text in entries.items():
        stage.put(calendar, f"{name}.ics", text)
    window = '<C:time-range start="20270301T000000Z" end="20270310T000000Z"/>'
    answer = stage.program().report(stage.path(calendar), f"<C:free-busy-query {SPACES}>{window}</C:free-busy-query>")
    assert answer.headers["content-type"].startswith("text/calendar")
    [part] = parse(answer.text).children
    assert [(line.param_text("FBTYPE"), line.value) for line in part.all("FREEBUSY")] == [
        ("BUSY", "20270301T090000Z/20270301T100000Z"),
        ("BUSY", "20270301T120000Z/20270301T130000Z"),
        ("BUSY", "20270301T180000Z/20270301T190000Z"),
        ("BUSY-TENTATIVE", "20270303T120000Z/20270303T130000Z"),
        ("BUSY", "20270309T090000Z/20270309T100000Z"),
    ]
    for senseless in ("", '<C:time-range start="20270101T000000Z"/>'):
        body = f"<C:free-busy-query {SPACES}>{senseless}</C:free-busy-query>"
        assert stage.program().report(stage.path(calendar), body).status_code == 400
    long = '<C:time-range start="20200101T000000Z" end="20300101T000000Z"/>'
    refused = stage.program().report(stage.path(calendar), f"<C:free-busy-query {SPACES}>{long}</C:free-busy-query>")
    assert (refused.status_code, "number-of-matches-within-limits" in refused.text) == (403, True)
    for edge, name in (
        ('start="00010101T000000Z" end="00010102T000000Z"', "min-date-time"),
        ('start="99991230T000000Z" end="99991231T235959Z"', "max-date-time"),
    ):
        body = f"<C:free-busy-query {SPACES}><C:time-range {edge}/></C:free-busy-query>"
        refused = stage.program().report(stage.path(calendar), body)
        assert (refused.status_code, name in refused.text) == (403, True)


def test_a_window_is_answered_from_the_index_wherever_it_knows_all(stage: Stage) -> None:
    """What the kept occurrences say, and what the text says where they end, is the same. A rule that cannot be worked out
    counts as one that fits: an item too many is seen."""
    calendar = stage.owned(CollectionKind.CALENDAR)
    rules = {
        "ever": "RRULE:FREQ=WEEKLY",
        "ended": "RRULE:FREQ=WEEKLY;COUNT=4",
        "often": "RRULE:FREQ=DAILY",
        "odd": "RRULE:RSCALE=HEBREW;FREQ=YEARLY",
    }
    for name, rule in rules.items():
        stage.put(calendar, f"{name}.ics", event(name, name, "20270104T090000Z", rule))
    program, path = stage.program(), stage.path(calendar)

    def found(start: str, end: str) -> list[str]:
        body = f"<C:calendar-query {SPACES}><D:prop><D:getetag/></D:prop><C:filter>{span(start, end)}</C:filter>"
        answer = parsed(program.report(path, f"{body}</C:calendar-query>"))
        return sorted(href.removeprefix(path).removesuffix(".ics") for href in answer.hrefs)

    assert found("20270111T000000Z", "20270112T000000Z") == ["ended", "ever", "odd", "often"]
    assert found("20270201T000000Z", "20270202T000000Z") == ["ever", "odd", "often"]
    assert found("20290101T000000Z", "20290101T120000Z") == ["ever", "odd", "often"]
    assert found("20400102T000000Z", "20400103T000000Z") == ["ever", "odd", "often"]
    assert found("20200101T000000Z", "20270101T000000Z") == ["odd"]
