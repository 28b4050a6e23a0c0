"""Edits of any field of any real item: the device finds what it sent, and every other field as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from pimgate.text.calendar import index_calendar
from pimgate.text.vcard import index_card
from pimgate_eas.mapping import calendar, contacts
from pimgate_eas.mapping.contacts.fields import FIELDS, LIKE_SLOTS, MOVING
from pimgate_eas.mapping.words import clean
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.items import CALENDARS, CARDS, context, ghosted, plain, removed, text_of, with_changes

WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=90).filter(
    clean
)
LINES = WORDS.map(lambda text: " ".join(text.split())).filter(clean)
ADDRESSES = st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,5})?@[a-z]{1,9}\.example", fullmatch=True)
DAYS = st.dates().map(lambda day: f"{day.isoformat()}T00:00:00.000Z")

SPECIAL = ("Contacts:Picture", "Contacts:Categories", "Contacts:Children", "AirSyncBase:Body")
TEXT_FIELDS = [row.tag for row in FIELDS if row.tag not in SPECIAL]
NAMES = ("LastName", "FirstName", "MiddleName", "Title", "Suffix")
LIKE = {tag.partition(":")[2]: slots for slots in LIKE_SLOTS for tag in slots}


def values_for(tag: str) -> st.SearchStrategy[str]:
    if tag.endswith(("Birthday", "Anniversary")):
        return DAYS
    if "Email" in tag:
        return ADDRESSES
    return LINES if tag.endswith("WebPage") else WORDS


def in_order(found: dict[str, object]) -> dict[str, object]:
    """Like slots as the list of what stands in them: a line moves up when the one before it goes."""
    others = {tag: value for tag, value in found.items() if tag not in LIKE}
    lists = {
        slots: [found[tag.partition(":")[2]] for tag in slots if tag.partition(":")[2] in found]
        for slots in LIKE.values()
    }
    return others | {slots[0]: values for slots, values in lists.items()}


def follows(tag: str) -> set[str]:
    """Fields that may change along: what the card is called, and FirstName where it only says that."""
    if tag.partition(":")[2] in NAMES:
        return {"FileAs", "FirstName"}
    return {"FileAs", "FirstName"} if tag in ("Contacts:CompanyName", "Contacts:Email1Address") else set()


@settings(max_examples=examples(10, 90), deadline=None)
@given(data=st.data(), path=st.sampled_from(CARDS))
@pytest.mark.parametrize("tag", TEXT_FIELDS)
def test_edited_field_of_a_card_is_what_the_device_sent(tag: str, path: Path, data: st.DataObject) -> None:
    text, who = text_of(path), context()
    value = data.draw(values_for(tag))
    before = contacts.render(text, who)
    edit = with_changes(before, Element(tag, text=value))
    after = contacts.patch(text, edit, who, ghosted=removed, uid="new")
    index_card(after)
    short = tag.partition(":")[2]
    found, expected = plain(contacts.render(after, who)), plain(before) | {short: clean(value)}
    for name in follows(tag) - {short}:
        found.pop(name, None), expected.pop(name, None)
    assert in_order(found) == in_order(expected)


@settings(max_examples=examples(6, 45), deadline=None)
@given(path=st.sampled_from(CARDS))
@pytest.mark.parametrize("tag", [tag for tag in TEXT_FIELDS if tag.partition(":")[2] not in (*NAMES, "CompanyName")])
def test_field_that_the_device_removes_is_gone_and_no_other(tag: str, path: Path) -> None:
    text, who = text_of(path), context()
    before = contacts.render(text, who)
    short = tag.partition(":")[2]
    after = contacts.patch(text, with_changes(before, without=(tag,)), who, ghosted=removed, uid="new")
    if short not in plain(before):
        assert after == text
        return
    found, expected = plain(contacts.render(after, who)), plain(before)
    del expected[short]
    if "Phone" in tag or "Number" in tag:  # a number of no kind may move into the free slot
        assert sorted(map(str, found.values())) == sorted(map(str, expected.values()))
    elif "Address" in tag and "Email" not in tag:
        assert {each: found.get(each) for each in expected if "Address" not in each} == {
            each: value for each, value in expected.items() if "Address" not in each
        }
    else:
        found, expected = in_order(found), in_order(expected)
        if short in LIKE:  # one that had no slot may move into the free one
            slots = LIKE[short][0]
            left, kept = found.pop(slots), expected.pop(slots)
            assert isinstance(left, list)
            assert isinstance(kept, list)
            assert left[: len(kept)] == kept
        elif tag in MOVING:
            assert found.pop(short, None) != plain(before)[short]
        assert found == expected


EVENTS = CALENDARS
EVENT_EDITS: dict[str, st.SearchStrategy[str]] = {
    "Calendar:Subject": WORDS,
    "Calendar:Sensitivity": st.sampled_from("0123"),
    "Calendar:BusyStatus": st.sampled_from("01234"),
    "Calendar:Reminder": st.integers(0, 50_000).map(str),
}


@settings(max_examples=examples(10, 90), deadline=None)
@given(data=st.data(), path=st.sampled_from(EVENTS))
@pytest.mark.parametrize("version", ["14.1", "16.1"])
@pytest.mark.parametrize("tag", EVENT_EDITS)
def test_edited_field_of_an_event_is_what_the_device_sent(
    tag: str, version: str, path: Path, data: st.DataObject
) -> None:
    text, who = text_of(path), context(version)
    value = data.draw(EVENT_EDITS[tag])
    if (tag, value, version) == ("Calendar:BusyStatus", "4", "14.1"):
        value = "3"  # 14.1 knows no working elsewhere
    before = calendar.render(text, who)
    after = calendar.patch(text, with_changes(before, Element(tag, text=value)), who, ghosted=ghosted, uid="new")
    index_calendar(after)
    assert plain(calendar.render(after, who)) == plain(before) | {tag.partition(":")[2]: clean(value)}


@settings(max_examples=examples(10, 90), deadline=None)
@given(path=st.sampled_from(EVENTS), words=WORDS, more=st.lists(LINES, max_size=4, unique_by=clean))
@pytest.mark.parametrize("version", ["14.1", "16.1"])
def test_place_and_categories_and_words_of_an_event_are_what_the_device_sent(
    version: str, path: Path, words: str, more: list[str]
) -> None:
    text, who = text_of(path), context(version)
    place = Element("Calendar:Location", text=words)
    if who.is_16:
        place = Element("AirSyncBase:Location", Element("AirSyncBase:DisplayName", text=words))
    changes = [
        place,
        Element("Calendar:Categories", *(Element("Calendar:Category", text=each) for each in more)),
        Element("AirSyncBase:Body", Element("AirSyncBase:Type", text="1"), Element("AirSyncBase:Data", text=words)),
    ]
    edit = with_changes(calendar.render(text, who), *changes)
    found = plain(calendar.render(calendar.patch(text, edit, who, ghosted=removed, uid="new"), who))
    assert found["Location"] == ({"DisplayName": clean(words)} if who.is_16 else clean(words))
    assert found.get("Categories", []) == [clean(each) for each in more]
    body = found["Body"]
    assert isinstance(body, dict)
    assert body["Data"] == clean(words).replace("\n", "\r\n")
    assert int(body["EstimatedDataSize"]) == len(body["Data"].encode())
