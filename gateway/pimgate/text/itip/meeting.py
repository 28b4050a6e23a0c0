"""One version of a meeting: whose it is, who takes part in which occurrence, and what of it people must hear of.

Source: RFC 5545 "Attendee", "Organizer"; RFC 6638 "Schedule Agent Parameter".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pimgate.text.component import Component
from pimgate.text.events import EventSet, instance_key, parse_event_set
from pimgate.text.lines import Line, Params, make_line
from pimgate.text.times import Time, as_instant, epoch_of, write_time

SERIES: Final = ""
"""The name of the series (or single event) itself among the keys of its occurrences."""

NEEDS_ACTION, ACCEPTED, TENTATIVE, DECLINED = "NEEDS-ACTION", "ACCEPTED", "TENTATIVE", "DECLINED"
_TOKEN: Final = re.compile(r"[A-Za-z0-9-]+\Z")
_TOLD: Final = ("SUMMARY", "LOCATION", "DESCRIPTION", "URL", "CONFERENCE")
_OF_THE_PATTERN: Final = ("RRULE", "RDATE", "EXRULE")


@dataclass(frozen=True, slots=True)
class Shape:
    """What of one component its guests must hear of when it changes: when it is, what is said of it, and the files that it
    brings."""

    times: tuple[object, ...]
    words: tuple[str, ...]


class Meeting:
    """A calendar object as its people see it. BadText for a text that is none."""

    def __init__(self, text: str) -> None:
        self.events: EventSet = parse_event_set(text)
        self.master = self.events.master
        self.originals = self.events.originals
        self.overrides = self.events.overrides
        # An answer may leave out when it is.
        has_excluded = self.master is not None and self.master.get("EXDATE") is not None
        self.excluded = {instance_key(time): time for time in self.events.excluded()} if has_excluded else {}
        self.entries = self.events.entries
        self._told: dict[int, tuple[Component, frozenset[str]]] = {}
        self._shapes: dict[str, Shape | None] = {}
        self.main = self.master or self.entries[0]

    @property
    def uid(self) -> str:
        line = self.main.get("UID")
        return line.text.strip() if line is not None else ""

    @property
    def organizer(self) -> str:
        """The address of whoever invites, in lower case; "" for an event that is no meeting."""
        line = next((found for entry in self.entries if (found := entry.get("ORGANIZER")) is not None), None)
        return address_of(line) if line is not None else ""

    @property
    def sequence(self) -> int:
        """The highest revision that one of its components has."""
        return max(sequence_of(entry) for entry in self.entries)

    @property
    def is_series(self) -> bool:
        return self.master is not None and any(self.master.get(name) for name in ("RRULE", "RDATE"))

    def keyed(self) -> Iterator[tuple[str, Component]]:
        """The series as SERIES, and each changed occurrence by its key."""
        if self.master is not None:
            yield SERIES, self.master
        yield from self.overrides.items()

    def guests(self) -> list[str]:
        """Everybody whom the server is to tell, but for the organizer, in the order of the text."""
        lines = (line for entry in self.entries for line in entry.all("ATTENDEE"))
        found = dict.fromkeys(address_of(line) for line in lines if is_ours_to_tell(line))
        return [each for each in found if each and each != self.organizer]

    def at(self, key: str) -> Component | None:
        """The component that says what happens in an occurrence: its own, or the series; None for a deleted one."""
        if key in self.overrides:
            return self.overrides[key]
        return None if key in self.excluded else self.master

    def takes_part(self, address: str, key: str) -> bool:
        """Whether a guest is to come to an occurrence (or to the series), which is not called off."""
        entry = self.master if key == SERIES else self.at(key)
        return entry is not None and address in self._to_tell(entry)

    def _to_tell(self, entry: Component) -> frozenset[str]:
        """Whom the server tells of a component; of many guests and many occurrences it is asked for each pair."""
        if id(entry) not in self._told:
            lines = [] if is_cancelled(entry) else entry.all("ATTENDEE")
            self._told[id(entry)] = entry, frozenset(address_of(line) for line in lines if is_ours_to_tell(line))
        return self._told[id(entry)][1]

    def takes_part_at_all(self, address: str) -> bool:
        return any(self.takes_part(address, key) for key, _ in self.keyed())

    def shape(self, key: str) -> Shape | None:
        """What is told of an occurrence; one without a component of its own has the series' words at its own time. Asked once for
        each, so ask it of a version that nobody edits any more."""
        if key not in self._shapes:
            self._shapes[key] = self._shape(key)
        return self._shapes[key]

    def _shape(self, key: str) -> Shape | None:
        entry = self.master if key == SERIES else self.at(key)
        if entry is None:
            return None
        files = sorted(line.value for line in entry.all("ATTACH"))
        words = (*(_text(entry, name) for name in _TOLD), _status(entry), *files)
        start, length = self.events.start_of(entry), self.length(entry)
        if key != SERIES and entry is self.master:
            return Shape((key, length), words)
        if key != SERIES:
            return Shape((instance_key(start), length), words)
        pattern = tuple(_pattern(line.value) for name in _OF_THE_PATTERN for line in entry.all(name))
        clock = write_time(start.replace(tzinfo=None) if isinstance(start, datetime) else start) if pattern else ""
        return Shape((epoch_of(start), isinstance(start, datetime), clock, length, pattern), words)

    def length(self, entry: Component) -> int:
        """Seconds from start to end."""
        return int((as_instant(self.events.end_of(entry)) - as_instant(self.events.start_of(entry))).total_seconds())

    def original(self, key: str) -> Time | None:
        """Where the series would have put the occurrence of a key that this version names."""
        if key in self.excluded:
            return self.excluded[key]
        return self.originals.get(key)


def is_meeting(text: str | None) -> bool:
    """Whether a text can concern anybody else; a look that costs nothing."""
    return text is not None and "ATTENDEE" in text.upper()


def address_of(line: Line) -> str:
    """The mail address of an ATTENDEE or ORGANIZER in lower case, "" if it has none."""
    value = line.text.strip()
    if value[:7].lower() == "mailto:":
        return value[7:].strip().lower()
    return (line.param_text("EMAIL") or (value if "@" in value and ":" not in value else "")).strip().lower()


def same_address(one: str, other: str) -> bool:
    return bool(one) and one.strip().lower() == other.strip().lower()


def name_of(line: Line | None) -> str:
    return " ".join((line.param_text("CN") or "").split()) if line is not None else ""


def attendee_line(entry: Component, address: str) -> Line | None:
    return next((line for line in entry.all("ATTENDEE") if same_address(address_of(line), address)), None)


def by_address(lines: Iterable[Line]) -> dict[str, Line]:
    """The first line of each person: what to ask instead of `attendee_line` where many people are asked about."""
    found: dict[str, Line] = {}
    for line in lines:
        found.setdefault(address_of(line), line)
    found.pop("", None)
    return found


def partstat_of(entry: Component | None, address: str) -> str:
    """What a guest answered; NEEDS-ACTION where nothing is said."""
    return answer_in(attendee_line(entry, address) if entry is not None else None)


def answer_in(line: Line | None) -> str:
    """What a line says that its person answered; NEEDS-ACTION where nothing is said."""
    return (line.param("PARTSTAT") or (NEEDS_ACTION,))[0] if line is not None else NEEDS_ACTION


def is_ours_to_tell(line: Line) -> bool:
    """Whether the server sends to, or answers, this person: not where the client does, or nobody shall."""
    return (line.param("SCHEDULE-AGENT") or ("SERVER",))[0] not in ("CLIENT", "NONE")


def is_forced(line: Line | None, method: str) -> bool:
    return line is not None and method in line.param("SCHEDULE-FORCE-SEND")


def is_cancelled(entry: Component) -> bool:
    return _text(entry, "STATUS").strip().upper() == "CANCELLED"


def sequence_of(entry: Component) -> int:
    value = _text(entry, "SEQUENCE").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def with_params(line: Line, **changes: str | None) -> Line:
    """The same line with these parameters; None takes one away. `SCHEDULE_STATUS` means SCHEDULE-STATUS."""
    wanted = {name.replace("_", "-"): value for name, value in changes.items()}
    kept: Params = tuple((name, values) for name, values in line.params if name not in wanted and _TOKEN.match(name))
    added: Params = tuple((name, (value,)) for name, value in wanted.items() if value is not None)
    return make_line(line.name, line.value, kept + added)


def reworded(line: Line, **changes: str | None) -> Line:
    """`with_params`, but a line that has just these parameters stays what it is."""
    new = with_params(line, **changes)
    return new if set(new.params) != set(line.params) else line


def put_params(entry: Component, line: Line, **changes: str | None) -> None:
    """Give one line of a component these parameters, unless it has just these. For many lines there is `Component.rewrite`."""
    new = reworded(line, **changes)
    if new is not line:
        entry.replace(line, new)


def _text(entry: Component, name: str) -> str:
    line = entry.get(name)
    return line.text if line is not None else ""


def _status(entry: Component) -> str:
    """CONFIRMED and nothing at all are the same to people."""
    return _text(entry, "STATUS").strip().upper().replace("CONFIRMED", "")


def _pattern(value: str) -> tuple[str, ...]:
    return tuple(sorted(part.strip().upper() for part in value.split(";") if part.strip()))
