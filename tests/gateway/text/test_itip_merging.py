"""An edit by a client that is behind: what it must not undo, and what the owner of a calendar may not make of a meeting."""

import pytest

from gateway.meetings import ANNA, BERT, CLEO, DAILY, ZOE, calendar, entry, guest, meeting, override, unfolded
from pimgate.text.itip import Fault, fault_of, schedule_tag, with_answers, with_statuses

TELLING = guest(BERT, "NEEDS-ACTION", "SCHEDULE-STATUS=1.2")


def test_tag_is_that_of_the_meeting_and_not_of_what_others_said() -> None:
    asked, said = meeting(guest(BERT)), meeting(guest(BERT, "ACCEPTED", "SCHEDULE-STATUS=2.0"))
    assert schedule_tag(asked, ANNA) == schedule_tag(said, ANNA) is not None
    assert schedule_tag(asked, BERT) != schedule_tag(said, BERT), "his own answer is his own edit"
    assert schedule_tag(asked, ANNA) != schedule_tag(meeting(guest(BERT), guest(CLEO)), ANNA)
    assert schedule_tag(asked, ANNA) != schedule_tag(meeting(guest(BERT), summary="Dinner"), ANNA)


def test_what_is_no_meeting_of_a_person_has_no_tag() -> None:
    assert schedule_tag(meeting(guest(BERT)), ZOE) is None
    assert schedule_tag(meeting().replace("ATTENDEE", "X-ATTENDEE"), ANNA) is None
    assert schedule_tag("nothing of the sort", ANNA) is None


def test_answers_stay_where_they_were_given_and_count_from_the_edit_where_not() -> None:
    before = meeting(guest(BERT, "ACCEPTED"), guest(CLEO))
    after = meeting(guest(BERT), guest(CLEO, "TENTATIVE"), guest(ZOE), summary="Dinner")
    assert with_answers(before, after, ANNA) == meeting(
        guest(BERT, "ACCEPTED"), guest(CLEO, "TENTATIVE"), guest(ZOE), summary="Dinner"
    )


def test_answer_to_one_occurrence_stays_with_it() -> None:
    day = "20261202T090000Z"
    before = calendar(entry(DAILY, guest(BERT, "ACCEPTED")), override(day, guest(BERT, "DECLINED")))
    after = calendar(entry(DAILY, guest(BERT)), override(day, guest(BERT)))
    assert with_answers(before, after, ANNA) == before


def test_edit_that_drops_what_became_of_messages_gets_it_back_and_the_same_each_time() -> None:
    before = meeting(TELLING)
    assert unfolded(with_statuses(before, meeting(guest(BERT)))) == unfolded(before)
    kept = with_statuses(before, meeting(guest(BERT)))
    assert with_statuses(kept, meeting(guest(BERT))) == kept
    by_client = meeting(guest(BERT, "NEEDS-ACTION", "SCHEDULE-AGENT=CLIENT"))
    assert with_statuses(before, by_client) == by_client
    assert with_statuses(meeting(guest(BERT)), meeting(guest(BERT))) == meeting(guest(BERT))


@pytest.mark.parametrize(
    ("after", "fault"),
    [
        (meeting(guest(BERT, "ACCEPTED")), None),
        (meeting(guest(BERT), summary="My regatta"), None),
        (meeting(guest(BERT), start="20261201T100000Z"), Fault.BY_GUEST),
        (meeting(guest(BERT), DAILY), Fault.BY_GUEST),
        (meeting(guest(CLEO)), Fault.BY_GUEST),
        (meeting(guest(BERT)).replace(f"ORGANIZER;CN=Anna:mailto:{ANNA}", f"ORGANIZER:mailto:{BERT}"), Fault.BY_GUEST),
    ],
)
def test_guest_changes_what_is_theirs(after: str, fault: Fault | None) -> None:
    assert fault_of(meeting(guest(BERT)), after, BERT) is fault


def test_guest_answers_for_one_day_of_a_series_at_the_time_that_it_has() -> None:
    before = meeting(DAILY, guest(BERT))
    day = "20261202T090000Z"
    there = calendar(entry(DAILY, guest(BERT)), override(day, guest(BERT, "DECLINED")))
    moved = calendar(entry(DAILY, guest(BERT)), override(day, guest(BERT), start="20261202T140000Z"))
    assert (fault_of(before, there, BERT), fault_of(before, moved, BERT)) == (None, Fault.BY_GUEST)
    assert fault_of(before, meeting(DAILY, guest(BERT), f"EXDATE:{day}"), BERT) is None


def test_guest_whose_program_writes_the_end_of_a_series_in_another_way_can_answer() -> None:
    before = meeting("RRULE:FREQ=DAILY;UNTIL=20261205", guest(BERT))
    after = meeting("RRULE:UNTIL=20261205T235959Z;FREQ=DAILY", guest(BERT, "ACCEPTED"))
    assert fault_of(before, after, BERT) is None


def test_organizer_keeps_the_meeting_and_every_part_of_it() -> None:
    mine = meeting(guest(BERT))
    theirs = mine.replace(f"ORGANIZER;CN=Anna:mailto:{ANNA}", f"ORGANIZER:mailto:{BERT}")
    assert fault_of(mine, theirs, ANNA) is Fault.BY_ORGANIZER
    two = calendar(entry(DAILY, guest(BERT)), override("20261202T090000Z", guest(BERT)))
    head, mark, tail = two.rpartition(f"ORGANIZER;CN=Anna:mailto:{ANNA}")
    assert fault_of(None, head + mark.replace(ANNA, CLEO) + tail, ANNA) is Fault.TWO_ORGANIZERS
    assert fault_of(mine, meeting(guest(ZOE), start="20261203T090000Z"), ANNA) is None
