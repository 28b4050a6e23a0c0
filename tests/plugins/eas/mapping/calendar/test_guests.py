"""Attendees: who comes, edited in place."""

from __future__ import annotations

import pytest

from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.calendar.events import at, attendees, edited, lost_lines, meeting, new_lines, shown
from plugins.eas.mapping.items import OWNER, text_of

ZOE = (
    "ATTENDEE;CN=Zoë;CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE;LANGUAGE=nl;"
    "SCHEDULE-STATUS=1.1:mailto:zoe@berg.example"
)
NEXTCLOUD = text_of("nextcloud-event.ics")


def test_organizer_is_no_attendee() -> None:
    text = meeting(
        f"ORGANIZER:mailto:{OWNER}",
        f"ATTENDEE;ROLE=CHAIR;PARTSTAT=ACCEPTED:MAILTO:{OWNER.upper()}",
        "ATTENDEE;PARTSTAT=TENTATIVE;ROLE=OPT-PARTICIPANT;CN=Eva:mailto:eva@example.org",
        "ATTENDEE;CUTYPE=ROOM;PARTSTAT=DECLINED;EMAIL=room@example.org:urn:uuid:1",
        "ATTENDEE;PARTSTAT=DELEGATED:mailto:tom@example.org",
    )
    assert shown(text)["Attendees"] == [
        {"Email": "eva@example.org", "Name": "Eva", "AttendeeStatus": "2", "AttendeeType": "2"},
        {"Email": "room@example.org", "Name": "room@example.org", "AttendeeStatus": "4", "AttendeeType": "3"},
        {"Email": "tom@example.org", "Name": "tom@example.org", "AttendeeStatus": "0", "AttendeeType": "1"},
    ]


def test_attendee_who_stays_keeps_every_parameter() -> None:
    sent = attendees(("ZOE@berg.example", "1"), ("tom@example.org", "2"))
    after = edited(NEXTCLOUD, sent)
    assert lost_lines(NEXTCLOUD, after) == []
    unfolded = after.replace("\r\n ", "")
    assert "ATTENDEE;ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:tom@example.org\r\n" in unfolded


def test_attendee_who_becomes_optional_keeps_the_other_parameters() -> None:
    after = edited(NEXTCLOUD, attendees(("zoe@berg.example", "2"))).replace("\r\n ", "")
    assert "LANGUAGE=nl;SCHEDULE-STATUS=1.1;ROLE=OPT-PARTICIPANT:mailto:zoe@berg.example\r\n" in after
    assert "REQ-PARTICIPANT" not in after


def test_attendee_who_is_left_out_is_removed() -> None:
    after = edited(NEXTCLOUD, Element("Calendar:Attendees"))
    assert "ATTENDEE" not in after
    assert "ORGANIZER" in after


def test_guests_of_a_meeting_of_others_are_not_the_devices_to_change() -> None:
    text = text_of("exchange-invitation.ics")
    assert edited(text, attendees(("me@example.org", "1"))) == text


def test_new_meeting_is_organized_by_the_person() -> None:
    sent = [*at("20260105T090000Z", "20260105T100000Z"), attendees(('"Eva" <eva@example.org>', "1"))]
    text = edited(None, *sent, version="16.1", owner_name="Ada Admin")
    assert f"ORGANIZER;CN=Ada Admin:mailto:{OWNER}\r\n" in text.replace("\r\n ", "").replace('"', "")
    assert shown(text)["MeetingStatus"] == "1"


def test_accepted_invitation_keeps_the_organizer_that_the_device_names() -> None:
    sent = [
        *at("20260105T090000Z", "20260105T100000Z", OrganizerEmail="boss@corp.example", OrganizerName="Boss"),
        attendees((OWNER, "1")),
    ]
    text = edited(None, *sent)
    assert "ORGANIZER;CN=Boss:mailto:boss@corp.example\r\n" in text
    assert shown(text)["MeetingStatus"] == "3"


@pytest.mark.parametrize("address", ["", "  ", "\r\nX-EVIL:1"])
def test_attendee_without_a_usable_address_does_no_harm(address: str) -> None:
    text = edited(meeting(), attendees((address, "1")))
    assert "\r\nX-EVIL" not in text
    assert new_lines(meeting(), edited(meeting(), attendees(("", "1")))) == []
