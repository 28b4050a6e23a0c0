"""The plain fields of a task; its body in both forms."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from pimgate.text.calendar import index_calendar
from pimgate_eas.mapping import tasks
from pimgate_eas.mapping.words import clean
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.items import TASKS, VERSIONS, removed, text_of, with_changes
from plugins.eas.mapping.tasks.tasks import context, edited, fields, lines_of, made, named, shown, task

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=90).filter(
    clean
)
EDITS: dict[str, st.SearchStrategy[str]] = {
    "Subject": WORDS,
    "Importance": st.sampled_from("012"),
    "Sensitivity": st.sampled_from("0123"),
    "SubOrdinalDate": WORDS,
    "OrdinalDate": st.dates().map(lambda day: f"{day}T00:00:00.000Z"),
}
PROPERTIES = {
    "Subject": "SUMMARY",
    "Importance": "PRIORITY",
    "Sensitivity": "CLASS",
    "SubOrdinalDate": "X-PIMGATE-SUB-ORDINAL-DATE",
    "OrdinalDate": "X-PIMGATE-ORDINAL-DATE",
}


@pytest.mark.parametrize(("priority", "importance"), [(0, "1"), (1, "2"), (4, "2"), (5, "1"), (6, "0"), (9, "0")])
def test_priority_keeps_its_number_as_long_as_its_importance_stays(priority: int, importance: str) -> None:
    text = task(f"PRIORITY:{priority}")
    assert shown(text)["Importance"] == importance
    assert edited(text, *fields(Importance=importance)) == text
    assert lines_of(edited(text, *fields(Importance=str((int(importance) + 1) % 3))))[0] != f"PRIORITY:{priority}"


@pytest.mark.parametrize("word", ["3", "-1", "high", ""])
def test_importance_that_is_none_says_nothing(word: str) -> None:
    assert edited(task("PRIORITY:3"), *fields(Importance=word)) == task("PRIORITY:3")


@settings(max_examples=examples(20, 180), deadline=None)
@given(data=st.data(), path=st.sampled_from(TASKS), version=st.sampled_from(VERSIONS))
@pytest.mark.parametrize("tag", EDITS)
def test_edited_field_is_what_the_device_sent_and_no_other_line_changes(
    tag: str, path: Path, version: str, data: st.DataObject
) -> None:
    text, who, value = text_of(path), context(version), data.draw(EDITS[tag])
    before = tasks.render(text, who)
    after = tasks.patch(
        text, with_changes(before, Element(f"Tasks:{tag}", text=value)), who, ghosted=removed, uid="new"
    )
    index_calendar(after)
    assert shown(after, who) == shown(text, who) | {tag: clean(value)}
    stamps = ("DTSTAMP", "LAST-MODIFIED", PROPERTIES[tag])
    assert untouched(after, stamps) == untouched(text, stamps)


def untouched(text: str, names: tuple[str, ...]) -> list[str]:
    """The unfolded lines of other names."""
    lines = text.replace("\r\n", "\n").replace("\n ", "").split("\n")
    return [line for line in lines if not line.startswith(names)]


def body(form: str, text: str) -> Element:
    return Element("AirSyncBase:Body", Element("AirSyncBase:Type", text=form), Element("AirSyncBase:Data", text=text))


def body_of(text: str, *forms: str) -> tuple[str, str] | None:
    found = shown(text, context(body_forms=forms)).get("Body")
    return (str(found["Type"]), str(found["Data"])) if isinstance(found, dict) else None


def test_body_comes_in_the_form_that_the_device_likes_best_if_there_is_one() -> None:
    plain, rich = task("DESCRIPTION:a < b\\nc"), text_of("outlook-synchronizer-task-done.ics")
    assert body_of(plain, "1") == body_of(plain, "2", "1") == body_of(plain, "4", "1") == ("1", "a < b\r\nc")
    assert body_of(plain, "2") == ("2", "a &lt; b<br>c")
    assert body_of(rich, "1") == ("1", "See the list.")
    assert body_of(rich, "2", "1") == ("2", "<html><body><p>See the <i>list</i>.</p></body></html>")
    assert body_of(text_of("thunderbird-task-html.ics"), "2", "1") == ("2", "<b>Zahlen</b> prüfen")
    assert body_of(task("X-ALT-DESC;FMTTYPE=text/html:<p>only</p>"), "1") == ("1", "only")
    assert body_of(task(), "1", "2") is None


def test_html_is_kept_beside_its_words() -> None:
    found = lines_of(edited(task("DESCRIPTION:old"), body("2", "<p>new <b>words</b></p>")))
    assert "DESCRIPTION:new words" in found
    assert "X-ALT-DESC;FMTTYPE=text/html:<p>new <b>words</b></p>" in found


def test_new_plain_words_take_the_place_of_the_html() -> None:
    text = text_of("outlook-synchronizer-task-done.ics")
    found = lines_of(edited(text, body("1", "Other words")))
    assert "DESCRIPTION:Other words" in found
    assert not any(line.startswith("X-ALT-DESC") for line in found)
    assert "ALTREP" not in edited(text_of("thunderbird-task-html.ics"), body("1", "Other words"))


def test_words_that_are_the_same_in_another_form_leave_the_html() -> None:
    text = text_of("outlook-synchronizer-task-done.ics")
    assert named(text, body("1", "See the list.")) == text
    assert named(task("DESCRIPTION:a"), body("2", "a")) == task("DESCRIPTION:a")


@pytest.mark.parametrize("sent", [Element("AirSyncBase:Body"), body("3", "x"), body("4", "x")])
def test_body_of_which_nothing_is_made_leaves_the_words(sent: Element) -> None:
    assert named(task("DESCRIPTION:a"), sent) == task("DESCRIPTION:a")


def test_empty_body_removes_the_words() -> None:
    text = text_of("outlook-synchronizer-task-done.ics")
    assert body_of(named(text, body("1", "")), "2", "1") is None
    assert body_of(named(text, body("2", "")), "1") is None


@settings(max_examples=examples(20, 240), deadline=None)
@given(words=WORDS)
def test_words_made_html_for_a_device_come_back_as_they_were(words: str) -> None:
    text = made(body("1", words))
    who = context(body_forms=("2",))
    assert edited(text, who=who) == text
    assert body_of(text, "1") == ("1", clean(words).replace("\n", "\r\n"))


def test_new_task_is_whole() -> None:
    text = made(
        *fields(Subject="Tea; biscuits, too", Importance="2", Sensitivity="2", Complete="0", ReminderSet="0"),
        Element("Tasks:Categories", *fields(Category="A, b")),
        body("1", "Two\r\nlines"),
    )
    index = index_calendar(text)
    assert (index.uid, index.component, index.summary, index.is_private) == ("new", "VTODO", "Tea; biscuits, too", True)
    assert {"PRIORITY:1", "CLASS:PRIVATE", "CATEGORIES:A\\, b", "DESCRIPTION:Two\\nlines"} <= set(lines_of(text))


def test_edit_stamps_the_task() -> None:
    text = edited(task(), *fields(Subject="x"))
    assert "DTSTAMP:20260301T103000Z" in text
    assert "LAST-MODIFIED:20260301T103000Z" in text
