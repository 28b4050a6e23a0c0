"""What a program sent is what everybody gets, octet for octet, under an ETag of those very octets."""

import pytest

from pimgate.api import CollectionKind, etag_of
from plugins.dav.stage import DAVX5, SPACES, A, C, D, Stage, card, event, parsed

pytestmark = pytest.mark.both_databases


def crlf(text: str) -> str:
    return text.strip().replace("\n", "\r\n") + "\r\n"


OVERRIDE_ALONE = crlf("""
BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//invited//EN
BEGIN:VEVENT
UID:invited
RECURRENCE-ID:20270308T090000Z
DTSTAMP:20270101T000000Z
DTSTART:20270308T100000Z
DTEND:20270308T110000Z
SUMMARY:Just this one
END:VEVENT
BEGIN:VEVENT
UID:invited
RECURRENCE-ID:20270315T090000Z
DTSTAMP:20270101T000000Z
DTSTART:20270315T100000Z
DTEND:20270315T110000Z
SUMMARY:And this one
END:VEVENT
END:VCALENDAR
""")

CALENDARS = {
    "plain": event("plain"),
    "line feeds only": event("lf").replace("\r\n", "\n"),
    "folded in the middle of a letter's neighbours": event("fold", "Caf\r\n é and a lo\r\n ng day"),
    "unknown properties in an odd order": event(
        "odd", "x", "20270301T120000Z", 'X-ODD;A=b,c;D="e;f":1\\,2\\;3', "x-lower:y"
    ),
    "overrides without their series": OVERRIDE_ALONE,
    "an end before the start": event("until", "x", "20270301T120000Z", "RRULE:FREQ=DAILY;UNTIL=20270101T000000Z"),
    "periods": event("period", "x", "20270301T120000Z", "RDATE;VALUE=PERIOD:20270401T120000Z/PT2H"),
    "a zone by its Windows name": event("zone").replace(
        "DTSTART:20270301T120000Z", 'DTSTART;TZID="W. Europe Standard Time":20270301T120000'
    ),
    "less than, ampersand and a bell curve": event("xml", "a < b && c > d ]]> 🔔"),
}
CARDS = {
    "plain": card("plain"),
    "repeated types": card("types").replace("EMAIL;TYPE=INTERNET", "item1.EMAIL;TYPE=A;TYPE=B;type=pref"),
    "version 2.1": crlf(
        "BEGIN:VCARD\nVERSION:2.1\nUID:old\nN;CHARSET=UTF-8:Müller;Jürgen\nFN:J\nTEL;HOME;VOICE:1\nEND:VCARD"
    ),
    "version 4.0": crlf("BEGIN:VCARD\nVERSION:4.0\nUID:urn:uuid:1\nFN:N\nKIND:group\nMEMBER:urn:uuid:2\nEND:VCARD"),
    "spaces at the end": card("spaces").replace("FN:Ada Lovelace", "FN:Ada Lovelace   \r\nNOTE: x \\n y "),
}


@pytest.mark.parametrize("text", CALENDARS.values(), ids=CALENDARS)
def test_calendar_object_comes_back_as_it_was_sent(stage: Stage, text: str) -> None:
    calendar = stage.path(stage.owned(CollectionKind.CALENDAR))
    same_everywhere(stage, calendar, "x.ics", text, "C:calendar", C + "calendar-data")


@pytest.mark.parametrize("text", CARDS.values(), ids=CARDS)
def test_card_comes_back_as_it_was_sent(stage: Stage, text: str) -> None:
    book = stage.path(stage.owned(CollectionKind.BOOK))
    same_everywhere(stage, book, "x.vcf", text, "A:addressbook", A + "address-data")


def same_everywhere(stage: Stage, path: str, name: str, text: str, service: str, data: str) -> None:
    program = stage.program()
    put = program.ask("PUT", path + name, text)
    assert (put.status_code, put.headers["etag"]) == (201, f'"{etag_of(text)}"'), put.text
    got = stage.program(DAVX5).ask("GET", path + name)
    assert (got.content, got.headers["etag"]) == (text.encode(), put.headers["etag"])
    props = f"<D:getetag/><{service.partition(':')[0]}:{data.rpartition('}')[2]}/>"
    multiget = (
        f"<{service}-multiget {SPACES}><D:prop>{props}</D:prop><D:href>{path + name}</D:href></{service}-multiget>"
    )
    for answer in (program.report(path, multiget), program.sync(path, props=props)):
        found = parsed(answer).of(path + name)
        assert found[data].text == text
        assert found[f"{D}getetag"].text == put.headers["etag"]


def test_names_of_items_survive(stage: Stage) -> None:
    program, calendar = stage.program(), stage.path(stage.owned(CollectionKind.CALENDAR))
    names = ["a%20b.ics", "%C3%A9t%C3%A9.ics", "a+b@c.ics", "100%25.ics", "x%3Fy%23z.ics", "no-ending"]
    for number, name in enumerate(names):
        assert program.ask("PUT", calendar + name, event(f"uid-{number}")).status_code == 201
    hrefs = [href for href in program.propfind(calendar, "D:getetag", depth="1").hrefs if href != calendar]
    assert len(hrefs) == len(names)
    assert [program.ask("GET", href).status_code for href in hrefs] == [200] * len(names)
    assert [program.ask("GET", calendar + name).status_code for name in names] == [200] * len(names)
    multiget = "".join(f"<D:href>{href}</D:href>" for href in hrefs)
    body = f"<C:calendar-multiget {SPACES}><D:prop><D:getetag/></D:prop>{multiget}</C:calendar-multiget>"
    assert parsed(program.report(calendar, body)).hrefs == hrefs


def test_encoded_slash_is_no_way_out(stage: Stage) -> None:
    program, calendar = stage.program(), stage.path(stage.owned(CollectionKind.CALENDAR))
    for name in ("..%2Fx.ics", "a%2Fb.ics", "%2e%2e", "%00.ics", "%ff.ics", "a%0d%0ab"):
        assert program.ask("PUT", calendar + name, event("x")).status_code in (403, 404)
        assert program.ask("GET", calendar + name).status_code == 404


def test_item_stands_under_the_name_that_its_program_chose(stage: Stage) -> None:
    program, path = stage.program(), stage.path(stage.owned(CollectionKind.CALENDAR))
    names = ["a%C2%A0b.ics", "%E3%80%80.ics", "%F0%9F%91%A9%E2%80%8D%F0%9F%9A%80.ics"]
    for name in names:
        assert program.ask("PUT", path + name, event(name)).status_code == 201
        assert program.ask("GET", path + name).text == event(name)
    assert {f"{path}{name}" for name in names} <= set(parsed(program.sync(path)).hrefs)
    assert [program.ask("DELETE", path + name).status_code for name in names] == [204] * 3


def test_name_that_cannot_be_is_refused_with_a_sentence_and_found_nowhere(stage: Stage) -> None:
    program, path = stage.program(), stage.path(stage.owned(CollectionKind.CALENDAR))
    assert program.ask("PUT", f"{path}1.ics", event("1")).status_code == 201
    for name in ("x" * 255, "a%09b.ics", "a%00b.ics", "a%2Fb.ics", "a%E2%80%A8b.ics", "a%FFb.ics"):
        for refused in (
            program.ask("PUT", path + name, event("2")),
            program.ask("MKCALENDAR", program.home + name),
            program.ask("MOVE", f"{path}1.ics", destination=f"{stage.url}{path}{name}"),
            program.ask("COPY", f"{path}1.ics", destination=f"{stage.url}{path}{name}"),
        ):
            assert (refused.status_code, "name" in refused.text) == (403, True)
        for method in ("GET", "PROPFIND", "DELETE"):
            assert program.ask(method, path + name).status_code == 404
