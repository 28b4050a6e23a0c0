"""Edits of one occurrence, named by InstanceId, of a series that somebody else changed or deleted meanwhile."""

import pytest

from gateway.texts import event
from pimgate.items import drop
from pimgate.model.collections import CollectionId
from pimgate_eas.wbxml.element import Element
from plugins.eas.test_move_items import fetched, put, stored
from plugins.eas.wire import Wire, change, collection, commands_of, key_of, responses_of, status_of

FIRST, THIRD = "20261201T090000Z", "20261203T090000Z"
RULE = "RRULE:FREQ=DAILY;COUNT=9"


def series(*more: str) -> str:
    return event("daily", FIRST, "Daily", RULE, *more)


def on_one_day(tag: str, item: str, *data: Element) -> Element:
    named = (Element("AirSync:ServerId", text=item), Element("AirSyncBase:InstanceId", text=THIRD))
    return Element(f"AirSync:{tag}", *named, *data)


def renamed(item: str) -> Element:
    subject = Element("Calendar:Subject", text="Daily, for once elsewhere")
    return on_one_day("Change", item, Element("AirSync:ApplicationData", subject))


CONFLICT_FOR_THE_DEVICE = Element("AirSync:Options", Element("AirSync:Conflict", text="0"))


@pytest.mark.parametrize("edit", [renamed, lambda item: on_one_day("Delete", item)], ids=["change", "delete"])
def test_a_series_that_somebody_else_changed_keeps_both_and_the_phone_hears_of_it(wire: Wire, edit) -> None:
    calendar = wire.folders()["Calendar"]
    item = put(wire, calendar, "daily.ics", series())
    key = fetched(wire, calendar)
    put(wire, calendar, "daily.ics", series("LOCATION:Attic"))
    part = wire.sync(collection(calendar, key, CONFLICT_FOR_THE_DEVICE, commands=(edit(item),)))[calendar]
    assert status_of(part) == "1"
    [told] = commands_of(part, "Change")
    assert "Attic" in told.to_debug_xml(show_content=True)
    text = stored(wire, calendar)[item]
    assert "LOCATION:Attic" in text
    assert "EXDATE" in text or "for once elsewhere" in text


def test_a_phone_that_takes_an_occurrence_out_of_a_series_that_went_hears_that_it_went(wire: Wire) -> None:
    calendar = wire.folders()["Calendar"]
    item = put(wire, calendar, "daily.ics", series())
    key = fetched(wire, calendar)
    with wire.core.database.write() as work:
        head = work.items.by_name(CollectionId(calendar), "daily.ics")
        assert head is not None
        drop(work, head)
    part = wire.sync(collection(calendar, key, commands=(on_one_day("Delete", item),)))[calendar]
    assert [each.text_of("AirSync:Status") for each in responses_of(part, "Delete")] == ["8"]
    assert [each.text_of("AirSync:ServerId") for each in commands_of(part, "Delete")] == [item]
    assert wire.sync(collection(calendar, key_of(part))) == {}


def test_what_a_phone_says_of_a_series_after_an_occurrence_reverts_nothing_that_it_has_not_heard_of(wire: Wire) -> None:
    calendar = wire.folders()["Calendar"]
    item = put(wire, calendar, "daily.ics", series("LOCATION:Cellar"))
    key = fetched(wire, calendar)
    put(wire, calendar, "daily.ics", series("LOCATION:Attic"))
    place = Element("AirSyncBase:Location", Element("AirSyncBase:DisplayName", text="Cellar"))
    edits = (on_one_day("Delete", item), change(item, place))
    part = wire.sync(collection(calendar, key, commands=edits))[calendar]
    assert [each.text_of("AirSync:Status") for each in responses_of(part, "Change")] == ["7"]
    assert len(commands_of(part, "Change")) == 1
    text = stored(wire, calendar)[item]
    assert "LOCATION:Attic" in text
    assert "EXDATE" in text
    assert wire.sync(collection(calendar, key_of(part))) == {}
