"""Notes: what a device is shown of a journal entry, and its edits."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from pimgate.text.calendar import index_calendar
from pimgate_eas.mapping import notes
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.mapping.words import clean
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping import items
from plugins.eas.mapping.items import NOTES, application_data, ghosted, plain, removed, text_of, with_changes

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=200).filter(
    clean
)
NOW = datetime(2026, 3, 1, 10, 30, tzinfo=UTC)


def context(version: str = "16.1", *forms: str) -> Context:
    return items.context(version, now=NOW, body_forms=forms or ("1",))


def shown(name: str, *forms: str) -> dict[str, object]:
    return plain(notes.render(text_of(name), context("16.1", *forms)))


def edited(text: str, *changes: Element, who: Context | None = None) -> str:
    who = who or context()
    return notes.patch(text, with_changes(notes.render(text, who), *changes), who, ghosted=removed, uid="new")


def body(form: str, text: str) -> Element:
    return Element("AirSyncBase:Body", Element("AirSyncBase:Type", text=form), Element("AirSyncBase:Data", text=text))


def test_journal_entry_is_shown_as_a_note() -> None:
    data = "# Liste\r\n\r\n- Brot\r\n- Käse; nicht zu jung\r\n- Öl"
    assert shown("jtx-board-note.ics") == {
        "Subject": "Einkauf",
        "MessageClass": "IPM.StickyNote",
        "LastModifiedDate": "20260110T090000Z",
        "Categories": ["Haus", "Essen"],
        "Body": {"Type": "1", "EstimatedDataSize": str(len(data.encode())), "Data": data},
    }


def test_note_is_shown_in_the_form_that_the_device_likes_best() -> None:
    plain_body, rich_body = shown("outlook-note-html.ics")["Body"], shown("outlook-note-html.ics", "2", "1")["Body"]
    assert isinstance(plain_body, dict)
    assert isinstance(rich_body, dict)
    assert (plain_body["Type"], plain_body["Data"]) == ("1", "Bigger table")
    assert rich_body["Type"] == "2"
    assert "<P><B>Bigger</B> table</P>" in str(rich_body["Data"])


def test_class_of_a_note_is_kept_and_one_of_other_things_refused() -> None:
    text = text_of("outlook-note-html.ics")
    assert shown("outlook-note-html.ics")["MessageClass"] == "IPM.StickyNote.Yellow"
    assert "X-PIMGATE-MESSAGE-CLASS" not in edited(text, Element("Notes:MessageClass", text="IPM.StickyNote"))
    for word in ("IPM.Note", "IPM.StickyNotes", "IPM.StickyNote."):
        with pytest.raises(CannotConvert):
            edited(text, Element("Notes:MessageClass", text=word))


def test_moment_of_the_last_change_is_ours() -> None:
    text = text_of("evolution-memo.ics")
    after = edited(text, Element("Notes:Subject", text="x"), Element("Notes:LastModifiedDate", text="19990101T000000Z"))
    assert "LAST-MODIFIED:20260301T103000Z" in after
    assert edited(text, Element("Notes:LastModifiedDate", text="19990101T000000Z")) == text


def test_new_note_is_whole() -> None:
    data = application_data(
        Element("Notes:Subject", text="Tea; biscuits"),
        Element("Notes:MessageClass", text="IPM.StickyNote"),
        Element("Notes:Categories", Element("Notes:Category", text="House")),
        body("2", "<p>one</p><p><i>two</i></p>"),
    )
    text = notes.patch(None, data, context(), ghosted=removed, uid="new")
    index = index_calendar(text)
    assert (index.uid, index.component, index.summary) == ("new", "VJOURNAL", "Tea; biscuits")
    assert "DESCRIPTION:one\\ntwo\r\n" in text
    assert "X-ALT-DESC;FMTTYPE=text/html:<p>one</p><p><i>two</i></p>\r\n" in text


def test_further_words_of_an_entry_are_not_touched() -> None:
    text = text_of("rfc5545-journal.ics")
    after = edited(text, body("1", "Just us."))
    assert "DESCRIPTION:Just us.\r\nDESCRIPTION:2. Telephone Conference" in after


@settings(max_examples=examples(20, 240), deadline=None)
@given(path=st.sampled_from(NOTES), subject=WORDS, words=WORDS)
def test_what_a_device_writes_is_what_it_is_shown_and_nothing_else_changes(
    path: Path, subject: str, words: str
) -> None:
    text = text_of(path)
    after = edited(text, Element("Notes:Subject", text=subject), body("1", words))
    index_calendar(after)
    found = plain(notes.render(after, context()))
    assert found["Subject"] == clean(subject)
    assert isinstance(found["Body"], dict)
    assert found["Body"]["Data"] == clean(words).replace("\n", "\r\n")
    names = ("SUMMARY", "DESCRIPTION", "X-ALT-DESC", "DTSTAMP", "LAST-MODIFIED")
    assert untouched(after, names) == untouched(text, names)


def untouched(text: str, names: tuple[str, ...]) -> list[str]:
    lines = text.replace("\r\n", "\n").replace("\n ", "").split("\n")
    return [line for line in lines if not line.startswith(names)]


def test_device_that_names_only_its_change_changes_only_that() -> None:
    text = text_of("jtx-board-note.ics")
    data = application_data(Element("Notes:Subject", text="Markt"))
    after = notes.patch(text, data, context(), ghosted=ghosted, uid="new")
    names = ("SUMMARY", "DTSTAMP", "LAST-MODIFIED")
    assert untouched(after, names) == untouched(text, names)
