"""A gateway with two people, and programs that speak HTTP to it as the real ones do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import httpx

from gateway.places import PASSWORD, PEOPLE
from pimgate.api import (
    Account,
    Collection,
    CollectionId,
    CollectionKind,
    Grant,
    Ownership,
    Right,
    Role,
    collections,
    sharing,
    subscriptions,
)
from pimgate.core import Core
from pimgate.items import drop, keep
from pimgate.testing.running import running

THUNDERBIRD = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.2.0"
OUTLOOK = "CalDavSynchronizer/4.6"
DAVX5 = "DAVx5/4.5.1-ose (dav4jvm; okhttp/5.1.0) Android/15"
APPLE = "macOS/15.2 (24C101) dataaccessd/1.0"
AGENTS = {"thunderbird": THUNDERBIRD, "outlook": OUTLOOK, "dav": DAVX5}

ALICE, BOB = PEOPLE[:2]

D, C, A = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{urn:ietf:params:xml:ns:carddav}"
CS, ICAL, P = "{http://calendarserver.org/ns/}", "{http://apple.com/ns/ical/}", "{https://pimgate.org/ns/dav}"
SPACES = (
    'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" xmlns:A="urn:ietf:params:xml:ns:carddav"'
    ' xmlns:CS="http://calendarserver.org/ns/" xmlns:I="http://apple.com/ns/ical/" xmlns:P="https://pimgate.org/ns/dav"'
)


def event(uid: str, summary: str = "Lunch", start: str = "20270301T120000Z", *more: str) -> str:
    """A calendar object as a program sends it."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", "BEGIN:VEVENT", f"UID:{uid}"]
    lines += ["DTSTAMP:20270101T000000Z", f"DTSTART:{start}", "DURATION:PT1H", f"SUMMARY:{summary}", *more]
    return "\r\n".join([*lines, "END:VEVENT", "END:VCALENDAR", ""])


def task(uid: str, summary: str = "Post the letter") -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", "BEGIN:VTODO", f"UID:{uid}"]
    return "\r\n".join([*lines, "DTSTAMP:20270101T000000Z", f"SUMMARY:{summary}", "END:VTODO", "END:VCALENDAR", ""])


def card(uid: str, name: str = "Ada Lovelace", mail: str = "ada@example.org") -> str:
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:{name}", f"N:{name.split()[-1]};{name.split()[0]};;;"]
    return "\r\n".join([*lines, f"EMAIL;TYPE=INTERNET:{mail}", "END:VCARD", ""])


@dataclass(frozen=True)
class Multistatus:
    """A 207, taken apart."""

    root: Element

    @property
    def hrefs(self) -> list[str]:
        return [each.findtext(f"{D}href") or "" for each in self.root.findall(f"{D}response")]

    def of(self, href: str) -> dict[str, Element]:
        """The properties of one resource that were found."""
        for response in self.root.findall(f"{D}response"):
            if response.findtext(f"{D}href") == href:
                return {
                    each.tag: each
                    for propstat in response.findall(f"{D}propstat")
                    if " 200 " in (propstat.findtext(f"{D}status") or "")
                    for each in propstat.iterfind(f"{D}prop/*")
                }
        raise KeyError(href)

    def missing(self, href: str) -> set[str]:
        """The names of properties that were asked for and are not there."""
        return {
            each.tag
            for response in self.root.findall(f"{D}response")
            if response.findtext(f"{D}href") == href
            for propstat in response.findall(f"{D}propstat")
            if " 404 " in (propstat.findtext(f"{D}status") or "")
            for each in propstat.iterfind(f"{D}prop/*")
        }

    def status(self, href: str) -> str:
        """The status of a response without properties: 404 for what is gone."""
        for response in self.root.findall(f"{D}response"):
            if response.findtext(f"{D}href") == href and response.find(f"{D}status") is not None:
                return (response.findtext(f"{D}status") or "").split(" ")[1]
        return ""

    @property
    def token(self) -> str:
        return self.root.findtext(f"{D}sync-token") or ""


class Program:
    """One program of one person."""

    def __init__(self, client: httpx.Client, home: str) -> None:
        self.client = client
        self.home = home

    def ask(self, method: str, path: str, body: str | bytes = b"", **headers: str) -> httpx.Response:
        """One request; header names with underscores."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        octets = body.encode() if isinstance(body, str) else body
        return self.client.request(method, path, content=octets, headers=given)

    def propfind(self, path: str, *names: str, depth: str = "0") -> Multistatus:
        wanted = "".join(f"<{name}/>" for name in names)
        body = f"<D:propfind {SPACES}><D:prop>{wanted}</D:prop></D:propfind>"
        return parsed(self.ask("PROPFIND", path, body, depth=depth))

    def report(self, path: str, body: str, depth: str = "1") -> httpx.Response:
        return self.ask("REPORT", path, body, depth=depth)

    def sync(self, path: str, token: str = "", props: str = "<D:getetag/>", more: str = "") -> httpx.Response:
        body = (
            f"<D:sync-collection {SPACES}><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>{more}"
            f"<D:prop>{props}</D:prop></D:sync-collection>"
        )
        return self.report(path, body, depth="0")

    def listed(self) -> dict[str, str]:
        """What the home lists: the name of each collection and its address."""
        found = self.propfind(self.home, "D:displayname", depth="1")
        return {found.of(href)[f"{D}displayname"].text or "": href for href in found.hrefs if href != self.home}


def parsed(response: httpx.Response) -> Multistatus:
    assert response.status_code == 207, (response.status_code, response.text)
    return Multistatus(ElementTree.fromstring(response.content))


@dataclass(frozen=True)
class Stage:
    core: Core
    url: str
    alice: Account
    bob: Account
    clients: ExitStack

    def program(self, agent: str = THUNDERBIRD, login: str = ALICE, password: str = PASSWORD) -> Program:
        person = self.alice if login == ALICE else self.bob
        client = self.clients.enter_context(
            httpx.Client(
                base_url=self.url, verify=False, auth=(login, password), headers={"User-Agent": agent}, timeout=60
            )
        )
        return Program(client, f"/dav/{person.id}/")

    def owned(self, kind: CollectionKind, role: Role = Role.DEFAULT, owner: Account | None = None) -> Collection:
        """One of the collections that a person always has."""
        with self.core.database.read() as work:
            return next(
                each.collection
                for each in work.collections.standings((owner or self.alice).id)
                if each.collection.kind is kind
                and each.collection.role is role
                and each.collection.owner == (owner or self.alice).id
            )

    def path(self, collection: Collection, reader: Account | None = None) -> str:
        return f"/dav/{(reader or self.alice).id}/{collection.id}/"

    def make(self, kind: CollectionKind, ownership: Ownership, *, is_on: bool = True) -> Collection:
        """A collection that is this to Alice, with her subscription and switch."""
        with self.core.database.write() as work:
            if ownership is Ownership.DOMAIN:
                made = collections.create_for_all(work, kind, "Everybody's")
            elif ownership is Ownership.SHARED:
                made = collections.create(work, self.bob.id, kind, "Bob's")
                sharing.grant(work, Grant(made.id, self.alice.id, Right.WRITE))
                subscriptions.subscribe(work, self.alice.id, made.id)
            else:
                made = collections.create(work, self.alice.id, kind, "Alice's second")
        if ownership is Ownership.DEFAULT:
            made = self.owned(kind)
        self.turn(made.id, is_on)
        return made

    def turn(self, collection_id: CollectionId, is_on: bool) -> None:
        with self.core.database.write() as work:
            subscriptions.turn(work, self.alice.id, collection_id, is_on=is_on)

    def put(self, collection: Collection, name: str, text: str) -> None:
        """Keep an item, past all rights, as the collection's owner would."""
        with self.core.database.write() as work:
            keep(work, self.core.settings.limits, collection, work.items.by_name(collection.id, name) or name, text)

    def empty(self, collection: Collection, name: str) -> None:
        with self.core.database.write() as work:
            head = work.items.by_name(collection.id, name)
            assert head is not None
            drop(work, head)

    def share(self, collection: Collection, right: Right) -> None:
        """Give Bob a right on a collection of Alice's, and have him subscribe to it."""
        with self.core.database.write() as work:
            sharing.grant(work, Grant(collection.id, self.bob.id, right))
            if right is not Right.NONE:
                subscriptions.subscribe(work, self.bob.id, collection.id)


@contextmanager
def staged(core: Core) -> Iterator[Stage]:
    """The gateway on a port of its own, with the first two of its people."""
    with core.database.read() as work:
        alice, bob = (work.people.by_login(login) for login in (ALICE, BOB))
    assert alice is not None
    assert bob is not None
    with running(core) as gateway, ExitStack() as clients:
        yield Stage(core, gateway.url, alice, bob, clients)
