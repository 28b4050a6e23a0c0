"""Done and not done."""

from __future__ import annotations

import pytest

from pimgate_eas.mapping.errors import CannotConvert
from plugins.eas.mapping.tasks.tasks import context, edited, fields, lines_of, made, shown, task

DONE = ("STATUS:COMPLETED", "COMPLETED:20260105T143000Z", "PERCENT-COMPLETE:100")


@pytest.mark.parametrize(
    ("lines", "complete"),
    [
        ((), "0"),
        (("STATUS:NEEDS-ACTION",), "0"),
        (("STATUS:IN-PROCESS", "PERCENT-COMPLETE:100"), "0"),
        (DONE, "1"),
        (("COMPLETED:20260105T143000Z",), "1"),
        (("STATUS:CANCELLED",), "1"),
        (("STATUS:NEEDS-ACTION", "COMPLETED:20260105T143000Z"), "0"),
    ],
)
def test_task_is_shown_as_done_when_nothing_is_left_to_do(lines: tuple[str, ...], complete: str) -> None:
    found = shown(task(*lines))
    assert found["Complete"] == complete
    assert ("DateCompleted" in found) == (complete == "1")


def test_completed_task_is_done_for_every_program() -> None:
    sent = fields(Complete="1", DateCompleted="2026-02-03T00:00:00.000Z")
    found = lines_of(edited(task("STATUS:IN-PROCESS", "PERCENT-COMPLETE:40"), *sent))
    assert found[:2] == ["STATUS:COMPLETED", "PERCENT-COMPLETE:100"]
    assert "COMPLETED:20260203T000000Z" in found


def test_completed_without_a_date_is_completed_now() -> None:
    assert "COMPLETED:20260301T103000Z" in lines_of(edited(task(), *fields(Complete="1")))


def test_opened_again_it_is_wholly_to_be_done() -> None:
    found = lines_of(edited(task(*DONE), *fields(Complete="0"), without=("DateCompleted",)))
    assert found == ["STATUS:NEEDS-ACTION", "X-SHOE-SIZE:39"]


@pytest.mark.parametrize("date", ["2026-01-05T14:30:00.000Z", "2026-01-05T00:00:00.000Z", "2026-01-04T23:00:00.000Z"])
def test_hour_of_completion_survives_a_device_that_knows_only_the_day(date: str) -> None:
    assert edited(task(*DONE), *fields(DateCompleted=date)) == task(*DONE)


def test_another_day_of_completion_is_taken_over() -> None:
    assert "COMPLETED:20260102T000000Z" in edited(task(*DONE), *fields(DateCompleted="2026-01-02T00:00:00.000Z"))


def test_cancelled_task_stays_cancelled_until_it_is_opened() -> None:
    text = task("STATUS:CANCELLED")
    assert edited(text, *fields(Complete="1", DateCompleted="2026-02-03T00:00:00.000Z")) == text
    assert "STATUS:NEEDS-ACTION" in edited(text, *fields(Complete="0"), without=("DateCompleted",))


def test_device_that_says_nothing_of_it_leaves_it() -> None:
    assert edited(task(*DONE), without=("Complete", "DateCompleted")) == task(*DONE)


def test_date_that_is_none_is_refused() -> None:
    with pytest.raises(CannotConvert):
        made(*fields(Complete="1", DateCompleted="soon"), who=context())
