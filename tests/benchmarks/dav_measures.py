"""What is asked of a DAV server, a row a measure; each gives a call that asks once and says how many resources were answered."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.dav_servers import Client, Server
from benchmarks.dav_texts import card, event, month_now, week_now

SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:A="urn:ietf:params:xml:ns:carddav"'
EVENT_DATA, CARD_DATA = "<D:getetag/><C:calendar-data/>", "<D:getetag/><A:address-data/>"
ETAGS = f"<D:propfind {SPACES}><D:prop><D:getetag/></D:prop></D:propfind>"

Call = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Measure:
    """`begin` makes the call for a collection of some size; `aim` is in milliseconds, for a collection of 10,000."""

    name: str
    begin: Callable[[Server, int], Call]
    aim: int | None = None


def _report(server: Server, path: str, body: str, depth: str = "1") -> Call:
    client = Client(server)

    def call() -> int:
        status, answer = client.ask("REPORT", path, body, Depth=depth)
        assert status in (200, 207), f"{server.name}: {status} {answer[:200]!r}"
        return answer.count(b"response>") // 2

    return call


def _listing(server: Server, path: str) -> Call:
    client = Client(server)

    def call() -> int:
        status, answer = client.ask("PROPFIND", path, ETAGS, Depth="1")
        assert status == 207, f"{server.name}: {status}"
        return answer.count(b"response>") // 2 - 1

    return call


def _token(server: Server, path: str) -> str:
    body = f"<D:propfind {SPACES}><D:prop><D:sync-token/></D:prop></D:propfind>"
    _, answer = Client(server).ask("PROPFIND", path, body, Depth="0")
    return answer.decode().partition("sync-token>")[2].partition("<")[0]


def _sync(server: Server, path: str, token: str) -> Call:
    body = f"<D:sync-collection {SPACES}><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>"
    return _report(server, path, f"{body}<D:prop><D:getetag/></D:prop></D:sync-collection>", "0")


def _sync_nothing(server: Server, size: int) -> Call:
    path = server.calendars[size]
    return _sync(server, path, _token(server, path))


def _sync_one(server: Server, size: int) -> Call:
    path = server.calendars[size]
    token = _token(server, path)
    _put_event(server, size)()
    return _sync(server, path, token)


def _multiget(server: Server, path: str, name: str, ending: str, data: str, size: int) -> Call:
    numbers = range(3, size, size // 50)[:50]
    hrefs = "".join(f"<D:href>{path}{number}.{ending}</D:href>" for number in numbers)
    return _report(server, path, f"<{name} {SPACES}><D:prop>{data}</D:prop>{hrefs}</{name}>")


def _calendar_query(server: Server, size: int, inner: str) -> Call:
    filter_ = f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{inner}</C:comp-filter></C:comp-filter>'
    body = f"<C:calendar-query {SPACES}><D:prop>{EVENT_DATA}</D:prop><C:filter>{filter_}</C:filter></C:calendar-query>"
    return _report(server, server.calendars[size], body)


def _month(server: Server, size: int) -> Call:
    return _calendar_query(server, size, '<C:time-range start="{}" end="{}"/>'.format(*month_now()))


def _by_uid(server: Server, size: int) -> Call:
    wanted = f'<C:text-match collation="i;octet">event-{size // 2}</C:text-match>'
    return _calendar_query(server, size, f'<C:prop-filter name="UID">{wanted}</C:prop-filter>')


def _free_busy(server: Server, size: int) -> Call:
    body = f'<C:free-busy-query {SPACES}><C:time-range start="{{}}" end="{{}}"/></C:free-busy-query>'
    return _report(server, server.calendars[size], body.format(*week_now()))


def _put(server: Server, path: str, kind: str, text: str) -> Call:
    client = Client(server)

    def call() -> int:
        changed = text.replace("Made for a measure.", f"Made for a measure at {time.time()}.")
        status, _ = client.ask("PUT", path, changed, Content_Type=kind)
        assert status in (200, 201, 204), f"{server.name}: {status}"
        return 1

    return call


def _put_event(server: Server, size: int) -> Call:
    return _put(server, f"{server.calendars[size]}5.ics", "text/calendar", event(5, size))


def _put_card(server: Server, size: int) -> Call:
    return _put(server, f"{server.books[size]}5.vcf", "text/vcard", card(5))


def _card_query(server: Server, size: int, name: str, wanted: str) -> Call:
    match = f'<A:text-match collation="i;unicode-casemap" match-type="contains">{wanted}</A:text-match>'
    filter_ = f'<A:filter><A:prop-filter name="{name}">{match}</A:prop-filter></A:filter>'
    body = f"<A:addressbook-query {SPACES}><D:prop>{CARD_DATA}</D:prop>{filter_}</A:addressbook-query>"
    return _report(server, server.books[size], body)


CALENDARS = (
    Measure("PROPFIND of all ETags", lambda server, size: _listing(server, server.calendars[size]), 89),
    Measure("sync-collection, nothing new", _sync_nothing, 3),
    Measure("sync-collection, one change", _sync_one, 3),
    Measure(
        "calendar-multiget of 50",
        lambda server, size: _multiget(server, server.calendars[size], "C:calendar-multiget", "ics", EVENT_DATA, size),
        5,
    ),
    Measure("calendar-query of a month, with data", _month, 50),
    Measure("calendar-query by UID", _by_uid, 5),
    Measure("free-busy-query of a week", _free_busy, 30),
    Measure("PUT, update of an event", _put_event, 5),
)
BOOKS = (
    Measure("PROPFIND of all ETags, contacts", lambda server, size: _listing(server, server.books[size]), 89),
    Measure(
        "addressbook-multiget of 50",
        lambda server, size: _multiget(server, server.books[size], "A:addressbook-multiget", "vcf", CARD_DATA, size),
        5,
    ),
    Measure("addressbook-query by name", lambda server, size: _card_query(server, size, "FN", "Person 77"), None),
    Measure("addressbook-query by e-mail", lambda server, size: _card_query(server, size, "EMAIL", "person777@"), None),
    Measure("PUT, update of a contact", _put_card, 5),
)
