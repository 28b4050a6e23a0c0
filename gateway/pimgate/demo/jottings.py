"""Sample tasks and notes around today: a series, a day, a reminder; plain words and HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from pimgate.text.component import Component
from pimgate.text.events import PRODID
from pimgate.text.lines import Line, Params, escape, make_line

DATE: Params = (("VALUE", ("DATE",)),)


@dataclass(frozen=True, slots=True)
class Jotting:
    """One task or note: the name of its file, and the whole text."""

    name: str
    text: str


def tasks_of(today: date) -> list[Jotting]:
    """What Alice has to do."""
    monday = today - timedelta(days=today.weekday())
    reminder = Component(
        "VALARM",
        [
            make_line("ACTION", "DISPLAY"),
            make_line("TRIGGER", "PT9H", (("RELATED", ("END",)),)),
            make_line("DESCRIPTION", "Tickets"),
        ],
    )
    return [
        _jotting("VTODO", "tickets", "Buy the tickets", today, [_due(today + timedelta(days=3))], [reminder]),
        _jotting(
            "VTODO",
            "plants",
            "Water the plants",
            today,
            [make_line("DTSTART", f"{monday:%Y%m%d}", DATE), _due(monday), make_line("RRULE", "FREQ=WEEKLY;BYDAY=MO")],
        ),
        _jotting(
            "VTODO",
            "parcel",
            "Return the parcel",
            today,
            [
                make_line("PRIORITY", "1"),
                make_line("STATUS", "COMPLETED"),
                make_line("COMPLETED", f"{today:%Y%m%d}T080000Z"),
                make_line("PERCENT-COMPLETE", "100"),
            ],
        ),
    ]


def notes_of(today: date) -> list[Jotting]:
    """What Alice has written down."""
    rich = make_line("X-ALT-DESC", escape("<p>Rye bread, <b>no</b> butter</p>"), (("FMTTYPE", ("text/html",)),))
    return [
        _jotting(
            "VJOURNAL", "wifi", "Guests' network", today, [make_line("DESCRIPTION", escape("Name: larch\nAsk me."))]
        ),
        _jotting(
            "VJOURNAL", "shopping", "Shopping", today, [make_line("DESCRIPTION", escape("Rye bread, no butter")), rich]
        ),
    ]


def _due(day: date) -> Line:
    return make_line("DUE", f"{day:%Y%m%d}", DATE)


def _jotting(
    kind: str, name: str, summary: str, today: date, lines: Sequence[Line], children: Sequence[Component] = ()
) -> Jotting:
    stamp = datetime.combine(today, time(), tzinfo=UTC)
    first = [
        make_line("UID", f"demo-{name}"),
        make_line("DTSTAMP", f"{stamp:%Y%m%dT%H%M%SZ}"),
        make_line("SUMMARY", escape(summary)),
    ]
    whole = Component(
        "VCALENDAR",
        [make_line("VERSION", "2.0"), make_line("PRODID", PRODID)],
        [Component(kind, [*first, *lines], children)],
    )
    return Jotting(f"{name}.ics", whole.to_text())
