"""Find: people and mail, as iPhones look for them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

import pytest

from pimgate.core import Core
from pimgate_eas.wbxml.element import Element
from plugins.eas.people import photo_line, picture, put_card
from plugins.eas.wire import Wire

SMALL = picture(30, 30)
IPHONE = 'to:"breakfast" OR cc:"breakfast" OR from:"breakfast" OR subject:"breakfast"'


def find(*criteria: Element) -> Element:
    return Element(
        "Find:Find",
        Element("Find:SearchId", text="c9a1e0b2-0000-4000-8000-1234567890ab"),
        Element("Find:ExecuteSearch", *criteria),
    )


def people(query: str, *options: Element) -> Element:
    made = Element("Find:GALSearchCriterion", Element("Find:Query", text=query))
    if options:
        made.append(Element("Find:Options", *options))
    return find(made)


def mail(query: str, wanted: str = "0-99") -> Element:
    return find(
        Element(
            "Find:MailBoxSearchCriterion",
            Element("Find:Query", Element("AirSync:Class", text="Email"), Element("Find:FreeText", text=query)),
            Element("Find:Options", span(wanted), Element("Find:DeepTraversal")),
        )
    )


def span(text: str) -> Element:
    return Element("Find:Range", text=text)


def response(answer: Element | None) -> Element:
    assert answer is not None
    assert answer.text_of("Find:Status") == "1"
    [found] = answer.find_all("Find:Response")
    return found


def ask(wire: Wire, body: Element) -> Element:
    found = response(wire.ask("Find", body))
    assert found.text_of("Find:Status") == "1"
    assert found.text_of("ItemOperations:Store") == "Mailbox"
    return found


def names(found: Element) -> list[str | None]:
    return [each.text_of("Gal:DisplayName") for each in found.path("Find:Result", "Find:Properties")]


@pytest.fixture
def wire(make_core: Callable[..., Core]) -> Iterator[Wire]:
    core = make_core("eas")
    put_card(core, "1", "Pia One", "pia1@else.example", photo_line(SMALL))
    put_card(core, "2", "Pia Two", "pia2@else.example")
    with Wire(core) as made:
        yield made


@pytest.mark.parametrize("version", ["14.0", "14.1", "16.0", "16.1"])
def test_people_are_found_whatever_version_was_agreed_on(wire: Wire, version: str) -> None:
    found = ask(wire.twin(version=version), people("pia", span("0-99")))
    assert names(found) == ["Pia One", "Pia Two"]
    assert (found.text_of("Find:Range"), found.text_of("Find:Total")) == ("0-1", "2")


def test_first_part_of_a_list(wire: Wire) -> None:
    found = ask(wire, people("pia", span("0-0")))
    assert (names(found), found.text_of("Find:Range"), found.text_of("Find:Total")) == (["Pia One"], "0-0", "2")


def test_nobody_found_is_a_total_of_nothing(wire: Wire) -> None:
    found = ask(wire, people("nobody at all"))
    assert [child.name for child in found.children] == ["ItemOperations:Store", "Find:Status", "Find:Total"]
    assert found.text_of("Find:Total") == "0"


def test_query_without_an_element_of_its_own_is_read(wire: Wire) -> None:
    assert names(ask(wire, find(Element("Find:GALSearchCriterion", text="pia two")))) == ["Pia Two"]


def test_pictures(wire: Wire) -> None:
    wish = Element("Find:Picture", Element("Find:MaxSize", text="9000"), Element("Find:MaxPictures", text="5"))
    pictures = ask(wire, people("pia", span("0-9"), wish)).path("Find:Result", "Find:Properties", "Gal:Picture")
    assert [each.text_of("Gal:Status") for each in pictures] == ["1", "173"]
    assert base64.b64decode(pictures[0].text_of("Gal:Data") or "") == SMALL


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (people("pia", span("1-9")), "4"),
        (people("pia", span("9-1")), "2"),
        (people("pia", span("x")), "2"),
        (people("p"), "2"),
        (people(""), "2"),
        (mail(IPHONE, "1-9"), "4"),
        (mail(IPHONE, "x"), "2"),
        (mail(""), "2"),
        (mail("OR"), "2"),
        (mail("(" * 500), "2"),
        (find(Element("Find:MailBoxSearchCriterion")), "2"),
    ],
)
def test_question_that_makes_no_sense_has_a_status(wire: Wire, body: Element, code: str) -> None:
    found = response(wire.ask("Find", body))
    assert found.text_of("Find:Status") == code
    assert not found.has("Find:Total")


@pytest.mark.parametrize(
    "body",
    [
        Element("Find:Find"),
        find(),
        find(Element("Find:Query", text="pia")),
        find(Element("Find:GALSearchCriterion"), Element("Find:MailBoxSearchCriterion")),
        Element("Search:Search"),
    ],
)
def test_malformed_request_has_a_status(wire: Wire, body: Element) -> None:
    answer = wire.ask("Find", body)
    assert answer is not None
    assert [child.text for child in answer.children] == ["2"]


@pytest.mark.parametrize("query", [IPHONE, "breakfast", "from:anna received>=2026-11-01"])
def test_mail_is_away_and_not_without_a_match(wire: Wire, query: str) -> None:
    answer = wire.ask("Find", mail(query))
    assert answer is not None
    assert [(child.name, child.text) for child in answer.children] == [("Find:Status", "114")]
