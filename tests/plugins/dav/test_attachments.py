"""Files of events over CalDAV (RFC 8607): brought, changed and taken away one by one, and read by whoever reads the event."""

import base64
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from pimgate.api import CollectionKind, Grant, Right, sharing
from pimgate.text.lines import read_lines
from pimgate_eas.mapping.calendar.attachments import attachment, number_of
from plugins.dav.meeting_house import BERT, House, eventually, guest, meeting_house, new_uid, unfolded
from plugins.dav.stage import C, D, Program, event, parsed

NOTES = b"Bring the map.\n"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with meeting_house(tmp_path_factory.mktemp("house")) as found:
        yield found


def add(program: Program, path: str, octets: bytes = NOTES, query: str = "", **headers: str) -> httpx.Response:
    given = {"content_type": "text/plain; charset=utf-8", "content_disposition": 'attachment; filename="notes.txt"'}
    return program.ask("POST", f"{path}?action=attachment-add{query}", octets, **{**given, **headers})


def addresses(text: str) -> list[str]:
    return [line.partition(":")[2] for line in unfolded(text) if line.startswith("ATTACH;")]


def fetched(program: Program, address: str, **headers: str) -> httpx.Response:
    return program.ask("GET", urlsplit(address).path, **headers)


def kept_text(house: House, path: str) -> str:
    """The text as phones and guests get it."""
    calendar = house.stage.owned(CollectionKind.CALENDAR)
    with house.stage.core.database.read() as work:
        head = work.items.by_name(calendar.id, path.rpartition("/")[2])
        assert head is not None
        return work.items.text(head.id)


def new_event(house: House, *more: str) -> str:
    uid = new_uid()
    path = f"{house.annas}{uid}.ics"
    assert house.anna.ask("PUT", path, event(uid, "Hike", "20270301T120000Z", *more)).status_code == 201
    return path


def refused(answer: httpx.Response, rule: str) -> None:
    assert answer.status_code == 403, answer.text
    assert f"<C:{rule}" in answer.text


def test_file_is_added_read_changed_and_taken_away(house: House) -> None:
    path = new_event(house)
    added = add(house.anna, path, prefer="return=representation")
    known = added.headers["cal-managed-id"]
    assert (added.status_code, added.headers["preference-applied"]) == (201, "return=representation")
    shown = house.anna.ask("GET", path)
    assert (shown.text, shown.headers["etag"]) == (added.text, added.headers["etag"])
    (line,) = (each for each in unfolded(shown.text) if each.startswith("ATTACH"))
    for word in (f"MANAGED-ID={known}", "FMTTYPE=text/plain", "FILENAME=notes.txt", f"SIZE={len(NOTES)}"):
        assert f";{word}" in line
    assert addresses(shown.text) == [added.headers["location"]]
    file = fetched(house.anna, added.headers["location"])
    assert (file.content, file.headers["content-type"]) == (NOTES, "text/plain")
    assert file.headers["content-disposition"] == "attachment; filename*=UTF-8''notes.txt"
    assert fetched(house.anna, added.headers["location"], if_none_match=file.headers["etag"]).status_code == 304

    other = {"content_type": "text/html", "content_disposition": "attachment; filename*=UTF-8''Gr%C3%BC%C3%9Fe.html"}
    changed = house.anna.ask("POST", f"{path}?action=attachment-update&managed-id={known}", b"<b>new</b>", **other)
    assert changed.status_code == 204
    assert changed.headers["cal-managed-id"] != known
    assert fetched(house.anna, added.headers["location"]).status_code == 404
    page = fetched(house.anna, changed.headers["location"])
    assert page.content == b"<b>new</b>"
    assert "sandbox" in page.headers["content-security-policy"]

    known = changed.headers["cal-managed-id"]
    gone = house.anna.ask("POST", f"{path}?action=attachment-remove&managed-id={known}")
    assert (gone.status_code, addresses(house.anna.ask("GET", path).text)) == (204, [])
    assert fetched(house.anna, changed.headers["location"]).status_code == 404


def test_edit_of_the_event_keeps_its_file_and_phones_see_it(house: House) -> None:
    path = new_event(house)
    add(house.anna, path)
    shown = house.anna.ask("GET", path)
    edited = shown.text.replace("SUMMARY:Hike", "SUMMARY:Long hike")
    kept = house.anna.ask("PUT", path, edited, if_match=shown.headers["etag"])
    again = house.anna.ask("GET", path)
    assert (kept.status_code, again.text, again.headers["etag"]) == (204, edited, kept.headers["etag"])
    assert fetched(house.anna, addresses(edited)[0]).content == NOTES
    text = kept_text(house, path)
    (line,) = (each for each in read_lines(text) if each.name == "ATTACH")
    assert attachment(text, number_of(line)) == ("text/plain", NOTES)
    report = f'<C:calendar-multiget xmlns:D="DAV:" xmlns:C="{C[1:-1]}"><D:prop><D:getcontentlength/><C:calendar-data/></D:prop>'
    found = parsed(house.anna.report(house.annas, f"{report}<D:href>{path}</D:href></C:calendar-multiget>")).of(path)
    assert found[f"{C}calendar-data"].text == edited
    assert found[f"{D}getcontentlength"].text == str(len(edited.encode()))
    copy = house.anna.ask("GET", house.annas).text.replace("\r\n ", "")
    assert (addresses(edited)[0] in copy, base64.b64encode(NOTES).decode() in copy) == (False, True)


def test_file_follows_into_another_event_and_through_a_move(house: House) -> None:
    path = new_event(house)
    address = add(house.anna, path).headers["location"]
    second = new_uid()
    text = event(second, "Copy", "20270401T120000Z", f"ATTACH;FMTTYPE=text/plain:{address}")
    told = house.anna.ask("PUT", f"{house.annas}{second}.ics", text)
    assert (told.status_code, "etag" in told.headers) == (201, False)
    (own,) = addresses(house.anna.ask("GET", f"{house.annas}{second}.ics").text)
    assert own != address
    old = house.anna.ask("GET", path).text
    moved = f"{path.removesuffix('.ics')}-moved.ics"
    assert "etag" not in house.anna.ask("MOVE", path, destination=moved).headers
    assert fetched(house.anna, own).content == NOTES
    assert house.anna.ask("PUT", moved, old).status_code == 204
    assert fetched(house.anna, addresses(house.anna.ask("GET", moved).text)[0]).content == NOTES
    lost = text.replace(address, own.rpartition(".")[0] + ".nothing")
    refused(house.anna.ask("PUT", f"{house.annas}{second}.ics", lost), "valid-managed-id-parameter")
    elsewhere = text.replace(urlsplit(address).netloc, "pim.example.net").replace(".ics", "")
    elsewhere = elsewhere.replace(address.rpartition("/")[2], "caaaaaaaaaaaa.7.abc")
    assert house.anna.ask("PUT", f"{house.annas}{second}.ics", elsewhere).status_code == 204
    assert "pim.example.net" in house.anna.ask("GET", f"{house.annas}{second}.ics").text


def test_single_occurrences_have_files_of_their_own(house: House) -> None:
    path = new_event(house, "RRULE:FREQ=DAILY;COUNT=3")
    known = add(house.anna, path, query="&rid=20270302T120000Z").headers["cal-managed-id"]
    text = house.anna.ask("GET", path).text
    assert (text.count("BEGIN:VEVENT"), len(addresses(text))) == (2, 1)
    assert "ATTACH" in text.partition("RECURRENCE-ID")[2]
    assert add(house.anna, path, query="&rid=M").status_code == 201
    assert len(addresses(house.anna.ask("GET", path).text)) == 2
    add(house.anna, path, b"for all", content_disposition="attachment; filename=all.txt")
    assert len(addresses(house.anna.ask("GET", path).text)) == 4
    house.anna.ask("POST", f"{path}?action=attachment-remove&managed-id={known}&rid=M,20270303T120000Z")
    text = house.anna.ask("GET", path).text.replace("\r\n ", "")
    series, second, third = text.split("BEGIN:VEVENT")[1:]
    assert [len(addresses(each)) for each in (series, second, third)] == [1, 2, 1]
    assert "RECURRENCE-ID:20270303T120000Z" in third
    for wrong in ("20270302T130000Z", "20280301T120000Z", "nonsense", "99999999"):
        refused(add(house.anna, path, query=f"&rid={wrong}"), "valid-rid")
    refused(add(house.anna, new_event(house), query="&rid=20270301T120000Z"), "valid-rid")
    assert add(house.anna, path, b"x" * 400_000).status_code == 413, "it is in three places"
    many = add(house.anna, path, b"x" * 400_000, query="&rid=20270301T120000Z,20270302T120000Z,20270303T120000Z")
    assert (many.status_code, "max-resource-size" in many.text) == (413, True)
    assert house.anna.ask("GET", path).text.replace("\r\n ", "") == text


def test_guests_get_the_file_with_their_copy_and_nobody_else_learns_of_it(house: House) -> None:
    uid = house.invited(guest(BERT))
    path = f"{house.annas}{uid}.ics"
    address = add(house.anna, path).headers["location"]
    eventually(lambda: "ATTACH" in house.copy_of(uid)[1])
    copy = house.copy_of(uid)[0]
    (own,) = addresses(house.bert.ask("GET", copy).text)
    assert fetched(house.bert, own).content == NOTES
    strange = urlsplit(address).path.replace(house.anna.home, house.bert.home)
    answers = [house.bert.ask("GET", each) for each in (strange, strange + "0", urlsplit(address).path, f"{copy}.none")]
    assert {(each.status_code, each.text) for each in answers} == {(404, answers[0].text)}
    stolen = event(new_uid(), "Mine", "20270301T120000Z", f"ATTACH:{address}")
    refused(house.bert.ask("PUT", f"{house.berts}stolen.ics", stolen), "valid-managed-id-parameter")
    assert house.bert.ask("POST", f"{path}?action=attachment-add", NOTES).status_code == 404


def test_reader_of_a_shared_calendar_reads_files_and_brings_none(house: House) -> None:
    path, secret = new_event(house), new_event(house, "CLASS:PRIVATE")
    add(house.anna, path)
    hidden = add(house.anna, secret).headers["location"]
    calendar = house.stage.owned(CollectionKind.CALENDAR)
    with house.stage.core.database.write() as work:
        sharing.grant(work, Grant(calendar.id, house.stage.bob.id, Right.READ))
    there = f"/dav/{house.stage.alice.id}/{calendar.id}/"
    (address,) = addresses(house.bert.ask("GET", there + path.rpartition("/")[2]).text)
    assert fetched(house.bert, address).content == NOTES
    assert house.bert.ask("GET", urlsplit(hidden).path.replace(house.anna.home, house.bert.home)).status_code == 404
    assert house.bert.ask("POST", there + path.rpartition("/")[2] + "?action=attachment-add", NOTES).status_code == 403
    with house.stage.core.database.write() as work:
        sharing.grant(work, Grant(calendar.id, house.stage.bob.id, Right.NONE))
    assert fetched(house.bert, address).status_code == 404


def test_odd_lines_that_programs_wrote_stay_as_they_came(house: House) -> None:
    odd = ("ATTACH;MANAGED-ID=a b;ENCODING=BASE64:QQ==", 'x y.ATTACH;MANAGED-ID="";ENCODING=BASE64:QQ==')
    more = ("ATTACH;MANAGED-ID=é^n/../;ENCODING=BASE64;VALUE=BINARY:QQ==", "ATTACH;MANAGED-ID=q:http://[attachments/")
    uid = new_uid()
    path, text = f"{house.annas}{uid}.ics", event(uid, "Odd", "20270301T120000Z", *odd, *more)
    assert "etag" in house.anna.ask("PUT", path, text).headers
    assert house.anna.ask("GET", path).text == text
    broken = event(uid, "Odd", "20270301T120000Z", "x y.ATTACH;A B=c;=;MANAGED-ID=ab;ENCODING=BASE64:####")
    assert "etag" not in house.anna.ask("PUT", path, broken).headers
    (address,) = addresses(house.anna.ask("GET", path).text)
    assert fetched(house.anna, address).status_code == 200


def test_refusals_name_the_rule(house: House) -> None:
    path = new_event(house)
    first = add(house.anna, path)
    assert add(house.anna, path).headers["cal-managed-id"] == first.headers["cal-managed-id"]
    assert len(addresses(house.anna.ask("GET", path).text)) == 1
    refused(house.anna.ask("POST", f"{path}?action=attachment-eat", NOTES), "valid-action")
    refused(add(house.anna, path, query="&managed-id=x"), "valid-managed-id")
    refused(house.anna.ask("POST", f"{path}?action=attachment-remove&managed-id=x"), "valid-managed-id")
    refused(house.anna.ask("POST", f"{path}?action=attachment-update&managed-id=x&rid=M", NOTES), "valid-rid")
    refused(add(house.anna, path, b"x" * 500_001), "max-attachment-size")
    assert add(house.anna, path, b"").status_code == 400
    for disposition in ("attachment; filename*0*=x; filename*=y", f"attachment; filename*{'9' * 5000}=x"):
        assert add(house.anna, path, content_disposition=disposition).status_code == 400
    assert add(house.anna, path, b"x", if_match='"old"').status_code == 412
    assert add(house.anna, path + "none").status_code == 404
    assert house.anna.ask("PUT", urlsplit(first.headers["location"]).path, b"x").status_code == 405
    assert house.anna.ask("DELETE", urlsplit(first.headers["location"]).path).status_code == 405
    for number in range(49):
        assert add(house.anna, path, b"%d" % number).status_code == 201
    refused(add(house.anna, path, b"one more"), "max-attachments-per-resource")
    limits = house.anna.propfind(house.annas, "C:max-attachment-size", "C:max-attachments-per-resource").of(house.annas)
    assert [each.text for each in limits.values()] == ["500000", "50"]
    assert "calendar-managed-attachments" in house.anna.ask("OPTIONS", path).headers["dav"]
