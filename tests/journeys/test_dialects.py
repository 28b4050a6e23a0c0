"""The same small journey in every dialect: folders, items, edits in both directions, and an answer that is lost."""

from datetime import UTC, datetime

import pytest

from gateway.places import PASSWORD
from journeys.clients import ANNA, collection_of, texts_in, thunderbird, up_to_date, url_of
from journeys.texts import card
from pimgate.model.collections import CollectionKind
from pimgate.testing.network import ANSWER_LOST, Network
from pimgate.testing.phone import Phone
from pimgate.testing.phone_forms import contact, event
from pimgate.testing.running import Running
from pimgate_eas.versions import VERSIONS

SERIES = "\r\n".join(
    (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Nobody//EN"),
        *(
            "BEGIN:VEVENT",
            "UID:choir",
            "DTSTAMP:20260105T080000Z",
            "DTSTART:20260105T180000Z",
            "DTEND:20260105T200000Z",
        ),
        *("SUMMARY:Choir", "LOCATION:Town hall", "RRULE:FREQ=WEEKLY;COUNT=10", "EXDATE:20260112T180000Z"),
        *("ORGANIZER;CN=Anna:mailto:anna@example.org", "ATTENDEE;CN=Bert;RSVP=TRUE:mailto:bert@example.org"),
        *("X-MICROSOFT-DISALLOW-COUNTER:TRUE", "DESCRIPTION:Bring the notes", "END:VEVENT"),
        *("BEGIN:VEVENT", "UID:choir", "DTSTAMP:20260105T080000Z", "RECURRENCE-ID:20260119T180000Z"),
        *("DTSTART:20260119T190000Z", "DTEND:20260119T210000Z", "SUMMARY:Choir, later", "LOCATION:Church"),
        *("ATTENDEE;CN=Cleo:mailto:cleo@example.org", "END:VEVENT", "END:VCALENDAR", ""),
    )
)


def phone_of(url: str, version: str, network: Network) -> Phone:
    return Phone(url, ANNA, PASSWORD, f"Appl{version.replace('.', '')}", version=version, network=network)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_phone_of_every_dialect_gets_gives_and_loses_nothing(gateway: Running, version: str) -> None:
    book = collection_of(gateway.core, CollectionKind.BOOK)
    calendar = collection_of(gateway.core, CollectionKind.CALENDAR)
    desktop = thunderbird(gateway.url)
    books, calendars = (url_of(gateway.url, gateway.core, each) for each in (book, calendar))
    assert desktop.put(f"{books}oda.vcf", card("oda", "Oda", "Staying"), is_new=True).status == 201
    assert desktop.put(f"{calendars}choir.ics", SERIES, is_new=True).status == 201
    network = Network()
    phone = up_to_date(phone_of(gateway.url, version, network))
    assert len(phone.items[book.id]) == len(phone.items[calendar.id]) == 1
    [series] = phone.items[calendar.id].values()
    assert len(series.path("Calendar:Exceptions", "Calendar:Exception")) == 2
    network.send_next(ANSWER_LOST)
    added = phone.add(book.id, contact("Rosa", "Travelling", "rosa@example.com"))
    at = datetime(2026, 3, 1, 10, tzinfo=UTC)
    meal = phone.add(calendar.id, event("Meal", at, at.replace(hour=11), "Garden", version=version))
    phone.sync()
    assert (added.status, meal.status) == ("1", "1")
    assert [text.count("FN:Rosa Travelling") for text in texts_in(gateway.core, book)].count(1) == 1
    assert sum("SUMMARY:Meal" in text and "LOCATION:Garden" in text for text in texts_in(gateway.core, calendar)) == 1
    [oda] = [item for item, data in phone.items[book.id].items() if data.text_of("Contacts:FirstName") == "Oda"]
    phone.change(book.id, oda, {"Contacts:JobTitle": "Gardener"})
    phone.sync()
    assert sum("TITLE:Gardener" in text for text in texts_in(gateway.core, book)) == 1
    assert desktop.put(f"{books}uma.vcf", card("uma", "Uma", "Late"), is_new=True).status == 201
    phone.sync()
    assert len(phone.items[book.id]) == 3
    phone.delete(book.id, added.server_id)
    phone.sync()
    assert not any("Rosa" in text for text in texts_in(gateway.core, book))
    assert phone.complaints == []


def test_a_phone_that_moves_on_to_another_dialect_keeps_what_it_has(gateway: Running) -> None:
    book = collection_of(gateway.core, CollectionKind.BOOK)
    phone = up_to_date(Phone(gateway.url, ANNA, PASSWORD, "ApplMOVES", version="14.1"))
    phone.add(book.id, contact("Rosa", "Travelling"))
    phone.sync()
    phone.speak("16.1")
    phone.add(book.id, contact("Oda", "Staying"))
    phone.sync_folders()
    phone.sync()
    assert len(phone.items[book.id]) == len(texts_in(gateway.core, book)) == 2
    assert phone.complaints == []
