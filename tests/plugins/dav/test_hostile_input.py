"""Whatever comes, no answer begins with 5, nothing takes long, and nothing is broken afterwards."""

import itertools
import random
import time
import tracemalloc

import pytest

from pimgate.api import CollectionKind
from pimgate_dav.xml_in import BadXml, read_xml
from pimgate_dav.xml_out import element
from plugins.dav.stage import APPLE, SPACES, Stage, card, event, parsed

XML_DECLARATION = '<?xml version="1.0"?>'
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BAD_XML = {
    "not closed": b"<D:propfind xmlns:D='DAV:'><D:prop>",
    "no xml": b"BEGIN:VCALENDAR",
    "octets": bytes(range(256)),
    "two roots": b"<a/><b/>",
    "unknown prefix": b"<X:propfind/>",
    "document type": b"<!DOCTYPE propfind><propfind/>",
    "external document type": b"<!DOCTYPE p SYSTEM 'http://127.0.0.1:1/x.dtd'><p/>",
    "external entity": b"<!DOCTYPE p [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><p>&x;</p>",
    "parameter entity": b"<!DOCTYPE p [<!ENTITY % x SYSTEM 'file:///etc/passwd'>%x;]><p/>",
    "laughs": f"<!DOCTYPE p [<!ENTITY l0 'ha'>{LAUGHS}]><p>&l9;</p>".encode(),
    "undeclared entity": b"<p>&nbsp;</p>",
    "depth": b"<a>" * 200_000,
    "depth, closed": b"<a>" * 65 + b"</a>" * 65,
    "nodes": b"<a>" + b"<b/>" * 100_001 + b"</a>",
    "attributes": b"<a " + b" ".join(b"a%d='1'" % n for n in range(1000)) + b"/>",
    "latin": XML_DECLARATION.replace("?>", ' encoding="iso-8859-1"?>').encode() + b"<a>\xe9</a>",
    "utf-7": XML_DECLARATION.replace("?>", ' encoding="utf-7"?>').encode() + b"<a/>",
    "unknown encoding": XML_DECLARATION.replace("?>", ' encoding="x-none"?>').encode() + b"<a/>",
    "half utf-16": "<a/>".encode("utf-16")[:-1],
    "wrong utf-8": b"<a>\xff\xfe</a>",
    "control": b"<a>\x00</a>",
    "only a declaration": XML_DECLARATION.encode(),
}


@pytest.mark.parametrize("octets", BAD_XML.values(), ids=BAD_XML)
def test_bad_xml_is_refused_at_once(octets: bytes) -> None:
    begun = time.thread_time()
    with pytest.raises(BadXml) as refused:
        read_xml(octets)
    assert time.thread_time() - begun < 5
    assert refused.value.public.endswith(".")
    assert "passwd" not in refused.value.public


def test_names_that_clients_invent_take_no_room_when_they_were_answered() -> None:
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(20):
            assert element(f"{{urn:x}}{'n' * 1_000_000}{number}").endswith("/>")
        assert tracemalloc.get_traced_memory()[0] - before < 1_000_000
    finally:
        tracemalloc.stop()


def test_good_xml_is_read_whatever_its_encoding() -> None:
    text = '<p xmlns="DAV:" a="1">x<q/>é<!-- no --><?no no?>y</p>'
    for octets in (
        text.encode(),
        b"\xef\xbb\xbf" + text.encode(),
        text.encode("utf-16"),
        f"{XML_DECLARATION}{text}".encode(),
    ):
        root = read_xml(octets)
        assert root is not None
        assert (root.tag, root.get("a"), root.text) == ("{DAV:}p", "1", "x")
        assert "".join(root.itertext()) == "xéy"
    assert read_xml(b"  ") is None


def test_no_body_and_no_header_leads_to_a_failure(stage: Stage) -> None:
    """Bad bodies with every method at every sort of place: about a hundred and fifty requests."""
    program = stage.program(APPLE)
    calendar, book = stage.owned(CollectionKind.CALENDAR), stage.owned(CollectionKind.BOOK)
    stage.put(calendar, "1.ics", event("1"))
    stage.put(book, "1.vcf", card("1"))
    places = ["/dav/", program.home, stage.path(calendar), f"{stage.path(book)}1.vcf"]
    bodies = [BAD_XML[name] for name in ("not closed", "octets", "laughs", "depth, closed", "wrong utf-8")] + SENSELESS
    failures = []
    for number, (body, method) in enumerate(
        itertools.product(bodies, ("PROPFIND", "PROPPATCH", "REPORT", "MKCOL", "MKCALENDAR"))
    ):
        path = places[number % len(places)] + ("" if method != "MKCOL" else "made/")
        answer = program.ask(
            method, path, body, depth=random.Random(number).choice(["0", "1", "infinity", "-1", "", "x"])
        )
        if answer.status_code >= 500:
            failures.append((method, path, body[:80], answer.status_code))
    assert failures == []
    assert parsed(program.sync(stage.path(calendar))).hrefs == [f"{stage.path(calendar)}1.ics"]


def report(name: str, inner: str) -> bytes:
    return f"<{name} {SPACES}>{inner}</{name}>".encode()


def calendar_query(inner: str) -> bytes:
    return report("C:calendar-query", f"<D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter>{inner}</C:filter>")


def events(inner: str) -> bytes:
    return calendar_query(
        f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{inner}</C:comp-filter></C:comp-filter>'
    )


def expand(attributes: str) -> bytes:
    return report("C:calendar-query", f"<D:prop><C:calendar-data><C:expand {attributes}/></C:calendar-data></D:prop>")


def cards(inner: str) -> bytes:
    return report("A:addressbook-query", f"<D:prop><D:getetag/></D:prop><A:filter>{inner}</A:filter>")


SENSELESS = [
    b"<propfind/>",
    b'<D:propfind xmlns:D="DAV:"/>',
    b'<D:propfind xmlns:D="DAV:"><D:prop/></D:propfind>',
    b'<D:propfind xmlns:D="DAV:"><D:prop><plain/><n xmlns="urn:&quot;&lt;"/></D:prop></D:propfind>',
    report("D:propfind", "<D:prop>" + "".join(f"<D:x{n}/>" for n in range(600)) + "</D:prop>"),
    report("D:propertyupdate", ""),
    report("D:propertyupdate", "<D:set/>"),
    report("D:propertyupdate", "<D:set><D:prop><D:displayname/></D:prop></D:set>"),
    report("D:propertyupdate", "<D:set><D:prop><D:displayname>\x85\u2028</D:displayname></D:prop></D:set>"),
    report("D:propertyupdate", f"<D:set><D:prop><I:calendar-color>{'x' * 9000}</I:calendar-color></D:prop></D:set>"),
    report("D:propertyupdate", f"<D:set><D:prop><x>{'x' * 90_000}</x></D:prop></D:set>"),
    report("D:unknown-report", ""),
    report("D:expand-property", ""),
    report("D:sync-collection", ""),
    report("D:sync-collection", "<D:sync-token>&#9;</D:sync-token><D:prop><D:getetag/></D:prop>"),
    report("C:calendar-multiget", "<D:href/><D:href>http://[bad</D:href><D:href>%zz</D:href><D:href>/dav/%ff</D:href>"),
    report("A:addressbook-multiget", "<D:href>" + "x" * 10_000 + "</D:href>"),
    report("C:free-busy-query", ""),
    report("C:free-busy-query", '<C:time-range start="x"/>'),
    report("C:free-busy-query", '<C:time-range start="20270101T000000Z" end="20260101T000000Z"/>'),
    calendar_query(""),
    calendar_query("<C:comp-filter/>"),
    calendar_query('<C:comp-filter name="VEVENT"/>'),
    calendar_query('<C:comp-filter name="VCALENDAR"/>' * 2),
    calendar_query('<C:comp-filter name="VCALENDAR">' * 40 + "</C:comp-filter>" * 40),
    events('<C:time-range start="99999999T000000Z"/>'),
    events('<C:time-range start="00010101T000000Z" end="99991231T235959Z"/>'),
    events('<C:time-range start="20270101T000000Z" end="20270101T000000Z"/>'),
    events("<C:time-range/>"),
    events("<C:unknown/>"),
    events('<C:prop-filter name="SUMMARY"><C:text-match collation="i;none">x</C:text-match></C:prop-filter>'),
    events('<C:prop-filter name="DTSTART"><C:time-range start="20270101T000000Z"/></C:prop-filter>'),
    events(
        '<C:prop-filter name="X-NONE"><C:param-filter name="Y"><C:is-not-defined/></C:param-filter></C:prop-filter>'
    ),
    expand(""),
    expand('start="20270101T000000Z"'),
    expand('start="00010101T000000Z" end="99991231T235959Z"'),
    cards("<A:unknown/>"),
    cards("<A:prop-filter/>"),
    cards('<A:prop-filter name="FN" test="none"><A:text-match>x</A:text-match></A:prop-filter>'),
    cards('<A:prop-filter name="FN"><A:text-match match-type="like">x</A:text-match></A:prop-filter>'),
    cards('<A:prop-filter name="TEL"><A:text-match>%_\\</A:text-match></A:prop-filter>' * 101),
]


@pytest.mark.parametrize(
    "headers",
    [
        {"if_match": '"' * 100},
        {"if_none_match": "W/*, ,,"},
        {"destination": "http://[bad"},
        {"destination": "/dav/../../x"},
        {"overwrite": "maybe", "destination": "/dav/"},
        {"depth": "1,1"},
        {"content_type": "text/calendar; charset=none"},
        {"x_script_name": "/evil", "x_forwarded_host": "evil"},
    ],
    ids=str,
)
def test_strange_headers_do_no_harm(stage: Stage, headers: dict[str, str]) -> None:
    program, calendar = stage.program(), stage.path(stage.owned(CollectionKind.CALENDAR))
    for method in ("GET", "PUT", "DELETE", "MOVE", "COPY", "PROPFIND"):
        answer = program.ask(method, f"{calendar}1.ics", event("1") if method == "PUT" else "", **headers)
        assert answer.status_code < 500 or (answer.status_code == 502 and method in ("MOVE", "COPY"))
        assert "evil" not in answer.text


@pytest.mark.parametrize(
    "credentials", ["Basic", "Basic !!!", "Basic " + "QQ==" * 3000, "Bearer x", "Basic /w==", "Basic Og=="], ids=str
)
def test_strange_credentials_are_no_failure(stage: Stage, credentials: str) -> None:
    program = stage.program()
    answer = program.client.request(
        "PROPFIND", "/dav/", headers={"Authorization": credentials}, auth=lambda request: request
    )
    assert answer.status_code == 401


def test_body_beyond_the_cap_is_refused(stage: Stage) -> None:
    program, calendar = stage.program(), stage.path(stage.owned(CollectionKind.CALENDAR))
    assert program.ask("PUT", f"{calendar}1.ics", b"x" * 5_000_000).status_code == 413
    assert program.ask("REPORT", calendar, b"<a>" + b" " * 5_000_000 + b"</a>").status_code == 413
    assert program.ask("GET", f"{calendar}1.ics").status_code == 404


def test_depth_without_bounds_is_refused(stage: Stage) -> None:
    answer = stage.program().ask("PROPFIND", "/dav/", depth="infinity")
    assert answer.status_code == 403
    assert "propfind-finite-depth" in answer.text


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;COUNT=100000000",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;COUNT=999999999",
    ],
)
def test_recurrence_without_reason_costs_little(stage: Stage, rule: str) -> None:
    program, calendar = stage.program(), stage.path(stage.owned(CollectionKind.CALENDAR))
    begun = time.perf_counter()
    program.ask("PUT", f"{calendar}1.ics", event("1", "x", "20270101T000000Z", f"RRULE:{rule}"))
    window = '<C:time-range start="20270301T000000Z" end="20270302T000000Z"/>'
    assert program.report(calendar, events(window).decode()).status_code == 207
    assert program.report(calendar, report("C:free-busy-query", window).decode()).status_code in (200, 400)
    assert time.perf_counter() - begun < 20


def test_what_asks_for_too_much_is_refused_by_its_rule(stage: Stage) -> None:
    program = stage.program()
    calendar, book = stage.owned(CollectionKind.CALENDAR), stage.path(stage.owned(CollectionKind.BOOK))
    path = stage.path(calendar)
    stage.put(calendar, "daily.ics", event("daily", "x", "20200101T000000Z", "RRULE:FREQ=DAILY"))
    names = "".join(f"<D:href>{path}{number}.ics</D:href>" for number in range(6_000))
    asked = {
        "number-of-matches-within-limits": [
            report("C:calendar-multiget", names),
            expand('start="19000101T000000Z" end="22000101T000000Z"'),
            report("C:free-busy-query", '<C:time-range start="19000101T000000Z" end="22000101T000000Z"/>'),
        ],
        "supported-calendar-data": [
            report("C:calendar-query", '<D:prop><C:calendar-data content-type="application/calendar+json"/></D:prop>')
        ],
        "valid-calendar-data": [
            report("C:calendar-query", f"<D:prop><C:calendar-data>{nested}</C:calendar-data></D:prop>")
            for nested in (
                '<C:comp name="VCALENDAR">' * 20 + "</C:comp>" * 20,
                '<C:comp name="VCALENDAR">' + '<C:prop name="X"/>' * 2_000 + "</C:comp>",
            )
        ],
    }
    for rule, bodies in asked.items():
        for body in bodies:
            answer = program.report(path, body.decode())
            assert (answer.status_code, rule in answer.text) == (403, True), body[:200]
    many = f"<C:calendar-multiget {SPACES}>{'<D:href>/</D:href>' * 100_001}</C:calendar-multiget>"
    assert program.report(path, many).status_code == 400
    assert (
        program.ask("PUT", f"{book}1.vcf", card("1").replace("FN:", f"NOTE:{'x' * 8_000_000}\r\nFN:")).status_code
        == 413
    )
    secondly = program.ask("PUT", f"{path}1.ics", event("1", "x", "20270101T000000Z", "RRULE:FREQ=SECONDLY"))
    assert (secondly.status_code, "valid-calendar-data" in secondly.text) == (403, True)
    assert parsed(program.sync(path)).hrefs == [f"{path}daily.ics"]
