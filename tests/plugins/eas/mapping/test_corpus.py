"""Everything that real programs write, shown to a device and given back by it: not an octet changes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import pytest

from gateway.effort import few
from pimgate_eas.mapping import calendar, contacts, notes, tasks
from pimgate_eas.wbxml.codepages import LEGACY_ELEMENTS, TOKENS, introduced_in
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.items import (
    CALENDARS,
    CARDS,
    NOTES,
    TASKS,
    VERSIONS,
    application_data,
    context,
    ghosted,
    removed,
    text_of,
)

LATER = datetime(2027, 8, 1, tzinfo=UTC)
ROOMS = {
    **dict.fromkeys(CARDS, contacts),
    **dict.fromkeys(CALENDARS, calendar),
    **dict.fromkeys(TASKS, tasks),
    **dict.fromkeys(NOTES, notes),
}
ZONES = ["Europe/Berlin", "America/New_York", "Pacific/Auckland", "UTC"]
FORMS = [("1",), ("2", "1"), ("2",), ("4", "1")]
"""What devices read of bodies, best first."""


def name_of(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("version", few(["12.1", "16.1"], VERSIONS))
@pytest.mark.parametrize("path", CARDS, ids=name_of)
def test_card_given_back_as_it_was_shown_stays_octet_for_octet(path: Path, version: str) -> None:
    text, who = text_of(path), context(version)
    data = application_data(*contacts.render(text, who))
    assert contacts.patch(text, data, who, ghosted=removed, uid="new") == text
    assert contacts.patch(text, data, who, ghosted=ghosted, uid="new") == text


@pytest.mark.parametrize("version", few(["12.1", "16.1"], VERSIONS))
@pytest.mark.parametrize("path", CALENDARS, ids=name_of)
def test_event_given_back_as_it_was_shown_stays_octet_for_octet(path: Path, version: str) -> None:
    text = text_of(path)
    for zone, is_own in product(["Europe/Berlin", "America/New_York", "UTC"], [True, False]):
        data = application_data(*calendar.render(text, context(version, zone, is_own=is_own)))
        who = context(version, zone, is_own=is_own, now=LATER)
        assert calendar.patch(text, data, who, ghosted=removed, uid="new") == text, (zone, is_own)
        assert calendar.patch(text, data, who, ghosted=ghosted, uid="new") == text, (zone, is_own)


@pytest.mark.parametrize("version", few(["12.1", "16.1"], VERSIONS))
@pytest.mark.parametrize("path", [*TASKS, *NOTES], ids=name_of)
def test_task_or_note_given_back_as_it_was_shown_stays_octet_for_octet(path: Path, version: str) -> None:
    text, room = text_of(path), ROOMS[path]
    for zone, is_own, forms in product(ZONES, [True, False], FORMS):
        who = context(version, zone, is_own=is_own, now=LATER, body_forms=forms)
        data = application_data(*room.render(text, who))
        assert room.patch(text, data, who, ghosted=removed, uid="new") == text, (zone, is_own, forms)
        assert room.patch(text, data, who, ghosted=ghosted, uid="new") == text, (zone, is_own, forms)


@pytest.mark.parametrize("path", ROOMS, ids=name_of)
def test_edit_that_says_nothing_changes_nothing(path: Path) -> None:
    room = ROOMS[path]
    assert room.patch(text_of(path), application_data(), context(), ghosted=ghosted, uid="new") == text_of(path)


@pytest.mark.parametrize("version", few(["12.1", "16.1"], VERSIONS))
@pytest.mark.parametrize("path", ROOMS, ids=name_of)
def test_device_gets_only_elements_of_its_dialect(path: Path, version: str) -> None:
    for element in everything_in(ROOMS[path].render(text_of(path), context(version))):
        assert element.name in TOKENS
        assert element.name not in LEGACY_ELEMENTS
        assert float(introduced_in(element.name)) <= float(version), element.name


def everything_in(elements: list[Element]) -> Iterator[Element]:
    for element in elements:
        yield element
        yield from everything_in(element.children)


@pytest.mark.parametrize("path", ROOMS, ids=name_of)
def test_no_element_comes_twice(path: Path) -> None:
    names = [element.name for element in ROOMS[path].render(text_of(path), context())]
    assert len(names) == len(set(names))
