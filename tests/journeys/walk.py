"""A random walk: two phones over bad networks and a desktop program edit the same book and the same calendar.

The same seed walks the same way, but for requests that the gateway still works on while they are asked again.
"""

import itertools
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from journeys.ledger import Fate, Ledger, name_in
from journeys.texts import card, event, note, task
from pimgate.testing.desktop import Desktop
from pimgate.testing.network import Lost
from pimgate.testing.phone import Phone
from pimgate.testing.phone_comparison import compare, facts_told
from pimgate.testing.phone_copy import Edit, Op
from pimgate.testing.phone_forms import contact
from pimgate.testing.phone_forms import event as new_event
from pimgate.testing.phone_forms import note as new_note
from pimgate.testing.phone_forms import task as new_task
from pimgate.text.component import parse
from pimgate.text.lines import escape
from pimgate_eas.wbxml.element import Element

ODD_LINES = {
    "book": ("X-SHOE-SIZE:39", "item1.X-ABLabel:boat"),
    "calendar": ("X-MOOD:curious", "URL:https://example.com/"),
    "tasks": ("X-MOOD:curious", "RELATED-TO:parent"),
    "notes": ("COLOR:green",),
}
MORNING = datetime(2036, 12, 1, 9, tzinfo=UTC)
STARTS, ENDS = "20361201T090000Z", "20361201T100000Z"
ENTRIES = ("VEVENT", "VTODO", "VJOURNAL")
ROUNDS_AT_THE_END = 6


@dataclass(frozen=True)
class Place:
    """A collection under test: its id, its address, and its kind: book, calendar, tasks or notes."""

    id: str
    url: str
    kind: str


@dataclass
class Writer:
    """A phone and its own field on each kind of item: the property, and how the phone says it."""

    phone: Phone
    properties: dict[str, str]
    sets: dict[str, Callable[[str, str], dict[str, str | Element | None]]]
    said: dict[int, tuple[Edit, str, str, list[str]]] = field(default_factory=dict)
    """Edits under way: the edit, the item's name, the property, and all that was said."""


def first_writer(phone: Phone) -> Writer:
    """Writes titles, places and descriptions, in the dialect of 16.1."""
    place = "AirSyncBase:Location"
    return Writer(
        phone,
        {"book": "TITLE", "calendar": "LOCATION", "tasks": "DESCRIPTION", "notes": "DESCRIPTION"},
        {
            "book": lambda name, value: {"Contacts:JobTitle": value},
            "calendar": lambda name, value: {place: Element(place, Element("AirSyncBase:DisplayName", text=value))},
            "tasks": lambda name, value: {"AirSyncBase:Body": body(value)},
            "notes": lambda name, value: {"AirSyncBase:Body": body(value)},
        },
    )


def second_writer(phone: Phone) -> Writer:
    """Writes organisations and what everything else is called, in any dialect."""
    return Writer(
        phone,
        {"book": "ORG", "calendar": "SUMMARY", "tasks": "SUMMARY", "notes": "SUMMARY"},
        {
            "book": lambda name, value: {"Contacts:CompanyName": value},
            "calendar": lambda name, value: {"Calendar:Subject": value},
            "tasks": lambda name, value: {"Tasks:Subject": value},
            "notes": lambda name, value: {"Notes:Subject": value},
        },
    )


def body(words: str) -> Element:
    return Element("AirSyncBase:Body", Element("AirSyncBase:Type", text="1"), Element("AirSyncBase:Data", text=words))


class Walk:
    """One walk. `revive` is called when nobody answers: it brings the gateway back, if it is gone. `turn` turns the switch of a
    collection; the program must be one whose view does not depend on it."""

    def __init__(
        self,
        seed: int,
        writers: list[Writer],
        program: Desktop,
        places: list[Place],
        revive: Callable[[], None] = lambda: None,
        turn: Callable[[str, bool], None] = lambda collection_id, is_on: None,
    ) -> None:
        self.chance = random.Random(seed)
        self.ledger = Ledger()
        self.steps: list[str] = []
        self._writers, self._program, self._places, self._revive = writers, program, places, revive
        self._turn = turn
        self._off: set[str] = set()
        self._numbers = itertools.count(1)
        self._is_over = self._is_crowded = False
        self.edits = 0
        """How many edits were made, by whomever."""
        self.restlessness = 0.3
        """How often a person edits on while an answer is lost."""
        self._ledger_lock = threading.Lock()
        for writer in writers:
            writer.phone.call_when_lost(lambda writer=writer: self._meanwhile(writer))

    def step(self) -> None:
        """One thing that somebody does."""
        writer = self.chance.choice(self._writers)
        place = self.chance.choice(self._places)
        action = self.chance.choices(
            (
                self._phone_adds,
                self._phone_changes,
                self._phone_deletes,
                self._phone_syncs,
                self._program_writes,
                self._switch_turns,
            ),
            (4, 8, 2, 8, 8, 1),
        )[0]
        self.steps.append(f"{action.__name__} {writer.phone.device_id} {place.kind}")
        action(writer, place)

    def crowd(self, seconds: float) -> None:
        """Everybody at once for so long, each in a thread of their own."""
        until = time.monotonic() + seconds
        self._is_crowded = True
        with ThreadPoolExecutor(len(self._writers) + 1) as threads:
            threads_at_work = [threads.submit(self._keep_on, until, writer) for writer in self._writers]
            threads_at_work.append(threads.submit(self._keep_on, until, None))
        self._is_crowded = False
        for each in threads_at_work:
            each.result()

    def _keep_on(self, until: float, writer: Writer | None) -> None:
        """One thread's part: the phone of `writer`, or the program."""
        while time.monotonic() < until:
            place = self.chance.choice(self._places)
            if writer is None:
                self._program_writes(self._writers[0], place)
            else:
                self.chance.choice((self._phone_adds, self._phone_changes, self._phone_changes))(writer, place)
                self._phone_syncs(writer, place)
            self.steps.append("crowd")

    def finish(self) -> None:
        """Everybody synchronises until nothing moves; the networks are as bad as before."""
        self._is_over = True
        for place in self._places:
            self._turn(place.id, True)
        for _ in range(ROUNDS_AT_THE_END):
            for writer in self._writers:
                for place in self._places:
                    self._phone_syncs(writer, place)

    def findings(self) -> list[str]:
        """Everything that is not as it must be. The server is asked through the desktop program."""
        found = []
        kept = {place.id: list(self._program.texts(place.url).values()) for place in self._places}
        for kind in {place.kind for place in self._places}:
            found += self._violations(
                kind, [text for each in self._places if each.kind == kind for text in kept[each.id]]
            )
        for writer in self._writers:
            phone = writer.phone
            shown = {
                place.id: self._shown(writer, kept[place.id]) for place in self._places if place.id in phone.folders
            }
            found += [f"{phone.device_id}: {each}" for each in compare(phone, shown).differences]
            found += [f"{phone.device_id} complains: {each}" for each in phone.complaints]
            found += [f"{phone.device_id} still waits for {each.op}" for each in phone.waiting_edits]
        return found

    def _shown(self, writer: Writer, texts: list[str]) -> list[str]:
        """Those of a collection's texts that this phone is to have."""
        return texts

    def _violations(self, kind: str, texts: list[str]) -> list[str]:
        of_kind = Ledger()
        of_kind.entries = {name: each for name, each in self.ledger.entries.items() if name.startswith(kind)}
        return of_kind.violations(texts)

    # Phones

    def _switch_turns(self, _writer: Writer, place: Place) -> None:
        """What is off goes on, and the other way round; phones lose the folder and get it back."""
        is_on = place.id in self._off
        self._turn(place.id, is_on)
        self._off ^= {place.id}

    def _phone_adds(self, writer: Writer, place: Place) -> None:
        if place.id not in writer.phone.folders:
            return
        name, value = self._new_name(place), self._new_value(writer)
        version = writer.phone.version
        data = _typed(place.kind, name, version)
        if place.kind != "book":
            self.ledger.entry(name).claim("SUMMARY").accept(name)
        edit = writer.phone.add(place.id, data)
        said = self._value_said(name, value, writer, place)
        writer.phone.change(place.id, edit.id, writer.sets[place.kind](name, said))
        self._note(writer, place, edit, name, said)

    def _phone_changes(self, writer: Writer, place: Place) -> None:
        chosen = self._some_item(writer, place)
        if chosen is not None:
            self._phone_changes_one(writer, place, *chosen)

    def _phone_changes_one(self, writer: Writer, place: Place, item_id: str, name: str) -> None:
        said = self._value_said(name, self._new_value(writer), writer, place)
        edit = writer.phone.change(place.id, item_id, writer.sets[place.kind](name, said))
        self._note(writer, place, edit, name, said)

    def _phone_deletes(self, writer: Writer, place: Place) -> None:
        chosen = self._some_item(writer, place)
        if chosen is None:
            return
        item_id, name = chosen
        edit = writer.phone.delete(place.id, item_id)
        if edit.op is Op.ADD:
            self.ledger.entry(name).fate = Fate.EITHER
            return
        self._note(writer, place, edit, name, "")

    def _phone_syncs(self, writer: Writer, place: Place) -> None:
        if place.id not in writer.phone.folders or self.chance.random() < 0.1:
            writer.phone.sync_folders()
        if place.id not in writer.phone.folders:
            return
        writer.phone.sync(place.id if self.chance.random() < 0.7 else None, window=self.chance.choice((1, 3, 100)))
        self._settle(writer)

    def _meanwhile(self, writer: Writer) -> None:
        """What happens while a phone finds out that its answer was lost."""
        self._revive()
        if self._is_over:
            return
        place = self.chance.choice(self._places)
        if place.id in writer.phone.items and self.chance.random() < self.restlessness:
            self.chance.choice((self._phone_adds, self._phone_changes, self._phone_deletes))(writer, place)
        elif not self._is_crowded and self.chance.random() < 0.2:
            self._program_writes(writer, place)

    def _some_item(self, writer: Writer, place: Place) -> tuple[str, str] | None:
        """An item that the phone shows: its id, and its name."""
        shown = [(server_id, data) for server_id, data in writer.phone.items.get(place.id, {}).items()]
        shown += [
            (edit.id, edit.data)
            for edit in writer.phone.waiting_edits_in(place.id)
            if edit.data is not None and not edit.is_unwanted
        ]
        if not shown:
            return None
        item_id, data = self.chance.choice(shown)
        return item_id, facts_told(data)[0].partition(" ")[0]

    def _note(self, writer: Writer, place: Place, edit: Edit, name: str, value: str) -> None:
        self.edits += 1
        _, _, _, values = writer.said.setdefault(id(edit), (edit, name, writer.properties[place.kind], []))
        values.append(value)

    def _settle(self, writer: Writer) -> None:
        """Write down what became of the edits that were answered."""
        waiting = {id(each) for each in writer.phone.waiting_edits}
        for key in [each for each in writer.said if each not in waiting]:
            with self._ledger_lock:
                self._settle_one(*writer.said.pop(key))

    def _settle_one(self, edit: Edit, name: str, property_: str, values: list[str]) -> None:
        entry = self.ledger.entry(name)
        if edit.op is Op.DELETE:
            entry.fate = Fate.GONE if edit.is_accepted else entry.fate
        elif edit.is_accepted:
            entry.claim(property_).accept(values[-1])
            if edit.op is Op.ADD and entry.fate is not Fate.GONE:
                entry.fate = Fate.EITHER if edit.is_unwanted else Fate.THERE
        else:
            entry.claim(property_).possible.update(values)

    # The desktop program

    def _program_writes(self, _writer: Writer, place: Place) -> None:
        self._patiently(
            self.chance.choice(
                (self._program_adds, self._program_changes, self._program_changes, self._program_deletes)
            ),
            place,
        )

    def _program_adds(self, place: Place, attempt: int, name: str, value: str) -> None:
        text = _written(place.kind, name, f"{_field(place)}:{value}")
        status = self._program.put(f"{place.url}{name}", text, is_new=True).status
        assert status == 201 or (attempt and status == 412), f"PUT of a new item: {status}"
        self.edits += 1
        entry = self.ledger.entry(name)
        entry.fate, entry.odd_lines = Fate.THERE, ODD_LINES[place.kind]
        entry.claim(_field(place)).accept(value)
        entry.claim("ORG" if place.kind == "book" else "SUMMARY").accept("" if place.kind == "book" else name)

    def _program_changes(self, place: Place, attempt: int, _name: str, value: str) -> None:
        urls = sorted(self._program.etags(place.url))
        if urls:
            self._program_changes_one(place, self.chance.choice(urls), value)

    def _program_changes_one(self, place: Place, url: str, value: str) -> None:
        reply = self._program.ask("GET", url)
        if reply.status == 404:
            return
        text, etag = reply.body.decode(), reply.headers["etag"]
        name = name_in(text)
        whole = parse(text)
        target = whole if place.kind == "book" else next(each for each in whole.children if each.name in ENTRIES)
        target.set(_field(place), escape(value))
        claim = self.ledger.entry(name).claim(_field(place))
        claim.possible.add(value)
        status = self._program.put(url, whole.to_text(), if_match=etag).status
        assert status in (200, 204, 404, 412), f"PUT of a new version: {status}"
        if status in (200, 204):
            self.edits += 1
            claim.accept(value)

    def _program_deletes(self, place: Place, attempt: int, _name: str, _value: str) -> None:
        urls = sorted(self._program.etags(place.url))
        if not urls or self.chance.random() < 0.5:
            return
        url = self.chance.choice(urls)
        reply = self._program.ask("GET", url)
        if reply.status == 404:
            return
        entry = self.ledger.entry(name_in(reply.body.decode()))
        with self._ledger_lock:
            before, entry.fate = entry.fate, Fate.EITHER
        status = self._program.delete(url).status
        assert status in (200, 204, 404), f"DELETE: {status}"
        self.edits += 1
        with self._ledger_lock:
            entry.fate = Fate.GONE if status in (200, 204) else before

    def _patiently(self, action: Callable[[Place, int, str, str], None], place: Place) -> None:
        """The program tries again when it gets no answer; a new item keeps its name."""
        name = self._new_name(place) if action == self._program_adds else ""
        value = self._new_value(None)
        for attempt in range(20):
            try:
                action(place, attempt, name, value)
                return
            except Lost:
                self._revive()
                time.sleep(0.05)
        raise Lost("the program gets nowhere")

    # Words

    def _new_name(self, place: Place) -> str:
        return f"{place.kind}{next(self._numbers)}"

    def _new_value(self, writer: Writer | None) -> str:
        return f"{writer.phone.device_id if writer else 'desk'}-{next(self._numbers)}"

    def _value_said(self, name: str, value: str, writer: Writer, place: Place) -> str:
        """An event's summary begins with its name."""
        return f"{name} {value}" if writer.properties[place.kind] == "SUMMARY" else value


FIELDS = {"book": "NICKNAME", "calendar": "DESCRIPTION", "tasks": "COMMENT", "notes": "COMMENT"}


def _field(place: Place) -> str:
    """The program's own field."""
    return FIELDS[place.kind]


def _typed(kind: str, name: str, version: str) -> Element:
    """A new item as a person types it into a phone."""
    if kind == "book":
        return contact(name, "Walker", f"{name}@example.com")
    if kind == "calendar":
        return new_event(name, MORNING, MORNING + timedelta(hours=1), version=version)
    return new_task(name) if kind == "tasks" else new_note(name)


def _written(kind: str, name: str, line: str) -> str:
    """A new item as a desktop program writes it."""
    if kind == "book":
        return card(name, name, "Walker", line)
    if kind == "calendar":
        return event(name, name, line, start=STARTS, end=ENDS)
    return task(name, name, line) if kind == "tasks" else note(name, name, "", line)
