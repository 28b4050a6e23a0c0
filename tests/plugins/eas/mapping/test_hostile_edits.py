"""Edits that no device would send: they are carried out or refused, and nothing else ever happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from pimgate.text.calendar import index_calendar
from pimgate.text.vcard import index_card
from pimgate_eas.mapping import calendar, contacts
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.wbxml.codepages import TOKENS
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.items import CALENDARS, CARDS, VERSIONS, context, ghosted, removed, text_of

TEXTS = st.one_of(
    st.text(max_size=40),
    st.from_regex(r"[0-9]{1,4}|-[0-9]|[0-9]{8}T[0-9]{6}Z|[A-Z]{4}", fullmatch=True),
    st.sampled_from(
        [
            *("", "0", "1", "2", "3", "5", "6", "7", "127", "999", "20260105T090000Z", "20260106T090000Z"),
            *("00010101T000000Z", "99991231T235959Z", "16040229T000000Z", "2026-01-05T09:00:00.000Z"),
            *("a\r\nEND:VEVENT\r\nb", "a;b,c\\", "\x00\x01", "\ud800", "<b>x</b>", '"A" <a@b.c>', "A" * 228 + "AA=="),
        ]
    ),
)


def elements(*namespaces: str) -> st.SearchStrategy[Element]:
    names = st.sampled_from([name for name in TOKENS if name.partition(":")[0] in namespaces])
    leaves = st.builds(lambda name, text: Element(name, text=text), names, TEXTS)
    return st.recursive(
        leaves, lambda inside: st.builds(lambda name, each: Element(name, *each), names, st.lists(inside, max_size=6))
    )


@st.composite
def mutations(draw: st.DrawFn, rendered: list[Element], fresh: st.SearchStrategy[Element]) -> Element:
    """What a device got, with some of it changed, left out or added."""
    return Element("AirSync:ApplicationData", *draw(_changed(rendered)), *draw(st.lists(fresh, max_size=5)))


@st.composite
def _changed(draw: st.DrawFn, given: list[Element]) -> list[Element]:
    changed = []
    for element in given:
        choice = draw(st.integers(0, 9))
        if choice == 0:
            continue
        if element.children:
            changed.append(Element(element.name, *draw(_changed(element.children))))
        else:
            changed.append(Element(element.name, text=draw(TEXTS) if choice < 4 else element.text))
    return changed


SLOW_TO_DRAW = (HealthCheck.too_slow, HealthCheck.data_too_large)


@settings(max_examples=examples(20, 240), deadline=None, suppress_health_check=SLOW_TO_DRAW)
@given(data=st.data(), path=st.sampled_from(CALENDARS), version=st.sampled_from(VERSIONS), is_own=st.booleans())
@pytest.mark.parametrize("is_new", [False, True], ids=["change", "add"])
def test_event_is_edited_to_a_valid_one_or_refused(
    is_new: bool, data: st.DataObject, path: Path, version: str, is_own: bool
) -> None:
    text, who = text_of(path), context(version, data.draw(st.sampled_from(["Europe/Berlin", "Nowhere"])), is_own=is_own)
    edit = data.draw(mutations(calendar.render(text, who), elements("Calendar", "AirSyncBase")))
    try:
        after = calendar.patch(None if is_new else text, edit, who, ghosted=removed, uid="u")
    except CannotConvert:
        return
    assert index_calendar(after).uid == ("u" if is_new else index_calendar(text).uid)
    again = Element("AirSync:ApplicationData", *calendar.render(after, who))
    assert calendar.patch(after, again, who, ghosted=removed, uid="u") == after


@settings(max_examples=examples(20, 240), deadline=None, suppress_health_check=SLOW_TO_DRAW)
@given(data=st.data(), path=st.sampled_from(CALENDARS), instance=TEXTS)
def test_occurrence_is_edited_to_a_valid_one_or_refused(data: st.DataObject, path: Path, instance: str) -> None:
    text, who = text_of(path), context()
    fresh = elements("Calendar", "AirSyncBase")
    edit = data.draw(st.none() | mutations(calendar.render(text, who), fresh))
    try:
        index_calendar(calendar.patch_instance(text, instance, edit, who, ghosted=ghosted, uid="u"))
    except CannotConvert:
        return


@settings(max_examples=examples(20, 240), deadline=None, suppress_health_check=SLOW_TO_DRAW)
@given(data=st.data(), path=st.sampled_from(CARDS), version=st.sampled_from(VERSIONS))
@pytest.mark.parametrize("is_new", [False, True], ids=["change", "add"])
def test_card_is_edited_to_a_valid_one_or_refused(is_new: bool, data: st.DataObject, path: Path, version: str) -> None:
    text, who = text_of(path), context(version)
    edit = data.draw(mutations(contacts.render(text, who), elements("Contacts", "Contacts2", "AirSyncBase")))
    try:
        after = contacts.patch(None if is_new else text, edit, who, ghosted=removed, uid="u")
    except CannotConvert:
        return
    assert index_card(after).uid == ("u" if is_new else index_card(text).uid)
    again = Element("AirSync:ApplicationData", *contacts.render(after, who))
    assert contacts.patch(after, again, who, ghosted=removed, uid="u") == after
