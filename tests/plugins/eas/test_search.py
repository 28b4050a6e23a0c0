"""Search: people from every subscribed book, with their pictures, part by part."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

import pytest

from pimgate import subscriptions
from pimgate.core import Core
from pimgate.model.collections import Role
from pimgate_eas.pictures import scaled
from pimgate_eas.wbxml.element import Element
from plugins.eas.people import book_of, photo_line, picture, put_card
from plugins.eas.wire import Wire


def question(query: str, *options: Element, store: str = "GAL") -> Element:
    made = Element("Search:Store", Element("Search:Name", text=store), Element("Search:Query", text=query))
    if options:
        made.append(Element("Search:Options", *options))
    return Element("Search:Search", made)


def span(text: str) -> Element:
    return Element("Search:Range", text=text)


def pictures(size: int | None = None, most: int | None = None) -> Element:
    limits = (("MaxSize", size), ("MaxPictures", most))
    return Element(
        "Search:Picture", *(Element(f"Search:{tag}", text=str(number)) for tag, number in limits if number is not None)
    )


def store_of(answer: Element | None) -> Element:
    assert answer is not None
    assert answer.text_of("Search:Status") == "1"
    [store] = answer.path("Search:Response", "Search:Store")
    return store


def ask(wire: Wire, query: str, *options: Element) -> Element:
    store = store_of(wire.ask("Search", question(query, *options)))
    assert store.text_of("Search:Status") == "1"
    return store


def status(wire: Wire, *given: object, **more: str) -> str | None:
    return store_of(wire.ask("Search", question(*given, **more))).text_of("Search:Status")  # type: ignore[arg-type]


def names(store: Element) -> list[str | None]:
    return [each.text_of("Gal:DisplayName") for each in store.path("Search:Result", "Search:Properties")]


def picture_of(store: Element) -> list[tuple[str | None, bytes]]:
    found = store.path("Search:Result", "Search:Properties", "Gal:Picture")
    return [(each.text_of("Gal:Status"), base64.b64decode(each.text_of("Gal:Data") or "")) for each in found]


@pytest.fixture
def wire(make_core: Callable[..., Core]) -> Iterator[Wire]:
    core = make_core("eas")
    put_card(core, "z", "Zoë Müller", "zoe@customer.example", "ORG:Customer Ltd;Sales", "TITLE:Head",
             "TEL;TYPE=CELL:+49 170 1", "TEL;TYPE=WORK:030 9", "TEL;TYPE=HOME:040 9", "NICKNAME:Zo")  # fmt: skip
    with Wire(core) as made:
        yield made


def test_every_field_that_is_known_is_shown(wire: Wire) -> None:
    [fields] = ask(wire, "müll").path("Search:Result", "Search:Properties")
    assert {child.tag: child.text for child in fields.children} == {
        "DisplayName": "Zoë Müller",
        "Phone": "030 9",
        "Title": "Head",
        "Company": "Customer Ltd",
        "Alias": "Zo",
        "FirstName": "Zoë",
        "LastName": "Müller",
        "HomePhone": "040 9",
        "MobilePhone": "+49 170 1",
        "EmailAddress": "zoe@customer.example",
    }


@pytest.mark.parametrize("version", ["12.1", "14.0", "14.1", "16.0", "16.1"])
def test_every_version_gets_range_and_total(wire: Wire, version: str) -> None:
    store = ask(wire.twin(version=version), "zoe", pictures())
    assert (store.text_of("Search:Range"), store.text_of("Search:Total")) == ("0-0", "1")
    assert [each[0] for each in picture_of(store)] == (["173"] if version >= "14.1" else [])


def test_collected_addresses_and_books_switched_off_are_found(wire: Wire) -> None:
    put_card(wire.core, "c", "Zora Collected", "zora@else.example", role=Role.COLLECTED)
    for role in (Role.COLLECTED, Role.DEFAULT):
        with wire.core.database.write() as work:
            anna = wire.core.people.get(work, "anna@example.org")
            subscriptions.turn(work, anna.id, book_of(wire.core, anna.login, role).id, is_on=False)
    assert names(ask(wire, "zo")) == ["Zoë Müller", "Zora Collected"]


def test_books_of_others_are_not_found(wire: Wire) -> None:
    put_card(wire.core, "b", "Zelda Bertson", "zelda@else.example", login="bert@example.org")
    assert names(ask(wire, "zelda")) == []


def test_names_that_begin_so_come_first_and_colleagues_before_others(wire: Wire) -> None:
    put_card(wire.core, "1", "Bertram Able", "able@else.example")
    put_card(wire.core, "2", "Ada Bertini", "ada@else.example")
    put_card(wire.core, "3", "Aaron Lambert", "aaron@else.example")
    assert names(ask(wire, "bert")) == ["bert", "Bertram Able", "Ada Bertini", "Aaron Lambert"]


def test_colleague_who_is_also_a_contact_is_one_entry(wire: Wire) -> None:
    put_card(wire.core, "b", "Bert the Baker", "Bert@example.org")
    store = ask(wire, "bert")
    assert names(store) == ["bert"]
    assert store.text_of("Search:Total") == "1"


def test_list_is_given_part_by_part(wire: Wire) -> None:
    for number in range(12):
        put_card(wire.core, f"n{number}", f"Nora {number:02}", f"nora{number}@else.example")
    store = ask(wire, "nora", span("0-4"))
    assert names(store) == [f"Nora {number:02}" for number in range(5)]
    assert (store.text_of("Search:Range"), store.text_of("Search:Total")) == ("0-4", "12")
    store = ask(wire, "nora", span("10-14"))
    assert names(store) == ["Nora 10", "Nora 11"]
    assert (store.text_of("Search:Range"), store.text_of("Search:Total")) == ("10-11", "12")
    store = ask(wire, "nora", span("20-24"))
    assert (names(store), store.text_of("Search:Range"), store.text_of("Search:Total")) == ([], None, "12")
    assert len(names(ask(wire, "nora", span("0-999")))) == 12


def test_nobody_found_is_an_empty_result(wire: Wire) -> None:
    store = ask(wire, "nobody at all")
    assert [child.tag for child in store.children] == ["Status", "Result", "Total"]
    assert store.text_of("Search:Total") == "0"


@pytest.mark.parametrize(
    ("query", "wanted", "code"),
    [
        ("zoe", "100-120", "12"),
        ("zoe", "5-2", "2"),
        ("zoe", "0", "2"),
        ("zoe", "-1-5", "2"),
        ("zoe", "a-b", "2"),
        ("zoe", "9" * 40 + "-5", "2"),
        ("z", "0-9", "2"),
        ("", "0-9", "2"),
        ("x" * 257, "0-9", "2"),
    ],
)
def test_question_that_makes_no_sense_has_a_status(wire: Wire, query: str, wanted: str, code: str) -> None:
    assert status(wire, query, span(wanted)) == code


def test_one_ideograph_is_a_name(wire: Wire) -> None:
    put_card(wire.core, "w", "王 芳", "wang@else.example")
    assert names(ask(wire, "王")) == ["王 芳"]


@pytest.mark.parametrize(
    ("store", "code"), [("Mailbox", "7"), ("DocumentLibrary", "13"), ("Attic", "2"), ("", "2"), ("gal", "1")]
)
def test_other_stores_are_never_said_to_hold_nothing(wire: Wire, store: str, code: str) -> None:
    found = store_of(wire.ask("Search", question("zoe", span("0-9"), store=store)))
    assert found.text_of("Search:Status") == code
    assert (found.text_of("Search:Total") is None) is (code != "1")


def test_mailbox_query_as_phones_write_it_is_answered(wire: Wire) -> None:
    free = Element("Search:And", Element("AirSync:Class", text="Email"), Element("Search:FreeText", text="x"))
    body = Element(
        "Search:Search",
        Element("Search:Store", Element("Search:Name", text="Mailbox"), Element("Search:Query", free)),
    )
    assert store_of(wire.ask("Search", body)).text_of("Search:Status") == "7"


@pytest.mark.parametrize(
    "body",
    [
        Element("Search:Search"),
        Element("Search:Search", Element("Search:Store"), Element("Search:Store")),
        Element("Find:Find"),
    ],
)
def test_malformed_request_has_a_status(wire: Wire, body: Element) -> None:
    answer = wire.ask("Search", body)
    assert answer is not None
    assert answer.text_of("Search:Status") == "103"


LARGE, SMALL = picture(700, 500), picture(30, 30)


@pytest.fixture
def portraits(wire: Wire) -> Wire:
    put_card(wire.core, "p1", "Pia One", "pia1@else.example", photo_line(LARGE))
    put_card(wire.core, "p2", "Pia Two", "pia2@else.example")
    put_card(wire.core, "p3", "Pia Three", "pia3@else.example", photo_line(SMALL))
    put_card(wire.core, "p4", "Pia Unreadable", "pia4@else.example", photo_line(b"x" * 60_000))
    put_card(wire.core, "p5", "Pia Link", "pia5@else.example", "PHOTO;VALUE=uri:https://else.example/p.jpg")
    return wire


def test_pictures_are_shown_when_they_are_asked_for(portraits: Wire) -> None:
    assert picture_of(ask(portraits, "pia")) == []
    store = ask(portraits, "pia", pictures())
    assert names(store) == ["Pia Link", "Pia One", "Pia Three", "Pia Two", "Pia Unreadable"]
    small = scaled(LARGE, 36_864)
    assert small is not None
    assert picture_of(store) == [("173", b""), ("1", small), ("1", SMALL), ("173", b""), ("174", b"")]


def test_picture_is_no_larger_than_asked_for(portraits: Wire) -> None:
    found = dict(zip(names(store := ask(portraits, "pia", pictures(4_000))), picture_of(store), strict=True))
    assert found["Pia One"][0] == "1"
    assert len(found["Pia One"][1]) <= 4_000
    found = dict(zip(names(store := ask(portraits, "pia", pictures(20))), picture_of(store), strict=True))
    assert {name: status for name, (status, _) in found.items()} == {
        "Pia Link": "173",
        "Pia One": "174",
        "Pia Three": "174",
        "Pia Two": "173",
        "Pia Unreadable": "174",
    }


def test_no_more_pictures_than_asked_for(portraits: Wire) -> None:
    assert [each[0] for each in picture_of(ask(portraits, "pia", pictures(most=1)))] == [
        "173",
        "1",
        "175",
        "173",
        "175",
    ]
    assert [each[0] for each in picture_of(ask(portraits, "pia", pictures(most=0)))] == [
        "173",
        "175",
        "175",
        "173",
        "175",
    ]


def test_odd_limits_on_pictures_count_as_none(portraits: Wire) -> None:
    wish = Element("Search:Picture", Element("Search:MaxSize", text="-5"), Element("Search:MaxPictures", text="many"))
    assert [each[0] for each in picture_of(ask(portraits, "pia", wish))] == ["173", "1", "1", "173", "174"]
