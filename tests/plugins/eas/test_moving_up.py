"""What moves up into the place of something that a phone removed: the phone hears of it, and its next edit leaves it."""

from collections.abc import Callable

import pytest

from gateway.places import PASSWORD
from pimgate.core import Core
from pimgate.items import keep
from pimgate.model.collections import CollectionKind, Ownership
from pimgate.testing.phone import Phone
from pimgate.testing.running import running

CARD = "\r\n".join(
    (
        *("BEGIN:VCARD", "VERSION:3.0", "UID:two", "FN:Two Ofall", "N:Ofall;Two;;;"),
        *("URL:https://one.example/", "URL:https://two.example/", "TITLE:Joiner", "TITLE:Carver"),
        *("X-SPOUSE:Kim", "X-SPOUSE:Jo", "ADR:;;First;;;;", "ADR:;;Second;;;;", "END:VCARD", ""),
    )
)


@pytest.mark.parametrize(
    ("element", "second"),
    [
        ("Contacts:WebPage", "https://two.example/"),
        ("Contacts:JobTitle", "Carver"),
        ("Contacts:Spouse", "Jo"),
        ("Contacts:OtherAddressStreet", "Second"),
    ],
)
def test_second_of_two_moves_up_and_stays(make_core: Callable[..., Core], element: str, second: str) -> None:
    core = make_core("eas")
    with core.database.write() as work:
        anna = core.people.get(work, "anna@example.org")
        standings = work.collections.standings(anna.id)
        wanted = (CollectionKind.BOOK, Ownership.DEFAULT)
        book = next(each.collection for each in standings if (each.collection.kind, each.ownership) == wanted)
        keep(work, core.settings.limits, book, "two.vcf", CARD)
    with running(core) as found:
        phone = Phone(found.url, anna.login, PASSWORD, "ApplMOVE")
        phone.sync_folders()
        phone.sync()
        [item] = phone.items[book.id]
        phone.change(book.id, item, {element: None})
        phone.sync()
        assert phone.items[book.id][item].text_of(element) == second
        phone.change(book.id, item, {"Contacts:Department": "Attic"})
        phone.sync()
        assert phone.items[book.id][item].text_of(element) == second
        assert phone.complaints == []
    with core.database.read() as work:
        [kept] = work.items.all(book.id)
    assert second in kept.text
