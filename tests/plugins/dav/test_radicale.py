"""Radicale's inner interfaces move between minor releases: what of them is used here, and that our lanes say what it says."""

import inspect
import logging
from collections.abc import Callable, Iterator
from xml.etree import ElementTree

import pytest
import radicale
from radicale.app import Application
from radicale.app.report import _expand
from radicale.auth import BaseAuth
from radicale.item.filter import comp_match
from radicale.rights import BaseRights
from radicale.storage import BaseCollection, BaseStorage

from pimgate.api import CollectionKind, DeviceFacts, Identity
from pimgate.core import Core
from pimgate_dav.answer import Answer
from pimgate_dav.behind.application import Behind
from pimgate_dav.behind.collection import KeptCollection
from pimgate_dav.behind.storage import ViewStorage
from pimgate_dav.lanes.table import lanes
from pimgate_dav.layout import Place
from pimgate_dav.settings import DavSettings
from pimgate_dav.visit import Ask, Visit
from pimgate_dav.xml_in import read_xml
from plugins.dav.stage import SPACES, A, C, D, card, event

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
    "_expand": (_expand, ["element", "item", "start", "end", "time_range_start", "time_range_end", "max_occurrence"]),
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
