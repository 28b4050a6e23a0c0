"""ItemOperations: fetching what is shown and nothing else; never emptying what is not mail."""

import base64
import itertools
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pimgate import collections, subscriptions
from pimgate.items import keep
from pimgate.model.collections import CollectionId, CollectionKind
from pimgate.text.vcard import new_card
from pimgate_eas.settings import EasSettings
from pimgate_eas.wbxml.codec import decode
from pimgate_eas.wbxml.element import Element
from plugins.eas.wire import Wire, collection, commands_of, folder_sync, key_of

FILE = bytes(range(256)) * 4
EVENT = "\r\n".join(
    (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Tests//EN",
        "BEGIN:VEVENT",
        "UID:e1",
        "DTSTAMP:20260101T000000Z",
        "DTSTART:20260310T090000Z",
        "DTEND:20260310T100000Z",
        "SUMMARY:Review",
        "DESCRIPTION:Bring the plan.",
        f"ATTACH;FMTTYPE=image/png;FILENAME=plan.png;VALUE=BINARY;ENCODING=BASE64:{base64.b64encode(FILE).decode()}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
)


def part(name: str, text: str) -> Element:
    return Element(name, text=text)


def fetching(*about: Element, store: str | None = "Mailbox", options: tuple[Element, ...] = ()) -> Element:
    parts = [] if store is None else [part("ItemOperations:Store", store)]
    more = [Element("ItemOperations:Options", *options)] if options else []
    return Element("ItemOperations:Fetch", *parts, *about, *more)


def item(server_id: str, *options: Element, collection_id: str | None = None) -> Element:
    folder = server_id.partition(":")[0] if collection_id is None else collection_id
    return fetching(part("AirSync:CollectionId", folder), part("AirSync:ServerId", server_id), options=options)


def file(reference: str, span: str | None = None) -> Element:
    options = () if span is None else (part("ItemOperations:Range", span),)
    return fetching(part("AirSyncBase:FileReference", reference), options=options)


def operations(*each: Element) -> Element:
    return Element("ItemOperations:ItemOperations", *each)


def done(wire: Wire, *each: Element) -> list[Element]:
    """The responses, of a request that was understood."""
    answer = wire.ask("ItemOperations", operations(*each))
    assert answer is not None
    assert answer.text_of("ItemOperations:Status") == "1"
    [response] = answer.find_all("ItemOperations:Response")
    return response.children


def status(response: Element) -> str:
    return response.text_of("ItemOperations:Status") or ""


def properties(response: Element) -> dict[str, str]:
    [found] = response.find_all("ItemOperations:Properties")
    return {each.name: each.text or "" for each in found.children}


def put(wire: Wire, collection_id: str, name: str, text: str) -> str:
    with wire.core.database.write() as work:
        found = work.collections.by_id(CollectionId(collection_id))
        assert found
        head = work.items.by_name(found.id, name)
        return f"{collection_id}:{keep(work, wire.core.settings.limits, found, head or name, text).id}"


@pytest.fixture
def ann(wire: Wire) -> str:
    text = new_card("ann", "Ann Alpha").replace("N:;;;;", "N:Alpha;Ann;;;")
    return put(wire, wire.folders()["Contacts"], "ann.vcf", text)


@pytest.fixture
def review(wire: Wire) -> str:
    return put(wire, wire.folders()["Calendar"], "e1.ics", EVENT)


def synchronised(wire: Wire, server_id: str) -> list[Element]:
    """The data of an item as Sync sends it."""
    folder = server_id.partition(":")[0]
    answer = wire.sync(collection(folder, wire.begin(folder)))[folder]
    assert key_of(answer)
    [data] = [
        each.path("AirSync:ApplicationData")[0]
        for each in commands_of(answer, "Add")
        if each.text_of("AirSync:ServerId") == server_id
    ]
    return data.children


def reference_of(wire: Wire, server_id: str) -> str:
    """The FileReference of an event's only file."""
    [attachments] = [each for each in synchronised(wire, server_id) if each.name == "AirSyncBase:Attachments"]
    [attachment] = attachments.children
    return attachment.text_of("AirSyncBase:FileReference") or ""


def test_a_fetched_item_is_what_sync_sends(wire, ann, review):
    for server_id, class_name in ((ann, "Contacts"), (review, "Calendar")):
        [found] = done(wire, item(server_id))
        assert status(found) == "1"
        assert found.text_of("AirSync:ServerId") == server_id
        assert found.text_of("AirSync:CollectionId") == server_id.partition(":")[0]
        assert found.text_of("AirSync:Class") == class_name
        assert found.find("ItemOperations:Properties").children == synchronised(wire, server_id)


def test_a_schema_leaves_what_it_names(wire, ann):
    schema = Element("ItemOperations:Schema", Element("Contacts:LastName"), Element("Contacts:JobTitle"))
    [found] = done(wire, item(ann, schema))
    assert properties(found) == {"Contacts:LastName": "Alpha"}


def test_a_body_comes_in_the_form_that_the_device_reads(wire, review):
    preference = Element("AirSyncBase:BodyPreference", part("AirSyncBase:Type", "1"))
    [found] = done(wire, item(review, preference))
    [body] = found.path("ItemOperations:Properties", "AirSyncBase:Body")
    assert body.text_of("AirSyncBase:Data") == "Bring the plan."


def test_what_is_not_there_or_not_shown_has_one_answer(wire, ann):
    with wire.core.database.write() as work:
        anna, bert = work.people.by_login("anna@example.org"), work.people.by_login("bert@example.org")
        assert anna
        assert bert
        hidden = collections.create(work, anna.id, CollectionKind.BOOK, "Hidden").id
        subscriptions.turn(work, anna.id, hidden, is_on=False)
        foreign = collections.create(work, bert.id, CollectionKind.BOOK, "Foreign").id
    book = ann.partition(":")[0]
    inside = [put(wire, each, "x.vcf", new_card("x", "X")) for each in (hidden, foreign)]
    asked = [
        *(item(each) for each in inside),
        *(item(each, collection_id=book) for each in inside),
        item(ann, collection_id=wire.folders()["Calendar"]),
        *(item(f"{book}:{each}") for each in ("0", "999999", "x", "-1", "", "9" * 40)),
        item(book),
        item("c000000000000:1"),
        item(""),
    ]
    answers = done(wire, *asked)
    assert {status(each) for each in answers} == {"6"}
    assert not any(each.has("ItemOperations:Properties") for each in answers)


def test_each_operation_has_its_own_status(wire, ann, review):
    answers = done(wire, item(ann), item(f"{ann}9"), file("x"), item(review))
    assert [status(each) for each in answers] == ["1", "6", "15", "1"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (fetching(part("Search:LongId", "RgAAA")), "6"),
        (fetching(part("DocumentLibrary:LinkId", r"\\files\plans"), store="DocumentLibrary"), "9"),
        (fetching(part("AirSync:ServerId", "c1:1"), store="Elsewhere"), "9"),
        (fetching(part("AirSync:ServerId", "c1:1"), store=None), "2"),
        (fetching(part("AirSync:ServerId", "c1:1")), "2"),
        (fetching(part("AirSync:CollectionId", "c1")), "2"),
        (fetching(part("DocumentLibrary:LinkId", r"\\files\plans")), "2"),
        (fetching(), "2"),
        (fetching(part("AirSyncBase:FileReference", "")), "15"),
    ],
)
def test_what_is_fetched_elsewhere_or_not_at_all_says_so(wire, asked, expected):
    [found] = done(wire, asked)
    assert (found.tag, status(found)) == ("Fetch", expected)


def test_a_file_comes_whole_and_without_a_range_unless_one_was_asked_for(wire, review):
    reference = reference_of(wire, review)
    [found] = done(wire, file(reference))
    assert status(found) == "1"
    assert found.text_of("AirSyncBase:FileReference") == reference
    assert properties(found) == {
        "AirSyncBase:ContentType": "image/png",
        "ItemOperations:Data": base64.b64encode(FILE).decode(),
    }


@pytest.mark.parametrize(
    ("span", "said", "octets"),
    [
        ("0-9", "0-9", FILE[:10]),
        ("10-10", "10-10", FILE[10:11]),
        ("1000-999999", "1000-1023", FILE[1000:]),
        ("0-1023", "0-1023", FILE),
    ],
)
def test_of_a_file_as_much_comes_as_is_asked_for(wire, review, span, said, octets):
    [found] = done(wire, file(reference_of(wire, review), span))
    assert properties(found) == {
        "ItemOperations:Range": said,
        "ItemOperations:Total": "1024",
        "AirSyncBase:ContentType": "image/png",
        "ItemOperations:Data": base64.b64encode(octets).decode(),
    }


@pytest.mark.parametrize("span", ["", "5", "5-", "-5", "9-5", "1024-1030", "a-b", "0-9-9", "0-" + "9" * 30, "٠-٩"])
def test_a_range_that_is_none_is_refused(wire, review, span):
    [found] = done(wire, file(reference_of(wire, review), span))
    assert (status(found), found.has("ItemOperations:Properties")) == ("8", False)


def test_a_reference_to_nothing_is_refused(wire, ann, review):
    reference = reference_of(wire, review)
    wrong = (
        "",
        "x",
        ":",
        "::",
        review,
        f"{review}:",
        f"{review}:x",
        f"{ann}:1",
        f"c000000000000{reference[13:]}",
        "0" * 9999,
    )
    for each in wrong:
        [found] = done(wire, file(each))
        assert (each, status(found)) == (each, "15")


def test_pieces_of_a_file_make_the_file(wire, review):
    reference = reference_of(wire, review)

    @given(cuts=st.lists(st.integers(1, 1023), max_size=4, unique=True))
    @settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def pieces(cuts: list[int]) -> None:
        bounds = [0, *sorted(cuts), len(FILE)]
        spans = [f"{first}-{after - 1}" for first, after in itertools.pairwise(bounds)]
        answers = done(wire, *(file(reference, each) for each in spans))
        assert b"".join(base64.b64decode(properties(each)["ItemOperations:Data"]) for each in answers) == FILE

    pieces()


def parts_of(octets: bytes) -> list[bytes]:
    [count] = struct.unpack_from("<i", octets)
    numbers = struct.unpack_from(f"<{2 * count}i", octets, 4)
    return [octets[at : at + size] for at, size in zip(numbers[::2], numbers[1::2], strict=True)]


def test_a_device_that_reads_several_parts_gets_files_and_bodies_as_they_are(wire, review):
    reference = reference_of(wire, review)
    question = operations(file(reference, "5-20"), item(review), file("x"))
    octets = wire.octets("ItemOperations", question, MS_ASAcceptMultiPart="T")
    assert wire.headers["content-type"] == "application/vnd.ms-sync.multipart"
    first, *parts = parts_of(octets)
    responses = decode(first).path("ItemOperations:Response", "ItemOperations:Fetch")
    assert [status(each) for each in responses] == ["1", "1", "15"]
    assert properties(responses[0])["ItemOperations:Part"] == "1"
    [body] = responses[1].path("ItemOperations:Properties", "AirSyncBase:Body")
    assert body.text_of("ItemOperations:Part") == "2"
    assert not body.has("AirSyncBase:Data")
    assert parts == [FILE[5:21], b"Bring the plan."]


def test_a_folder_of_ours_is_never_emptied(wire, ann, review):
    def empty(*parts: Element) -> Element:
        return Element("ItemOperations:EmptyFolderContents", *parts)

    sub = Element("ItemOperations:Options", Element("ItemOperations:DeleteSubFolders"))
    book, calendar = (each.partition(":")[0] for each in (ann, review))
    answers = done(
        wire,
        empty(part("AirSync:CollectionId", book)),
        empty(part("AirSync:CollectionId", calendar), sub),
        empty(part("AirSync:CollectionId", "c000000000000")),
        empty(),
    )
    assert [status(each) for each in answers] == ["16", "16", "6", "2"]
    assert [status(each) for each in done(wire, item(ann), item(review))] == ["1", "1"]


def test_a_conversation_goes_nowhere(wire, ann):
    def move(target: str | None, *more: Element) -> Element:
        to = [] if target is None else [part("ItemOperations:DstFldId", target)]
        return Element("ItemOperations:Move", Element("ItemOperations:ConversationId", opaque=b"\x01\x02"), *to, *more)

    always = Element("ItemOperations:Options", Element("ItemOperations:MoveAlways"))
    book = ann.partition(":")[0]
    answers = done(wire, move(book, always), move(book), move("c000000000000", always), move(None, always))
    assert [status(each) for each in answers] == ["156", "155", "6", "2"]
    assert answers[0].find("ItemOperations:ConversationId").opaque == b"\x01\x02"


def test_answers_come_in_the_order_of_the_schema(wire, ann):
    empty = Element("ItemOperations:EmptyFolderContents", part("AirSync:CollectionId", "c000000000000"))
    assert [each.tag for each in done(wire, item(ann), empty, item(ann))] == ["EmptyFolderContents", "Fetch", "Fetch"]


def test_more_than_a_hundred_are_left_for_another_request(wire, ann):
    answers = done(wire, *(item(ann) for _ in range(103)))
    assert [status(each) for each in answers] == ["1"] * 100 + ["11"] * 3
    assert answers[-1].text_of("AirSync:ServerId") == ann


def test_more_bytes_than_an_answer_carries_are_left_for_another_request(make_core):
    with Wire(make_core("eas", **{"plugins.eas": EasSettings(window_bytes=10_000)})) as wire:
        book = wire.folders()["Contacts"]
        ids = [put(wire, book, f"{each}.vcf", new_card(f"u{each}", "x" * 6_000)) for each in range(3)]
        assert [status(each) for each in done(wire, *map(item, ids))] == ["1", "1", "11"]


@pytest.mark.parametrize("body", [operations(), folder_sync("0"), operations(Element("ItemOperations:Store"))])
def test_a_question_that_is_not_one_is_a_protocol_error(wire, body):
    answer = wire.ask("ItemOperations", body)
    assert answer is not None
    assert (answer.text_of("ItemOperations:Status"), len(answer.children)) == ("2", 1)
