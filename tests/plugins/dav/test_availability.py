"""When somebody is available: a property of their inbox, and what their colleagues' programs learn of it."""

from collections.abc import Iterator

import httpx
import pytest

from plugins.dav.meeting_house import ANNA, BERT, House, meeting, meeting_house, new_uid
from plugins.dav.stage import CS, SPACES, C, D, Program, parsed

DAY = "20270401T000000Z", "20270402T000000Z"
NIGHTS = ["20270401T000000Z/20270401T070000Z", "20270401T150000Z/20270402T000000Z"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with meeting_house(tmp_path_factory.mktemp("hours")) as found:
        yield found


def hours(*lines: str) -> str:
    """From nine to five on weekdays, as Apple's programs and Nextcloud's write it."""
    series = ["UID:b", "DTSTART;TZID=Europe/Berlin:20270104T090000", "DTEND;TZID=Europe/Berlin:20270104T170000"]
    series += ["RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"]
    inner = ["BEGIN:VAVAILABILITY", "UID:a", *lines, "BEGIN:AVAILABLE", *series, "END:AVAILABLE", "END:VAVAILABILITY"]
    return "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *inner, "END:VCALENDAR", ""])


def set_to(text: str, name: str = "C:calendar-availability", more: str = "") -> str:
    prop = f"<D:prop><{name}>{text}</{name}>{more}</D:prop>"
    return f"<D:propertyupdate {SPACES}><D:set>{prop}</D:set></D:propertyupdate>"


REMOVED = (
    f"<D:propertyupdate {SPACES}><D:remove><D:prop><C:calendar-availability/></D:prop></D:remove></D:propertyupdate>"
)


def inbox(program: Program) -> str:
    return f"{program.home}inbox/"


def patch(program: Program, body: str, **headers: str) -> httpx.Response:
    return program.ask("PROPPATCH", inbox(program), body, **headers)


def said(program: Program) -> dict[str, str]:
    """What stands in the inbox, by the local names and namespaces of the property."""
    found = program.propfind(inbox(program), "C:calendar-availability", "CS:calendar-availability").of(inbox(program))
    return {name: each.text or "" for name, each in found.items()}


def unavailable(house: House, owner: str = BERT) -> list[str]:
    """What Anna's program hears of the times in which somebody is not available."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "METHOD:REQUEST",
        "BEGIN:VFREEBUSY",
        "UID:fb",
        f"ORGANIZER:mailto:{ANNA}",
    ]
    lines += [f"ATTENDEE:mailto:{owner}", f"DTSTART:{DAY[0]}", f"DTEND:{DAY[1]}", "END:VFREEBUSY", "END:VCALENDAR", ""]
    answer = house.anna.ask("POST", f"{house.anna.home}outbox/", "\r\n".join(lines), content_type="text/calendar")
    assert "2.0;Success" in answer.text
    return periods(answer.text)


def periods(text: str) -> list[str]:
    lines = text.replace("&#13;", "").replace("\r", "").split("\n")
    return [line.partition(":")[2] for line in lines if line.startswith("FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:")]


def test_hours_are_one_truth_under_both_names(house: House) -> None:
    mac, phone = house.apple, house.bert
    options = mac.ask("OPTIONS", mac.home).headers["dav"]
    assert "inbox-availability" in options.split(", ")
    assert said(mac) == {}
    assert patch(mac, set_to(hours(), "CS:calendar-availability")).status_code == 207
    names = f"{C}calendar-availability", f"{CS}calendar-availability"
    assert said(phone) == dict.fromkeys(names, hours())
    everything = parsed(phone.ask("PROPFIND", inbox(phone), depth="0")).of(inbox(phone))
    assert set(names).isdisjoint(everything)
    rights = phone.propfind(inbox(phone), "D:current-user-privilege-set").of(inbox(phone))
    assert rights[f"{D}current-user-privilege-set"].find(f"{D}privilege/{D}write-properties") is not None
    minimal = patch(phone, set_to(hours("SUMMARY:Spring")), prefer="return=minimal")
    assert (minimal.status_code, minimal.content) == (200, b"")
    assert "SUMMARY:Spring" in said(mac)[names[1]]
    assert patch(phone, REMOVED).status_code == patch(phone, REMOVED).status_code == 207
    assert said(mac) == {}


def test_colleagues_hear_when_somebody_is_not_available_and_nothing_else(house: House) -> None:
    assert unavailable(house) == []
    assert patch(house.bert, set_to(hours("SUMMARY:Therapy"))).status_code == 207
    assert unavailable(house) == NIGHTS
    early = meeting(new_uid(), start="20270401T050000Z", host=BERT)
    assert house.bert.ask("PUT", f"{house.berts}early.ics", early).status_code == 201
    assert unavailable(house) == ["20270401T000000Z/20270401T050000Z", "20270401T060000Z/20270401T070000Z", NIGHTS[1]]
    query = f'<C:free-busy-query {SPACES}><C:time-range start="{DAY[0]}" end="{DAY[1]}"/></C:free-busy-query>'
    of_the_calendar = house.bert.report(house.berts, query).text
    assert "FREEBUSY;FBTYPE=BUSY:" in of_the_calendar
    assert periods(of_the_calendar) == []
    assert patch(house.bert, REMOVED).status_code == 207
    assert house.bert.ask("PROPPATCH", house.berts, set_to(hours())).status_code == 207
    assert unavailable(house) == []  # what a program keeps with a calendar says nothing of the person


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (set_to(""), "C:valid-calendar-data"),
        (set_to("working hours"), "C:valid-calendar-data"),
        (set_to("<C:comp/>"), "C:valid-calendar-data"),
        (set_to(meeting("x")), "C:valid-calendar-data"),
        (set_to(hours("PRIORITY:high")), "C:valid-calendar-data"),
        (set_to(hours().replace("WEEKLY", "SECONDLY")), "C:valid-calendar-data"),
        (set_to(hours(f"SUMMARY:{'x' * 70_000}")), "C:max-resource-size"),
        (set_to(hours(), more="<D:displayname>Inbox</D:displayname>"), "D:cannot-modify-protected-property"),
        (set_to("never", "CS:unheard-of"), "D:cannot-modify-protected-property"),
    ],
)
def test_what_is_no_availability_is_refused_and_nothing_changes(house: House, body: str, rule: str) -> None:
    assert patch(house.anna, set_to(hours())).status_code == 207
    answer = patch(house.anna, body)
    assert answer.status_code == 207
    assert f"<D:error><{rule}/></D:error>" in answer.text
    assert " 403 " in answer.text
    assert " 200 " not in answer.text
    assert said(house.anna)[f"{C}calendar-availability"] == hours()


def test_nobody_else_reads_or_writes_it(house: House) -> None:
    assert patch(house.anna, set_to(hours())).status_code == 207
    body = f"<D:propfind {SPACES}><D:prop><C:calendar-availability/></D:prop></D:propfind>"
    nowhere = house.bert.ask("PROPFIND", "/dav/p000000000000/inbox/", body, depth="0")
    for answer in (
        house.bert.ask("PROPFIND", inbox(house.anna), body, depth="0"),
        house.bert.ask("PROPPATCH", inbox(house.anna), set_to(hours())),
    ):
        assert (answer.status_code, answer.content) == (nowhere.status_code, nowhere.content) == (404, answer.content)
    assert house.anna.ask("PROPPATCH", f"{inbox(house.anna)}nothing.ics", set_to(hours())).status_code == 404
