"""Opening mail on a phone: messages and their files by ItemOperations and GetAttachment, from a real mail server."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from random import Random

import pytest

from pimgate_eas.wbxml.codec import decode
from pimgate_eas.wbxml.element import Element
from plugins.eas.mail_house import BERT, MailHouse, letter, mail_house, put
from plugins.eas.test_item_operations import done, file, item, operations, part, parts_of, status
from plugins.eas.test_mail_search import results, search, words
from plugins.eas.wire import collection, commands_of, key_of

NOW = datetime.now(UTC)
FILE = Random(3).randbytes(700_000)
TABLE = "name;größe\r\n" + "zeile = 1;é\r\n" * 500
ORIGINAL = Element("AirSyncBase:BodyPreference", part("AirSyncBase:Type", "4"))
PLAIN = Element("AirSyncBase:BodyPreference", part("AirSyncBase:Type", "1"))
WHOLE = (part("AirSync:MIMESupport", "2"), ORIGINAL)


def with_files() -> EmailMessage:
    mail = letter("Files", "Here they are")
    mail.add_attachment(FILE, maintype="image", subtype="png", filename="plan.png")
    mail.add_attachment(TABLE.encode(), maintype="text", subtype="csv", filename="t.csv", cte="quoted-printable")
    mail.add_attachment(b"", maintype="application", subtype="pdf", filename="empty.pdf")
    return mail


@pytest.fixture(scope="module")
def house(_templates: Callable[[str], str]) -> Iterator[MailHouse]:
    with mail_house(_templates) as made:
        with made.program() as line:
            line.create("Old")
            line.create("Growing")
            put(line, letter("Breakfast", "Eggs and ham"))
            put(line, with_files())
            put(line, letter("Ancient", "Dust"), at=NOW - timedelta(days=900), folder="Old")
        with made.program(BERT) as line:
            put(line, letter("Private", "Secret"))
        made.index()
        made.index(login=BERT)
        yield made


def named(house: MailHouse, subject: str, path: str = "INBOX", login: str = "anna@example.org") -> str:
    """The ServerId of a message in the index."""
    folder = house.folder(path, login)
    wanted = letter(subject)["Message-ID"]
    return f"{folder}:{house.indexed(folder)[wanted].id}"


def properties(response: Element) -> dict[str, Element]:
    assert status(response) == "1", status(response)
    [found] = response.find_all("ItemOperations:Properties")
    return {each.name: each for each in found.children}


def by_long_id(long_id: str, *options: Element) -> Element:
    more = [Element("ItemOperations:Options", *options)] if options else []
    return Element(
        "ItemOperations:Fetch", part("ItemOperations:Store", "Mailbox"), part("Search:LongId", long_id), *more
    )


def references(house: MailHouse, server_id: str) -> dict[str, str]:
    [found] = done(house.wire, item(server_id, PLAIN))
    return {
        each.text_of("AirSyncBase:DisplayName") or "": each.text_of("AirSyncBase:FileReference") or ""
        for each in properties(found)["AirSyncBase:Attachments"].children
    }


def test_message_is_fetched_by_its_id_in_the_form_that_is_asked_for(house: MailHouse) -> None:
    server_id = named(house, "Breakfast")
    plain, mime, some = done(
        house.wire,
        item(server_id, PLAIN),
        item(server_id, *WHOLE),
        item(server_id, Element("ItemOperations:Schema", Element("Email:Subject"))),
    )
    assert plain.text_of("AirSync:Class") == "Email"
    assert plain.text_of("AirSync:ServerId") == server_id
    assert (properties(plain)["AirSyncBase:Body"].text_of("AirSyncBase:Data") or "").strip() == "Eggs and ham"
    original = properties(mime)["AirSyncBase:Body"].text_of("AirSyncBase:Data") or ""
    assert original.startswith("From: Bert <bert@else.example>\r\n")
    assert original.endswith("Eggs and ham\r\n")
    assert list(properties(some)) == ["Email:Subject"]


def test_found_message_is_opened_by_its_long_id_whether_the_index_has_it_or_not(house: MailHouse) -> None:
    long_ids = {
        subject: each.text_of("Search:LongId") or ""
        for subject, each in results(search(house, words("ham OR dust"))).items()
    }
    assert long_ids["Breakfast"] == named(house, "Breakfast")
    assert "." in long_ids["Ancient"]
    known, ancient = done(house.wire, by_long_id(long_ids["Breakfast"], PLAIN), by_long_id(long_ids["Ancient"], PLAIN))
    assert properties(known)["Email:Subject"].text == "Breakfast"
    assert properties(ancient)["Email:Subject"].text == "Ancient"
    assert ancient.text_of("Search:LongId") == long_ids["Ancient"]
    assert house.indexed(house.folder("Old")) == {}
    [found] = done(house.wire, item(long_ids["Ancient"]))  # as Find names it
    assert properties(found)["Email:Subject"].text == "Ancient"


def test_fetched_message_is_what_sync_sends(house: MailHouse) -> None:
    options = Element("AirSync:Options", part("AirSync:FilterType", "0"), PLAIN)
    adds = commands_of(synchronised(house, house.folder(), options), "Add")
    sent = {each.text_of("AirSync:ServerId") or "": each.path("AirSync:ApplicationData")[0].children for each in adds}
    assert named(house, "Files") in sent
    for server_id, data in sent.items():
        [found] = done(house.wire, item(server_id, PLAIN))
        assert found.path("ItemOperations:Properties")[0].children == data


def synchronised(house: MailHouse, folder: str, options: Element, key: str = "") -> Element:
    wire = house.wire.twin(device="Sync1")
    key = key or wire.begin(folder, options)
    return wire.sync(collection(folder, key, Element("AirSync:GetChanges"), options)).get(
        folder, Element("AirSync:Sync")
    )


def test_device_is_told_nothing_of_what_it_only_found(house: MailHouse) -> None:
    options, old = Element("AirSync:Options", part("AirSync:FilterType", "2")), house.folder("Old")
    before = synchronised(house, old, options)
    assert commands_of(before, "Add") == []
    [ancient] = [each.text_of("Search:LongId") or "" for each in results(search(house, words("dust"))).values()]
    assert [status(each) for each in done(house.wire, by_long_id(ancient), item(ancient))] == ["1", "1"]
    after = synchronised(house, old, options, key_of(before))
    assert not after.has("AirSync:Commands")


def test_message_that_the_index_takes_in_keeps_the_name_by_which_it_was_found(house: MailHouse) -> None:
    with house.program() as line:
        put(line, letter("Grown", "Late"), at=NOW - timedelta(days=700), folder="Growing")
    [long_id] = [each.text_of("Search:LongId") or "" for each in results(search(house, words("late"))).values()]
    house.index("Growing")
    [found] = done(house.wire, by_long_id(long_id))
    assert properties(found)["Email:Subject"].text == "Grown"


def test_what_is_not_there_or_somebody_elses_has_one_answer(house: MailHouse) -> None:
    inbox, theirs = house.folder(), named(house, "Private", login=BERT)
    foreign = theirs.partition(":")[0]
    wrong = [
        *(by_long_id(each) for each in (theirs, f"{foreign}:1.1", f"{inbox}:1.1", f"{inbox}:999999", "", "x" * 5_000)),
        *(by_long_id(each) for each in ("RgAAA==", f"{inbox}:0.0", f"{inbox}:99999999999.1", f"{inbox}:1.4294967296")),
        *(item(each) for each in (theirs, f"{inbox}:999999", f"{inbox}:1.1")),
        item(theirs, collection_id=inbox),
        item(named(house, "Breakfast"), collection_id=foreign),
        item(named(house, "Breakfast"), collection_id=house.folder("Old")),
    ]
    answers = done(house.wire, *wrong)
    assert {status(each) for each in answers} == {"6"}
    assert not any(each.has("ItemOperations:Properties") for each in answers)


def test_files_come_as_they_were_before_they_were_sent(house: MailHouse) -> None:
    found = references(house, named(house, "Files"))
    assert list(found) == ["plan.png", "t.csv", "empty.pdf"]
    answers = done(house.wire, *(file(each) for each in found.values()))
    contents = [properties(each) for each in answers]
    assert [each["AirSyncBase:ContentType"].text for each in contents] == ["image/png", "text/csv", "application/pdf"]
    octets = [base64.b64decode(each["ItemOperations:Data"].text or "") for each in contents]
    assert octets == [FILE, TABLE.encode(), b""]


def test_parts_of_a_file_make_the_file(house: MailHouse) -> None:
    reference = references(house, named(house, "Files"))["plan.png"]
    spans = ["0-0", "1-299999", "300000-699998", "699999-9999999"]
    found = [properties(each) for each in done(house.wire, *(file(reference, each) for each in spans))]
    assert [each["ItemOperations:Range"].text for each in found] == [*spans[:3], "699999-699999"]
    assert {each["ItemOperations:Total"].text for each in found} == {"700000"}
    assert b"".join(base64.b64decode(each["ItemOperations:Data"].text or "") for each in found) == FILE
    assert [status(each) for each in done(house.wire, file(reference, "700000-700001"))] == ["8"]


def test_device_that_reads_several_parts_gets_octets(house: MailHouse) -> None:
    server_id = named(house, "Files")
    reference = references(house, server_id)["plan.png"]
    question = operations(file(reference), item(server_id, PLAIN), file(reference, "5-9"))
    octets = house.wire.octets("ItemOperations", question, MS_ASAcceptMultiPart="T")
    assert house.wire.headers["content-type"] == "application/vnd.ms-sync.multipart"
    assert int(house.wire.headers["content-length"]) == len(octets)
    first, *parts = parts_of(octets)
    assert [status(each) for each in decode(first).path("ItemOperations:Response", "ItemOperations:Fetch")] == ["1"] * 3
    assert parts == [FILE, b"Here they are", FILE[5:10]]


def test_reference_to_no_file_of_ones_own_is_refused(house: MailHouse) -> None:
    server_id, theirs = named(house, "Files"), named(house, "Private", login=BERT)
    wrong = [f"{server_id}:{each}" for each in ("", "1", "9", "2.1", "HEADER", "x" * 300, "2\r\nA LOGOUT")]
    wrong += [f"{theirs}:1", f"{house.folder()}:1.1:2", f"{house.folder()}:2", ":2"]
    answers = done(house.wire, *(file(each) for each in wrong))
    assert [(each, status(answer)) for each, answer in zip(wrong, answers, strict=True) if status(answer) != "15"] == []


def test_older_device_asks_for_a_file_by_name(house: MailHouse) -> None:
    reference = references(house, named(house, "Files"))["plan.png"]

    def get(name: str, version: str = "12.1") -> bytes:
        wire = house.wire.twin(version=version, device="Old12")
        octets = wire.octets(f"GetAttachment&AttachmentName={name}")
        house.wire.status, house.wire.headers = wire.status, wire.headers
        return octets

    assert get(reference) == FILE
    assert (house.wire.status, house.wire.headers["content-type"]) == (200, "image/png")
    assert get(references(house, named(house, "Files"))["t.csv"]) == TABLE.encode()
    theirs = f"{named(house, 'Private', login=BERT)}:1"
    missing = {(house.wire.status, get(each)) for each in ("", "x", theirs, f"{house.folder()}:999999:2") if get(each)}
    assert {code for code, _ in missing} == {404}
    assert len({octets for _, octets in missing}) == 1
    get(reference, "14.1")
    assert house.wire.status == 501


def test_message_that_went_in_between_is_not_there(house: MailHouse) -> None:
    with house.program() as line:
        put(line, letter("Brief", "Gone soon"))
    house.index()
    server_id = named(house, "Brief")
    [long_id] = [each.text_of("Search:LongId") or "" for each in results(search(house, words("soon"))).values()]
    with house.program() as line:
        uid = line.done(line.select("INBOX")) and line.done(line.uid("SEARCH", "SUBJECT", "Brief"))[0]
        line.done(line.uid("STORE", uid.decode(), "+FLAGS", "(\\Deleted)"))
        line.done(line.expunge())
    answers = done(house.wire, item(server_id), by_long_id(long_id), file(f"{server_id}:2"))
    assert [status(each) for each in answers] == ["6", "6", "15"]
    store = search(house, words("soon"), span="0-9")
    assert (list(results(store)), store.text_of("Search:Status")) == ([], "1")


def big(subject: str, *, is_fit: bool) -> bytes:
    """A message of more than a megabyte; one that is no text as it is has a part in an old character set."""
    words = "Übersicht" if not is_fit else "Overview"
    head = letter(subject).as_bytes().partition(b"\n\n")[0].replace(b"\n", b"\r\n")
    head = b"\r\n".join(each for each in head.split(b"\r\n") if not each.lower().startswith(b"content-"))
    lines = base64.encodebytes(Random(4).randbytes(1_100_000)).replace(b"\n", b"\r\n")
    return (
        head
        + b'\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\n'
        + b"Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + words.encode("latin-1")
        + b"\r\n--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + lines
        + b"--b--\r\n"
    )


@pytest.mark.parametrize("is_fit", [True, False])
def test_large_original_comes_whole_or_cut_as_it_is_asked_for(house: MailHouse, is_fit: bool) -> None:
    subject = f"Large {is_fit}"
    message = big(subject, is_fit=is_fit)
    with house.program() as line:
        put(line, message)
    house.index()
    server_id = named(house, subject)
    cut = Element(
        "AirSyncBase:BodyPreference",
        part("AirSyncBase:Type", "4"),
        part("AirSyncBase:TruncationSize", "1200000"),
    )
    whole, some = done(house.wire, item(server_id, *WHOLE), item(server_id, part("AirSync:MIMESupport", "2"), cut))[:2]
    body = properties(whole)["AirSyncBase:Body"]
    assert not body.has("AirSyncBase:Truncated")
    text = body.text_of("AirSyncBase:Data") or ""
    assert body.text_of("AirSyncBase:EstimatedDataSize") == str(len(text.encode()))
    if is_fit:
        assert text.encode() == message
    else:
        assert base64.b64encode("Übersicht".encode("latin-1")).decode() in text
    assert status(some) == "11"  # there was no room left for it
    [again] = done(house.wire, item(server_id, part("AirSync:MIMESupport", "2"), cut))
    body = properties(again)["AirSyncBase:Body"]
    assert body.text_of("AirSyncBase:Truncated") == "1"
    assert body.text_of("AirSyncBase:Data") == text[:1_200_000]
    octets = house.wire.octets("ItemOperations", operations(item(server_id, *WHOLE)), MS_ASAcceptMultiPart="T")
    assert parts_of(octets)[1] == text.encode()


def test_mailbox_that_is_away_is_said_to_be_away(house: MailHouse) -> None:
    server_id = named(house, "Breakfast")
    reference = references(house, named(house, "Files"))["t.csv"]
    house.server.stop()
    try:
        answers = done(house.wire, item(server_id), by_long_id(server_id), file(reference))
        assert [status(each) for each in answers] == ["114"] * 3
        house.wire.twin(version="12.1", device="Old12").octets(f"GetAttachment&AttachmentName={reference}")
        [older] = done(house.wire.twin(version="12.1", device="Old12"), item(server_id))
        assert status(older) == "3"
    finally:
        house.server.start()
