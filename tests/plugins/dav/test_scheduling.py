"""Meetings over CalDAV (RFC 6638): whoever is invited gets it once, answers come back, no edit undoes what came in."""

from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import pytest

from pimgate.api import CollectionKind, Span, busy
from pimgate.core import Core
from pimgate.settings import Accounts
from plugins.dav.meeting_house import (
    ANNA,
    BERT,
    CLEO,
    ZOE,
    House,
    eventually,
    guest,
    line_of,
    meeting,
    meeting_house,
    new_uid,
    unfolded,
)
from plugins.dav.stage import OUTLOOK, SPACES, C, D, parsed, staged


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with meeting_house(tmp_path_factory.mktemp("house")) as found:
        yield found


def test_people_inside_get_it_in_their_calendar_and_people_outside_by_mail(house: House) -> None:
    uid = house.invited(guest(BERT), guest(ZOE))
    text = house.get(uid).text
    assert "SCHEDULE-STATUS=1.2" in line_of(text, BERT)
    assert "SCHEDULE-STATUS=1.1" in line_of(text, ZOE)
    assert "PARTSTAT=NEEDS-ACTION" in line_of(house.copy_of(uid)[1], BERT)
    assert house.letters(uid) == ["Invitation: Regatta"]


def test_same_put_again_tells_nobody_and_changes_nothing(house: House) -> None:
    uid, text = new_uid(), ""
    text = meeting(uid, guest(BERT), guest(ZOE))
    assert [house.put(text).status_code for _ in range(2)] == [201, 204]
    first = house.get(uid)
    assert house.put(text).status_code == 204
    assert (house.get(uid).text, house.get(uid).headers["etag"]) == (first.text, first.headers["etag"])
    assert house.letters(uid) == ["Invitation: Regatta"]


def test_etag_is_given_only_for_octets_that_the_client_sent(house: House) -> None:
    uid = new_uid()
    told = house.put(meeting(uid, guest(BERT)))
    assert "etag" not in told.headers
    kept = house.get(uid)
    alone = house.put(meeting(new_uid()))
    assert alone.headers["etag"]
    same = house.put(kept.text, uid)
    assert same.headers["etag"] == kept.headers["etag"]


def test_answer_of_a_guest_is_an_edit_of_their_copy(house: House) -> None:
    uid = house.invited()
    assert house.says(uid, "ACCEPTED").status_code == 204
    eventually(lambda: "PARTSTAT=ACCEPTED" in line_of(house.get(uid).text, BERT))
    assert "SCHEDULE-STATUS=2.0" in line_of(house.get(uid).text, BERT)


def test_deleted_invitation_is_declined_unless_the_guest_wants_no_answer(house: House) -> None:
    quiet, loud = house.invited(), house.invited()
    assert house.bert.ask("DELETE", house.copy_of(quiet)[0], schedule_reply="F").status_code == 204
    assert house.bert.ask("DELETE", house.copy_of(loud)[0]).status_code == 204
    eventually(lambda: "PARTSTAT=DECLINED" in line_of(house.get(loud).text, BERT))
    house.settle()
    assert "PARTSTAT=NEEDS-ACTION" in line_of(house.get(quiet).text, BERT)


def test_meeting_that_the_organizer_deletes_is_called_off(house: House) -> None:
    uid = house.invited(guest(BERT), guest(ZOE))
    assert house.anna.ask("DELETE", f"{house.annas}{uid}.ics").status_code == 204
    eventually(lambda: "STATUS:CANCELLED" in unfolded(house.copy_of(uid)[1]))
    assert house.letters(uid) == ["Invitation: Regatta", "Cancelled: Regatta"]


@pytest.mark.parametrize("agent", ["CLIENT", "NONE"])
def test_people_whom_the_client_tells_are_left_to_it(house: House, agent: str) -> None:
    uid = new_uid()
    text = meeting(uid, guest(BERT, "NEEDS-ACTION", f"SCHEDULE-AGENT={agent}"), guest(ZOE))
    told = house.put(text)
    assert house.letters(uid) == ["Invitation: Regatta"]
    assert (told.status_code, house.copy_of(uid)[1]) == (201, "")
    assert "SCHEDULE-STATUS" not in line_of(house.get(uid).text, BERT)


def test_outlook_mails_people_outside_itself(house: House) -> None:
    uid = new_uid()
    outlook = house.stage.program(OUTLOOK, ANNA)
    assert outlook.ask("PUT", f"{house.annas}{uid}.ics", meeting(uid, guest(BERT), guest(ZOE))).status_code == 201
    eventually(lambda: bool(house.copy_of(uid)[1]))
    assert house.letters(uid) == []
    assert "SCHEDULE-STATUS" not in line_of(house.get(uid).text, ZOE)


def test_whoever_is_to_be_told_in_any_case_is(house: House) -> None:
    uid = house.invited(guest(ZOE), guest(BERT))
    text = house.get(uid).text.replace("\r\n ", "")
    line = line_of(text, ZOE)
    forced = text.replace(line, line.replace(";", ";SCHEDULE-FORCE-SEND=REQUEST;", 1))
    assert house.put(forced.replace("SUMMARY:Regatta", "SUMMARY:Regatta\r\nX-NOTE:1")).status_code == 204
    assert house.letters(uid) == ["Invitation: Regatta"] * 2
    assert "SCHEDULE-FORCE-SEND" not in house.get(uid).text


# Schedule-Tag


def test_tag_stays_while_guests_answer_and_changes_with_the_meeting(house: House) -> None:
    uid = house.invited()
    before = house.get(uid)
    house.says(uid, "ACCEPTED")
    eventually(lambda: "PARTSTAT=ACCEPTED" in line_of(house.get(uid).text, BERT))
    after = house.get(uid)
    assert after.headers["schedule-tag"] == before.headers["schedule-tag"]
    assert after.headers["etag"] != before.headers["etag"]
    path = f"{house.annas}{uid}.ics"
    found = house.anna.propfind(path, "C:schedule-tag").of(path)
    assert found[f"{C}schedule-tag"].text == after.headers["schedule-tag"]
    renamed = house.put(after.text.replace("Regatta", "Dinner"))
    assert renamed.headers["schedule-tag"] not in ("", after.headers["schedule-tag"])


def test_edit_by_tag_keeps_an_answer_that_its_client_did_not_know(house: House) -> None:
    uid = house.invited()
    known = house.get(uid)
    house.says(uid, "ACCEPTED")
    eventually(lambda: "PARTSTAT=ACCEPTED" in line_of(house.get(uid).text, BERT))
    edited = known.text.replace("Regatta", "Dinner")
    late = house.put(edited, if_match=known.headers["etag"])
    assert late.status_code == 412
    merged = house.put(edited, if_schedule_tag_match=known.headers["schedule-tag"])
    assert (merged.status_code, merged.headers.get("etag")) == (204, None)
    assert "PARTSTAT=ACCEPTED" in line_of(house.get(uid).text, BERT)
    eventually(lambda: "SUMMARY:Dinner" in unfolded(house.copy_of(uid)[1]))
    assert "PARTSTAT=ACCEPTED" in line_of(house.copy_of(uid)[1], BERT)


def test_edit_by_an_old_tag_is_refused(house: House) -> None:
    uid = house.invited()
    known = house.get(uid)
    house.put(known.text.replace("Regatta", "Dinner"))
    path = f"{house.annas}{uid}.ics"
    old = known.headers["schedule-tag"]
    assert house.put(known.text, if_schedule_tag_match=old).status_code == 412
    assert house.anna.ask("DELETE", path, if_schedule_tag_match=old).status_code == 412
    assert house.put(meeting(new_uid(), guest(BERT)), if_schedule_tag_match='"none"').status_code == 412


def test_new_time_asks_again_also_by_tag(house: House) -> None:
    uid = house.invited()
    house.says(uid, "ACCEPTED")
    eventually(lambda: "PARTSTAT=ACCEPTED" in line_of(house.get(uid).text, BERT))
    known = house.get(uid)
    moved = known.text.replace("20270301T090000Z", "20270301T110000Z")
    assert house.put(moved, if_schedule_tag_match=known.headers["schedule-tag"]).status_code == 204
    assert "PARTSTAT=NEEDS-ACTION" in line_of(house.get(uid).text, BERT)


# What the owner of a calendar may not make of a meeting


def test_guest_changes_neither_when_it_is_nor_whose_it_is(house: House) -> None:
    uid = house.invited()
    path, text = house.copy_of(uid)
    plain = text.replace("\r\n ", "")
    for edited in (
        plain.replace("20270301T090000Z", "20270302T090000Z"),
        plain.replace(f"mailto:{ANNA}", f"mailto:{BERT}"),
        plain.replace(line_of(text, BERT) + "\r\n", ""),
    ):
        refused = house.bert.ask("PUT", path, edited)
        assert (refused.status_code, "allowed-attendee-scheduling-object-change" in refused.text) == (403, True)
    own = plain.replace("END:VEVENT", "CATEGORIES:Boats\r\nTRANSP:TRANSPARENT\r\nEND:VEVENT")
    assert house.bert.ask("PUT", path, own).status_code == 204


def test_meeting_has_one_organizer_and_one_copy(house: House) -> None:
    uid = house.invited()
    handed = house.put(house.get(uid).text.replace("\r\n ", "").replace(f"Host:mailto:{ANNA}", f"Host:mailto:{CLEO}"))
    assert (handed.status_code, "allowed-organizer-scheduling-object-change" in handed.text) == (403, True)
    made = house.anna.ask("MKCALENDAR", f"{house.anna.home}second-{uid}/")
    assert made.status_code == 201
    there = f"{house.anna.home}second-{uid}/x.ics"
    twice = house.anna.ask("PUT", there, meeting(uid, guest(BERT)))
    assert (twice.status_code, f"{house.annas}{uid}.ics" in twice.text) == (403, True)
    assert "unique-scheduling-object-resource" in twice.text
    copied = house.anna.ask("COPY", f"{house.annas}{uid}.ics", destination=f"{house.stage.url}{there}")
    assert copied.status_code == 403


def test_meeting_that_moves_to_another_calendar_of_its_owner_tells_nobody(house: House) -> None:
    uid = house.invited(guest(BERT), guest(ZOE))
    home = f"{house.anna.home}third-{uid}/"
    assert house.anna.ask("MKCALENDAR", home).status_code == 201
    before = house.copy_of(uid)
    moved = house.anna.ask("MOVE", f"{house.annas}{uid}.ics", destination=f"{house.stage.url}{home}x.ics")
    assert (moved.status_code, bool(moved.headers["schedule-tag"])) == (201, True)
    assert house.letters(uid) == ["Invitation: Regatta"]
    assert house.copy_of(uid) == before
    house.says(uid, "TENTATIVE")
    eventually(lambda: "PARTSTAT=TENTATIVE" in line_of(house.anna.ask("GET", f"{home}x.ics").text, BERT))


# Inbox and outbox


def test_programs_find_inbox_and_outbox(house: House) -> None:
    program = house.anna
    options = program.client.request("OPTIONS", program.home, auth=lambda request: request)
    assert "calendar-auto-schedule" in options.headers["dav"]
    assert "calendar-schedule" not in options.headers["dav"].replace("calendar-auto-schedule", "")
    found = program.propfind(
        program.home, "C:schedule-inbox-URL", "C:schedule-outbox-URL", "C:calendar-user-address-set"
    ).of(program.home)
    inbox, outbox = (found[f"{C}schedule-{name}-URL"].findtext(f"{D}href") or "" for name in ("inbox", "outbox"))
    assert [each.text for each in found[f"{C}calendar-user-address-set"]] == [f"mailto:{ANNA}"]
    for path, sort in ((inbox, "schedule-inbox"), (outbox, "schedule-outbox")):
        shown = program.propfind(path, "D:resourcetype", "D:current-user-privilege-set").of(path)
        assert shown[f"{D}resourcetype"].find(f"{C}{sort}") is not None
    default = program.propfind(inbox, "C:schedule-default-calendar-URL").of(inbox)
    assert default[f"{C}schedule-default-calendar-URL"].findtext(f"{D}href") == house.annas
    assert program.ask("MKCALENDAR", f"{program.home}inbox/").status_code in (403, 405)
    assert program.ask("PUT", f"{outbox}x.ics", meeting("x")).status_code == 405


def test_what_arrived_stands_in_the_inbox_until_the_guest_has_dealt_with_it(house: House) -> None:
    first, second = house.invited(summary="One"), house.invited(summary="Two")
    mac, inbox = house.apple, f"{house.apple.home}inbox/"

    def shown() -> dict[str, str]:
        found = mac.propfind(inbox, "D:getetag", "C:calendar-data", depth="1")
        return {href: found.of(href)[f"{C}calendar-data"].text or "" for href in found.hrefs if href != inbox}

    def of(uid: str) -> list[str]:
        return [href for href, text in shown().items() if f"UID:{uid}\n" in text.replace("\r\n", "\n")]

    (href,) = of(first)
    before = mac.propfind(inbox, "CS:getctag").of(inbox)
    text = mac.ask("GET", href)
    assert "METHOD:REQUEST" in unfolded(text.text)
    body = f"<C:calendar-multiget {SPACES}><D:prop><D:getetag/></D:prop><D:href>{href}</D:href><D:href>{inbox}n.ics</D:href>"
    body += f"<D:href>{href}?again</D:href>"
    some = parsed(mac.report(inbox, f"{body}</C:calendar-multiget>"))
    assert some.hrefs == [href, f"{inbox}n.ics"]
    assert (some.of(href)[f"{D}getetag"].text, some.status(f"{inbox}n.ics")) == (text.headers["etag"], "404")
    house.says(first, "ACCEPTED")
    assert of(first) == []
    (other,) = of(second)
    assert [mac.ask("DELETE", other).status_code for _ in range(2)] == [204, 404]
    assert of(second) == []
    assert house.copy_of(second)[1]
    after = mac.propfind(inbox, "CS:getctag").of(inbox)
    assert [each.text for each in before.values()] != [each.text for each in after.values()]
    assert house.anna.ask("GET", href).status_code == 404


def free_busy(organizer: str, *people: str, start: str = "20270301T000000Z", end: str = "20270302T000000Z") -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN", "METHOD:REQUEST", "BEGIN:VFREEBUSY"]
    lines += ["UID:fb", "DTSTAMP:20270101T000000Z", f"DTSTART:{start}", f"DTEND:{end}", f"ORGANIZER:mailto:{organizer}"]
    return "\r\n".join([*lines, *(f"ATTENDEE:{each}" for each in people), "END:VFREEBUSY", "END:VCALENDAR", ""])


def asked(house: House, body: str) -> dict[str, tuple[str, str]]:
    """Status and busy times of everybody asked about."""
    answer = house.anna.ask("POST", f"{house.anna.home}outbox/", body, content_type="text/calendar")
    assert answer.status_code == 200, answer.text
    return {
        each.findtext(f"{C}recipient/{D}href") or "": (
            each.findtext(f"{C}request-status") or "",
            each.findtext(f"{C}calendar-data") or "",
        )
        for each in ElementTree.fromstring(answer.content)
    }


def test_outbox_tells_when_colleagues_are_taken_and_of_strangers_nothing(house: House) -> None:
    private = meeting(new_uid(), "CLASS:PRIVATE", start="20270401T090000Z", summary="Dentist", host=BERT)
    assert house.bert.ask("PUT", f"{house.berts}private.ics", private).status_code == 201
    body = free_busy(ANNA, f"mailto:{BERT}", f"mailto:{ZOE}", "urn:x", start="20270401T000000Z", end="20270402T000000Z")
    found = asked(house, body)
    status, data = found[f"mailto:{BERT}"]
    assert status == "2.0;Success"
    assert "FREEBUSY;FBTYPE=BUSY:20270401T090000Z/20270401T100000Z" in data.replace("\r", "").split("\n")
    assert "Dentist" not in data
    uid = next(line for line in unfolded(private) if line.startswith("UID:"))
    moving = body.replace("UID:fb", f"UID:fb\r\nX-CALENDARSERVER-MASK-{uid}")
    assert "\nFREEBUSY" not in asked(house, moving)[f"mailto:{BERT}"][1]
    assert found[f"mailto:{ZOE}"] == found["urn:x"] == ("3.7;Invalid calendar user", "")


def test_person_who_is_named_several_times_is_looked_up_once_in_an_effort_for_all(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    efforts: list[object] = []
    plain = busy.busy

    def counted(*args: Any, **options: Any) -> list[Span] | None:
        efforts.append(options["effort"])
        return plain(*args, **options)

    monkeypatch.setattr(busy, "busy", counted)
    body = free_busy(ANNA, f"mailto:{BERT}", f"MAILTO:{BERT.title()}", f"mailto:{ZOE}", f"mailto:{BERT}")
    assert list(asked(house, body)) == [f"mailto:{BERT}", f"mailto:{ZOE}"]
    assert len(efforts) == 2
    assert efforts[0] is efforts[1]


def test_calendar_that_takes_no_time_is_left_out(house: House) -> None:
    home = f"{house.bert.home}hobby-{new_uid()}/"
    value = "<C:schedule-calendar-transp><C:{}/></C:schedule-calendar-transp>"
    made = f"<C:mkcalendar {SPACES}><D:set><D:prop>{value.format('transparent')}</D:prop></D:set></C:mkcalendar>"
    assert house.bert.ask("MKCALENDAR", home, made, content_type="application/xml").status_code == 201
    event = meeting(new_uid(), start="20270501T090000Z", host=BERT)
    assert house.bert.ask("PUT", f"{home}1.ics", event).status_code == 201
    body = free_busy(ANNA, f"mailto:{BERT}", start="20270501T000000Z", end="20270502T000000Z")
    assert "\nFREEBUSY" not in asked(house, body)[f"mailto:{BERT}"][1]
    shown = house.bert.propfind(home, "C:schedule-calendar-transp").of(home)
    assert shown[f"{C}schedule-calendar-transp"][0].tag == f"{C}transparent"
    patch = f"<D:propertyupdate {SPACES}><D:set><D:prop>{value}</D:prop></D:set></D:propertyupdate>"
    assert house.bert.ask("PROPPATCH", home, patch.format("opaque")).status_code == 207
    assert "\nFREEBUSY" in asked(house, body)[f"mailto:{BERT}"][1]
    assert " 403 " in house.bert.ask("PROPPATCH", home, patch.format("cloudy")).text
    assert "\nFREEBUSY" in asked(house, body)[f"mailto:{BERT}"][1]


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        ("no calendar", "valid-scheduling-message"),
        (meeting("x", guest(BERT)), "valid-scheduling-message"),
        (free_busy(BERT, f"mailto:{ANNA}"), "organizer-allowed"),
        (free_busy(ANNA, *(f"mailto:p{number}@x.example" for number in range(101))), "valid-scheduling-message"),
        (free_busy(ANNA, f"mailto:{BERT}", end="20300101T000000Z"), "valid-scheduling-message"),
        (free_busy(ANNA, f"mailto:{BERT}", start="20270301", end="20270302"), "valid-scheduling-message"),
        (
            free_busy(ANNA, f"mailto:{BERT}", start="99991230T000000Z", end="99991231T000000Z"),
            "valid-scheduling-message",
        ),
    ],
)
def test_senseless_questions_are_refused_by_their_rule(house: House, body: str, rule: str) -> None:
    answer = house.anna.ask("POST", f"{house.anna.home}outbox/", body, content_type="text/calendar")
    assert (answer.status_code, rule in answer.text) == (403, True)


def test_server_that_cannot_mail_does_not_claim_to_schedule(make_core: Callable[..., Core], kind: str) -> None:
    """Programs then tell people outside by themselves."""
    with staged(make_core("dav", accounts=Accounts(guesses_per_minute=1000))) as stage:
        options = stage.program().client.request("OPTIONS", "/dav/")
        assert "calendar-auto-schedule" not in options.headers["dav"]
        path = f"{stage.path(stage.owned(CollectionKind.CALENDAR))}m1.ics"
        kept = stage.program().ask("PUT", path, meeting("m1", guest(ZOE)))
        assert (kept.status_code, "etag" in kept.headers) == (201, True)
        assert stage.program().ask("GET", path).text == meeting("m1", guest(ZOE))
