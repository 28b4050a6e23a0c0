"""What a device does not edit stays octet for octet: for each slot alone, and for many at once, on every real card."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from pimgate.text.lines import read_lines
from pimgate.text.vcard import index_card
from pimgate_eas.mapping import contacts
from pimgate_eas.mapping.contacts.fields import FIELDS
from pimgate_eas.mapping.contacts.names import FILE_AS
from pimgate_eas.mapping.words import clean
from pimgate_eas.wbxml.codepages import PAGES
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.contacts.cards import card, edited, shown
from plugins.eas.mapping.items import CARDS, context, ghosted, removed, text_of, with_changes

CALLED = {"N", "FN", "X-EVOLUTION-FILE-AS"}
"""A card is called after its name, its company, or what else there is."""

# Elements whose names begin so, and the properties that an edit of them may touch.
TOUCHED: tuple[tuple[str, set[str]], ...] = (
    (r"Contacts:(LastName|FirstName|MiddleName|Title|Suffix|FileAs)$", CALLED),
    (r"Contacts2:NickName", {"NICKNAME"}),
    (r"Contacts:YomiFirstName", {"X-PHONETIC-FIRST-NAME"}),
    (r"Contacts:YomiLastName", {"X-PHONETIC-LAST-NAME"}),
    (r"Contacts:YomiCompanyName", {"X-PHONETIC-ORG"}),
    (r"Contacts:(CompanyName|Department)$", {"ORG", *CALLED}),
    (r"Contacts:JobTitle", {"TITLE"}),
    (r"Contacts:OfficeLocation", {"X-KADDRESSBOOK-X-OFFICE", "X-EVOLUTION-OFFICE"}),
    (r"Contacts:Email", {"EMAIL", *CALLED}),
    (r"Contacts2:IMAddress", {"IMPP", "X-MS-IMADDRESS", "X-JABBER", "X-AIM", "X-QQ"}),
    (r"Contacts:WebPage", {"URL"}),
    (r".*(PhoneNumber|FaxNumber|PagerNumber|MainPhone)$", {"TEL", *CALLED}),
    (r"Contacts:(Business|Home|Other)Address", {"ADR"}),
    (r"Contacts:Birthday", {"BDAY"}),
    (r"Contacts:Anniversary", {"ANNIVERSARY", "X-ANNIVERSARY", "X-EVOLUTION-ANNIVERSARY", "X-ABDATE"}),
    (
        r"Contacts:Spouse",
        {"X-SPOUSE", "X-EVOLUTION-SPOUSE", "X-KADDRESSBOOK-X-SPOUSESNAME", "X-ABRELATEDNAMES", "RELATED"},
    ),
    (r"Contacts:AssistantName", {"X-ASSISTANT", "X-EVOLUTION-ASSISTANT", "RELATED", "X-ABRELATEDNAMES"}),
    (r"Contacts2:ManagerName", {"X-MANAGER", "X-EVOLUTION-MANAGER", "RELATED", "X-ABRELATEDNAMES"}),
    (r"Contacts2:CustomerId", {"X-CUSTOMER-ID"}),
    (r"Contacts2:GovernmentId", {"X-GOVERNMENT-ID"}),
    (r"Contacts2:AccountName", {"X-ACCOUNT-NAME"}),
    (r"Contacts2:MMS", {"X-MMS"}),
)
TEXTS = [tag for row in (FILE_AS, *FIELDS) if any(re.match(each, tag := row.tag) for each, _ in TOUCHED)]
IGNORED = ("Contacts:Alias", "Contacts:WeightedRank")
CONTAINERS = ("Contacts:Category", "Contacts:Child")

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60).filter(
    clean
)
DAYS = st.dates().map(lambda day: f"{day.isoformat()}T00:00:00.000Z")


def touched(tag: str) -> set[str]:
    return next(names for pattern, names in TOUCHED if re.match(pattern, tag))


def values_for(tag: str) -> st.SearchStrategy[str]:
    return DAYS if tag.endswith(("Birthday", "Anniversary")) else st.one_of(WORDS, st.just(""))


def rest(text: str, names: set[str]) -> list[str]:
    """The raw lines of all other properties."""
    return [line.raw for line in read_lines(text) if line.name not in names]


def test_every_element_of_the_class_has_a_row_or_is_known_to_be_ignored() -> None:
    known = {name for page in PAGES if page.namespace in ("Contacts", "Contacts2") for _, name, _ in page.rows()}
    rows = {row.tag for row in (FILE_AS, *FIELDS)} - {"AirSyncBase:Body"}
    assert rows | set(IGNORED) | set(CONTAINERS) == known
    assert len(TEXTS) == len(rows) - len(("Categories", "Children", "Picture"))


@settings(max_examples=examples(14, 120), deadline=None)
@given(data=st.data(), path=st.sampled_from(CARDS))
@pytest.mark.parametrize("tag", TEXTS)
def test_edit_of_one_slot_touches_no_other_property(tag: str, path: Path, data: st.DataObject) -> None:
    text, who = text_of(path), context()
    change = Element(tag, text=data.draw(values_for(tag)))
    after = contacts.patch(text, with_changes(contacts.render(text, who), change), who, ghosted=removed, uid="new")
    assert rest(after, touched(tag)) == rest(text, touched(tag))


@settings(max_examples=examples(100, 900), deadline=None)
@given(data=st.data(), path=st.sampled_from(CARDS), is_ghosted=st.booleans())
def test_edit_of_many_slots_touches_no_other_property(path: Path, is_ghosted: bool, data: st.DataObject) -> None:
    text, who = text_of(path), context()
    tags = data.draw(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=8, unique=True))
    changes = [Element(tag, text=data.draw(values_for(tag))) for tag in tags]
    without = tuple(data.draw(st.lists(st.sampled_from(TEXTS), max_size=3, unique=True)))
    edit = with_changes(contacts.render(text, who), *changes, without=without)
    after = contacts.patch(text, edit, who, ghosted=ghosted if is_ghosted else removed, uid="new")
    index_card(after)
    names = {name for tag in (*tags, *without) for name in touched(tag)}
    assert rest(after, names) == rest(text, names)
    again = contacts.render(after, who)
    assert contacts.patch(after, with_changes(again), who, ghosted=removed, uid="new") == after


def test_elements_of_the_recipient_cache_say_nothing_of_a_contact() -> None:
    text = card("FN:Ann", "N:;Ann;;;")
    assert edited(text, Element("Contacts:Alias", text="ann"), Element("Contacts:WeightedRank", text="4")) == text


@pytest.mark.parametrize("name", ["apple-group.vcf", "thunderbird-list.vcf"])
def test_group_is_a_contact_with_its_name_and_an_edit_leaves_its_members(name: str) -> None:
    text = text_of(name)
    found = shown(text)
    assert found["FileAs"] == index_card(text).formatted_name
    assert "Email1Address" not in found
    after = edited(text, Element("Contacts:FileAs", text="Renamed"), Element("Contacts:FirstName", text="Renamed"))
    assert index_card(after).is_group
    assert rest(after, CALLED) == rest(text, CALLED)
    assert "MEMBER" in after


def test_old_card_in_latin_letters_is_read_with_or_without_its_character_set() -> None:
    found = shown(text_of("outlook-21-latin1.vcf"))
    assert (found["Title"], found["FirstName"], found["LastName"]) == ("Mme", "Hélène", "Lefèvre")
    assert (found["CompanyName"], found["Department"], found["JobTitle"]) == (
        "Café de Flore",
        "Pièces rapportées",
        "Gérante",
    )
    assert found["BusinessAddressState"] == "Île-de-France"
    assert shown(text_of("outlook-2003-21.vcf"))["BusinessAddressCity"] == "München"


def test_edit_of_one_part_of_an_old_card_keeps_the_letters_of_the_others() -> None:
    after = edited(text_of("outlook-21-latin1.vcf"), Element("Contacts:BusinessAddressCity", text="Évry"))
    found = shown(after)
    assert (found["BusinessAddressCity"], found["BusinessAddressState"]) == ("Évry", "Île-de-France")
    assert rest(after, {"ADR"}) == rest(text_of("outlook-21-latin1.vcf"), {"ADR"})
    assert "ADR;HOME:;;3 rue de Seine;Paris;;75006;France\r\n" in after


@pytest.mark.parametrize("hour", ["00", "08", "11", "12", "13", "22", "23"])
def test_birthday_is_a_day_whatever_hour_a_device_puts_to_it(hour: str) -> None:
    day = "1980-02-29" if int(hour) < 13 else "1980-02-28"
    text = card("FN:Ann", "BDAY:19800229")
    assert edited(text, Element("Contacts:Birthday", text=f"{day}T{hour}:00:00.000Z")) == text
