"""A simulated desktop program: CalDAV and CardDAV requests as Thunderbird, DAVx5 and Outlook's CalDav Synchronizer send them.

    program = Desktop("http://127.0.0.1:8080", "alice@example.org", "a password", THUNDERBIRD)
    for found in program.listed("carddav"):
        print(found.name, program.etags(found.url))

Source: RFC 6764 (finding the service), RFC 5397, RFC 6352, RFC 4791, RFC 6578.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from pimgate.testing.network import Network, Reply, http_request

THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:156.0) Gecko/20100101 Thunderbird/156.0"
DAVX5 = "DAVx5/4.5.6-ose (2026/10/01; dav4jvm; okhttp/5.1.0) Android/16"
CALDAV_SYNCHRONIZER = "CalDavSynchronizer/4.6"

DAV, CARD, CAL, OURS = (
    "{DAV:}",
    "{urn:ietf:params:xml:ns:carddav}",
    "{urn:ietf:params:xml:ns:caldav}",
    "{https://pimgate.org/ns/dav}",
)
NAMESPACES = (
    'xmlns:d="DAV:" xmlns:card="urn:ietf:params:xml:ns:carddav" xmlns:cal="urn:ietf:params:xml:ns:caldav"'
    ' xmlns:p="https://pimgate.org/ns/dav"'
)
SERVICES = {"carddav": (CARD, "addressbook-home-set"), "caldav": (CAL, "calendar-home-set")}
DATA = {"carddav": "card:address-data", "caldav": "cal:calendar-data"}
MOST_REDIRECTS = 5
SECONDS = 30.0


class Unexpected(Exception):
    """An answer other than the program can use: what was asked, and the status."""

    def __init__(self, what: str, status: int) -> None:
        super().__init__(f"{what}: {status}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Listed:
    """One member of a home. `types` are names in Clark notation; `exposure` is the gateway's own mark."""

    url: str
    name: str
    types: frozenset[str]
    exposure: str

    @property
    def is_book(self) -> bool:
        return f"{CARD}addressbook" in self.types

    @property
    def is_directory(self) -> bool:
        return f"{CARD}directory" in self.types

    @property
    def is_calendar(self) -> bool:
        return f"{CAL}calendar" in self.types


class Desktop:
    """One program of one person. URLs are absolute."""

    def __init__(self, base_url: str, login: str, password: str, agent: str, network: Network | None = None) -> None:
        self.network = network or Network()
        self._base_url = base_url
        secret = base64.b64encode(f"{login}:{password}".encode()).decode()
        self._headers = {"Authorization": f"Basic {secret}", "User-Agent": agent}

    # Asking

    def ask(self, method: str, url: str, body: str = "", headers: Mapping[str, str] | None = None) -> Reply:
        """One request; redirects are the caller's business."""
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        given = {**self._headers, **(headers or {})}
        if body:
            given.setdefault("Content-Type", "application/xml; charset=utf-8")
        octets = http_request(method, self._base_url, target, given, body.encode())
        return self.network.carry(self._base_url, octets, SECONDS)

    def _multistatus(self, method: str, url: str, body: str, depth: str) -> tuple[str, ElementTree.Element]:
        """The answer of a PROPFIND or REPORT, and the URL that gave it. Unexpected."""
        for _ in range(MOST_REDIRECTS):
            reply = self.ask(method, url, body, {"Depth": depth})
            if reply.status in (301, 302, 307, 308):
                url = urljoin(url, reply.headers["location"])
                continue
            if reply.status != 207:
                raise Unexpected(f"{method} {url}", reply.status)
            return url, ElementTree.fromstring(reply.body)
        raise Unexpected(f"{method} {url} turns in circles", 310)

    def properties(self, url: str, *names: str, depth: str = "0") -> dict[str, dict[str, ElementTree.Element]]:
        """Properties by URL and name in Clark notation; names are asked for with the prefixes d, card, cal and p."""
        wanted = "".join(f"<{name}/>" for name in names)
        body = f"<d:propfind {NAMESPACES}><d:prop>{wanted}</d:prop></d:propfind>"
        asked, answer = self._multistatus("PROPFIND", url, body, depth)
        return _by_url(asked, answer)

    # Finding

    def home(self, service: str) -> str:
        """The home of books ("carddav") or calendars ("caldav"), found as programs find it: from the well-known address."""
        start = urljoin(self._base_url, f"/.well-known/{service}")
        principal = self._href(start, "d:current-user-principal", f"{DAV}current-user-principal")
        namespace, name = SERVICES[service]
        prefix = "card" if namespace == CARD else "cal"
        return self._href(principal, f"{prefix}:{name}", f"{namespace}{name}")

    def _href(self, url: str, asked: str, name: str) -> str:
        for found_at, properties in self.properties(url, asked).items():
            href = properties[name].findtext(f"{DAV}href") if name in properties else None
            if href:
                return urljoin(found_at, href)
        raise Unexpected(f"no {asked} at {url}", 404)

    def listed(self, service: str) -> list[Listed]:
        """The books or calendars in the home."""
        home = self.home(service)
        names = ("d:resourcetype", "d:displayname", "p:exposure", "cal:supported-calendar-component-set")
        found = self.properties(home, *names, depth="1")
        members = [_listed(url, each) for url, each in found.items() if url.rstrip("/") != home.rstrip("/")]
        if service == "caldav":
            return [each for each in members if each.is_calendar]
        return [each for each in members if each.is_book or each.is_directory]

    # Reading

    def etags(self, url: str) -> dict[str, str]:
        """The items of a collection by URL. Unexpected if it may not be listed."""
        found = self.properties(url, "d:getetag", "d:resourcetype", depth="1")
        return {
            each: properties[f"{DAV}getetag"].text or ""
            for each, properties in found.items()
            if f"{DAV}getetag" in properties and each.rstrip("/") != url.rstrip("/")
        }

    def texts(self, url: str) -> dict[str, str]:
        """All items of a collection with their texts, as GET gives them."""
        return {each: self.get(each)[0] for each in self.etags(url)}

    def get(self, url: str) -> tuple[str, str]:
        """Text and ETag of one item. Unexpected."""
        reply = self.ask("GET", url)
        if reply.status != 200:
            raise Unexpected(f"GET {url}", reply.status)
        return reply.body.decode(), reply.headers.get("etag", "")

    def changes(self, url: str, token: str = "", *, service: str = "carddav") -> tuple[str, dict[str, str | None]]:
        """What changed since a token: the new token, and by URL the new text, or None for what went."""
        data = DATA[service]
        body = (
            f"<d:sync-collection {NAMESPACES}><d:sync-token>{escape(token)}</d:sync-token>"
            f"<d:sync-level>1</d:sync-level><d:prop><d:getetag/><{data}/></d:prop></d:sync-collection>"
        )
        asked, answer = self._multistatus("REPORT", url, body, "0")
        changed: dict[str, str | None] = {}
        for response in answer.findall(f"{DAV}response"):
            where = urljoin(asked, response.findtext(f"{DAV}href") or "")
            is_gone = "404" in (response.findtext(f"{DAV}status") or "")
            text = response.find(f".//{CARD}address-data")
            text = text if text is not None else response.find(f".//{CAL}calendar-data")
            changed[where] = None if is_gone else (text.text if text is not None else "") or ""
        return answer.findtext(f"{DAV}sync-token") or "", changed

    def search(self, url: str, words: str) -> list[str]:
        """The texts of the contacts of a book whose name contains `words`, as autocompletion asks. Unexpected."""
        body = (
            f"<card:addressbook-query {NAMESPACES}><d:prop><d:getetag/><card:address-data/></d:prop><card:filter>"
            f'<card:prop-filter name="FN"><card:text-match collation="i;unicode-casemap" match-type="contains">{escape(words)}'
            "</card:text-match></card:prop-filter></card:filter></card:addressbook-query>"
        )
        _, answer = self._multistatus("REPORT", url, body, "1")
        return [each.text or "" for each in answer.iter(f"{CARD}address-data")]

    # Writing

    def put(self, url: str, text: str, *, if_match: str = "", is_new: bool = False) -> Reply:
        """Write one item; the status is the caller's to judge (412: somebody else changed it)."""
        headers = {"Content-Type": "text/vcard" if text.startswith("BEGIN:VCARD") else "text/calendar"}
        headers |= {"If-Match": if_match} if if_match else {}
        headers |= {"If-None-Match": "*"} if is_new else {}
        return self.ask("PUT", url, text, headers)

    def delete(self, url: str, *, if_match: str = "") -> Reply:
        return self.ask("DELETE", url, headers={"If-Match": if_match} if if_match else {})


def _by_url(asked: str, answer: ElementTree.Element) -> dict[str, dict[str, ElementTree.Element]]:
    """The properties with a good status, by URL."""
    found: dict[str, dict[str, ElementTree.Element]] = {}
    for response in answer.findall(f"{DAV}response"):
        where = found.setdefault(urljoin(asked, response.findtext(f"{DAV}href") or ""), {})
        for group in response.findall(f"{DAV}propstat"):
            if " 200" in (group.findtext(f"{DAV}status") or ""):
                where |= {each.tag: each for each in group.iterfind(f"{DAV}prop/*")}
    return found


def _types(properties: Mapping[str, ElementTree.Element]) -> frozenset[str]:
    types = properties.get(f"{DAV}resourcetype")
    return frozenset(each.tag for each in types) if types is not None else frozenset()


def _listed(url: str, properties: Mapping[str, ElementTree.Element]) -> Listed:
    texts = {
        name: (properties[name].text or "").strip()
        for name in (f"{DAV}displayname", f"{OURS}exposure")
        if name in properties
    }
    return Listed(url, texts.get(f"{DAV}displayname", ""), _types(properties), texts.get(f"{OURS}exposure", ""))
