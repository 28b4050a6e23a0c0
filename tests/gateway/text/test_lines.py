"""Content lines: nothing is lost, nothing is let through that would become another line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pimgate.text.lines import Line, escape, joined, make_line, read_lines, split_unescaped, unescape

UNICODE = st.text(st.characters(codec="utf-8"))
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=120)
ODD_TEXT = st.lists(
    st.sampled_from(
        [
            *("BEGIN:VCARD", "END:VCARD", "\r\n", "\n", "\r", "\r\r\n", "\r\n ", "\n\t", " ", "=", "=\r\n", ":", ";"),
            *('"', "\\", "\\n", "\\;", ",", "item1.", "EMAIL", ";TYPE=home", ";QUOTED-PRINTABLE", ";ENCODING=BASE64"),
            *("é", "日本", "\u2028", "\x0b", "\x85", "\ufeff", "abc", "X-FOO", "PHOTO"),
        ]
    ),
    max_size=60,
).map("".join)


@given(ODD_TEXT | st.text())
def test_lines_that_nobody_touches_are_written_as_they_were_read(text: str) -> None:
    assert joined(read_lines(text)) == text


@given(WORDS, WORDS, st.none() | st.just("item7"))
def test_a_new_line_is_read_back_as_it_was_meant(value: str, param: str, group: str | None) -> None:
    params = (("X-LABEL", (param.strip(),)), ("TYPE", ("home", "pref")))
    line = make_line("x-note", escape(value), params, group)
    (again,) = read_lines(line.raw)
    assert (again.name, again.group, again.text, again.params) == ("X-NOTE", group, value, params)
    assert all(len(piece) <= 75 for piece in line.raw.encode().split(b"\r\n"))


@given(UNICODE, UNICODE)
def test_no_value_can_become_a_line_of_its_own(value: str, param: str) -> None:
    line = make_line("NOTE", value, (("X-P", (param,)),))
    assert len(read_lines(line.raw)) == 1
    assert line.name == "NOTE"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r")))
def test_escaped_text_is_read_as_the_same_text(text: str) -> None:
    assert unescape(escape(text)) == text


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r")), min_size=1))
def test_fields_of_a_structured_value_are_found_again(fields: list[str]) -> None:
    written = ";".join(escape(field) for field in fields)
    assert [unescape(field) for field in split_unescaped(written, ";")] == fields


def test_apple_groups_are_split_from_the_name() -> None:
    line = Line("item1.X-ABLabel:_$!<HomePage>!$_\r\n")
    assert (line.group, line.name, line.value) == ("item1", "X-ABLABEL", "_$!<HomePage>!$_")


@pytest.mark.parametrize(
    ("head", "types"),
    [
        ("TEL;TYPE=home,cell", ("HOME", "CELL")),
        ("TEL;TYPE=home;TYPE=CELL", ("HOME", "CELL")),
        ('TEL;VALUE=uri;TYPE="voice,home"', ("VOICE", "HOME")),
        ("TEL;HOME;CELL", ("HOME", "CELL")),
        ("tel;type=Home", ("HOME",)),
        ("TEL;ENCODING=8BIT;PREF", ("PREF",)),
        ("TEL;PREF;QUOTED-PRINTABLE", ("PREF",)),
        ("TEL;TYPE=", ("",)),
        ("TEL", ()),
    ],
)
def test_types_are_found_however_they_are_written(head: str, types: tuple[str, ...]) -> None:
    assert Line(f"{head}:1\r\n").param("TYPE") == types


def test_colons_and_semicolons_in_quotes_belong_to_the_parameter() -> None:
    line = Line('ATTENDEE;CN="Doe; Jane: CEO";ROLE=CHAIR:mailto:jane@d.example\r\n')
    assert line.param_text("CN") == "Doe; Jane: CEO"
    assert line.param("ROLE") == ("CHAIR",)
    assert line.value == "mailto:jane@d.example"


def test_a_quote_without_partner_does_not_swallow_the_value() -> None:
    line = Line('SUMMARY;X="a:b\r\n')
    assert (line.name, line.value) == ("SUMMARY", "b")


def test_carets_carry_quotes_and_line_breaks_in_parameters() -> None:
    assert Line("ATTENDEE;CN=George Herman ^'Babe^' Ruth^n^^:mailto:b@d.example").param_text("CN") == (
        'George Herman "Babe" Ruth\n^'
    )


def test_quoted_printable_of_old_phones_is_decoded_across_soft_breaks() -> None:
    text = "NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:Gr=C3=BC=\r\n=C3=9Fe =\r\n  aus=0D=0AK=C3=B6ln\r\nTEL:1\r\n"
    lines = read_lines(text)
    assert [line.name for line in lines] == ["NOTE", "TEL"]
    assert lines[0].text == "Grüße   aus\r\nKöln"


def test_quoted_printable_is_read_in_the_character_set_it_names() -> None:
    line = Line("N;CHARSET=ISO-8859-1;QUOTED-PRINTABLE:M=FCller;J=FCrgen\r\n")
    assert line.text == "Müller;Jürgen"
    assert Line("N;CHARSET=ZLIB;QUOTED-PRINTABLE:M=C3=BCller\r\n").text == "Müller"


def test_base64_without_leading_space_belongs_to_its_photo() -> None:
    text = "PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQ\nSkZJRgAB\nAQAAAQ==\n\nTEL:1\n"
    lines = read_lines(text)
    assert [line.name for line in lines] == ["PHOTO", "", "TEL"]
    assert lines[0].value == "/9j/4AAQSkZJRgABAQAAAQ=="


def test_folds_in_the_middle_of_anything_are_undone() -> None:
    (line,) = read_lines("DESCRIPTION;LANG\n UAGE=en:one\r\n\t two\r\n  three\r\r\n  four")
    assert (line.param("LANGUAGE"), line.value) == (("EN",), "one two three four")


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert read_lines("\ufeffBEGIN:VCARD\r\n")[0].name == "BEGIN"


@pytest.mark.parametrize("name", ["", "A:B", "A\r\nB", "A;B", "ä"])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a property"):
        make_line(name, "x")
