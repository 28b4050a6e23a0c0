"""calendar-query and addressbook-query: who fits, and what is said of them."""

import pytest

from pimgate.api import CollectionKind
from plugins.dav.stage import DAVX5, SPACES, C, D, Program, Stage, card, event, parsed, task
from plugins.dav.test_octets import OVERRIDE_ALONE

pytestmark = pytest.mark.both_databases

WEEKLY = event("weekly", "Standup", "20270104T090000Z", "RRULE:FREQ=WEEKLY")
MOVED = WEEKLY.replace(
    "END:VEVENT",
    "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:weekly\r\nRECURRENCE-ID:20270308T090000Z\r\nDTSTAMP:20270101T000000Z\r\n"
    "DTSTART:20270309T090000Z\r\nDURATION:PT1H\r\nSUMMARY:Standup a day later\r\nEND:VEVENT",
)
ENTRIES = {
    "lunch.ics": event("lunch", "Lunch", "20270301T120000Z"),
    "dinner.ics": event("dinner", "Dinner", "20270302T190000Z", "CATEGORIES:Food,Fun"),
    "weekly.ics": MOVED,
    "ended.ics": event("ended", "Course", "20260105T080000Z", "RRULE:FREQ=WEEKLY;COUNT=3"),
    "day.ics": event("day", "Holiday").replace(
        "DTSTART:20270301T120000Z\r\nDURATION:PT1H", "DTSTART;VALUE=DATE:20270303"
    ),
    "alone.ics": OVERRIDE_ALONE.replace("UID:invited", "UID:alone"),
}


def events(inner: str) -> str:
    return f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{inner}</C:comp-filter></C:comp-filter>'


def span(start: str, end: str) -> str:
    return events(f'<C:time-range start="{start}" end="{end}"/>')


def prop(name: str, inner: str) -> str:
    return events(f'<C:prop-filter name="{name}">{inner}</C:prop-filter>')


def ask(program: Program, path: str, filter_: str, data: str = "") -> list[str]:
    props = f"<D:prop><D:getetag/>{data}</D:prop>"
    body = f"<C:calendar-query {SPACES}>{props}<C:filter>{filter_}</C:filter></C:calendar-query>"
    return sorted(href.removeprefix(path) for href in parsed(program.report(path, body)).hrefs)


@pytest.mark.parametrize(
    ("filter_", "names"),
    [
        ('<C:comp-filter name="VCALENDAR"/>', sorted(ENTRIES)),
        (events(""), sorted(ENTRIES)),
        ('<C:comp-filter name="VCALENDAR"><C:comp-filter name="VTODO"/></C:comp-filter>', []),
        (span("20270301T000000Z", "20270302T000000Z"), ["lunch.ics", "weekly.ics"]),
        (span("20270301T130000Z", "20270302T000000Z"), []),
        (span("20270301T123000Z", "20270301T124500Z"), ["lunch.ics"]),
        (span("20270303T000000Z", "20270304T000000Z"), ["day.ics"]),
        (span("20270308T000000Z", "20270309T000000Z"), ["alone.ics"]),
        (span("20270309T000000Z", "20270310T000000Z"), ["weekly.ics"]),
        (span("20260112T000000Z", "20260113T000000Z"), ["ended.ics"]),
        (span("20260126T000000Z", "20260202T000000Z"), []),
        (span("20400102T000000Z", "20400109T000000Z"), ["weekly.ics"]),
        (prop("UID", "<C:text-match>lunch</C:text-match>"), ["lunch.ics"]),
        (prop("UID", "<C:text-match>nobody</C:text-match>"), []),
        (prop("UID", "<C:text-match>unch</C:text-match>"), ["lunch.ics"]),
        (prop("SUMMARY", "<C:text-match>dinn</C:text-match>"), ["dinner.ics"]),
        (prop("SUMMARY", '<C:text-match collation="i;octet">dinn</C:text-match>'), []),
        (prop("CATEGORIES", "<C:text-match>Fun</C:text-match>"), ["dinner.ics"]),
        (prop("DURATION", "<C:is-not-defined/>"), ["alone.ics", "day.ics"]),
    ],
)
def test_calendar_query_finds_what_fits(stage: Stage, filter_: str, names: list[str]) -> None:
    calendar = stage.owned(CollectionKind.CALENDAR)
    for name, text in ENTRIES.items():
        stage.put(calendar, name, text)
    assert ask(stage.program(DAVX5), stage.path(calendar), filter_) == names


def test_tasks_are_found_by_what_they_are(stage: Stage) -> None:
    tasks = stage.owned(CollectionKind.TASKS)
    stage.put(tasks, "1.ics", task("1"))
    stage.put(tasks, "2.ics", task("2").replace("SUMMARY", "COMPLETED:20270101T000000Z\r\nSTATUS:COMPLETED\r\nSUMMARY"))
    program, path = stage.program(), stage.path(tasks)
    inner = '<C:comp-filter name="VTODO"><C:prop-filter name="COMPLETED"><C:is-not-defined/></C:prop-filter></C:comp-filter>'
    assert ask(program, path, f'<C:comp-filter name="VCALENDAR">{inner}</C:comp-filter>') == ["1.ics"]
    window = (
        '<C:comp-filter name="VTODO"><C:time-range start="20270101T000000Z" end="20280101T000000Z"/></C:comp-filter>'
    )
    assert ask(program, path, f'<C:comp-filter name="VCALENDAR">{window}</C:comp-filter>') == ["1.ics", "2.ics"]


def test_series_is_expanded_when_asked(stage: Stage) -> None:
    calendar = stage.owned(CollectionKind.CALENDAR)
    stage.put(calendar, "weekly.ics", MOVED)
    stage.put(calendar, "alone.ics", ENTRIES["alone.ics"])
    path, window = stage.path(calendar), 'start="20270301T000000Z" end="20270315T000000Z"'
    body = (
        f"<C:calendar-query {SPACES}><D:prop><C:calendar-data><C:expand {window}/></C:calendar-data></D:prop>"
        f"<C:filter>{events(f'<C:time-range {window}/>')}</C:filter></C:calendar-query>"
    )
    found = parsed(stage.program().report(path, body))
    text = found.of(f"{path}weekly.ics")[f"{C}calendar-data"].text or ""
    assert text.count("BEGIN:VEVENT") == 2
    assert "RRULE" not in text
    assert "DTSTART:20270301T090000Z" in text
    assert "DTSTART:20270309T090000Z" in text
    alone = found.of(f"{path}alone.ics")[f"{C}calendar-data"].text or ""
    assert ("RECURRENCE-ID:20270308T090000Z" in alone, "RRULE" in alone) == (True, False)


def test_tasks_are_expanded_with_the_times_that_they_have(stage: Stage) -> None:
    tasks, rule = stage.owned(CollectionKind.TASKS), "RRULE:FREQ=WEEKLY;COUNT=3"
    times = {
        "both": "DTSTART:20270301T090000Z\r\nDUE:20270302T090000Z",
        "start": "DTSTART;VALUE=DATE:20270301",
        "due": "DUE:20270302T090000Z",
        "lasting": "DTSTART:20270301T090000Z\r\nDURATION:PT1H",
    }
    for name, lines in times.items():
        stage.put(tasks, f"{name}.ics", task(name).replace("SUMMARY", f"{lines}\r\n{rule}\r\nSUMMARY"))
    stage.put(tasks, "undated.ics", task("undated"))
    window = 'start="20270308T000000Z" end="20270311T000000Z"'
    body = (
        f"<C:calendar-query {SPACES}><D:prop><C:calendar-data><C:expand {window}/></C:calendar-data></D:prop>"
        f'<C:filter><C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>'
    )
    found, path = parsed(stage.program().report(stage.path(tasks), body)), stage.path(tasks)

    def said(name: str) -> list[str]:
        text = found.of(f"{path}{name}.ics")[f"{C}calendar-data"].text or ""
        assert text.count("BEGIN:VTODO") == 1
        return [
            line for line in text.split() if line.startswith(("DTSTART", "DUE", "DURATION", "RECURRENCE-ID", "RRULE"))
        ]

    assert {name: said(name) for name in (*times, "undated")} == {
        "both": ["DTSTART:20270308T090000Z", "DUE:20270309T090000Z", "RECURRENCE-ID:20270308T090000Z"],
        "start": ["DTSTART;VALUE=DATE:20270308", "RECURRENCE-ID;VALUE=DATE:20270308"],
        "due": ["DUE:20270309T090000Z", "RECURRENCE-ID:20270309T090000Z"],
        "lasting": ["DTSTART:20270308T090000Z", "DUE:20270308T100000Z", "RECURRENCE-ID:20270308T090000Z"],
        "undated": [],
    }


def test_freebusy_is_answered_even_beside_what_radicale_cannot_read(stage: Stage) -> None:
    calendar = stage.owned(CollectionKind.CALENDAR)
    for name, text in ENTRIES.items():
        stage.put(calendar, name, text)
    body = f'<C:free-busy-query {SPACES}><C:time-range start="20270301T000000Z" end="20270302T000000Z"/></C:free-busy-query>'
    answer = stage.program().report(stage.path(calendar), body)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    assert "20270301T120000Z/20270301T130000Z" in answer.text


PEOPLE = {
    "ada.vcf": card("ada", "Ada Lovelace", "ada@example.org"),
    "bob.vcf": card("bob", "Bob Müller", "bob@work.example"),
    "cy.vcf": card("cy", "Cy Young", "cy@example.org").replace(
        "END:VCARD", "TEL;TYPE=CELL:+49 (30) 12-34\r\nNICKNAME:Ace\r\nEND:VCARD"
    ),
}


def named(name: str, inner: str, test: str = "anyof") -> str:
    return f'<A:prop-filter name="{name}" test="{test}">{inner}</A:prop-filter>'


def match(text: str, type_: str = "contains", more: str = "") -> str:
    return f'<A:text-match match-type="{type_}" {more}>{text}</A:text-match>'


@pytest.mark.parametrize(
    ("filter_", "names"),
    [
        ("", ["ada.vcf", "bob.vcf", "cy.vcf"]),
        (named("FN", match("love")), ["ada.vcf"]),
        (named("FN", match("MULLER", "contains", 'collation="i;unicode-casemap"')), ["bob.vcf"]),
        (
            named("FN", match("Bob", "starts-with")) + named("EMAIL", match("example.org", "ends-with")),
            ["ada.vcf", "bob.vcf", "cy.vcf"],
        ),
        (named("FN", match("Cy Young", "equals")), ["cy.vcf"]),
        (named("FN", match("cy young", "equals", 'collation="i;octet"')), []),
        (named("EMAIL", match("work", "contains", 'negate-condition="yes"')), ["ada.vcf", "cy.vcf"]),
        (named("TEL", match("30")), ["cy.vcf"]),
        (named("TEL", match("12-34")), ["cy.vcf"]),
        (named("TEL", ""), ["cy.vcf"]),
        (named("TEL", "<A:is-not-defined/>"), ["ada.vcf", "bob.vcf"]),
        (named("TEL", '<A:param-filter name="TYPE"><A:text-match>cell</A:text-match></A:param-filter>'), ["cy.vcf"]),
        (named("NICKNAME", match("ace")), ["cy.vcf"]),
        (named("N", match("young;cy")), ["cy.vcf"]),
        (named("UID", match("ada", "equals")), ["ada.vcf"]),
    ],
)
def test_addressbook_query_finds_who_fits(stage: Stage, filter_: str, names: list[str]) -> None:
    book = stage.owned(CollectionKind.BOOK)
    for name, text in PEOPLE.items():
        stage.put(book, name, text)
    path = stage.path(book)
    body = f"<A:addressbook-query {SPACES}><D:prop><D:getetag/></D:prop><A:filter>{filter_}</A:filter></A:addressbook-query>"
    found = parsed(stage.program().report(path, body)).hrefs
    assert sorted(href.removeprefix(path) for href in found) == names


def test_both_tests_must_hold_when_all_are_asked(stage: Stage) -> None:
    book = stage.owned(CollectionKind.BOOK)
    for name, text in PEOPLE.items():
        stage.put(book, name, text)
    both = named("FN", match("o")) + named("EMAIL", match("example.org"))
    filter_ = f'<A:filter test="allof">{both}</A:filter>'
    body = f"<A:addressbook-query {SPACES}><D:prop><D:getetag/></D:prop>{filter_}</A:addressbook-query>"
    path = stage.path(book)
    found = sorted(href.removeprefix(path) for href in parsed(stage.program().report(path, body)).hrefs)
    assert found == ["ada.vcf", "cy.vcf"]


def test_unknown_report_is_refused_and_lists_nothing(stage: Stage) -> None:
    calendar = stage.owned(CollectionKind.CALENDAR)
    stage.put(calendar, "1.ics", event("1"))
    program = stage.program()
    for name in ("D:unknown", "A:addressbook-query", "A:addressbook-multiget"):
        answer = program.report(stage.path(calendar), f"<{name} {SPACES}><D:prop><D:getetag/></D:prop></{name}>")
        assert answer.status_code == 403
        assert "supported-report" in answer.text
        assert "1.ics" not in answer.text
    named_reports = program.propfind(stage.path(calendar), "D:supported-report-set").of(stage.path(calendar))
    assert len(named_reports[f"{D}supported-report-set"]) == 4
