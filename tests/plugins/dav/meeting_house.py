"""A gateway whose mail leaves by a sink, for a whole file of tests: Anna and Bert live here, Zoe outside. Each test has meetings
of its own, by their UIDs."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import httpx

from gateway.places import PASSWORD, PEOPLE, Place, make_gateway
from gateway.sink import Sink, listening
from pimgate.api import Account, CollectionKind
from pimgate.settings import Accounts, Log
from plugins.dav.stage import APPLE, DAVX5, THUNDERBIRD, Program, Stage, staged

ANNA, BERT, CLEO, ZOE = *PEOPLE, "zoe@outside.example"
PATIENCE_SECONDS = 30.0


def guest(address: str, partstat: str = "NEEDS-ACTION", *params: str) -> str:
    extra = "".join(f";{each}" for each in params)
    return f"ATTENDEE;CN={address.partition('@')[0].title()};PARTSTAT={partstat}{extra}:mailto:{address}"


def meeting(uid: str, *lines: str, start: str = "20270301T090000Z", summary: str = "Regatta", host: str = ANNA) -> str:
    """A calendar object as its organizer's program sends it."""
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", "BEGIN:VEVENT", f"UID:{uid}"]
    head += ["DTSTAMP:20270101T000000Z", f"DTSTART:{start}", "DURATION:PT1H", f"SUMMARY:{summary}"]
    people = [f"ORGANIZER;CN=Host:mailto:{host}", guest(host, "ACCEPTED")]
    return "\r\n".join([*head, *people, *lines, "END:VEVENT", "END:VCALENDAR", ""])


def unfolded(text: str) -> list[str]:
    return text.replace("\r\n ", "").split("\r\n")


def line_of(text: str, address: str) -> str:
    return next(line for line in unfolded(text) if line.startswith("ATTENDEE") and line.endswith(f"mailto:{address}"))


@dataclass
class House:
    stage: Stage
    sink: Sink

    @cached_property
    def anna(self) -> Program:
        return self.stage.program(THUNDERBIRD, ANNA)

    @cached_property
    def bert(self) -> Program:
        return self.stage.program(DAVX5, BERT)

    @cached_property
    def apple(self) -> Program:
        """Bert's Mac."""
        return self.stage.program(APPLE, BERT)

    def calendar(self, owner: Account) -> str:
        return self.stage.path(self.stage.owned(CollectionKind.CALENDAR, owner=owner), owner)

    @cached_property
    def annas(self) -> str:
        return self.calendar(self.stage.alice)

    @cached_property
    def berts(self) -> str:
        return self.calendar(self.stage.bob)

    def put(self, text: str, name: str = "", **headers: str) -> httpx.Response:
        """Anna keeps a meeting under the name of its UID."""
        uid = next(line[4:] for line in unfolded(text) if line.startswith("UID:"))
        return self.anna.ask("PUT", f"{self.annas}{name or uid}.ics", text, **headers)

    def get(self, uid: str) -> httpx.Response:
        return self.anna.ask("GET", f"{self.annas}{uid}.ics")

    def copy_of(self, uid: str) -> tuple[str, str]:
        """Where Bert has a meeting, and its text; nothing where he has none."""
        with self.stage.core.database.read() as work:
            calendar = self.stage.owned(CollectionKind.CALENDAR, owner=self.stage.bob)
            head = work.items.by_uid(calendar.id, uid)
            return (f"{self.berts}{head.name}", work.items.text(head.id)) if head else ("", "")

    def invited(self, *lines: str, **words: str) -> str:
        """The UID of a meeting that Anna keeps, and that Bert has got."""
        uid = new_uid()
        assert self.put(meeting(uid, *(lines or (guest(BERT),)), **words)).status_code == 201
        eventually(lambda: bool(self.copy_of(uid)[1]))
        return uid

    def says(self, uid: str, word: str) -> httpx.Response:
        """Bert answers by an edit of his copy."""
        path, text = self.copy_of(uid)
        return self.bert.ask("PUT", path, answered(text, word))

    def letters(self, uid: str) -> list[str]:
        """The subjects of what left by mail about a meeting."""
        self.settle()
        return [
            str(letter["Subject"])
            for letter in self.sink.letters()
            for part in letter.walk()
            if part.get_content_type() == "text/calendar" and uid in str(part.get_payload(decode=True))
        ]

    def settle(self) -> None:
        """Until everything has left."""

        def waiting() -> bool:
            with self.stage.core.database.read() as work:
                return all(entry.state.value == "sent" for entry in work.outbox.all())

        eventually(waiting)


def answered(text: str, word: str, address: str = BERT) -> str:
    """A copy in which somebody gave their answer."""
    plain = text.replace("\r\n ", "")
    line = line_of(text, address)
    return plain.replace(line, guest(address, word))


def new_uid() -> str:
    return f"m{uuid.uuid4().hex[:12]}"


def eventually(look: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not look():
        assert time.monotonic() < until, "it does not come to be so"
        time.sleep(0.05)


@contextmanager
def meeting_house(directory: Path) -> Iterator[House]:
    accounts = Accounts(guesses_per_minute=1000, guesses_per_day=10_000)
    place = Place("sqlite", "sqlite:///pimgate.db", directory)
    quiet = Log(requests=False)
    with listening() as sink, make_gateway(place, "dav", accounts=accounts, log=quiet, outgoing=sink.settings) as core:
        with core.database.write() as work:
            for login in PEOPLE:
                core.people.create(work, login, PASSWORD)
        with staged(core) as stage:
            yield House(stage, sink)
