"""Names, and what a card is called."""

from __future__ import annotations

import pytest

from pimgate.text.vcard import index_card
from plugins.eas.mapping.contacts.cards import card, edited, fields, new_lines, rewritten, shown
from plugins.eas.mapping.items import text_of

ANN = card("FN:Ann Smith", "N;SORT-AS=x:Smith;Ann;Maria\\, Rose;Dr.;Jr.")


def test_five_parts_of_the_name_both_ways() -> None:
    found = shown(ANN)
    assert [found[tag] for tag in ("LastName", "FirstName", "MiddleName", "Title", "Suffix", "FileAs")] == [
        *("Smith", "Ann", "Maria, Rose", "Dr.", "Jr.", "Ann Smith"),
    ]
    after = edited(ANN, *fields(FirstName="Anna; Lena"))
    assert "N;SORT-AS=x:Smith;Anna\\; Lena;Maria\\, Rose;Dr.;Jr.\r\n" in after


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"FirstName": "Anna"}, "Anna Smith"),
        ({"LastName": "Jones", "FirstName": "Anna"}, "Anna Jones"),
        ({"FirstName": ""}, "Dr. Maria\\, Rose Smith Jr."),
    ],
)
def test_formatted_name_follows_in_the_manner_that_people_gave_it(change: dict[str, str], name: str) -> None:
    assert f"FN:{name}\r\n" in edited(ANN, *fields(**change))


def test_family_name_that_is_said_first_stays_first() -> None:
    text = card("FN:Kovács Anna", "N:Kovács;Anna;;;")
    assert "FN:Kovács Éva\r\n" in edited(text, *fields(FirstName="Éva"))


def test_name_in_quoted_printable_is_rewritten_readably() -> None:
    after = edited(text_of("outlook-2003-21.vcf"), *fields(LastName="Möller"))
    assert "N;CHARSET=UTF-8:Möller;Jürgen\r\n" in after or "N;CHARSET=UTF-8:Möller;Jürgen;;;\r\n" in after
    assert index_card(after).formatted_name == "Jürgen Möller"


def test_card_without_parts_is_shown_by_its_only_name_and_gets_parts_when_one_is_added() -> None:
    text = text_of("nextcloud-photo-data-uri.vcf")
    assert shown(text)["FirstName"] == "Photo Inside"
    after = rewritten(text, *fields(LastName="Smith"))
    assert "N:Smith;Photo Inside;;;\r\n" in after
    assert "FN:Photo Inside Smith\r\n" in after


def test_company_is_called_by_its_name_even_when_it_changes() -> None:
    text = text_of("apple-macos-company.vcf")
    assert "FirstName" not in shown(text)
    after = rewritten(text, *fields(CompanyName="Bäckerei Mondschein"))
    assert new_lines(text, after) == ["FN:Bäckerei Mondschein", "ORG:Bäckerei Mondschein;"]


def test_file_as_that_is_no_formatted_name_is_kept_beside_it() -> None:
    after = edited(ANN, *fields(FileAs="Smith, Ann"))
    assert new_lines(ANN, after) == ["X-EVOLUTION-FILE-AS:Smith\\, Ann"]
    assert shown(after)["FileAs"] == "Smith, Ann"
    assert edited(after, *fields(FileAs="Ann Smith")) == ANN
    assert shown(text_of("evolution.vcf"))["FileAs"] == "Novák, Jiří"


def test_file_as_names_a_card_that_has_no_other_name() -> None:
    assert "FN:Band\r\n" in edited(card("FN:Choir", "N:;;;;"), *fields(FileAs="Band"))


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ({"FirstName": "Ann", "LastName": "Smith"}, "Ann Smith"),
        ({"CompanyName": "Acme", "FileAs": "Acme, Inc."}, "Acme"),
        ({"FileAs": "Plumber"}, "Plumber"),
        ({"Email1Address": "a@example.org"}, "a@example.org"),
        ({"HomePhoneNumber": "030 1"}, "030 1"),
        ({}, ""),
    ],
)
def test_new_card_always_has_a_name_if_it_says_anything(sent: dict[str, str], name: str) -> None:
    text = edited(None, *fields(**sent))
    assert f"\r\nFN:{name.replace(',', chr(92) + ',')}\r\n" in text
    assert index_card(text).uid == "new-uid"
    assert text.startswith("BEGIN:VCARD\r\nVERSION:3.0\r\n")
