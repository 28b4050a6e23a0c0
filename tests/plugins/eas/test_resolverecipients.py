"""ResolveRecipients: who somebody is, when they have time, and what they look like."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

import pytest

from gateway.seen import through
from gateway.texts import event
from pimgate.core import Core
from pimgate.model.collections import CollectionKind, Role
from pimgate.settings import FreeBusy, Visibility
from pimgate_eas.wbxml.element import Element
from plugins.eas.people import photo_line, picture, put_card
from plugins.eas.wire import Wire

SPACE = "ResolveRecipients"
SMALL = picture(30, 30)


def part(tag: str, *children: Element, text: str | None = None) -> Element:
    return Element(f"{SPACE}:{tag}", *children, text=text)


def question(*names: str, options: tuple[Element, ...] = ()) -> Element:
    body = part(SPACE, *(part("To", text=name) for name in names))
    if options:
        body.append(part("Options", *options))
    return body


def morning(start: str = "2026-11-23T08:00:00.000Z", end: str = "2026-11-23T11:00:00.000Z") -> Element:
    return part("Availability", part("StartTime", text=start), part("EndTime", text=end))


def ask(wire: Wire, *names: str, options: tuple[Element, ...] = ()) -> list[Element]:
    answer = wire.ask(SPACE, question(*names, options=options))
    assert answer is not None
    assert answer.text_of(f"{SPACE}:Status") == "1"
    responses = answer.find_all(f"{SPACE}:Response")
    assert [each.text_of(f"{SPACE}:To") for each in responses] == list(names)
    return responses


def said(element: Element, *path: str) -> list[str | None]:
    return [each.text for each in element.path(*(f"{SPACE}:{tag}" for tag in path))]


def addresses(response: Element) -> list[str | None]:
    return said(response, "Recipient", "EmailAddress")


def busy(response: Element) -> list[tuple[str | None, str | None]]:
    found = response.path(f"{SPACE}:Recipient", f"{SPACE}:Availability")
    return [(each.text_of(f"{SPACE}:Status"), each.text_of(f"{SPACE}:MergedFreeBusy")) for each in found]


def put_meeting(core: Core, login: str, start: str = "20261123T090000Z") -> None:
    with core.database.write() as work:
        person = core.people.get(work, login)
        calendar = next(
            each.collection
            for each in work.collections.standings(person.id)
            if each.collection.kind is CollectionKind.CALENDAR and each.collection.owner == person.id
        )
        core.catalogue.open_view(work, through(person), calendar.id).put("m.ics", event("m", start))


@pytest.fixture
def wire(make_core: Callable[..., Core]) -> Iterator[Wire]:
    core = make_core("eas")
    put_card(core, "z", "Zoë Müller", "zoe@customer.example", "EMAIL:zoe@home.example", photo_line(SMALL))
    put_card(core, "m1", "Max Berg", "max.berg@customer.example")
    put_card(core, "m2", "Max Bergmann", "bergmann@customer.example")
    put_card(core, "n", "Nemo Noaddress")
    with Wire(core) as made:
        yield made


def test_colleague_is_of_the_directory_and_a_contact_is_not(wire: Wire) -> None:
    bert, zoe = ask(wire, "bert@example.org", "zoe@customer.example")
    assert (said(bert, "Status"), said(bert, "RecipientCount")) == (["1"], ["1"])
    assert [child.tag for child in bert.path(f"{SPACE}:Recipient")[0].children] == [
        "Type",
        "DisplayName",
        "EmailAddress",
    ]
    assert (said(bert, "Recipient", "Type"), said(bert, "Recipient", "DisplayName")) == (["1"], ["bert"])
    assert (said(zoe, "Recipient", "Type"), said(zoe, "Recipient", "DisplayName")) == (["2"], ["Zoë Müller"])


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Zoë Müller", "zoe@customer.example"),
        ("zoe  muller", "zoe@customer.example"),
        ("müller", "zoe@customer.example"),
        ("ZOE@home.example", "zoe@home.example"),
        ("Max Berg", "max.berg@customer.example"),
        ("bergmann", "bergmann@customer.example"),
    ],
)
def test_name_or_address_that_means_one_person(wire: Wire, name: str, address: str) -> None:
    [found] = ask(wire, name)
    assert (said(found, "Status"), addresses(found)) == (["1"], [address])


@pytest.mark.parametrize("name", ["", "x", "nobody", "nobody@customer.example", "zoe@customer", "Nemo", "%", "@"])
def test_whoever_is_unknown_is_said_to_be(wire: Wire, name: str) -> None:
    [found] = ask(wire, name, options=(morning(), part("CertificateRetrieval", text="2")))
    assert [(child.tag, child.text) for child in found.children][1:] == [("Status", "4"), ("RecipientCount", "0")]


@pytest.mark.parametrize(
    ("most", "status", "shown"), [(None, "2", 2), ("9999", "2", 2), ("2", "2", 2), ("1", "3", 1), ("0", "3", 0)]
)
def test_several_who_may_be_meant_are_suggested(wire: Wire, most: str | None, status: str, shown: int) -> None:
    limit = (part("MaxAmbiguousRecipients", text=most),) if most is not None else ()
    [found] = ask(wire, "max", options=(*limit, morning(), part("CertificateRetrieval", text="3")))
    assert (said(found, "Status"), said(found, "RecipientCount")) == ([status], ["2"])
    assert addresses(found) == ["max.berg@customer.example", "bergmann@customer.example"][:shown]
    assert busy(found) == said(found, "Recipient", "Certificates", "Status") == []


def test_long_list_of_suggestions_is_cut(wire: Wire) -> None:
    for number in range(30):
        put_card(wire.core, f"k{number}", f"Kim {number:02}", f"kim{number}@customer.example")
    [found] = ask(wire, "kim")
    assert (said(found, "Status"), said(found, "RecipientCount"), len(addresses(found))) == (["3"], ["30"], 20)


def test_there_are_no_certificates(wire: Wire) -> None:
    for retrieval, statuses in (("1", []), ("2", ["7"]), ("3", ["7"])):
        [found] = ask(wire, "zoe@customer.example", options=(part("CertificateRetrieval", text=retrieval),))
        assert said(found, "Recipient", "Certificates", "Status") == statuses


def test_when_colleagues_are_busy(wire: Wire) -> None:
    put_meeting(wire.core, "bert@example.org")
    responses = ask(wire, "bert@example.org", "cleo", "anna@example.org", options=(morning(),))
    assert [busy(each) for each in responses] == [[("1", "002200")], [("1", "000000")], [("1", "000000")]]


def test_nothing_is_known_of_people_outside(wire: Wire) -> None:
    [found] = ask(wire, "zoe@customer.example", options=(morning(),))
    assert busy(found) == [("1", "444444")]


def test_contact_with_a_colleagues_address_is_the_colleague(wire: Wire) -> None:
    put_card(wire.core, "b", "Bert at Home", "bert@home.example", "EMAIL:bert@example.org")
    put_meeting(wire.core, "bert@example.org")
    [found] = ask(wire, "bert@home.example", options=(morning(),))
    assert busy(found) == [("1", "002200")]


def test_operator_may_keep_it_to_oneself(make_core: Callable[..., Core]) -> None:
    core = make_core("eas", visibility=Visibility(free_busy=FreeBusy.NOBODY))
    put_meeting(core, "bert@example.org")
    put_meeting(core, "anna@example.org")
    put_card(core, "z", "Zoë", "zoe@customer.example")
    with Wire(core) as wire:
        found = ask(wire, "bert@example.org", "zoe@customer.example", "anna@example.org", options=(morning(),))
    assert [busy(each) for each in found] == [[("1", "444444")], [("1", "444444")], [("1", "002200")]]


def test_group_without_an_address_is_its_members(wire: Wire) -> None:
    put_card(wire.core, "g", "Team Green", "", "KIND:group", "MEMBER:urn:uuid:m1", "MEMBER:mailto:bert@example.org")
    put_meeting(wire.core, "bert@example.org")
    [found] = ask(wire, "Team Green", options=(morning(),))
    assert (said(found, "Status"), said(found, "RecipientCount")) == (["1"], ["2"])
    assert addresses(found) == ["max.berg@customer.example", "bert@example.org"]
    assert busy(found) == [("1", "444444"), ("1", "002200")]


def test_group_with_an_address_is_as_busy_as_its_members(wire: Wire) -> None:
    members = ("KIND:group", "MEMBER:mailto:cleo@example.org", "MEMBER:mailto:bert@example.org")
    put_card(wire.core, "g", "Team Green", "green@example.org", *members)
    put_meeting(wire.core, "bert@example.org")
    [found] = ask(wire, "green@example.org", options=(morning(),))
    assert addresses(found) == ["green@example.org"]
    assert busy(found) == [("1", "002200")]


@pytest.mark.parametrize("address", ["", "all@example.org"])
def test_nobody_finds_an_hour_for_a_large_group(wire: Wire, address: str) -> None:
    for count, status in ((20, "1"), (21, "161")):
        members = [f"MEMBER:mailto:m{number}@customer.example" for number in range(count)]
        put_card(wire.core, "g", "All of us", address, "KIND:group", *members)
        [found] = ask(wire, "All of us", options=(morning(),))
        assert {each[0] for each in busy(found)} == {status}


def test_free_busy_of_more_than_a_hundred_is_not_told(wire: Wire) -> None:
    for group in range(6):
        members = [f"MEMBER:mailto:g{group}m{number}@customer.example" for number in range(20)]
        put_card(wire.core, f"g{group}", f"Group {group}", "", "KIND:group", *members)
    few = ask(wire, *(f"Group {group}" for group in range(5)), options=(morning(),))
    assert {status for each in few for status, _ in busy(each)} == {"1"}
    many = ask(wire, *(f"Group {group}" for group in range(6)), options=(morning(),))
    assert {status for each in many for status, _ in busy(each)} == {"160"}


def test_pictures_are_counted_for_each_name(wire: Wire) -> None:
    put_card(wire.core, "y", "Max Portrait", "portrait@customer.example", photo_line(SMALL))
    wish = part("Picture", part("MaxPictures", text="1"), part("MaxSize", text="9000"))
    zoe, max_ = ask(wire, "zoe@customer.example", "max", options=(wish,))
    assert said(zoe, "Recipient", "Picture", "Status") == ["1"]
    assert base64.b64decode(said(zoe, "Recipient", "Picture", "Data")[0] or "") == SMALL
    assert sorted(said(max_, "Recipient", "Picture", "Status"), key=str) == ["1", "173", "173"]


@pytest.mark.parametrize(
    ("version", "tags"),
    [
        ("12.1", ["Certificates"]),
        ("14.0", ["Availability", "Certificates"]),
        ("14.1", ["Availability", "Certificates", "Picture"]),
        ("16.1", ["Availability", "Certificates", "Picture"]),
    ],
)
def test_each_version_gets_what_it_knows(wire: Wire, version: str, tags: list[str]) -> None:
    options = (morning(), part("CertificateRetrieval", text="2"), part("Picture"))
    [found] = ask(wire.twin(version=version), "zoe@customer.example", options=options)
    [recipient] = found.find_all(f"{SPACE}:Recipient")
    assert [child.tag for child in recipient.children][3:] == tags


@pytest.mark.parametrize(
    "body",
    [
        part(SPACE),
        question(*["bert@example.org"] * 101),
        question("x" * 257),
        question("bert", options=(part("Availability"),)),
        question("bert", options=(morning(end="2026-11-23T08:10:00.000Z"),)),
        question("bert", options=(morning(end="2027-02-23T08:10:00.000Z"),)),
        question("bert", options=(part("CertificateRetrieval", text="0"),)),
        question("bert", options=(part("CertificateRetrieval", text="4"),)),
        question("bert", options=(part("CertificateRetrieval", text="all"),)),
        question("bert", options=(part("MaxCertificates", text="10000"),)),
        question("bert", options=(part("MaxAmbiguousRecipients", text="-1"),)),
        Element("Search:Search"),
    ],
)
def test_question_beyond_a_limit_has_a_status(wire: Wire, body: Element) -> None:
    answer = wire.ask(SPACE, body)
    assert answer is not None
    assert [(child.tag, child.text) for child in answer.children] == [("Status", "5")]


def test_hundred_names_are_answered(wire: Wire) -> None:
    assert len(ask(wire, *["bert@example.org"] * 100, options=(morning(),))) == 100


def test_card_in_the_collected_book_is_a_contact(wire: Wire) -> None:
    put_card(wire.core, "c", "Cora Collected", "cora@else.example", role=Role.COLLECTED)
    [found] = ask(wire, "cora")
    assert said(found, "Recipient", "Type") == ["2"]
