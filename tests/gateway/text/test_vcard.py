"""Cards: what is indexed, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pimgate.text.component import BadText
from pimgate.text.lines import escape
from pimgate.text.search import phone_digits, search_key
from pimgate.text.vcard import index_card, new_card, parse_card, with_uid

UNICODE = st.text(st.characters(codec="utf-8"))


def card(*lines: str, version: str = "3.0") -> str:
    return "\r\n".join(("BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""))


def test_everything_a_person_searches_for_is_found() -> None:
    index = index_card(
        card(
            "FN:Dr. Jürgen Müller-Łoś",
            "N:Müller-Łoś;Jürgen;;Dr.;",
            "NICKNAME:Jogi,Der Chef",
            "EMAIL:Juergen@Example.org",
            "ORG:Straßenbau\\, AG;Einkauf",
            "TEL:+49 (30) 12-34",
        )
    )
    for word in ("jurgen", "müller", "MÜLLER", "der chef", "juergen@example", "strassenbau, ag", "einkauf", "49301234"):
        assert search_key(word) in index.search_text, word
    assert "jogider" not in index.search_text
    assert index.organisation == "Straßenbau, AG"


def test_searches_do_not_match_across_two_fields() -> None:
    index = index_card(card("FN:Ann", "EMAIL:bee@x.example"))
    assert "annbee" not in index.search_text.replace(" ", "")


def test_arabic_digits_and_hebrew_points_are_folded_alike() -> None:
    assert search_key("שָׁלוֹם") == search_key("שלום")
    assert search_key("ﬁn") == "fin"
    assert search_key("か") != search_key("が")
    assert phone_digits("٠١٢ 34") == "٠١٢34"


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("FN:Shown", "N:Last;First;;;"), "Shown"),
        (("FN:", "N:Last;First;Middle;Dr.;Jr."), "Dr. First Middle Last Jr."),
        (("N:Last",), "Last"),
        (("ORG:Firm;Unit",), "Firm"),
        (("EMAIL:a@b.example",), "a@b.example"),
        (("TEL:1",), "1"),
        ((), ""),
    ],
)
def test_a_card_without_name_is_called_by_what_it_has(lines: tuple[str, ...], name: str) -> None:
    assert index_card(card(*lines)).formatted_name == name
    assert parse_card(card(*lines)).formatted_name == name


def test_semicolons_and_commas_in_names_survive() -> None:
    index = index_card(card("N:O\\;Neill\\, Jr;Shaun\\\\;;;"))
    assert (index.family_name, index.given_name) == ("O;Neill, Jr", "Shaun\\")


def test_groups_know_their_members() -> None:
    group = parse_card(card("FN:G", "KIND:GROUP", "MEMBER:urn:uuid:1", "MEMBER:mailto:a@b.example", version="4.0"))
    assert group.is_group
    assert group.members == ("1", "mailto:a@b.example")


@pytest.mark.parametrize("version", ["2.1", "3.0", "4.0"])
def test_a_missing_uid_is_none_and_can_be_added(version: str) -> None:
    text = card("FN:x", version=version)
    assert index_card(text).uid is None
    assert with_uid(text, "a,b;c") == text.replace("END:VCARD", "UID:a\\,b\\;c\r\nEND:VCARD")
    assert index_card(with_uid(text, "a,b;c")).uid == "a,b;c"
    assert with_uid(card("UID:", "FN:x"), "new") == card("UID:new", "FN:x")


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "BEGIN:VCARD\r\nEND:VCARD\r\n", card(version="5.0"), card(version=""), card() + card()),
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
    ],
)
def test_what_is_not_one_vcard_is_refused(text: str) -> None:
    with pytest.raises(BadText):
        index_card(text)


def test_photos_are_measured_without_being_decoded() -> None:
    assert index_card(card("PHOTO;ENCODING=b:QUJD")).photo_bytes == 3
    assert index_card(card("PHOTO;ENCODING=b:QUI=")).photo_bytes == 2
    assert index_card(card("PHOTO;ENCODING=b:")).has_photo is False
    link = index_card(card("PHOTO;VALUE=uri:https://x.example/p.jpg"))
    assert (link.has_photo, link.photo_bytes) == (True, 0)


@given(UNICODE, UNICODE)
def test_any_name_and_note_come_out_as_they_went_in(name: str, note: str) -> None:
    text = new_card("1", name).replace("END:VCARD", f"NOTE:{escape(note)}\r\nEND:VCARD")
    if "\x00" in note:
        with pytest.raises(BadText):
            index_card(text)
        return
    shown = "".join(character for character in name if character >= " " or character in "\t\r\n").replace("\x7f", "")
    assert index_card(text).formatted_name == shown.replace("\r\n", "\n").replace("\r", "\n").strip()
