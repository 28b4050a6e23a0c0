"""Until when an entry matters to who looks at the present."""

import pytest

from gateway.texts import calendar, event, task
from pimgate.text.calendar import index_calendar
from pimgate.text.lasting import OVER, is_over_text

ENDS = 1_795_255_200  # 2026-11-21, 10:00 UTC


@pytest.mark.parametrize(
    ("text", "until"),
    [
        (event("once"), ENDS),
        (event("thrice", "20261121T090000Z", "Breakfast", "RRULE:FREQ=DAILY;COUNT=3"), ENDS + 2 * 86_400),
        (event("for ever", "20261121T090000Z", "Breakfast", "RRULE:FREQ=DAILY"), None),
        (task("open"), None),
        (task("due", "DUE:20200101T090000Z"), None),
        (task("done", "STATUS:COMPLETED", "DUE:20200101T090000Z"), OVER),
        (task("dropped", "STATUS:cancelled"), OVER),
        (task("when", "COMPLETED:20260101T090000Z"), OVER),
        (task("opened again", "STATUS:IN-PROCESS", "COMPLETED:20260101T090000Z"), None),
        (calendar("VJOURNAL", ["UID:note", "DTSTAMP:20261101T000000Z", "SUMMARY:Note"]), None),
    ],
)
def test_events_last_until_they_end_tasks_until_they_are_over_and_notes_for_ever(text: str, until: int | None) -> None:
    assert index_calendar(text).lasts_until == until


def test_what_cannot_be_read_is_not_over() -> None:
    assert is_over_text(task("done", "STATUS:COMPLETED"))
    assert not is_over_text("nonsense")
    assert not is_over_text(event("once"))
