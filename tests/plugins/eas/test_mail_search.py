"""Looking for mail from a phone: Search and Find against a real mail server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from pimgate_eas.wbxml.element import Element
from plugins.eas.mail_house import BERT, MailHouse, letter, mail_house, put

NOW = datetime.now(UTC)
IPHONE = 'to:"{0}" OR cc:"{0}" OR from:"{0}" OR subject:"{0}"'


@pytest.fixture(scope="module")
def house(_templates: Callable[[str], str]) -> Iterator[MailHouse]:
    with mail_house(_templates) as made:
        with made.program() as line:
            line.create("Projects")
            line.create("Projects/Garden")
            put(line, letter("Breakfast", "Eggs and ham"), at=NOW - timedelta(hours=1))
            put(
                line,
                letter("Lunch", "No eggs today", Cc="Cleo <cleo@else.example>"),
                at=NOW - timedelta(days=3),
                flags="\\Seen",
            )
            put(line, letter("Grüße aus München", "朝食 um acht"), at=NOW - timedelta(days=40), flags="\\Flagged")
            plan = letter("Plan", "See the plan")
            plan.add_attachment(b"x" * 200, maintype="application", subtype="pdf", filename="garden.pdf")
            put(line, plan, folder="Projects", at=NOW - timedelta(days=400))
            put(line, letter("Roses", "Eggs are no roses"), folder="Projects/Garden", at=NOW - timedelta(days=500))
        with made.program(BERT) as line:
            put(line, letter("Bert's breakfast", "Secret eggs"))
        yield made


def find(house: MailHouse, query: str, *, span: str = "0-99", folder: str = "", is_deep: bool = True) -> Element:
    parts = [Element("AirSync:Class", text="Email")]
    parts += [Element("AirSync:CollectionId", text=folder)] if folder else []
    parts.append(Element("Find:FreeText", text=query))
    options = [Element("Find:Range", text=span), *([Element("Find:DeepTraversal")] if is_deep else [])]
    criterion = Element("Find:MailBoxSearchCriterion", Element("Find:Query", *parts), Element("Find:Options", *options))
    answer = house.wire.ask(
        "Find", Element("Find:Find", Element("Find:SearchId", text="1"), Element("Find:ExecuteSearch", criterion))
    )
    assert answer is not None
    return answer


def found(house: MailHouse, query: str, **more: object) -> list[str]:
    """The subjects, in the order of the answer."""
    [response] = find(house, query, **more).find_all("Find:Response")  # type: ignore[arg-type]
    assert response.text_of("Find:Status") == "1"
    return [each.text_of("Email:Subject") or "" for each in response.path("Find:Result", "Find:Properties")]


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        (IPHONE.format("Breakfast"), ["Breakfast"]),
        (IPHONE.format("münchen"), ["Grüße aus München"]),
        ("eggs", ["Breakfast", "Lunch", "Roses"]),
        ("eggs -ham", ["Lunch", "Roses"]),
        ("(lunch OR roses) eggs", ["Lunch", "Roses"]),
        ("朝食", ["Grüße aus München"]),
        ("cc:cleo", ["Lunch"]),
        ("recipients:cleo", ["Lunch"]),
        ("hasattachment:true", ["Plan"]),
        ("attachment:garden.pdf", ["Plan"]),
        ("isread:yes", ["Lunch"]),
        ("isflagged:true", ["Grüße aus München"]),
        ("subject:b subject:f", ["Breakfast"]),
        ("kind:email subject:lunch", ["Lunch"]),
        ("kind:contacts eggs", []),
        (f"received>={NOW - timedelta(days=4):%Y-%m-%d}", ["Breakfast", "Lunch"]),
        (f"received<{NOW - timedelta(days=300):%Y-%m-%d}", ["Plan", "Roses"]),
        (f"NOT received>={NOW - timedelta(days=300):%Y-%m-%d}", ["Plan", "Roses"]),
        ("size>100kb", []),
        ('"quoted \\" and {5}', []),
    ],
)
def test_what_is_looked_for_is_found_latest_first(house: MailHouse, query: str, subjects: list[str]) -> None:
    assert found(house, query) == subjects


def test_one_folder_is_looked_through_or_all_that_stand_below_it(house: MailHouse) -> None:
    found(house, "eggs")  # the list of folders is known from here on
    projects = house.folder("Projects")
    assert found(house, "subject:plan OR subject:roses", folder=projects, is_deep=False) == ["Plan"]
    assert found(house, "subject:plan OR subject:roses", folder=projects) == ["Plan", "Roses"]
    assert found(house, "eggs", folder=house.folder(), is_deep=False) == ["Breakfast", "Lunch"]


def test_what_find_shows_of_a_message(house: MailHouse) -> None:
    [response] = find(house, "subject:plan").find_all("Find:Response")
    assert (response.text_of("Find:Range"), response.text_of("Find:Total")) == ("0-0", "1")
    [result] = response.find_all("Find:Result")
    assert (result.text_of("AirSync:Class"), result.text_of("AirSync:CollectionId")) == (
        "Email",
        house.folder("Projects"),
    )
    [properties] = result.find_all("Find:Properties")
    assert {each.name: each.text for each in properties.children if each.name != "Email:DateReceived"} == {
        "Email:Subject": "Plan",
        "Email:DisplayTo": "Anna",
        "Email:Importance": "1",
        "Email:Read": "0",
        "Email2:IsDraft": "0",
        "Find:Preview": "See the plan",
        "Find:HasAttachments": "1",
        "Email:From": '"Bert" <bert@else.example>',
    }


@pytest.mark.parametrize(
    "query",
    ["received:soon", "size:large", "isread:perhaps", "importance:very", "from>anna"],
)
def test_value_that_its_property_cannot_have_is_an_invalid_request(house: MailHouse, query: str) -> None:
    assert is_refused(find(house, query))


def test_hostile_query_is_an_invalid_request(house: MailHouse) -> None:
    chain = " ".join(f"(w{each} OR" for each in range(120))
    for query in ("(" * 5_000, "OR " * 99, "x" * 60_000, f"subject:{'x' * 1_001}", chain):
        assert is_refused(find(house, query)), query[:20]


def test_longest_query_that_can_be_read_can_be_asked(house: MailHouse) -> None:
    assert found(house, " OR ".join(f"nothing{each}" for each in range(127)) + " OR ham") == ["Breakfast"]


def is_refused(answer: Element) -> bool:
    [response] = answer.find_all("Find:Response") or [answer]
    return (response.text_of("Find:Status"), response.has("Find:Total")) == ("2", False)


def test_line_ends_and_quotes_in_a_query_are_words(house: MailHouse) -> None:
    for text in ('a"\r\nA1 LOGOUT\r\n', "{3}\r\nabc", "x\u2028y", "\\", '"'):
        answer = find(house, f"eggs {text}")
        [response] = answer.find_all("Find:Response")
        assert response.text_of("Find:Status") in ("1", "2")
    assert found(house, "eggs ham") == ["Breakfast"]


def search(
    house: MailHouse, *parts: Element, version: str = "14.1", options: tuple[Element, ...] = (), span: str = "0-99"
) -> Element:
    """The Store of the answer."""
    query = Element("Search:And", Element("AirSync:Class", text="Email"), *parts)
    store = Element(
        "Search:Store",
        Element("Search:Name", text="Mailbox"),
        Element("Search:Query", query),
        Element("Search:Options", *options, Element("Search:Range", text=span)),
    )
    answer = house.wire.twin(version=version, device=f"S{version.replace('.', '')}").ask(
        "Search", Element("Search:Search", store)
    )
    assert answer is not None
    [found] = answer.path("Search:Response", "Search:Store")
    return found


def words(text: str) -> Element:
    return Element("Search:FreeText", text=text)


def bound(name: str, at: datetime) -> Element:
    value = Element("Search:Value", text=f"{at:%Y-%m-%dT%H:%M:%S.000Z}")
    return Element(f"Search:{name}", Element("Email:DateReceived"), value)


def results(store: Element) -> dict[str, Element]:
    """By subject."""
    return {
        each.path("Search:Properties", "Email:Subject")[0].text or "": each
        for each in store.find_all("Search:Result")
        if each.children
    }


PREFERENCE = Element("AirSyncBase:BodyPreference", Element("AirSyncBase:Type", text="1"))


@pytest.mark.parametrize("version", ["12.1", "14.1", "16.1"])
def test_search_shows_messages_as_sync_would(house: MailHouse, version: str) -> None:
    store = search(house, words("eggs"), version=version, options=(PREFERENCE,))
    assert [store.text_of(f"Search:{name}") for name in ("Status", "Range", "Total")] == ["1", "0-2", "3"]
    shown = results(store)
    assert list(shown) == ["Breakfast", "Lunch", "Roses"]
    body = shown["Breakfast"].path("Search:Properties", "AirSyncBase:Body")[0]
    assert (body.text_of("AirSyncBase:Data") or "").strip() == "Eggs and ham"
    assert shown["Lunch"].path("Search:Properties", "Email:Read")[0].text == "1"
    assert all(each.text_of("AirSync:Class") == "Email" for each in shown.values())
    assert shown["Roses"].text_of("AirSync:CollectionId") == house.folder("Projects/Garden")
    assert all(each.text_of("Search:LongId") for each in shown.values())


def test_dates_bound_a_search_to_the_second(house: MailHouse) -> None:
    edge = NOW - timedelta(hours=1)
    later, earlier = bound("GreaterThan", edge - timedelta(seconds=1)), bound("GreaterThan", edge)
    assert list(results(search(house, later))) == ["Breakfast"]
    assert list(results(search(house, earlier))) == []
    span = (bound("GreaterThan", NOW - timedelta(days=41)), bound("LessThan", NOW - timedelta(days=1)))
    assert list(results(search(house, *span))) == ["Lunch", "Grüße aus München"]


def test_list_is_looked_through_part_by_part(house: MailHouse) -> None:
    pages = [search(house, words("eggs"), span=each) for each in ("0-0", "1-1", "2-99", "3-99", "1000-1001")]
    assert [list(results(each)) for each in pages] == [["Breakfast"], ["Lunch"], ["Roses"], [], []]
    assert [each.text_of("Search:Range") for each in pages] == ["0-0", "1-1", "2-2", None, None]
    assert [each.text_of("Search:Status") for each in pages] == ["1", "1", "1", "12", "12"]


def test_nothing_found_is_an_empty_result_and_a_total_of_nothing(house: MailHouse) -> None:
    store = search(house, words("nowhere to be found"))
    assert [store.text_of(f"Search:{name}") for name in ("Status", "Range", "Total")] == ["1", None, "0"]
    assert [each.children for each in store.find_all("Search:Result")] == [[]]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ((), "2"),
        ((words(""),), "2"),
        ((words("x" * 5_000),), "2"),
        ((words("eggs"), Element("AirSync:Class", text="Calendar")), "2"),
        ((Element("Search:GreaterThan", Element("Search:Value", text="2026-01-01")),), "8"),
        ((Element("Search:LessThan", Element("Email:DateReceived"), Element("Search:Value", text="soon")),), "2"),
        ((words("eggs"), Element("Search:ConversationId", opaque=b"abc")), "8"),
        ((Element("Search:ConversationId"),), "2"),
        ((words("eggs"), Element("Search:Or", words("ham"))), "8"),
        ((words("eggs"), Element("AirSync:CollectionId", text="c000000000000")), "11"),
        ((words("eggs"), Element("AirSync:CollectionId", text="0\r\nx")), "11"),
    ],
)
def test_question_that_cannot_be_answered_has_a_status(house: MailHouse, parts: tuple[Element, ...], code: str) -> None:
    store = search(house, *parts)
    assert (store.text_of("Search:Status"), store.has("Search:Total")) == (code, False)


def test_conversation_is_found_wherever_it_goes_on(house: MailHouse) -> None:
    first = letter("Tea")
    answer = letter("Re: Tea", References=str(first["Message-ID"]))
    with house.program() as line:
        put(line, first, at=NOW - timedelta(days=2))
        put(line, answer, folder="Projects", at=NOW - timedelta(days=1))
    house.index()
    house.index("Projects")
    [tea] = [each for subject, each in results(search(house, words("subject:tea"))).items() if subject == "Tea"]
    conversation = tea.path("Search:Properties", "Email2:ConversationId")[0].opaque
    store = search(house, Element("Search:ConversationId", opaque=conversation), options=(PREFERENCE,))
    assert list(results(store)) == ["Re: Tea", "Tea"]
    assert list(results(search(house, Element("Search:ConversationId", opaque=b"other")))) == []


def test_foreign_folder_is_one_that_is_not_there(house: MailHouse) -> None:
    bert = MailHouse(house.wire.twin(BERT, device="Bert1"), house.server)
    assert found(bert, "eggs") == ["Bert's breakfast"]
    foreign = house.folder("INBOX", BERT)
    assert search(house, words("eggs"), Element("AirSync:CollectionId", text=foreign)).text_of("Search:Status") == "11"
    [response] = find(house, "eggs", folder=foreign).find_all("Find:Response")
    assert response.text_of("Find:Status") == "3"


def test_server_that_is_away_is_never_an_empty_list(house: MailHouse) -> None:
    before = found(house, "eggs")
    house.server.stop()
    try:
        assert search(house, words("roses"), version="16.1").text_of("Search:Status") == "7"
        answer = find(house, "roses")
        assert [(each.name, each.text) for each in answer.children] == [("Find:Status", "114")]
    finally:
        house.server.start()
    assert before == ["Breakfast", "Lunch", "Roses"]
