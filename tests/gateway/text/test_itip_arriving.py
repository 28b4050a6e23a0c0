"""What arriving messages do to the copy of a guest, or of the organizer; and what they must not do."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from gateway.meetings import (
    ANNA,
    BERT,
    CLEO,
    DAILY,
    NEXT,
    NOW,
    ZOE,
    calendar,
    entry,
    guest,
    meeting,
    override,
    unfolded,
)
from pimgate.text.component import parse
from pimgate.text.errors import BadText
from pimgate.text.itip import (
    Answer,
    Effect,
    Meeting,
    Stamp,
    arrive,
    due,
    proposal,
    read_incoming,
    responded,
)

THIRD = "20261203T090000Z"
ALARM = ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT5M", "DESCRIPTION:x", "END:VALARM")


def brought(before: str | None, after: str | None, stored: str | None, me: str = BERT) -> str | None:
    """Bert's copy after Anna's edit reached him."""
    for message in due(before, after, ANNA, NEXT).messages:
        if message.recipient == me:
            found = arrive(read_incoming(message.text), stored, me, ANNA, NEXT)
            stored = stored if found.effect is Effect.NOTHING else found.text
    return stored


def first(*lines: str, start: str = "20261201T090000Z") -> str:
    """Bert's copy of a meeting when it is new to him."""
    copy = brought(None, meeting(guest(BERT), *lines, start=start), None)
    assert copy is not None
    return copy


def word_of(text: str | None, address: str, key: str = "") -> str:
    found = Meeting(text or "")
    component = found.master if not key else found.overrides.get(key)
    lines = component.all("ATTENDEE") if component is not None else []
    return next((line.param("PARTSTAT")[0] for line in lines if address in line.value), "")


# Guests


def test_new_invitation_is_kept_unanswered_and_without_the_organizers_alarms() -> None:
    text = meeting(guest(BERT, "ACCEPTED"), "X-MOOD:curious", *ALARM)
    (message,) = due(None, text, ANNA, NOW).messages
    forged = message.text.replace("END:VEVENT", "\r\n".join([*ALARM, "END:VEVENT"]))
    copy = arrive(read_incoming(forged), None, BERT, ANNA, NOW).text or ""
    assert word_of(copy, BERT) == "NEEDS-ACTION"
    assert "VALARM" not in copy
    assert "METHOD" not in copy
    assert "X-MOOD:curious" in copy


def test_update_keeps_what_is_the_guests_own() -> None:
    own = first().replace("END:VEVENT", "\r\n".join(["CATEGORIES:Water", "X-MOOD:curious", *ALARM, "END:VEVENT"]))
    own, _ = responded(own, BERT, Answer("ACCEPTED"), NOW)
    copy = brought(meeting(guest(BERT)), meeting(guest(BERT), summary="Dinner"), own) or ""
    for wanted in ("SUMMARY:Dinner", "CATEGORIES:Water", "X-MOOD:curious", "BEGIN:VALARM"):
        assert wanted in unfolded(copy)
    assert word_of(copy, BERT) == "ACCEPTED"


def test_another_time_asks_again() -> None:
    own, _ = responded(first(), BERT, Answer("ACCEPTED"), NOW)
    copy = brought(meeting(guest(BERT)), meeting(guest(BERT), start="20261202T090000Z"), own)
    assert word_of(copy, BERT) == "NEEDS-ACTION"
    assert "DTSTART:20261202T090000Z" in (copy or "")


def test_called_off_meeting_stays_to_be_seen_and_takes_no_time() -> None:
    own = first().replace("END:VEVENT", "\r\n".join([*ALARM, "END:VEVENT"]))
    copy = brought(meeting(guest(BERT)), None, own) or ""
    assert {"STATUS:CANCELLED", "TRANSP:TRANSPARENT"} <= set(unfolded(copy))
    assert "VALARM" not in copy


def test_called_off_meeting_that_was_declined_goes() -> None:
    declined = first().replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=DECLINED")
    (message,) = due(meeting(guest(BERT)), None, ANNA, NOW).messages
    assert arrive(read_incoming(message.text), declined, BERT, ANNA, NOW).effect is Effect.REMOVE


def test_one_occurrence_is_called_off_and_comes_back() -> None:
    series, less = meeting(guest(BERT), DAILY), meeting(guest(BERT), DAILY, f"EXDATE:{THIRD}", "SEQUENCE:1")
    copy = brought(series, less, first(DAILY))
    assert "STATUS:CANCELLED" in Meeting(copy or "").overrides[THIRD].to_text()
    back = brought(less, meeting(guest(BERT), DAILY, "SEQUENCE:2"), copy)
    assert Meeting(back or "").overrides == {}


def test_occurrence_that_never_was_is_not_made_up() -> None:
    (message,) = due(meeting(guest(BERT), DAILY), meeting(guest(BERT), DAILY, f"EXDATE:{THIRD}"), ANNA, NOW).messages
    forged = message.text.replace("20261203T090000Z", "20261203T093000Z")
    assert arrive(read_incoming(forged), first(DAILY), BERT, ANNA, NOW).effect is Effect.NOTHING


def test_changed_occurrence_joins_the_series_of_the_guest() -> None:
    series = meeting(guest(BERT), DAILY)
    moved = calendar(entry(guest(BERT), DAILY), override(THIRD, guest(BERT), start="20261203T110000Z"))
    copy = brought(series, moved, first(DAILY)) or ""
    assert [each.get("RECURRENCE-ID") is not None for each in Meeting(copy).entries] == [False, True]
    assert "DTSTART:20261203T110000Z" in copy


def test_guest_of_one_occurrence_has_that_alone() -> None:
    text = calendar(entry(guest(BERT), DAILY), override(THIRD, guest(BERT), guest(CLEO)))
    copy = brought(None, text, None, CLEO) or ""
    assert Meeting(copy).master is None
    assert list(Meeting(copy).overrides) == [THIRD]


def test_declined_occurrence_does_not_come_back_with_another_title() -> None:
    own, _ = responded(first(DAILY), BERT, Answer("DECLINED", THIRD), NOW)
    copy = brought(meeting(guest(BERT), DAILY), meeting(guest(BERT), DAILY, summary="Dinner"), own)
    assert list(Meeting(copy or "").excluded) == [THIRD]


def test_further_occurrence_is_added() -> None:
    added = calendar(entry(guest(BERT), "SEQUENCE:1", start="20261220T090000Z"), method="ADD")
    copy = arrive(read_incoming(added), first(DAILY), BERT, ANNA, NOW).text or ""
    assert "RDATE:20261220T090000Z" in unfolded(copy)
    assert arrive(read_incoming(added), copy, BERT, ANNA, NOW).effect is Effect.NOTHING


# The organizer


@pytest.mark.parametrize("word", ["ACCEPTED", "TENTATIVE", "DECLINED"])
def test_answer_stands_beside_the_guest(word: str) -> None:
    text = meeting(guest(BERT), guest(ZOE), "X-MOOD:curious")
    _, (reply,) = responded(brought(None, text, None) or "", BERT, Answer(word), NOW)
    kept = arrive(read_incoming(reply.text), text, ANNA, BERT, NOW).text or ""
    assert (word_of(kept, BERT), word_of(kept, ZOE), word_of(kept, ANNA)) == (word, "NEEDS-ACTION", "ACCEPTED")
    assert unfolded(kept)[:8] == unfolded(text)[:8]


def test_answer_about_one_occurrence_stands_in_that() -> None:
    text = meeting(guest(BERT), DAILY)
    _, (reply,) = responded(first(DAILY), BERT, Answer("DECLINED", THIRD), NOW)
    kept = arrive(read_incoming(reply.text), text, ANNA, BERT, NOW).text or ""
    assert (word_of(kept, BERT), word_of(kept, BERT, THIRD)) == ("NEEDS-ACTION", "DECLINED")


def test_answer_to_an_earlier_time_changes_nothing() -> None:
    _, (reply,) = responded(first(), BERT, Answer("ACCEPTED"), NOW)
    moved = due(meeting(guest(BERT)), meeting(guest(BERT), start="20261202T090000Z"), ANNA, NOW).text
    assert arrive(read_incoming(reply.text), moved, ANNA, BERT, NOW).effect is Effect.NOTHING


def test_proposal_counts_as_the_answer_and_moves_nothing() -> None:
    answer = Answer(
        "TENTATIVE", "", "Later?", datetime(2026, 12, 1, 15, tzinfo=UTC), datetime(2026, 12, 1, 16, tzinfo=UTC)
    )
    counter = proposal(first(), BERT, answer, NOW)
    assert {"METHOD:COUNTER", "DTSTART:20261201T150000Z", "COMMENT:Later?"} <= set(unfolded(counter.text))
    kept = arrive(read_incoming(counter.text), meeting(guest(BERT)), ANNA, BERT, NOW).text or ""
    assert word_of(kept, BERT) == "TENTATIVE"
    assert "DTSTART:20261201T090000Z" in kept


def test_who_asks_for_the_present_version_gets_it() -> None:
    asked = calendar(
        ["BEGIN:VEVENT", "UID:r1", "DTSTAMP:20261121T000000Z", f"ORGANIZER:mailto:{ANNA}", guest(BERT), "END:VEVENT"],
        method="REFRESH",
    )
    found = arrive(read_incoming(asked), meeting(guest(BERT), guest(ZOE)), ANNA, BERT, NOW)
    assert found.effect is Effect.NOTHING
    assert [(each.method, each.recipient) for each in found.messages] == [("REQUEST", BERT)]


# Who may not


def request(*lines: str, **more: str) -> str:
    return calendar(entry(*lines, **more), method="REQUEST")


def reply(*lines: str) -> str:
    text = calendar(entry(*lines), method="REPLY").replace(f"{guest(ANNA, 'ACCEPTED')}\r\n", "")
    assert "METHOD:REPLY" in text
    return text


REFUSED = {
    "invitation in another's name": (request(guest(BERT)), None, BERT, CLEO),
    "update in another's name": (request(guest(BERT), summary="Trap"), meeting(guest(BERT)), BERT, CLEO),
    "same UID as a meeting of somebody else": (
        request(guest(BERT)).replace(ANNA, CLEO),
        meeting(guest(BERT)),
        BERT,
        CLEO,
    ),
    "same UID as an event of one's own": (
        request(guest(BERT)),
        calendar(["BEGIN:VEVENT", "UID:r1", "DTSTART:20261201T090000Z", "SUMMARY:Mine", "END:VEVENT"]),
        BERT,
        ANNA,
    ),
    "not invited": (request(guest(ZOE)), None, BERT, ANNA),
    "one's own invitation": (request(guest(BERT)), meeting(guest(BERT)), ANNA, ANNA),
    "answer for somebody else": (reply(guest(ZOE, "ACCEPTED")), meeting(guest(BERT), guest(ZOE)), ANNA, BERT),
    "answer of somebody not invited": (reply(guest(CLEO, "ACCEPTED")), meeting(guest(BERT)), ANNA, CLEO),
    "answer to nothing": (reply(guest(BERT, "ACCEPTED")), None, ANNA, BERT),
    "answer to a guest": (reply(guest(ZOE, "ACCEPTED")), meeting(guest(BERT), guest(ZOE)), BERT, ZOE),
    "answer that is none": (reply(guest(BERT, "X-HIJACK")), meeting(guest(BERT)), ANNA, BERT),
    "called off by a guest": (
        calendar(entry(guest(BERT), "SEQUENCE:9"), method="CANCEL"),
        meeting(guest(BERT), guest(ZOE)),
        BERT,
        ZOE,
    ),
    "called off and unknown": (calendar(entry(guest(BERT)), method="CANCEL"), None, BERT, ANNA),
    "a proposal declined": (calendar(entry(guest(BERT)), method="DECLINECOUNTER"), meeting(guest(BERT)), BERT, ANNA),
    "an earlier revision": (request(guest(BERT), summary="Old"), meeting(guest(BERT), "SEQUENCE:3"), BERT, ANNA),
}


@pytest.mark.parametrize("case", REFUSED)
def test_message_changes_nothing(case: str) -> None:
    text, stored, me, sender = REFUSED[case]
    found = arrive(read_incoming(text), stored, me, sender, NOW)
    assert (found.effect, found.text if found.text != stored else None) == (Effect.NOTHING, None)
    assert found.reason


def test_earlier_word_changes_nothing() -> None:
    incoming = read_incoming(request(guest(BERT)))
    later = Stamp(incoming.stamp.sequence, incoming.stamp.at + 1)
    assert arrive(incoming, None, BERT, ANNA, NOW, later).effect is Effect.NOTHING
    assert arrive(incoming, None, BERT, ANNA, NOW, incoming.stamp).effect is Effect.KEEP


NONE = {
    "no method": meeting(guest(BERT)),
    "unknown method": calendar(entry(guest(BERT)), method="PUBLISH"),
    "no organizer": calendar(["BEGIN:VEVENT", "UID:x", "DTSTART:20261201T090000Z", "END:VEVENT"], method="REQUEST"),
    "no UID": request(guest(BERT)).replace("UID:r1\r\n", ""),
    "two guests answer": reply(guest(BERT, "ACCEPTED"), guest(ZOE, "ACCEPTED")),
    "nothing": "",
    "a task": request(guest(BERT)).replace("VEVENT", "VTODO"),
}


@pytest.mark.parametrize("case", NONE)
def test_text_that_is_no_message_is_refused(case: str) -> None:
    with pytest.raises(BadText):
        read_incoming(NONE[case])


# A guest's own answer


def test_answer_is_given_once() -> None:
    copy, messages = responded(first(), BERT, Answer("ACCEPTED"), NOW)
    assert (word_of(copy, BERT), len(messages)) == ("ACCEPTED", 1)
    again, none = responded(copy or "", BERT, Answer("ACCEPTED"), NOW)
    assert (again, none) == (copy, ())


def test_word_to_the_organizer_goes_with_the_answer() -> None:
    _, (reply,) = responded(first(), BERT, Answer("TENTATIVE", comment="If the wind; holds,\nyes"), NOW)
    assert r"COMMENT:If the wind\; holds\,\nyes" in unfolded(reply.text)
    assert [line.value for line in parse(reply.text).children_named("VEVENT")[0].all("ATTENDEE")] == [f"mailto:{BERT}"]


def test_declined_meeting_goes_and_the_organizer_hears_of_it() -> None:
    copy, (reply,) = responded(first(), BERT, Answer("DECLINED"), NOW)
    assert copy is None
    assert (reply.method, reply.recipient) == ("REPLY", ANNA)


def test_meeting_that_was_called_off_is_cleared_away_without_a_word() -> None:
    off = brought(meeting(guest(BERT)), None, first())
    assert responded(off or "", BERT, Answer("DECLINED"), NOW) == (None, ())


@pytest.mark.parametrize("key", ["20261203T093000Z", "20270101T090000Z", "20261203"])
def test_occurrence_that_is_none_cannot_be_answered(key: str) -> None:
    with pytest.raises(BadText):
        responded(first(DAILY), BERT, Answer("ACCEPTED", key), NOW)


@pytest.mark.parametrize("who", [ANNA, CLEO])
def test_who_is_no_guest_cannot_answer(who: str) -> None:
    with pytest.raises(BadText):
        responded(first(), who, Answer("ACCEPTED"), NOW)


# Whatever happens between them, they agree in the end


EDITS = st.sampled_from(["move", "title", "less", "shift-third", "yes", "perhaps", "perhaps-third"])


@settings(max_examples=examples(20, 180), deadline=None)
@given(st.lists(EDITS, max_size=8))
def test_organizer_and_guest_agree_in_the_end(edits: list[str]) -> None:
    anna, bert = meeting(guest(BERT), DAILY), first(DAILY)
    for number, edit in enumerate(edits):
        if edit in ("yes", "perhaps", "perhaps-third"):
            key = next(iter([*Meeting(bert).overrides, ""])) if edit == "perhaps-third" else ""
            word = {"yes": "ACCEPTED", "perhaps": "TENTATIVE", "perhaps-third": "TENTATIVE"}[edit]
            copy, messages = responded(bert, BERT, Answer(word, key), NOW)
            assert copy is not None
            bert = copy
            for message in messages:
                anna = arrive(read_incoming(message.text), anna, ANNA, BERT, NOW).text or anna
            continue
        after = edited(anna, edit, number)
        kept = due(anna, after, ANNA, NOW)
        anna = kept.text or ""
        for message in kept.messages:
            bert = arrive(read_incoming(message.text), bert, BERT, ANNA, NOW).text or bert
    ours, theirs = Meeting(anna), Meeting(bert)
    assert ours.shape("") == theirs.shape("")
    assert word_of(anna, BERT) == word_of(bert, BERT)
    for key in {*ours.overrides, *theirs.overrides}:
        assert ours.takes_part(BERT, key) == theirs.takes_part(BERT, key), key
        if ours.takes_part(BERT, key):
            assert ours.shape(key) == theirs.shape(key)


def edited(text: str, edit: str, number: int) -> str:
    found = Meeting(text)
    assert found.master is not None
    if edit == "move":
        return meeting(
            guest(BERT, word_of(text, BERT)), DAILY, f"SEQUENCE:{found.sequence}", start=f"202612{10 + number}T090000Z"
        )
    if edit == "title":
        found.master.set("SUMMARY", f"Title {number}")
    start = found.events.start_of(found.master)
    third = start.replace(day=start.day + 2)
    if edit == "less":
        found.events.exclude(third)
    if edit == "shift-third" and not found.excluded:
        override_ = found.events.add_override(third)
        override_.set("SUMMARY", f"Third {number}")
    return found.events.to_text()
