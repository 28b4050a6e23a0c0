"""One field of a real event is edited: only the lines that say it change, in every dialect and with everything there is to show."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from pimgate.text.component import Component, parse
from pimgate_eas.mapping import calendar
from pimgate_eas.mapping.calendar.instants import compact, read_instant
from pimgate_eas.mapping.context import Context
from pimgate_eas.mapping.words import clean
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.items import (
    CALENDARS,
    VERSIONS,
    application_data,
    context,
    ghosted,
    removed,
    text_of,
    with_changes,
)

EVENTS = [path for path in CALENDARS if "BEGIN:VEVENT" in path.read_bytes().decode().upper()]
WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=90).filter(clean)
SLOW_TO_DRAW = (HealthCheck.too_slow, HealthCheck.data_too_large)


def shown_by(version: str, **more: object) -> Context:
    return context(version, **more).of_item("c1:7")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("path", EVENTS, ids=lambda path: path.name)
def test_event_with_its_files_given_back_stays_octet_for_octet(path: Path, version: str) -> None:
    text = text_of(path)
    for forms in (("1",), ("2", "1"), ("2",)):
        who = shown_by(version, body_forms=forms)
        data = application_data(*calendar.render(text, who))
        assert calendar.patch(text, data, who, ghosted=removed, uid="u") == text, forms
        assert calendar.patch(text, data, who, ghosted=ghosted, uid="u") == text, forms


def lines_of(component: Component) -> Counter[tuple[str, str, str]]:
    """Every line with the component that it stands in, as often as it does."""
    found = Counter((component.name, line.name, line.raw) for line in component.lines)
    for child in component.children:
        found += lines_of(child)
    return found


def changed_names(before: str, after: str) -> set[str]:
    """`VEVENT.SUMMARY` for each kind of line that is not as often there as it was."""
    one, other = lines_of(parse(before)), lines_of(parse(after))
    return {f"{place}.{name}" for place, name, _ in (one - other) + (other - one)}


def text_edit(tag: str, texts: st.SearchStrategy[str] = WORDS) -> st.SearchStrategy[Element]:
    return texts.map(lambda text: Element(tag, text=text))


PLACES = WORDS.map(lambda text: Element("AirSyncBase:Location", Element("AirSyncBase:DisplayName", text=text)))
BODIES = WORDS.map(
    lambda text: Element(
        "AirSyncBase:Body", Element("AirSyncBase:Type", text="1"), Element("AirSyncBase:Data", text=text)
    )
)
CATEGORIES = st.lists(WORDS, max_size=4).map(
    lambda each: Element("Calendar:Categories", *(Element("Calendar:Category", text=word) for word in each))
)
FILES = st.binary(min_size=1, max_size=90).map(
    lambda octets: Element(
        "AirSyncBase:Attachments",
        Element(
            "AirSyncBase:Add",
            Element("AirSyncBase:ClientId", text="f"),
            Element("AirSyncBase:Content", opaque=octets),
            Element("AirSyncBase:DisplayName", text="a.bin"),
        ),
    )
)
PLACE_LINES = {f"VEVENT.{name}" for name in ("LOCATION", "GEO", "X-APPLE-STRUCTURED-LOCATION", "X-PIMGATE-PLACE")}

EDITS: dict[str, tuple[st.SearchStrategy[Element], set[str]]] = {
    "Subject": (text_edit("Calendar:Subject"), {"VEVENT.SUMMARY"}),
    "Sensitivity": (text_edit("Calendar:Sensitivity", st.sampled_from("0123")), {"VEVENT.CLASS"}),
    "BusyStatus": (
        *(text_edit("Calendar:BusyStatus", st.sampled_from("01234")),),
        {"VEVENT.TRANSP", "VEVENT.X-MICROSOFT-CDO-BUSYSTATUS"},
    ),
    "Reminder": (
        *(text_edit("Calendar:Reminder", st.integers(0, 99_999).map(str)),),
        {"VALARM.ACTION", "VALARM.TRIGGER", "VALARM.DESCRIPTION"},
    ),
    "MeetingStatus": (text_edit("Calendar:MeetingStatus", st.integers(0, 15).map(str)), {"VEVENT.STATUS"}),
    "DisallowNewTimeProposal": (
        *(text_edit("Calendar:DisallowNewTimeProposal", st.sampled_from("01")),),
        {"VEVENT.X-MICROSOFT-DISALLOW-COUNTER"},
    ),
    "ResponseRequested": (text_edit("Calendar:ResponseRequested", st.sampled_from("01")), {"VEVENT.ATTENDEE"}),
    "Location": (PLACES, PLACE_LINES),
    "Body": (BODIES, {"VEVENT.DESCRIPTION", "VEVENT.X-ALT-DESC"}),
    "Categories": (CATEGORIES, {"VEVENT.CATEGORIES"}),
    "Attachments": (FILES, {"VEVENT.ATTACH"}),
}


@settings(max_examples=examples(20, 180), deadline=None, suppress_health_check=SLOW_TO_DRAW)
@given(data=st.data(), path=st.sampled_from(EVENTS), version=st.sampled_from(VERSIONS))
@pytest.mark.parametrize("field", EDITS)
def test_edit_of_one_field_changes_only_its_lines(field: str, data: st.DataObject, path: Path, version: str) -> None:
    edits, allowed = EDITS[field]
    text, who = text_of(path), shown_by(version)
    edit = data.draw(edits)
    if not who.knows(edit.name) or (field == "Location" and not who.is_16):
        return
    sent = with_changes(calendar.render(text, who), edit)
    after = calendar.patch(text, sent, who, ghosted=removed, uid="u")
    assert changed_names(text, after) <= allowed
    again = application_data(*calendar.render(after, who))
    assert calendar.patch(after, again, who, ghosted=removed, uid="u") == after


@settings(max_examples=examples(50, 450), deadline=None, suppress_health_check=SLOW_TO_DRAW)
@given(
    path=st.sampled_from(EVENTS),
    version=st.sampled_from(VERSIONS),
    hours=st.integers(-30, 30),
    minutes=st.integers(1, 3000),
)
def test_moved_event_changes_only_its_times(path: Path, version: str, hours: int, minutes: int) -> None:
    text, who = text_of(path), shown_by(version)
    rendered = calendar.render(text, who)
    times = {each.tag: each.text or "" for each in rendered}
    if "StartTime" not in times or times["AllDayEvent"] == "1":
        return
    start, end = moved(times["StartTime"], 60 * hours), moved(times["StartTime"], 60 * hours + minutes)
    changes = (Element("Calendar:StartTime", text=start), Element("Calendar:EndTime", text=end))
    after = calendar.patch(text, with_changes(rendered, *changes), who, ghosted=removed, uid="u")
    names = ("DTSTART", "DTEND", "DURATION", "RECURRENCE-ID", "EXDATE")
    allowed = {f"VEVENT.{name}" for name in names}
    if "RELATED=END" in text or "VALUE=DATE-TIME" in text:
        allowed.add("VALARM.TRIGGER")  # an alarm by another clock goes on as long before the start as the device says
    assert changed_names(text, after) <= allowed
    found = {each.tag: each.text for each in calendar.render(after, who)}
    assert (found["StartTime"], found["EndTime"]) == (start, end)
    assert found.get("Timezone") == times.get("Timezone")


def moved(text: str, minutes: int) -> str:
    return compact(read_instant(text) + timedelta(minutes=minutes))
