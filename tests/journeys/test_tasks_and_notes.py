"""Tasks and notes the whole way: a phone and a desktop program edit the same ones."""

from datetime import date

import pytest

from gateway.places import PASSWORD
from journeys.clients import ANNA, Waiting, collection_of, iphone, texts_in, thunderbird, up_to_date, url_of
from journeys.texts import note, task
from pimgate.model.collections import CollectionKind
from pimgate.testing import phone_forms
from pimgate.testing.network import Network
from pimgate.testing.phone import Phone
from pimgate.testing.phone_comparison import compare
from pimgate.testing.running import Running
from pimgate_eas.wbxml.element import Element

SORTS = [CollectionKind.TASKS, CollectionKind.NOTES]


def text_by_desktop(sort: CollectionKind, uid: str, summary: str, *more: str) -> str:
    return task(uid, summary, *more) if sort is CollectionKind.TASKS else note(uid, summary, "words", *more)


def typed_on_phone(sort: CollectionKind, subject: str) -> Element:
    if sort is CollectionKind.TASKS:
        return phone_forms.task(subject, date(2026, 12, 24), "Two lines\nof words", Importance="2")
    return phone_forms.note(subject, "Two lines\nof words", "House")


@pytest.mark.parametrize("sort", SORTS)
def test_items_pass_between_phone_and_desktop_in_both_directions(gateway: Running, sort: CollectionKind) -> None:
    found = collection_of(gateway.core, sort)
    address = url_of(gateway.url, gateway.core, found)
    desktop = thunderbird(gateway.url)
    assert desktop.put(f"{address}one.ics", text_by_desktop(sort, "one", "From the desk"), is_new=True).status == 201
    phone = iphone(gateway.url)
    added = phone.add(found.id, typed_on_phone(sort, "From the phone"))
    [item] = phone.items[found.id]
    namespace = "Tasks" if sort is CollectionKind.TASKS else "Notes"
    changed = phone.change(found.id, item, {f"{namespace}:Subject": "Changed on the phone"})
    phone.sync()
    assert (added.status, changed.status, phone.complaints) == ("1", "1", [])
    texts = {text.partition("SUMMARY:")[2].partition("\r\n")[0]: text for text in texts_in(gateway.core, found)}
    assert set(texts) == {"From the phone", "Changed on the phone"}
    kept = "RELATED-TO:parent\r\nX-MOOD:curious" if sort is CollectionKind.TASKS else "DESCRIPTION:words\r\nCOLOR:green"
    assert kept in texts["Changed on the phone"]
    assert "DESCRIPTION:Two lines\\nof words" in texts["From the phone"]
    assert compare(phone, {found.id: texts_in(gateway.core, found)}).differences == ()


@pytest.mark.parametrize("sort", SORTS)
def test_waiting_phone_is_told_of_an_edit_by_the_desktop(gateway: Running, sort: CollectionKind) -> None:
    found = collection_of(gateway.core, sort)
    address = url_of(gateway.url, gateway.core, found)
    phone, desktop = iphone(gateway.url), thunderbird(gateway.url)
    waiting = Waiting(phone)
    text = text_by_desktop(sort, "one", "New")
    answer, _ = waiting.after(lambda: desktop.put(f"{address}one.ics", text, is_new=True), 30)
    assert (answer.status, answer.folders) == (2, (found.id,))
    phone.sync()
    assert len(phone.items[found.id]) == 1
    assert phone.complaints == []


def test_desktop_completes_a_task_and_the_phone_opens_it_again(gateway: Running) -> None:
    found = collection_of(gateway.core, CollectionKind.TASKS)
    address = url_of(gateway.url, gateway.core, found)
    desktop = thunderbird(gateway.url)
    done = task("one", "Tidy up", "STATUS:COMPLETED", "COMPLETED:20260105T120000Z", "PERCENT-COMPLETE:100")
    assert desktop.put(f"{address}one.ics", done, is_new=True).status == 201
    phone = iphone(gateway.url)
    [(item, data)] = phone.items[found.id].items()
    assert data.text_of("Tasks:DateCompleted") == "2026-01-05T12:00:00.000Z"
    phone.change(found.id, item, {"Tasks:Complete": "0", "Tasks:DateCompleted": None})
    phone.sync()
    [text] = texts_in(gateway.core, found)
    assert "STATUS:NEEDS-ACTION" in text
    assert "COMPLETED:" not in text
    assert phone.complaints == []


def test_completed_occurrence_of_a_series_is_neither_lost_nor_doubled(gateway: Running) -> None:
    found = collection_of(gateway.core, CollectionKind.TASKS)
    address = url_of(gateway.url, gateway.core, found)
    desktop = thunderbird(gateway.url)
    dates = ("DTSTART;VALUE=DATE:20260105", "DUE;VALUE=DATE:20260105", "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=5")
    assert desktop.put(f"{address}bins.ics", task("bins", "Bins", *dates), is_new=True).status == 201
    phone = iphone(gateway.url)
    [(item, series)] = phone.items[found.id].items()
    pattern = series.find("Tasks:Recurrence")
    assert pattern is not None
    dead = Element("Tasks:Recurrence", *pattern.children, Element("Tasks:DeadOccur", text="1"))
    copy = phone_forms.task("Bins", date(2026, 1, 5), Complete="1", DateCompleted="2026-01-05T00:00:00.000Z")
    copy.append(dead)
    phone.add(found.id, copy)
    names = ("StartDate", "UtcStartDate", "DueDate", "UtcDueDate")
    phone.change(found.id, item, {f"Tasks:{name}": "2026-01-12T00:00:00.000Z" for name in names})
    phone.sync()
    assert phone.complaints == []
    finished, going_on = sorted(texts_in(gateway.core, found), key=lambda text: "RRULE" in text)
    assert "STATUS:COMPLETED" in finished
    assert "DTSTART;VALUE=DATE:20260105" in finished
    assert "DTSTART;VALUE=DATE:20260112" in going_on
    assert "RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=4" in going_on
    assert "STATUS" not in going_on
    fresh = iphone(gateway.url, "ApplOTHER")
    shown = next(each for each in fresh.items[found.id].values() if each.has("Tasks:Recurrence"))
    again = shown.find("Tasks:Recurrence")
    assert again is not None
    assert (again.text_of("Tasks:Start"), again.text_of("Tasks:Occurrences")) == ("2026-01-05T00:00:00.000Z", "5")


def test_note_keeps_its_html_for_those_who_read_it(gateway: Running) -> None:
    found = collection_of(gateway.core, CollectionKind.NOTES)
    address = url_of(gateway.url, gateway.core, found)
    rich = note("one", "Ideas", "Bigger table", "X-ALT-DESC;FMTTYPE=text/html:<p><b>Bigger</b> table</p>")
    assert thunderbird(gateway.url).put(f"{address}one.ics", rich, is_new=True).status == 201
    phone = iphone(gateway.url)
    [(item, data)] = phone.items[found.id].items()
    body = data.find("AirSyncBase:Body")
    assert body is not None
    assert body.text_of("AirSyncBase:Data") == "Bigger table"
    phone.change(found.id, item, {"Notes:Subject": "Better ideas"})
    phone.sync()
    [text] = texts_in(gateway.core, found)
    assert "X-ALT-DESC;FMTTYPE=text/html:<p><b>Bigger</b> table</p>\r\n" in text


def test_notes_are_not_there_for_a_phone_whose_dialect_has_none(gateway: Running) -> None:
    notes = collection_of(gateway.core, CollectionKind.NOTES)
    tasks = collection_of(gateway.core, CollectionKind.TASKS)
    old = up_to_date(Phone(gateway.url, ANNA, PASSWORD, "ApplOLD", version="12.1"))
    assert notes.id not in old.folders
    assert old.folders[tasks.id].type == "7"
    assert old.complaints == []


@pytest.mark.parametrize("sort", SORTS)
def test_nothing_is_lost_or_doubled_on_a_bad_line(gateway: Running, sort: CollectionKind) -> None:
    found = collection_of(gateway.core, sort)
    phone = iphone(gateway.url, network=Network.lossy(11))
    for number in range(12):
        phone.add(found.id, typed_on_phone(sort, f"Number {number}"))
        phone.sync()
    assert len(texts_in(gateway.core, found)) == 12
    assert compare(phone, {found.id: texts_in(gateway.core, found)}).differences == ()
    assert phone.complaints == []
