"""Radicale's inner interfaces move between minor releases: what of them is used here, and that our lanes say what it says."""

import inspect
import itertools
import logging
import re
from collections.abc import Callable, Iterator
from datetime import UTC
from xml.etree import ElementTree

import pytest
import radicale
from radicale.app import Application
from radicale.auth import BaseAuth
from radicale.item import Item as RadicaleItem
from radicale.item.filter import comp_match
from radicale.rights import BaseRights
from radicale.storage import BaseCollection, BaseStorage

from benchmarks.gateway import BERLIN
from pimgate.api import CollectionKind, DeviceFacts, Identity
from pimgate.core import Core
from pimgate_dav.answer import Answer
from pimgate_dav.behind.application import Behind
from pimgate_dav.behind.collection import KeptCollection
from pimgate_dav.behind.storage import ViewStorage
from pimgate_dav.filters.conditions import conditions_of
from pimgate_dav.filters.moments import Looks
from pimgate_dav.filters.of_components import fits
from pimgate_dav.lanes.table import lanes
from pimgate_dav.layout import Place
from pimgate_dav.settings import DavSettings
from pimgate_dav.visit import Ask, Visit
from pimgate_dav.xml_in import read_xml
from plugins.dav.stage import SPACES, A, C, D, card, event, task

HANDLER = ["self", "environ", "base_prefix", "path", "user", "user_groups", "request_info"]
SIGNATURES: dict[str, tuple[Callable[..., object], list[str]]] = {
    **{
        f"Application.do_{method}": (getattr(Application, f"do_{method}"), HANDLER)
        for method in ("PROPPATCH", "MKCOL", "MKCALENDAR", "REPORT", "PROPFIND", "PUT", "DELETE", "MOVE")
    },
    "BaseRights.authorization": (BaseRights.authorization, ["self", "user", "user_groups", "path"]),
    "BaseAuth._login_ext_with_groups": (BaseAuth._login_ext_with_groups, ["self", "login", "password", "context"]),
    "BaseStorage.discover": (BaseStorage.discover, ["self", "path", "depth", "child_context_manager", "user_groups"]),
    "BaseStorage.create_collection": (BaseStorage.create_collection, ["self", "href", "items", "props"]),
    "BaseStorage.move": (BaseStorage.move, ["self", "item", "to_collection", "to_href"]),
    "BaseStorage.acquire_lock": (BaseStorage.acquire_lock, ["self", "mode", "user", "args", "kwargs"]),
    "BaseCollection.sync": (BaseCollection.sync, ["self", "old_token"]),
    "BaseCollection.get_multi": (BaseCollection.get_multi, ["self", "hrefs"]),
    "BaseCollection.get_filtered": (BaseCollection.get_filtered, ["self", "filters"]),
    "BaseCollection.upload": (BaseCollection.upload, ["self", "href", "item"]),
    "BaseCollection.delete": (BaseCollection.delete, ["self", "href"]),
    "BaseCollection.set_meta": (BaseCollection.set_meta, ["self", "props"]),
    "comp_match": (comp_match, ["item", "filter_", "level"]),
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_signature_is_the_one_that_is_used(name: str) -> None:
    function, parameters = SIGNATURES[name]
    assert list(inspect.signature(function).parameters) == parameters


def test_release_is_one_that_was_looked_at() -> None:
    assert radicale.VERSION.startswith("3.9.")


def test_nothing_abstract_is_left() -> None:
    for ours, theirs in ((KeptCollection, BaseCollection), (ViewStorage, BaseStorage)):
        for name, member in inspect.getmembers(theirs):
            source = inspect.getsource(member) if inspect.isfunction(member) else ""
            if "raise NotImplementedError" in source:
                assert getattr(ours, name) is not member, name


class Bench:
    """Visits without HTTP, so that one question can be put to a lane and to Radicale."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.behind = Behind(1_000_000, 4_000_000)
        self.lanes = lanes(self.behind)
        with core.database.write() as work:
            anna = work.people.by_login("anna@example.org")
            assert anna is not None
            identity = Identity(anna)
            device = core.devices.admit(work, identity, DeviceFacts("dav", "ua:test", agent="thunderbird/1"))
            found = [each.collection for each in work.collections.standings(anna.id)]
        self.viewer = core.viewer(identity, device)
        self.calendar = Place(anna.id, next(each.id for each in found if each.kind is CollectionKind.CALENDAR))
        self.book = Place(anna.id, next(each.id for each in found if each.kind is CollectionKind.BOOK))

    def ask(self, who: str, method: str, place: Place, body: str = "", **headers: str) -> Answer:
        xml = read_xml(body.encode()) if body.startswith("<") else None
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        with self.core.database.write() as work:
            visit = Visit(self.core, DavSettings(), self.viewer, work, Ask(method, place, given, body.encode(), xml))
            return self.lanes[method](visit) if who == "lane" else self.behind.answer(visit)

    def both(self, method: str, place: Place, body: str = "", **headers: str) -> list[Answer]:
        return [self.ask(who, method, place, body, **headers) for who in ("lane", "radicale")]


@pytest.fixture
def bench(make_core: Callable[..., Core]) -> Bench:
    made = Bench(make_core("dav"))
    for number in range(5):
        made.ask("lane", "PUT", item(made.calendar, f"{number} é.ics"), event(f"uid-{number}", f"Lunch {number}"))
        made.ask("lane", "PUT", item(made.book, f"{number}.vcf"), card(f"uid-{number}", f"Ada Number{number}"))
    made.ask("lane", "PUT", item(made.calendar, "w.ics"), event("w", "W", "20270104T090000Z", "RRULE:FREQ=WEEKLY"))
    return made


def item(place: Place, name: str) -> Place:
    return Place(place.account, place.collection, name)


def told(answer: Answer, *names: str) -> set[tuple[str, ...]]:
    """What an answer says: the address of each response, its status, and the texts of these properties."""
    root = ElementTree.fromstring(answer.body)
    return {
        (
            response.findtext(f"{D}href") or "",
            response.findtext(f"{D}status") or "",
            *((response.findtext(f".//{name}") or "").replace("\r", "") for name in names),
        )
        for response in root.findall(f"{D}response")
    }


PROPS = "<D:prop><D:getetag/>{}</D:prop>"
WINDOW = (
    '<C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
    '<C:time-range start="20270301T000000Z" end="20270302T000000Z"/></C:comp-filter></C:comp-filter></C:filter>'
)
NAMED = '<A:filter><A:prop-filter name="FN"><A:text-match>number3</A:text-match></A:prop-filter></A:filter>'


def questions(bench: Bench) -> Iterator[tuple[str, Place, str, str]]:
    props = f"<D:propfind {SPACES}>{PROPS.format('')}</D:propfind>"
    yield "PROPFIND", bench.calendar, props, f"{D}getetag"
    yield "PROPFIND", bench.book, props, f"{D}getetag"
    names = "<D:prop><D:displayname/><D:resourcetype/></D:prop>"
    yield "PROPFIND", Place(bench.calendar.account), f"<D:propfind {SPACES}>{names}</D:propfind>", f"{D}displayname"
    for sort, data, place in (("C", "calendar", bench.calendar), ("A", "address", bench.book)):
        service = "calendar" if sort == "C" else "addressbook"
        wanted, found = PROPS.format(f"<{sort}:{data}-data/>"), f"{C if sort == 'C' else A}{data}-data"
        hrefs = "".join(f"<D:href>{item(place, name).href}</D:href>" for name in ("1 é.ics", "2.vcf", "none.ics"))
        yield "REPORT", place, f"<{sort}:{service}-multiget {SPACES}>{wanted}{hrefs}</{sort}:{service}-multiget>", found
        query = WINDOW if sort == "C" else NAMED
        yield "REPORT", place, f"<{sort}:{service}-query {SPACES}>{wanted}{query}</{sort}:{service}-query>", found
        yield "REPORT", place, f"<D:sync-collection {SPACES}><D:sync-token/>{wanted}</D:sync-collection>", found


def test_lanes_say_what_radicale_says(bench: Bench) -> None:
    """But for the collection itself, to which Radicale gives an ETag that no program needs."""
    for method, place, body, name in questions(bench):
        ours, theirs = bench.both(method, place, body, depth="1")
        assert (ours.status, theirs.status) == (207, 207)
        said, heard = told(ours, name, f"{D}getetag"), told(theirs, name, f"{D}getetag")
        assert [each for each in said ^ heard if each[0] != place.href] == [], body
        assert said
        assert {each[0] for each in said} == {each[0] for each in heard}


PROPERTIES = (
    ("SUMMARY", "<C:text-match>LUNCH</C:text-match>"),
    ("SUMMARY", '<C:text-match collation="i;octet">LUNCH</C:text-match>'),
    ("SUMMARY", '<C:text-match negate-condition="yes">dinner</C:text-match>'),
    ("CATEGORIES", "<C:text-match>fun</C:text-match>"),
    ("LOCATION", "<C:is-not-defined/>"),
    ("ATTENDEE", '<C:param-filter name="PARTSTAT"><C:text-match>accepted</C:text-match></C:param-filter>'),
    ("ATTENDEE", '<C:param-filter name="ROLE"><C:is-not-defined/></C:param-filter>'),
    ("DTSTAMP", '<C:time-range start="20270101T000000Z" end="20270102T000000Z"/>'),
    ("DTSTART", '<C:time-range end="20270301T120000Z"/>'),
    ("DTSTART", '<C:time-range start="20270301T190000Z"/>'),
    ("SUMMARY", '<C:time-range start="20270301T190000Z"/>'),
)
HOURS = tuple(f"202703{day:02}T{hour:02}0001Z" for day in (1, 2, 8) for hour in (0, 8, 9, 10, 18, 19, 20))
WINDOWS = (
    *(f'<C:time-range start="{start}" end="{end}"/>' for start, end in itertools.combinations(HOURS, 2)),
    f'<C:time-range start="{HOURS[9]}"/>',
    f'<C:time-range end="{HOURS[9]}"/>',
)
FILTERS = (
    "<C:comp-filter name='VEVENT'/>",
    "<C:comp-filter name='VTODO'><C:is-not-defined/></C:comp-filter>",
    *(
        f"<C:comp-filter name='VEVENT'><C:prop-filter name='{name}'>{inner}</C:prop-filter></C:comp-filter>"
        for name, inner in PROPERTIES
    ),
    *(f"<C:comp-filter name='{kind}'>{each}</C:comp-filter>" for kind in ("VEVENT", "VTODO") for each in WINDOWS),
    *(
        f"<C:comp-filter name='VEVENT'><C:comp-filter name='VALARM'>{each}</C:comp-filter></C:comp-filter>"
        for each in WINDOWS
    ),
)


def dated(uid: str, *lines: str) -> str:
    return task(uid).replace("SUMMARY", "\r\n".join([*lines, "SUMMARY"]))


BELL = ("BEGIN:VALARM", "ACTION:AUDIO", "TRIGGER:-PT5M", "END:VALARM")
CALL = ("BEGIN:VALARM", "ACTION:AUDIO", "TRIGGER;VALUE=DATE-TIME:20270302T083000Z", "END:VALARM")
DATES = ("DTSTART:20270301T090000Z", "DUE:20270302T190000Z", "COMPLETED:20270302T093000Z", "CREATED:20270301T093000Z")
OBJECTS = (
    event("1", "Lunch"),
    event("2", "Dinner", "20270301T190000Z", "CATEGORIES:Food,Fun", "LOCATION:Home"),
    event("3", "Talk", "20270301T190000Z", *BELL),
    event("4", "Call", "20270301T190000Z", "ATTENDEE;ROLE=CHAIR;PARTSTAT=ACCEPTED:mailto:bert@example.org", *CALL),
    event("5", "Round", "20270301T190000Z", "RRULE:FREQ=WEEKLY;COUNT=2", *BELL),
    event("6", "Round", "20270301T190000Z", "RRULE:FREQ=DAILY;COUNT=2"),
    *(
        dated(str(number), *lines)
        for number, lines in enumerate(itertools.chain(*(itertools.combinations(DATES, size) for size in range(5))), 7)
    ),
    dated("30", DATES[0], "DURATION:PT10H"),
    dated("31", DATES[0], "RRULE:FREQ=WEEKLY"),
    dated("32", DATES[0], "DUE:20270301T183000Z", "RRULE:FREQ=DAILY"),
    dated("33", DATES[1], "RRULE:FREQ=DAILY;COUNT=3"),
)


def test_filters_are_decided_as_radicale_does_it() -> None:
    kinds = ["VTODO" if "BEGIN:VTODO" in text else "VEVENT" for text in OBJECTS]
    seen = [
        RadicaleItem(collection_path="", href="", name="VCALENDAR", component_name=kind, text=text)
        for kind, text in zip(kinds, OBJECTS, strict=True)
    ]
    for inner in FILTERS:
        tree = filter_tree(inner)
        asked = conditions_of(tree)
        for text, theirs in zip(OBJECTS, seen, strict=True):
            assert fits(text, asked, UTC, Looks()) is bool(comp_match(theirs, tree[0])), (inner, text)
    asked = conditions_of(filter_tree("<C:comp-filter name='VEVENT'><C:comp-filter name='VALARM'/></C:comp-filter>"))
    found = [number for number, text in enumerate(OBJECTS, 1) if fits(text, asked, UTC, Looks())]
    assert found == [3, 4, 5], "Radicale asks of alarms nothing but their times"


def filter_tree(inner: str) -> ElementTree.Element:
    found = read_xml(f'<C:filter {SPACES}><C:comp-filter name="VCALENDAR">{inner}</C:comp-filter></C:filter>'.encode())
    assert found is not None
    return found


LINES = re.compile(r"^(DTSTART|RECURRENCE-ID|SUMMARY)[^:]*:(.*)$", re.MULTILINE)
RANGE = 'start="20270301T000000Z" end="20270401T000000Z"'


def occurrences_in(text: str) -> set[frozenset[tuple[str, str]]]:
    """What each event of a text says of itself."""
    parts = text.replace("\r", "").split("BEGIN:VEVENT")[1:]
    return {frozenset((name, value) for name, value in LINES.findall(part)) for part in parts}


def test_series_are_written_out_as_radicale_does_it(bench: Bench) -> None:
    zoned = event("z", "Z", "20270310T090000", "RRULE:FREQ=DAILY;COUNT=30", "EXDATE;TZID=Europe/Berlin:20270312T090000")
    zoned = zoned.replace("DTSTART:", "DTSTART;TZID=Europe/Berlin:").replace("DURATION:PT1H", "DTEND:20270310T090000Z")
    bench.ask(
        "lane", "PUT", item(bench.calendar, "z.ics"), zoned.replace("VERSION:2.0\r\n", f"VERSION:2.0\r\n{BERLIN}")
    )
    days = event("d", "D").replace(
        "DTSTART:20270301T120000Z\r\nDURATION:PT1H", "DTSTART;VALUE=DATE:20270305\r\nRRULE:FREQ=DAILY;COUNT=10"
    )
    bench.ask("lane", "PUT", item(bench.calendar, "d.ics"), days.replace("RRULE", "DTEND;VALUE=DATE:20270306\r\nRRULE"))
    names = "".join(f"<D:href>{item(bench.calendar, name).href}</D:href>" for name in ("w.ics", "z.ics", "d.ics"))
    data = f"<D:prop><C:calendar-data><C:expand {RANGE}/></C:calendar-data></D:prop>"
    body = f"<C:calendar-multiget {SPACES}>{data}{names}</C:calendar-multiget>"
    ours, theirs = bench.both("REPORT", bench.calendar, body, depth="1")
    said, heard = (
        {href: occurrences_in(text) for href, _, text in told(each, f"{C}calendar-data")} for each in (ours, theirs)
    )
    assert {href: len(found) for href, found in said.items()} == {
        item(bench.calendar, name).href: count for name, count in (("w.ics", 5), ("z.ics", 21), ("d.ics", 10))
    }
    for href, found in said.items():
        assert sorted(map(sorted, found - heard[href])) == sorted(map(sorted, heard[href] - found)) == [], href


def test_free_and_busy_times_are_those_of_radicale(bench: Bench) -> None:
    bench.ask("lane", "PUT", item(bench.calendar, "f.ics"), event("f", "F", "20270302T120000Z", "TRANSP:TRANSPARENT"))
    body = f"<C:free-busy-query {SPACES}><C:time-range {RANGE}/></C:free-busy-query>"
    ours, theirs = bench.both("REPORT", bench.calendar, body, depth="1")
    said, heard = (set(re.findall(rb"\d{8}T\d{6}Z/\d{8}T\d{6}Z", each.body)) for each in (ours, theirs))
    assert said == heard
    assert len(said) == 6


def test_sync_tokens_are_the_same_in_both(bench: Bench) -> None:
    body = f"<D:sync-collection {SPACES}><D:sync-token>{{}}</D:sync-token>{PROPS.format('')}</D:sync-collection>"
    tokens = [
        ElementTree.fromstring(each.body).findtext(f"{D}sync-token")
        for each in bench.both("REPORT", bench.book, body.format(""))
    ]
    assert tokens[0] == tokens[1]
    bench.ask("lane", "PUT", item(bench.book, "new.vcf"), card("new"))
    bench.ask("lane", "DELETE", item(bench.book, "1.vcf"))
    ours, theirs = bench.both("REPORT", bench.book, body.format(tokens[0]))
    assert told(ours, f"{D}getetag") == told(theirs, f"{D}getetag")
    assert len(told(ours)) == 2


def test_radicale_keeps_the_octets_and_its_writes_are_journalled(bench: Bench) -> None:
    """Its own handlers work on the store as well, should a lane be taken away."""
    text = event("behind", "a\\, b", "20270301T120000Z", "X-Odd;A=1:2")
    made = bench.ask("radicale", "PUT", item(bench.calendar, "b.ics"), text)
    assert made.status == 201
    got = bench.ask("lane", "GET", item(bench.calendar, "b.ics"))
    assert (got.body, got.headers["ETag"]) == (text.encode(), made.headers["ETag"])
    target = item(bench.calendar, "c.ics")
    assert bench.ask("radicale", "MOVE", item(bench.calendar, "b.ics"), destination=target.href).status == 201
    assert bench.ask("radicale", "DELETE", target).status == 200
    with bench.core.database.read() as work:
        assert work.journal.head(bench.calendar.collection) == 6 + 1 + 2 + 1


def test_two_gateways_have_two_applications_and_no_word_is_logged(
    make_core: Callable[..., Core], caplog: pytest.LogCaptureFixture
) -> None:
    first, second = Behind(1_000, 100_000), Behind(1_000, 100_000)
    assert first._application is not second._application
    assert first._application._storage is not second._application._storage
    bench = Bench(make_core("dav"))
    caplog.clear()
    with caplog.at_level(logging.DEBUG, logger=""):
        secret = event("secret", "a very secret lunch")
        bench.ask("lane", "PUT", item(bench.calendar, "s.ics"), secret)
        name = "<D:set><D:prop><D:displayname>secret</D:displayname></D:prop></D:set>"
        body = f"<D:propertyupdate {SPACES}>{name}</D:propertyupdate>"
        bench.ask("lane", "PROPPATCH", bench.calendar, body)
    assert "secret" not in caplog.text
