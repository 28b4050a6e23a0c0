"""Numbers, addresses and people: an edit of a slot touches the very line it came from."""

from __future__ import annotations

import pytest

from pimgate_eas.mapping.contacts.phones import KINDS
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.contacts.cards import card, edited, field, fields, lost_lines, new_lines, rewritten, shown
from plugins.eas.mapping.items import text_of

SLOTS = [(slot, types) for slots in KINDS.values() for slot, types in slots.items()]


@pytest.mark.parametrize(("slot", "types"), SLOTS)
def test_number_of_every_slot_is_written_shown_edited_and_removed(slot: str, types: tuple[str, ...]) -> None:
    text = edited(card("FN:A", "N:A;;;;"), Element(slot, text="+49 (30) 1,2"))
    assert f"TEL;TYPE={','.join(types)}:+49 (30) 1\\,2\r\n" in text.replace('"', "")
    assert shown(text)[slot.partition(":")[2]] == "+49 (30) 1,2"
    assert lost_lines(text, edited(text, Element(slot, text="7"))) == [text.split("\r\n")[-3]]
    assert edited(text, Element(slot)) == card("FN:A", "N:A;;;;")


@pytest.mark.parametrize(
    ("line", "tag"),
    [
        ("TEL;TYPE=WORK,FAX:1", "BusinessFaxNumber"),
        ("TEL;TYPE=FAX:1", "BusinessFaxNumber"),
        ("TEL;type=HOME;type=FAX:1", "HomeFaxNumber"),
        ("TEL;TYPE=homefax:1", "HomeFaxNumber"),
        ("TEL;TYPE=iPhone;TYPE=CELL:1", "MobilePhoneNumber"),
        ("TEL;TYPE=MOBILE:1", "MobilePhoneNumber"),
        ("TEL;CELL;WORK:1", "MobilePhoneNumber"),
        ("TEL;TYPE=home2:1", "Home2PhoneNumber"),
        ("TEL;TYPE=main:1", "CompanyMainPhone"),
        ("TEL;TYPE=x-assistant:1", "AssistantPhoneNumber"),
        ("TEL:1", "HomePhoneNumber"),
        ("TEL;VALUE=uri;TYPE=work:tel:1", "BusinessPhoneNumber"),
    ],
)
def test_kind_of_a_number_is_read_from_its_words(line: str, tag: str) -> None:
    assert shown(card("FN:A", line))[tag] == "1"


def test_second_mobile_number_is_shown_and_stays_one() -> None:
    text = card("FN:A", "N:A;;;;", "TEL;TYPE=CELL:1", "TEL;TYPE=CELL;X-MINE=2:2", "TEL;TYPE=HOME:3")
    found = shown(text)
    assert (found["MobilePhoneNumber"], found["HomePhoneNumber"], found["Home2PhoneNumber"]) == ("1", "3", "2")
    assert new_lines(text, rewritten(text, *fields(Home2PhoneNumber="22"))) == ["TEL;TYPE=CELL;X-MINE=2:22"]


def test_number_in_a_uri_becomes_text_when_it_is_edited() -> None:
    text = text_of("cardbook.vcf")
    after = edited(text, *fields(BusinessPhoneNumber="+43 1 555"))
    assert 'item1.TEL;TYPE="work,voice":+43 1 555\r\n' in after.replace("\n", "\r\n").replace("\r\r", "\r")


def test_addresses_beyond_the_slots_stay_and_each_edit_meets_its_line() -> None:
    lines = [f"item{at}.EMAIL;TYPE=X{at}:{at}@example.org" for at in range(1, 6)]
    text = card("FN:A", "N:A;;;;", *lines)
    after = rewritten(text, *fields(Email2Address="new@example.org"))
    assert new_lines(text, after) == ["item2.EMAIL;TYPE=X2:new@example.org"]
    assert lost_lines(text, rewritten(text, without=("Email2Address",))) == [lines[1]]


def test_device_that_still_has_the_gap_loses_no_address_later() -> None:
    text = card("FN:A", "N:A;;;;", *(f"EMAIL:{name}@example.org" for name in "acde"))  # b was deleted on the device
    data = fields(Email1Address="a@example.org", Email2Address="", Email3Address="c@example.org", JobTitle="Chef")
    assert new_lines(text, edited(text, *data)) == ["TITLE:Chef"]
    assert lost_lines(text, edited(text, *data)) == []


@pytest.mark.parametrize("sent", ['"Ann Smith" <ann@example.org>', "Ann <ann@example.org>", "<ann@example.org>"])
def test_address_with_a_name_is_the_address(sent: str) -> None:
    text = card("FN:Ann", "N:Ann;;;;", "EMAIL;TYPE=INTERNET:ann@example.org")
    assert edited(text, *fields(Email1Address=sent)) == text
    assert "EMAIL;TYPE=INTERNET:ann@example.org\r\n" in edited(None, *fields(FileAs="Ann", Email1Address=sent))


def test_one_field_of_a_postal_address_leaves_the_others_as_they_are_written() -> None:
    text = text_of("apple-ios-person.vcf")
    after = edited(text, *fields(HomeAddressCity="Luleå"))
    assert new_lines(text, after) == ["item3.ADR;type=HOME;type=pref:;;Storgatan 7\\nvån 3;Luleå;;903 26;Sverige"]
    assert edited(text, *fields(HomeAddressStreet="Storgatan 7\r\nvån 3")) == text


def test_three_addresses_have_their_slots_and_the_last_field_takes_the_line_along() -> None:
    text = edited(
        card("FN:A", "N:A;;;;"),
        *fields(BusinessAddressCity="Bonn", HomeAddressCity="Köln", OtherAddressCity="Ulm", OtherAddressCountry="DE"),
    )
    assert "ADR;TYPE=WORK:;;;Bonn;;;\r\n" in text
    assert "ADR;TYPE=HOME:;;;Köln;;;\r\n" in text
    assert "ADR:;;;Ulm;;;DE\r\n" in text
    gone = edited(text, *fields(OtherAddressCity="", OtherAddressCountry=""))
    assert lost_lines(text, gone) == ["ADR:;;;Ulm;;;DE"]


def test_box_is_shown_as_the_street_of_an_address_without_one() -> None:
    text = card("FN:A", "ADR;TYPE=HOME:PO 7;;;Bonn;;;")
    assert shown(text)["HomeAddressStreet"] == "PO 7"
    assert "ADR;TYPE=HOME:PO 8;;;Bonn;;;\r\n" in edited(text, *fields(HomeAddressStreet="PO 8"))


def test_people_are_edited_in_whichever_property_has_them() -> None:
    apple = text_of("apple-ios-person.vcf")
    assert new_lines(apple, edited(apple, *fields(Spouse="Olle"))) == ["item5.X-ABRELATEDNAMES;type=pref:Olle"]
    kde = text_of("kaddressbook.vcf")
    assert shown(kde)["Spouse"] == "Adam"
    related = card("FN:A", "RELATED;TYPE=spouse;VALUE=text:Eva", "RELATED;TYPE=spouse:urn:uuid:7", version="4.0")
    assert shown(related)["Spouse"] == "Eva"
    new = edited(card("FN:A", "N:A;;;;"), *fields(Spouse="Eva", ManagerName="Max", AssistantName="Ida"))
    assert {"X-SPOUSE:Eva", "X-MANAGER:Max", "X-ASSISTANT:Ida"} <= set(new.split("\r\n"))


def test_children_who_stay_stay_in_their_lines() -> None:
    text = card("FN:A", "N:A;;;;", "X-CHILD;X-AGE=4:Tim", "RELATED;TYPE=child;VALUE=text:Ida", version="4.0")
    assert shown(text)["Children"] == ["Tim", "Ida"]
    sent = Element("Contacts:Children", *(Element("Contacts:Child", text=name) for name in ("Tim", "Leo")))
    after = edited(text, sent)
    assert new_lines(text, after) == ["X-CHILD:Leo"]
    assert lost_lines(text, after) == ["RELATED;TYPE=child;VALUE=text:Ida"]


def test_messengers_of_any_name_are_edited_in_place() -> None:
    text = text_of("davx5.vcf")
    assert new_lines(text, edited(text, *fields(IMAddress="xmpp:ines@new.example"))) == [
        "IMPP;X-SERVICE-TYPE=Jabber:xmpp:ines@new.example"
    ]
    bare = card("FN:A", "N:A;;;;")
    assert "X-MS-IMADDRESS:ines\r\n" in edited(bare, *fields(IMAddress="ines"))
    assert "IMPP:sip:ines@example.org\r\n" in edited(bare, *fields(IMAddress="sip:ines@example.org"))


def test_web_page_is_written_as_a_link_and_not_as_text() -> None:
    text = edited(card("FN:A", "N:A;;;;"), *fields(WebPage="https://example.org/a;b,c?d=e"))
    assert "URL:https://example.org/a;b,c?d=e\r\n" in text
    assert shown(text)["WebPage"] == "https://example.org/a;b,c?d=e"


def test_company_and_department_are_parts_of_one_line() -> None:
    text = card("FN:A", "N:A;;;;", "ORG;X-A=1:Acme\\, Inc.;Sales;Team 4")
    assert shown(text)["CompanyName"] == "Acme, Inc."
    assert new_lines(text, edited(text, field("Department", "Support"))) == ["ORG;X-A=1:Acme\\, Inc.;Support;Team 4"]
    assert "ORG" not in edited(card("FN:A", "N:A;;;;", "ORG:Acme"), field("CompanyName", ""))
    assert "ORG:;Sales\r\n" in edited(card("FN:A", "N:A;;;;"), field("Department", "Sales"))


@pytest.mark.parametrize(
    ("tag", "line"),
    [
        ("JobTitle", "TITLE:x"),
        ("NickName", "NICKNAME:x"),
        ("OfficeLocation", "X-KADDRESSBOOK-X-OFFICE:x"),
        ("YomiFirstName", "X-PHONETIC-FIRST-NAME:x"),
        ("YomiLastName", "X-PHONETIC-LAST-NAME:x"),
        ("YomiCompanyName", "X-PHONETIC-ORG:x"),
    ],
)
def test_plain_properties_both_ways(tag: str, line: str) -> None:
    bare = card("FN:A", "N:A;;;;")
    text = edited(bare, field(tag, "x"))
    assert new_lines(bare, text) == [line]
    assert shown(text)[tag] == "x"
    assert edited(text, field(tag, "")) == bare


def test_categories_are_one_line_and_the_note_a_body() -> None:
    text = card("FN:A", "N:A;;;;", "CATEGORIES:a,b\\,c", "CATEGORIES:d", "NOTE;X-A=1:one\\ntwo")
    assert shown(text)["Categories"] == ["a", "b,c", "d"]
    assert shown(text)["Body"] == {"Type": "1", "EstimatedDataSize": "8", "Data": "one\r\ntwo"}
    words = Element("Contacts:Categories", *(Element("Contacts:Category", text=each) for each in ("a", "e")))
    assert new_lines(text, edited(text, words)) == ["CATEGORIES:a,e"]
    empty = Element("AirSyncBase:Body", Element("AirSyncBase:Type", text="1"), Element("AirSyncBase:Data"))
    assert lost_lines(text, edited(text, empty)) == ["NOTE;X-A=1:one\\ntwo"]
    assert rewritten(text, without=()) == text


def test_body_and_picture_that_are_left_out_stay() -> None:
    text = text_of("apple-photo-folded.vcf").replace("X-IMAGETYPE:PHOTO", "NOTE:kept")
    after = edited(text, field("JobTitle", "Chef"))
    assert lost_lines(text, after) == []


def test_line_with_a_parameter_that_no_writer_may_use_can_be_edited() -> None:
    text = card("FN:A", "N:A;;;;", "odd_group.TEL;X_ODD=1;TYPE=HOME:1")
    assert new_lines(text, edited(text, field("HomePhoneNumber", "2"))) == ["TEL;TYPE=HOME:2"]
