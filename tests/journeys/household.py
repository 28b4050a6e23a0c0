"""A walk through a whole household: contacts, calendars with series, tasks and notes, in folders that come, move and go.

Beside what a `Walk` does, phones move items, make, rename and delete folders and take occurrences out of series; the desktop
program writes series, moves occurrences and puts down what is long past, which one phone does not show.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from journeys.ledger import OCCURRENCE, Fate, name_in, value_in
from journeys.texts import event
from journeys.walk import ENDS, ODD_LINES, STARTS, Place, Walk, Writer
from pimgate.testing.desktop import Desktop
from pimgate.testing.phone_comparison import facts_told
from pimgate.testing.phone_copy import STARTED, Edit, Op
from pimgate.text.component import parse
from pimgate.text.lines import make_line
from pimgate_eas.wbxml.element import Element

FOLDER_TYPES = {"calendar": "13", "book": "14", "tasks": "15", "notes": "17"}
DAYS = range(1, 10)
"""Every series has an occurrence on each of these days of December 2036."""
SERIES = "RRULE:FREQ=DAILY;COUNT=9"
LONG_PAST = ("20200301T090000Z", "20200301T100000Z")
TWO_WEEKS = "4"
ROUNDS_AT_THE_END = 3


class Household(Walk):
    """`address` gives the URL of a collection by its id; `short_sighted` is the phone that shows two weeks of the past."""

    def __init__(
        self,
        seed: int,
        writers: list[Writer],
        program: Desktop,
        places: list[Place],
        address: Callable[[str], str],
        short_sighted: Writer,
        **more: Any,
    ) -> None:
        super().__init__(seed, writers, program, places, **more)
        self._address, self._short_sighted = address, short_sighted
        self._kept_for_good = {place.id for place in places}
        self._left: set[str] = set()
        """What was moved away: who deletes it there without having heard of that deletes nothing."""
        self._also: dict[int, tuple[Edit, str, list[str]]] = {}
        short_sighted.phone.look_back("Calendar", TWO_WEEKS)

    def step(self) -> None:
        """Something that somebody in a household does."""
        chance, writer = self.chance, self.chance.choice(self._writers)
        kind = chance.choice(("book", "calendar", "calendar", "tasks", "notes"))
        actions: list[tuple[int, Callable[[], None]]] = [
            (10, lambda: self.phone_edits(writer, kind, chance.choice(("adds", "changes", "changes", "deletes")))),
            (2, lambda: self.phone_edits(writer, "calendar", "takes out")),
            (8, lambda: self.phone_syncs(writer)),
            (4, lambda: self.all_change_one(kind)),
            (2, lambda: self.phone_edits_on(writer, kind)),
            (3, lambda: self.phone_moves(writer, kind)),
            (1, lambda: self.phone_makes_folder(writer, kind)),
            (1, lambda: self.phone_renames_folder(writer)),
            (1, lambda: self.phone_deletes_folder(writer)),
            (6, lambda: self.program_edits(kind, chance.choice(("adds", "changes", "changes", "deletes")))),
            (3, lambda: self.program_edits("calendar", chance.choice(("series", "moves an occurrence", "past")))),
            (1, lambda: self.switch_turns(kind)),
        ]
        chance.choices([act for _, act in actions], [weight for weight, _ in actions])[0]()

    # Who does it, and where

    def places(self, kind: str, writer: Writer | None = None) -> list[Place]:
        """The collections of this kind; those that the phone shows."""
        return [
            each for each in self._places if each.kind == kind and (writer is None or each.id in writer.phone.folders)
        ]

    def phone_edits(self, writer: Writer, kind: str, action: str) -> None:
        """`action`: adds, changes, deletes, takes out (an occurrence)."""
        place = self.chance.choice(self.places(kind))
        {
            "adds": self._phone_adds,
            "changes": self._phone_changes,
            "deletes": self._phone_deletes,
            "takes out": self._phone_takes_out,
        }[action](writer, place)

    def phone_syncs(self, writer: Writer) -> None:
        self._phone_syncs(writer, self.chance.choice(self._places))

    def program_edits(self, kind: str, action: str) -> None:
        """`action`: adds, changes, deletes; for calendars "series", "moves an occurrence", "past"."""
        place = self.chance.choice(self.places(kind))
        {
            "adds": self._program_adds,
            "changes": self._program_changes,
            "deletes": self._program_deletes,
            "series": self._program_writes_series,
            "moves an occurrence": self._program_moves_occurrence,
            "past": self._program_writes_past,
        }[action](place, 0, self._new_name(place), self._new_value(None))

    def all_change_one(self, kind: str) -> None:
        """Everybody changes the same item before anybody has heard of the others; then all hear of it."""
        place = self.chance.choice(self.places(kind))
        found = sorted(self._program.texts(place.url).items())
        if not found:
            return
        url, text = self.chance.choice(found)
        for writer in self._writers:
            for item, data in list(writer.phone.items.get(place.id, {}).items()):
                if facts_told(data)[0].partition(" ")[0] == name_in(text):
                    self._phone_changes_one(writer, place, item, name_in(text))
        self._program_changes_one(place, url, self._new_value(None))
        for writer in self._writers:
            self._phone_syncs(writer, place)

    def phone_edits_on(self, writer: Writer, kind: str) -> None:
        """A new item, whose answer the phone waits for while its person edits on."""
        place = self.chance.choice(self.places(kind))
        self._phone_adds(writer, place)
        self.restlessness = 1.0
        self._phone_syncs(writer, place)
        self.restlessness = 0.3

    def switch_turns(self, kind: str) -> None:
        self._switch_turns(self._writers[0], self.chance.choice(self.places(kind)))

    # Series

    def _program_writes_series(self, place: Place, _attempt: int, name: str, value: str) -> None:
        self._put_event(place, name, value, SERIES, start=STARTS, end=ENDS)

    def _program_writes_past(self, place: Place, _attempt: int, name: str, value: str) -> None:
        self._put_event(place, name, value, start=LONG_PAST[0], end=LONG_PAST[1])

    def _put_event(self, place: Place, name: str, value: str, *more: str, start: str, end: str) -> None:
        text = event(name, name, f"DESCRIPTION:{value}", *more, start=start, end=end)
        assert self._program.put(f"{place.url}{name}", text, is_new=True).status == 201
        self.edits += 1
        entry = self.ledger.entry(name)
        entry.fate, entry.odd_lines = Fate.THERE, ODD_LINES[place.kind]
        entry.claim("DESCRIPTION").accept(value)
        entry.claim("SUMMARY").accept(name)

    def _program_moves_occurrence(self, place: Place, _attempt: int, _name: str, _value: str) -> None:
        """An occurrence that nobody took out or moved begins two hours later."""
        found = [(url, text) for url, text in self._program.texts(place.url).items() if SERIES in text]
        if not found:
            return
        url, text = self.chance.choice(found)
        start = f"203612{self.chance.choice(DAYS):02}T090000Z"
        if value_in(text, OCCURRENCE + start):
            return
        etag = self._program.get(url)[1]
        whole = parse(text)
        moved = parse(text).children[0]
        for name in ("RRULE", "EXDATE"):
            moved.remove(name)
        moved.set("DTSTART", start.replace("T09", "T11"))
        moved.set("DTEND", start.replace("T09", "T12"))
        moved.add(make_line("RECURRENCE-ID", start))
        whole.add_child(moved)
        status = self._program.put(url, whole.to_text(), if_match=etag).status
        assert status in (200, 204), f"PUT of a series: {status}"
        self.edits += 1
        self.ledger.entry(name_in(text)).claim(OCCURRENCE + start).accept("moved")

    def _phone_takes_out(self, writer: Writer, place: Place) -> None:
        """One occurrence of a series is deleted: one that is as the series has it."""
        shown = writer.phone.items.get(place.id, {})
        series = [(item, data) for item, data in shown.items() if data.has("Calendar:Recurrence")]
        if not series:
            return
        item, data = self.chance.choice(series)
        start = f"203612{self.chance.choice(DAYS):02}T090000Z"
        exceptions = data.path("Calendar:Exceptions", "Calendar:Exception")
        if any(each.text_of(STARTED) == start for each in exceptions):
            return
        name = facts_told(data)[0].partition(" ")[0]
        if writer.phone.version.startswith("16"):
            edit = writer.phone.delete_occurrence(place.id, item, start)
        else:
            gone = Element("Calendar:Exception", Element("Calendar:Deleted", text="1"), Element(STARTED, text=start))
            edit = writer.phone.change(
                place.id, item, {"Calendar:Exceptions": Element("Calendar:Exceptions", *exceptions, gone)}
            )
        self.edits += 1
        self._also.setdefault(id(edit), (edit, name, []))[2].append(OCCURRENCE + start)

    def _settle(self, writer: Writer) -> None:
        super()._settle(writer)
        waiting = {id(edit) for each in self._writers for edit in each.phone.waiting_edits}
        for key in [each for each in self._also if each not in waiting]:
            edit, name, claims = self._also.pop(key)
            for claim in claims:
                if edit.is_accepted and edit.op is not Op.ADD:
                    self.ledger.entry(name).claim(claim).accept("gone")
                else:
                    self.ledger.entry(name).claim(claim).possible.update(("gone", ""))

    def _settle_one(self, edit: Edit, name: str, property_: str, values: list[str]) -> None:
        if edit.op is Op.DELETE and edit.id in self._left:
            self.ledger.entry(name).fate = Fate.EITHER
        else:
            super()._settle_one(edit, name, property_, values)

    # Folders

    def phone_moves(self, writer: Writer, kind: str) -> None:
        """Some item to another folder of its kind, if it waits for nothing."""
        places = self.places(kind, writer)
        waiting = {edit.id for edit in writer.phone.waiting_edits}
        movable = [
            (item, place) for place in places for item in writer.phone.items.get(place.id, {}) if item not in waiting
        ]
        if len(places) < 2 or not movable:
            return
        item, place = self.chance.choice(movable)
        target = self.chance.choice([each for each in places if each is not place])
        [status] = writer.phone.move([item], place.id, target.id).values()
        assert status in ("1", "2", "3"), f"MoveItems: {status}"
        self._left |= {item} if status == "3" else set()
        self.edits += 1

    def phone_makes_folder(self, writer: Writer, kind: str) -> None:
        name = f"Folder {next(self._numbers)}"
        before = set(writer.phone.folders)
        if writer.phone.create_folder(name, FOLDER_TYPES[kind]) == "1":
            [made] = [
                each for each in writer.phone.folders if each not in before and writer.phone.folders[each].name == name
            ]
            self._places.append(Place(made, self._address(made), kind))

    def phone_renames_folder(self, writer: Writer) -> None:
        place = self._some_folder(writer)
        if place is not None:
            assert writer.phone.rename_folder(place.id, f"Folder {next(self._numbers)}") in ("1", "4", "9")

    def phone_deletes_folder(self, writer: Writer) -> None:
        """With all that is in it; what other phones had still to say of that is said to nobody."""
        place = self._some_folder(writer)
        if place is None:
            return
        names = [name_in(text) for text in self._program.texts(place.url).values()]
        self._places.remove(place)  # nobody writes there while the answer is on its way
        status = writer.phone.delete_folder(place.id)
        assert status in ("1", "4", "9"), f"FolderDelete: {status}"
        if status != "1":
            self._places.append(place)
            return
        for name in names:
            self.ledger.entry(name).fate = Fate.GONE

    def _some_folder(self, writer: Writer) -> Place | None:
        """One that may be renamed and deleted."""
        found = [
            each for each in self._places if each.id not in self._kept_for_good and each.id in writer.phone.folders
        ]
        return self.chance.choice(found) if found else None

    # The end

    def finish(self) -> None:
        """Everybody synchronises until nothing moves."""
        self._is_over = True
        for place in self._places:
            self._turn(place.id, True)
        for _ in range(ROUNDS_AT_THE_END):
            for writer in self._writers:
                writer.phone.sync_folders()
                writer.phone.sync()
                self._settle(writer)

    def _shown(self, writer: Writer, texts: list[str]) -> list[str]:
        is_short_sighted = writer is self._short_sighted
        return [text for text in texts if not (is_short_sighted and f"DTEND:{LONG_PAST[1]}" in text)]
