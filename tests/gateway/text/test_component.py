"""The tree over the lines: lossless, bounded, and an edit touches only what it names."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pimgate.text.component import BadText, Component, Limits, parse, parse_all
from pimgate.text.errors import TextTooLarge
from pimgate.text.lines import make_line

CARD = (
    "BEGIN:VCARD\nVERSION:3.0\r\nFN:Jane\n"
    "item1.EMAIL;TYPE=home;X-ODD=1:a@d.example\r\nitem1.X-ABLabel:Work\n"
    "NOTE:line\n  one\nEMAIL:b@d.example\r\nEND:VCARD"
)

ENDS = st.sampled_from(["\n", "\r\n"])
NAMES = st.sampled_from(["FN", "NOTE", "X-FOO", "item1.TEL", "EMAIL;TYPE=home", 'ORG;X="a:b"', "fn"])
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=40)
FOLDED = st.lists(VALUES, min_size=1, max_size=3).map("\r\n ".join)
PROPERTIES = st.builds(lambda name, value, end: f"{name}:{value}{end}", NAMES, FOLDED, ENDS)


@st.composite
def odd_texts(draw: st.DrawFn, depth: int = 0) -> str:
    name = draw(st.sampled_from(["VCARD", "VEVENT", "vcalendar", "X-THING"]))
    inner = PROPERTIES if depth == 3 else PROPERTIES | odd_texts(depth=depth + 1)
    body = "".join(draw(st.lists(inner, max_size=6)))
    return f"BEGIN:{name}{draw(ENDS)}{body}END:{name}{draw(ENDS)}"


@given(odd_texts())
def test_a_text_that_nobody_edits_stays_octet_for_octet(text: str) -> None:
    assert parse(text).to_text() == text


@given(odd_texts(), VALUES)
def test_setting_one_property_leaves_every_other_line_alone(text: str, value: str) -> None:
    component = parse(text)
    before = [(line, line.raw) for line in component.lines]
    new = component.set("X-FOO", value)
    first = next((line for line, _ in before if line.name == "X-FOO"), None)
    kept = [raw for line, raw in before if line is not first]
    assert [line.raw for line in parse(component.to_text()).lines if line.raw != new.raw] == [
        raw for raw in kept if raw != new.raw
    ]


@given(odd_texts())
def test_adding_a_line_and_removing_it_gives_the_old_text(text: str) -> None:
    component = parse(text)
    component.remove(component.add(make_line("X-NEW", "1")))
    assert component.to_text() == text


def test_set_replaces_in_place_and_keeps_group_and_parameters() -> None:
    card = parse(CARD)
    card.set("EMAIL", "new@d.example")
    assert card.to_text() == CARD.replace(
        "item1.EMAIL;TYPE=home;X-ODD=1:a@d.example\r\n", "item1.EMAIL;TYPE=home;X-ODD=1:new@d.example\r\n"
    )


def test_set_with_what_it_says_already_changes_nothing() -> None:
    card = parse(CARD)
    card.set("NOTE", "line one")
    card.set("FN", "Jane")
    assert card.to_text() == CARD


def test_set_adds_before_the_end() -> None:
    card = parse(CARD)
    card.set("TITLE", "CEO", (("LANGUAGE", ("en",)),))
    assert card.to_text() == CARD.replace("END:VCARD", "TITLE;LANGUAGE=en:CEO\r\nEND:VCARD")


def test_new_properties_of_an_event_come_before_its_alarms() -> None:
    event = parse("BEGIN:VEVENT\nUID:1\nBEGIN:VALARM\nACTION:AUDIO\nEND:VALARM\nEND:VEVENT\n")
    event.add(make_line("SUMMARY", "x"))
    assert event.to_text().startswith("BEGIN:VEVENT\nUID:1\nSUMMARY:x\r\nBEGIN:VALARM\n")


def test_a_new_value_loses_the_old_encoding() -> None:
    card = parse(
        "BEGIN:VCARD\r\nVERSION:2.1\r\nNOTE;WORK;ENCODING=QUOTED-PRINTABLE;CHARSET=ISO-8859-1:=FC=\r\n=FC\r\nEND:VCARD\r\n"
    )
    card.set("NOTE", "ä")
    (_, note) = card.lines
    assert note.text == "ä"
    assert note.param("TYPE") == ("WORK",)
    assert note.param("CHARSET") == ("UTF-8",)


def test_removing_a_name_removes_all_its_lines_and_nothing_else() -> None:
    card = parse(CARD)
    card.remove("EMAIL")
    card.remove("X-ABSENT")
    assert [line.name for line in card.lines] == ["VERSION", "FN", "X-ABLABEL", "NOTE"]


def test_replacing_a_line_of_somebody_else_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="own items"):
        parse(CARD).replace(make_line("FN", "x"), make_line("FN", "y"))


def test_blank_lines_around_and_inside_are_kept() -> None:
    text = "\r\n\nBEGIN:VCARD\n\nFN:x\n \nEND:VCARD\n\n  \n"
    assert parse(text).to_text() == text


@pytest.mark.parametrize(
    ("text", "reason", "line_number"),
    [
        ("", "no item", 0),
        ("\r\n\r\n", "no item", 0),
        ("hello\r\n", "outside", 1),
        ("BEGIN:VCARD\r\nFN:x\r\n", "not ended", 3),
        ("BEGIN:VCARD\r\nFN:x\r\nEND:VEVENT\r\n", "does not match", 3),
        ("END:VCARD\r\n", "does not match", 1),
        ("BEGIN:\r\nEND:\r\n", "names no component", 1),
        ("BEGIN:VCARD\r\nFN:a\r\n b\r\nhello\r\nEND:VCARD\r\n", "no property", 4),
        ("BEGIN:VCARD\r\nFN:\x00\r\nEND:VCARD\r\n", "NUL", 2),
        ("BEGIN:VCARD\r\nFN:\ud800\r\nEND:VCARD\r\n", "Unicode", 0),
        ("BEGIN:A\r\nEND:A\r\nBEGIN:B\r\nEND:B\r\n", "more than one", 0),
        ("BEGIN:A\nEND:A\nFN:x\n", "outside", 3),
    ],
)
def test_malformed_text_is_refused_with_its_place(text: str, reason: str, line_number: int) -> None:
    with pytest.raises(BadText, match=reason) as caught:
        parse(text)
    assert caught.value.line_number == line_number


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN:A\n" * 9 + "END:A\n" * 9,
        "BEGIN:A\n" + "X:1\n" * 20_000 + "END:A\n",
        "BEGIN:A\nX:" + "x" * 800_000 + "\nEND:A\n",
        "BEGIN:A\n" + "X:" + "x" * 500_000 + "\n" + "Y:" + "y" * 600_000 + "\nEND:A\n",
        "BEGIN:VCARD\nPHOTO;ENCODING=b:" + "A" * 700_000 + "\nEND:VCARD\n",
        "BEGIN:A\nX:" + "y" * 5_000_000 + "\nEND:A\n",
        "BEGIN:" * 1_000_000,
    ],
    ids=["depth", "lines", "line", "size", "photo", "huge", "endless name"],
)
def test_what_is_too_large_is_refused_at_once(text: str) -> None:
    began = time.thread_time()
    with pytest.raises(TextTooLarge):
        parse(text)
    assert time.thread_time() - began < 5


def test_a_photo_is_counted_apart_from_the_text() -> None:
    text = "BEGIN:VCARD\nPHOTO;ENCODING=b:" + "A" * 600_000 + "\nNOTE:" + "x" * 700_000 + "\nEND:VCARD\n"
    assert parse(text).to_text() == text
    with pytest.raises(TextTooLarge):
        parse(text, Limits(size_bytes=500_000))


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN:A\nNOTE;" + 'X="' * 100_000 + "\nEND:A\n",
        "BEGIN:A\nNOTE;" + ";" * 300_000 + ":\nEND:A\n",
        "BEGIN:A\nNOTE:" + "\n " * 19_000 + "\nEND:A\n",
        "BEGIN:A\nNOTE;QUOTED-PRINTABLE:" + "=\n" * 19_000 + "\nEND:A\n",
        "BEGIN:A\nPHOTO;BASE64:\n" + "A\n" * 19_000 + "\nEND:A\n",
        "BEGIN:A\nNOTE;X=" + "," * 300_000 + ":\nEND:A\n",
    ],
    ids=["quotes", "semicolons", "folds", "soft breaks", "bare base64", "commas"],
)
def test_hostile_lines_are_read_in_bounded_time(text: str) -> None:
    began = time.thread_time()
    try:
        for line in parse(text).lines:
            assert line.params is not None
    except BadText:
        pass
    assert time.thread_time() - began < 5


def test_files_of_many_cards_are_read_one_by_one() -> None:
    text = "BEGIN:VCARD\nFN:a\nEND:VCARD\n\nBEGIN:VCARD\nFN:b\nEND:VCARD\n"
    assert "".join(card.to_text() for card in parse_all(text)) == text


def test_a_component_is_built_from_lines_and_children() -> None:
    alarm = Component("valarm", [make_line("ACTION", "DISPLAY")])
    event = Component("VEVENT", [make_line("UID", "1")], [alarm])
    assert event.to_text() == (
        "BEGIN:VEVENT\r\nUID:1\r\nBEGIN:VALARM\r\nACTION:DISPLAY\r\nEND:VALARM\r\nEND:VEVENT\r\n"
    )
