"""What filters cost, and whose time zones they go by: everything is counted, and nothing is shared between people."""

import logging
from collections.abc import Iterator
from datetime import UTC
from xml.etree.ElementTree import Element

import pytest

from pimgate.api import Item, ItemId
from pimgate_dav.errors import Precondition
from pimgate_dav.filters import of_books, of_calendars, words
from pimgate_dav.filters.moments import Looks
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


def does_fit(text: str, filter_: Element, looks: Looks) -> bool:
    asked = of_calendars.filter_of(filter_).asked
    assert asked is not None
    return fits(text, asked, UTC, looks)


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
    with pytest.raises(Precondition, match="") as refused:
        room.filter_of(too_much)
    assert (refused.value.status, refused.value.rule.rpartition("}")[2]) == (403, "supported-filter")


def test_words_are_folded_once_for_all_comparisons(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = of_calendars.filter_of(
        of("VEVENT", PROP.format("".join(MATCH.format(each) for each in "lunchlunch")))
    ).asked
    of_cards = of_books.filter_of(tree("A", NAMED.format("nobody") * 40))
    folded: list[str] = []
    monkeypatch.setattr(words, "search_key", lambda text: folded.append(text) or text.lower())
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
    looks = Looks(4)
    near, far = span("20261101", "20261201"), span("99980101", "99990101")
    assert not does_fit(DAILY, of("VTODO", far), looks)
    assert not does_fit(WITH_ALARM, of("VEVENT", RINGS(far)), looks)
    assert not does_fit(event("1"), of("VEVENT", RINGS(near)), looks)
    assert looks.left == 4, "nothing happens in those years, and there is no alarm"
    assert does_fit(DAILY, of("VTODO", near), looks)
    assert does_fit(WITH_ALARM, of("VEVENT", RINGS(near)), looks)
    assert not does_fit(WITH_ALARM, of("VEVENT", RINGS(span("20191201", "20191231"))), looks)
    assert does_fit(WITH_ALARM, of("VEVENT", RINGS(span("20191231", "20200101"))), looks)
    assert looks.left == 0
    with pytest.raises(Precondition, match="too much to work out"):
        does_fit(DAILY, of("VTODO", near), looks)


def test_a_long_or_endless_series_counts_for_many() -> None:
    for text, least in (
        (DAILY.replace("SUMMARY:", f"SUMMARY:{'x' * 100_000}"), 20),
        (DAILY.replace("FREQ=DAILY", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31;COUNT=3"), 10),
    ):
        looks = Looks(1_000)
        does_fit(text, of("VTODO", span("20261101", "20261201")), looks)
        assert looks.left < 1_000 - least


WRONG = (
    "BEGIN:VTIMEZONE\r\nTZID:America/Bogota\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+1200\r\n"
    "TZOFFSETTO:+1200\r\nTZNAME:X\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)
AT_TEN = task("1").replace("SUMMARY", "DTSTART;TZID=America/Bogota:20261122T100000\r\nSUMMARY")


def test_rules_of_a_zone_that_somebody_sends_count_for_that_text_alone() -> None:
    hour = '<C:time-range start="20261122T143000Z" end="20261122T153000Z"/>'
    theirs = AT_TEN.replace("BEGIN:VTODO", f"{WRONG}BEGIN:VTODO")
    assert not does_fit(theirs, of("VTODO", hour), Looks())
    assert does_fit(AT_TEN, of("VTODO", hour), Looks())


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
