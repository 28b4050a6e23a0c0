"""What an event is as a meeting."""

from __future__ import annotations

import pytest

from pimgate_eas.mapping import calendar
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.calendar.events import edited, meeting, new_lines, shown
from plugins.eas.mapping.items import OWNER, application_data, context, removed, text_of

OWN = (f"ORGANIZER:mailto:{OWNER}", "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:eva@example.org")
INVITED = ("ORGANIZER:mailto:eva@example.org", f"ATTENDEE;PARTSTAT=TENTATIVE;RSVP=TRUE:mailto:{OWNER}")


@pytest.mark.parametrize(
    ("lines", "status", "response"),
    [
        ((), "0", "0"),
        ((f"ORGANIZER:mailto:{OWNER}",), "0", "0"),
        (OWN, "1", "1"),
        (INVITED, "3", "2"),
        (("ORGANIZER:mailto:eva@example.org",), "3", "5"),
        ((*OWN, "STATUS:CANCELLED"), "5", "1"),
        ((*INVITED, "STATUS:CANCELLED"), "7", "2"),
    ],
)
def test_status_follows_from_who_organizes_and_who_comes(lines: tuple[str, ...], status: str, response: str) -> None:
    found = shown(meeting(*lines))
    assert (found["MeetingStatus"], found["ResponseType"]) == (status, response)


def test_event_in_a_calendar_of_another_is_neutral_and_stays() -> None:
    text = meeting(*OWN, "SUMMARY:old", "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-PT5M\nDESCRIPTION:x\nEND:VALARM")
    found = shown(text, is_own=False)
    assert found["MeetingStatus"] == "0"
    assert not {"Reminder", "ResponseType", "ResponseRequested"} & set(found)
    sent = [
        Element("Calendar:Subject", text="new"),
        Element("Calendar:MeetingStatus", text="5"),
        Element("Calendar:Reminder", text="99"),
    ]
    assert new_lines(text, edited(text, *sent, is_own=False)) == ["SUMMARY:new"]
    data = application_data(*calendar.render(text, context("14.1", is_own=False)))
    assert calendar.patch(text, data, context("14.1", is_own=False), ghosted=removed, uid="u") == text


@pytest.mark.parametrize("sent", ["1", "3", "9", "x"])
def test_status_at_odds_with_the_guests_is_not_taken_over(sent: str) -> None:
    assert edited(meeting(), Element("Calendar:MeetingStatus", text=sent)) == meeting()


def test_meeting_is_called_off_and_takes_place_again() -> None:
    off = edited(meeting(*OWN), Element("Calendar:MeetingStatus", text="5"))
    assert new_lines(meeting(*OWN), off) == ["STATUS:CANCELLED"]
    on = edited(off, Element("Calendar:MeetingStatus", text="1"))
    assert "STATUS:CONFIRMED\r\n" in on
    assert shown(on)["MeetingStatus"] == "1"


def test_answers_are_asked_for_or_not() -> None:
    text = meeting(*OWN)
    assert shown(text)["ResponseRequested"] == "1"
    after = edited(text, Element("Calendar:ResponseRequested", text="0"))
    assert "RSVP=FALSE:mailto:eva@example.org\r\n" in after
    assert shown(after)["ResponseRequested"] == "0"
    assert edited(meeting(*INVITED), Element("Calendar:ResponseRequested", text="0")) == meeting(*INVITED)


def test_other_times_may_be_forbidden() -> None:
    text = edited(meeting(*OWN), Element("Calendar:DisallowNewTimeProposal", text="1"))
    assert "X-MICROSOFT-DISALLOW-COUNTER:TRUE\r\n" in text
    assert shown(text)["DisallowNewTimeProposal"] == "1"
    assert shown(edited(text, Element("Calendar:DisallowNewTimeProposal", text="0")))["DisallowNewTimeProposal"] == "0"
    assert edited(meeting(), Element("Calendar:DisallowNewTimeProposal", text="0")) == meeting()


def test_invitation_without_the_person_among_the_guests_is_unanswered() -> None:
    assert shown(text_of("google-meeting.ics"))["ResponseType"] == "5"


@pytest.mark.parametrize("version", ["12.1", "14.0"])
def test_response_is_told_from_14_on(version: str) -> None:
    assert ("ResponseType" in shown(meeting(*INVITED), version)) == (version == "14.0")


@pytest.mark.parametrize(("sent", "is_off"), [("0", False), ("9", False), ("11", False), ("13", True), ("15", True)])
def test_forwarded_meetings_have_the_status_of_the_meeting(sent: str, is_off: bool) -> None:
    after = edited(meeting(*INVITED), Element("Calendar:MeetingStatus", text=sent))
    assert ("STATUS:CANCELLED\r\n" in after) == is_off
    assert shown(after)["MeetingStatus"] == ("7" if is_off else "3")


def test_time_of_the_answer_is_told_from_14_on_and_only_where_there_is_an_answer() -> None:
    text = text_of("exchange-declined-with-reply-time.ics")
    assert shown(text, "14.0")["AppointmentReplyTime"] == "20260902T081530Z"
    assert "AppointmentReplyTime" not in shown(text, "12.1")
    assert "AppointmentReplyTime" not in shown(text, is_own=False)
    assert "AppointmentReplyTime" not in shown(text.replace("DECLINED", "NEEDS-ACTION"))


def test_online_meeting_is_shown_and_never_written() -> None:
    text = text_of("outlook-teams-series.ics")
    found = shown(text, "14.1")
    assert found["OnlineMeetingExternalLink"] == "https://teams.example/l/meetup-join/19%3ameeting_abc"
    assert str(found["OnlineMeetingConfLink"]).startswith("conf:sip:otto@berg.example;gruu")
    assert "OnlineMeetingConfLink" not in shown(text, "14.0")
    assert edited(text, Element("Calendar:OnlineMeetingExternalLink", text="https://evil.example/")) == text
    assert "OnlineMeetingExternalLink" not in shown(meeting("CONFERENCE:tel:+49-30-123"))
    other = shown(text_of("google-meet-with-conference.ics"))
    assert other["OnlineMeetingExternalLink"] == "https://meet.example/abc-defg-hij"


def test_meeting_in_a_calendar_of_another_gets_no_organizer_from_the_one_who_writes() -> None:
    guest = Element("Calendar:Attendees", Element("Calendar:Attendee", Element("Calendar:Email", text="a@b.example")))
    assert "ORGANIZER" not in edited(meeting(), guest, is_own=False)
    named = edited(meeting(), guest, Element("Calendar:OrganizerEmail", text="boss@b.example"), is_own=False)
    assert "ORGANIZER:mailto:boss@b.example\r\n" in named
