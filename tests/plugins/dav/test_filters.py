"""What filters cost, and whose time zones they go by: everything is counted, and nothing is shared between people."""

import logging
from collections.abc import Iterator
from datetime import UTC, tzinfo
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

import pytest

from pimgate.api import Item, ItemId
from pimgate_dav.errors import Precondition
from pimgate_dav.filters import of_books, of_calendars, words
from pimgate_dav.filters.moments import A_LOOK, EFFORT_FOR_ONE, Looks
from pimgate_dav.filters.of_components import fits
from pimgate_dav.xml_in import read_xml
from plugins.dav.stage import SPACES, card, event, task


def tree(sort: str, inner: str) -> Element:
    found = read_xml(f"<{sort}:filter {SPACES}>{inner}</{sort}:filter>".encode())
    assert found is not None
    return found


def of(kind: str, inner: str) -> Element:
    return tree(
        "C", f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="{kind}">{inner}</C:comp-filter></C:comp-filter>'
    )


def span(start: str, end: str) -> str:
    return f'<C:time-range start="{start}T000000Z" end="{end}T000000Z"/>'


def does_fit(text: str, filter_: Element, looks: Looks, zone: tzinfo = UTC) -> bool:
    asked = of_calendars.filter_of(filter_).asked
    assert asked is not None
    return fits(text, asked, zone, looks)


MATCH = "<C:text-match>{}</C:text-match>"
PROP = '<C:prop-filter name="SUMMARY">{}</C:prop-filter>'
NAMED = '<A:prop-filter name="FN"><A:text-match match-type="equals">{}</A:text-match></A:prop-filter>'


@pytest.mark.parametrize(
    "too_much",
    [
        of("VEVENT", PROP.format(MATCH.format("é" * 1_001))),
        of("VEVENT", PROP.format("") * 100),
        of("VEVENT", PROP.format('<C:param-filter name="X"/>' * 20) * 10),
        tree("A", NAMED.format("é" * 1_001)),
        tree("A", NAMED.format("x") * 51),
    ],
    ids=range(5),
)
def test_a_filter_that_asks_too_much_is_refused_before_anything_is_looked_at(too_much: Element) -> None:
    room = of_books if too_much.tag.endswith("carddav}filter") else of_calendars
    with pytest.raises(Precondition) as refused:
        room.filter_of(too_much)
    assert (refused.value.status, refused.value.precondition.rpartition("}")[2]) == (403, "supported-filter")


def test_words_are_folded_once_for_all_comparisons(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = of_calendars.filter_of(
        of("VEVENT", PROP.format("".join(MATCH.format(each) for each in "lunchlunch")))
    ).asked
    of_cards = of_books.filter_of(tree("A", NAMED.format("nobody") * 40))
    folded: list[str] = []

    def counted(text: str) -> str:
        folded.append(text)
        return text.lower()

    monkeypatch.setattr(words, "search_key", counted)
    assert asked is not None
    for number in range(3):
        assert fits(event(f"{number}", "Lunch"), asked, UTC, Looks())
        assert not of_books.fits(card(f"{number}"), of_cards)
    assert folded == ["Lunch", "Ada Lovelace"] * 3


class CountedBook:
    """A book that counts the searches of its index."""

    def __init__(self) -> None:
        self.searches = 0
        self.pages = 0

    def items_matching(self, words: str, limit: int) -> list[Item]:
        self.searches += 1
        return []

    def heads_after(self, after: ItemId, limit: int) -> list[Item]:
        self.pages += 1
        return []


def test_many_alternatives_are_one_look_at_the_book_and_not_many_searches() -> None:
    few, many = CountedBook(), CountedBook()
    for book, count in ((few, 10), (many, 40)):
        wanted = of_books.filter_of(tree("A", "".join(NAMED.format(f"person {number}") for number in range(count))))
        assert list(of_books.matching(book, wanted)) == []  # type: ignore[arg-type]
    assert (few.searches, few.pages) == (10, 0)
    assert (many.searches, many.pages) == (0, 1)


DAILY = task("daily").replace(
    "SUMMARY", "DTSTART:19000101T100000Z\r\nDUE:19000101T110000Z\r\nRRULE:FREQ=DAILY\r\nSUMMARY"
)
WITH_ALARM = event(
    "alarm",
    "Talk",
    "20200101T100000Z",
    "RRULE:FREQ=DAILY",
    "BEGIN:VALARM",
    "ACTION:AUDIO",
    "TRIGGER:-P1D",
    "END:VALARM",
)
RINGS = '<C:comp-filter name="VALARM">{}</C:comp-filter>'.format


def test_series_are_worked_out_within_the_window_and_each_is_counted() -> None:
    looks, near, far = Looks(), span("20261101", "20261201"), span("99980101", "99990101")
    before = looks.left
    assert not does_fit(DAILY, of("VTODO", far), looks)
    assert not does_fit(WITH_ALARM, of("VEVENT", RINGS(far)), looks)
    assert not does_fit(event("1"), of("VEVENT", RINGS(near)), looks)
    assert looks.left == before, "nothing is known of those years, and there is no alarm"
    assert does_fit(DAILY, of("VTODO", near), looks)
    assert does_fit(WITH_ALARM, of("VEVENT", RINGS(near)), looks)
    assert not does_fit(WITH_ALARM, of("VEVENT", RINGS(span("20191201", "20191231"))), looks)
    assert does_fit(WITH_ALARM, of("VEVENT", RINGS(span("20191231", "20200101"))), looks)
    assert 4 * A_LOOK <= before - looks.left < 8 * A_LOOK, "the years since 1900 are not walked through"
    with pytest.raises(Precondition) as refused:
        does_fit(DAILY, of("VTODO", near), Looks(A_LOOK))
    assert refused.value.precondition == "{DAV:}number-of-matches-within-limits"


NEVER = "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31"


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        (DAILY.replace("SUMMARY:", f"SUMMARY:{'x' * 100_000}"), 20 * A_LOOK),
        (DAILY.replace("FREQ=DAILY", f"{NEVER};COUNT=3"), EFFORT_FOR_ONE),
        (DAILY.replace("FREQ=DAILY", NEVER), EFFORT_FOR_ONE // 2),
    ],
    ids=["long", "counted from long ago", "never"],
)
def test_a_series_that_is_much_work_counts_for_many(text: str, cost: int) -> None:
    looks = Looks()
    before = looks.left
    does_fit(text, of("VTODO", span("20261101", "20261201")), looks)
    assert before - looks.left >= cost


AUCKLAND = ZoneInfo("Pacific/Auckland")
BELL = ("BEGIN:VALARM", "ACTION:AUDIO", "TRIGGER;RELATED=END:PT5M", "REPEAT:2", "DURATION:PT10M", "END:VALARM")


@pytest.mark.parametrize("rule", [(), ("RRULE:FREQ=DAILY;COUNT=2",)], ids=["once", "daily"])
def test_local_times_of_tasks_alarms_and_properties_are_meant_in_the_zone_of_the_query(rule: tuple[str, ...]) -> None:
    """In Auckland it is 13 hours later: an event until 10:30, rung for after it at 10:35, 10:45 and 10:55, begins at 20:30Z."""
    talk = event("1", "Talk", "20270302T093000", *rule, *BELL)
    to_do = task("1").replace("SUMMARY", "\r\n".join(["DTSTART:20270302T093000", *rule, "SUMMARY"]))
    prop = '<C:prop-filter name="DTSTART">{}</C:prop-filter>'.format
    for text, kind, inner, inside in (
        (talk, "VEVENT", str, ("202500", "203500")),
        (talk, "VEVENT", prop, ("202500", "203500")),
        (talk, "VEVENT", RINGS, ("215400", "215600")),
        (to_do, "VTODO", str, ("202500", "203500")),
    ):
        window = '<C:time-range start="20270301T{}Z" end="20270301T{}Z"/>'.format
        assert does_fit(text, of(kind, inner(window(*inside))), Looks(), AUCKLAND)
        assert not does_fit(text, of(kind, inner(window(*inside))), Looks())
        assert not does_fit(text, of(kind, inner(window("215600", "230000"))), Looks(), AUCKLAND)


WRONG = (
    "BEGIN:VTIMEZONE\r\nTZID:{}\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+1200\r\n"
    "TZOFFSETTO:+1200\r\nTZNAME:X\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)
AT_TEN = task("1").replace("SUMMARY", "DTSTART;TZID=America/Bogota:20261122T100000\r\nSUMMARY")


@pytest.mark.parametrize(("zone", "hour"), [("America/Bogota", 15), ("Asia/Kolkata", 4), ("Our office", 10)])
def test_rules_of_a_zone_that_somebody_sends_count_for_that_text_alone(zone: str, hour: int) -> None:
    window = f'<C:time-range start="20261122T{hour - 1:02}3000Z" end="20261122T{hour:02}3030Z"/>'
    mine = AT_TEN.replace("America/Bogota", zone)
    theirs = mine.replace("BEGIN:VTODO", f"{WRONG.format(zone)}BEGIN:VTODO")
    does_fit(theirs, of("VTODO", window), Looks())
    assert does_fit(mine, of("VTODO", window), Looks())


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.DEBUG, logger=""):
        yield caplog


def test_what_a_text_says_is_not_logged_when_it_is_odd(everything_logged: pytest.LogCaptureFixture) -> None:
    odd = AT_TEN.replace("America/Bogota", "Dr. Meier oncology 14h")
    alarm = "BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:soon\r\nEND:VALARM\r\nEND:VTODO"
    for text in (odd, odd.replace("END:VTODO", alarm)):
        for inner in (span("20261101", "20261201"), RINGS(span("20261101", "20261201"))):
            does_fit(text, of("VTODO", inner), Looks())
    assert everything_logged.text == ""
