"""Which messages an edit makes due, told row by row: who edits, what was, what is, who hears of it."""

from collections.abc import Iterator

import pytest

from gateway.meetings import (
    ANNA,
    BERT,
    CLEO,
    DAILY,
    NOW,
    ZOE,
    calendar,
    entry,
    guest,
    meeting,
    override,
    unfolded,
)
from pimgate.text.component import Component, parse
from pimgate.text.errors import TooMuchToTell
from pimgate.text.itip import Delivery, Message, Method, Most, due, organizing, with_deliveries

THIRD = "20261203T090000Z"
PLAIN = meeting(guest(BERT))
SERIES = meeting(guest(BERT), DAILY)
MOVED_THIRD = calendar(entry(guest(BERT), DAILY), override(THIRD, guest(BERT), start="20261203T110000Z"))

ORGANIZING = {
    "a new meeting": (None, PLAIN, ["REQUEST 0 bert"]),
    "two guests": (None, meeting(guest(BERT), guest(ZOE)), ["REQUEST 0 bert", "REQUEST 0 zoe"]),
    "nothing new": (PLAIN, PLAIN, []),
    "an alarm of her own": (
        PLAIN,
        meeting(guest(BERT), "BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT5M", "END:VALARM"),
        [],
    ),
    "categories of her own": (PLAIN, meeting(guest(BERT), "CATEGORIES:Water", "X-MOOD:curious"), []),
    "another title": (PLAIN, meeting(guest(BERT), summary="Dinner"), ["REQUEST 0 bert"]),
    "another place": (PLAIN, meeting(guest(BERT), "LOCATION:Quay"), ["REQUEST 0 bert"]),
    "another time": (PLAIN, meeting(guest(BERT), start="20261202T090000Z"), ["REQUEST 1 bert"]),
    "another pattern": (SERIES, meeting(guest(BERT), "RRULE:FREQ=DAILY;COUNT=6"), ["REQUEST 1 bert"]),
    "the same pattern in other words": (SERIES, meeting(guest(BERT), "RRULE:COUNT=5;FREQ=DAILY"), []),
    "one guest more": (PLAIN, meeting(guest(BERT), guest(ZOE)), ["REQUEST 0 zoe"]),
    "one guest less": (meeting(guest(BERT), guest(ZOE)), PLAIN, ["CANCEL 1 zoe"]),
    "deleted": (PLAIN, None, ["CANCEL 1 bert"]),
    "called off": (PLAIN, meeting(guest(BERT), "STATUS:CANCELLED"), ["CANCEL 1 bert"]),
    "called off, then deleted": (meeting(guest(BERT), "STATUS:CANCELLED"), None, []),
    "confirmed in words": (PLAIN, meeting(guest(BERT), "STATUS:CONFIRMED"), []),
    "one occurrence moved": (SERIES, MOVED_THIRD, [f"REQUEST 1 bert {THIRD}"]),
    "one occurrence named": (
        SERIES,
        calendar(entry(guest(BERT), DAILY), override(THIRD, guest(BERT), summary="Final")),
        [f"REQUEST 0 bert {THIRD}"],
    ),
    "one occurrence noted and nothing changed": (
        SERIES,
        calendar(entry(guest(BERT), DAILY), override(THIRD, guest(BERT), "X-MOOD:curious")),
        [],
    ),
    "one occurrence deleted": (SERIES, meeting(guest(BERT), DAILY, f"EXDATE:{THIRD}"), [f"CANCEL 1 bert {THIRD}"]),
    "a moved occurrence deleted": (
        MOVED_THIRD,
        meeting(guest(BERT), DAILY, f"EXDATE:{THIRD}"),
        [f"CANCEL 1 bert {THIRD}"],
    ),
    "a moved occurrence put back": (MOVED_THIRD, SERIES, ["REQUEST 0 bert"]),
    "a deleted occurrence put back": (meeting(guest(BERT), DAILY, f"EXDATE:{THIRD}"), SERIES, ["REQUEST 0 bert"]),
    "one guest more for one occurrence": (
        SERIES,
        calendar(entry(guest(BERT), DAILY), override(THIRD, guest(BERT), guest(ZOE))),
        [f"REQUEST 0 zoe {THIRD}"],
    ),
    "one guest less for one occurrence": (
        meeting(guest(BERT), guest(ZOE), DAILY),
        calendar(entry(guest(BERT), guest(ZOE), DAILY), override(THIRD, guest(BERT))),
        [f"CANCEL 1 zoe {THIRD}"],
    ),
    "the client sends": (None, meeting(guest(BERT, "NEEDS-ACTION", "SCHEDULE-AGENT=CLIENT")), []),
    "nobody sends": (None, meeting(guest(BERT, "NEEDS-ACTION", "SCHEDULE-AGENT=NONE"), guest(ZOE)), ["REQUEST 0 zoe"]),
    "sent again on demand": (
        PLAIN,
        meeting(guest(BERT, "NEEDS-ACTION", "SCHEDULE-FORCE-SEND=REQUEST")),
        ["REQUEST 0 bert"],
    ),
    "the client counts revisions": (
        PLAIN,
        meeting(guest(BERT), "SEQUENCE:7", start="20261202T090000Z"),
        ["REQUEST 7 bert"],
    ),
    "no meeting": (None, calendar(["BEGIN:VEVENT", "UID:x", "DTSTART:20261201T090000Z", "END:VEVENT"]), []),
    "cannot be read": (PLAIN, "BEGIN:VCALENDAR\r\nATTENDEE", []),
}

ANSWERING = {
    "yes": (PLAIN, meeting(guest(BERT, "ACCEPTED")), ["REPLY 0 anna ACCEPTED"]),
    "yes to what was never there": (None, meeting(guest(BERT, "ACCEPTED")), ["REPLY 0 anna ACCEPTED"]),
    "no word": (None, PLAIN, []),
    "the same again": (meeting(guest(BERT, "ACCEPTED")), meeting(guest(BERT, "ACCEPTED"), "X-MOOD:curious"), []),
    "another mind": (meeting(guest(BERT, "ACCEPTED")), meeting(guest(BERT, "DECLINED")), ["REPLY 0 anna DECLINED"]),
    "removed": (meeting(guest(BERT, "ACCEPTED")), None, ["REPLY 0 anna DECLINED"]),
    "removed after a no": (meeting(guest(BERT, "DECLINED")), None, []),
    "removed after it was called off": (meeting(guest(BERT, "ACCEPTED"), "STATUS:CANCELLED"), None, []),
    "no to one occurrence": (
        SERIES,
        calendar(entry(guest(BERT), DAILY), override(THIRD, guest(BERT, "DECLINED"))),
        [f"REPLY 0 anna DECLINED {THIRD}"],
    ),
    "one occurrence removed": (
        SERIES,
        meeting(guest(BERT), DAILY, f"EXDATE:{THIRD}"),
        [f"REPLY 0 anna DECLINED {THIRD}"],
    ),
    "a title of his own": (PLAIN, meeting(guest(BERT), summary="That boat thing"), []),
    "not invited": (meeting(guest(ZOE)), meeting(guest(ZOE, "ACCEPTED")), []),
}


def told(messages: object) -> list[str]:
    lines = []
    for each in messages:  # type: ignore[attr-defined]
        name = each.recipient.partition("@")[0]
        answer = parse(each.text).children_named("VEVENT")[0].get("ATTENDEE") if each.method == "REPLY" else None
        words = [each.method, str(each.sequence), name, *(answer.param("PARTSTAT") if answer else ()), each.instance]
        lines.append(" ".join(word for word in words if word))
    return lines


@pytest.mark.parametrize("case", ORGANIZING)
def test_organizer_tells_whom_it_concerns(case: str) -> None:
    before, after, wanted = ORGANIZING[case]
    assert told(due(before, after, ANNA, NOW).messages) == wanted


@pytest.mark.parametrize("case", ANSWERING)
def test_guest_answers_the_organizer_and_nobody_else(case: str) -> None:
    before, after, wanted = ANSWERING[case]
    assert told(due(before, after, BERT, NOW).messages) == wanted


@pytest.mark.parametrize("after", [None, meeting(guest(BERT), start="20270101T090000Z")])
def test_stranger_tells_nobody(after: str | None) -> None:
    assert due(PLAIN, after, CLEO, NOW).messages == ()


def test_meeting_never_changes_hands_by_an_edit() -> None:
    taken = PLAIN.replace(f"ORGANIZER;CN=Anna:mailto:{ANNA}", f"ORGANIZER:mailto:{BERT}")
    assert due(PLAIN, taken, BERT, NOW).messages == ()
    assert due(PLAIN, taken, ANNA, NOW).messages == ()


def test_moved_meeting_asks_everybody_again_and_counts_a_revision() -> None:
    kept = due(meeting(guest(BERT, "ACCEPTED")), meeting(guest(BERT, "ACCEPTED"), start="20261202T090000Z"), ANNA, NOW)
    assert "SEQUENCE:1" in unfolded(kept.text or "")
    assert any(line.startswith("ATTENDEE;CN=Bert") and "NEEDS-ACTION" in line for line in unfolded(kept.text or ""))
    assert guest(ANNA, "ACCEPTED") in unfolded(kept.text or "")


def test_edit_that_concerns_nobody_keeps_the_text_octet_for_octet() -> None:
    edited = meeting(guest(BERT), "X-MOOD:curious", "CATEGORIES:Water")
    assert due(PLAIN, edited, ANNA, NOW).text == edited


def test_message_carries_nothing_of_ones_own() -> None:
    alarm = ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:-PT5M", "DESCRIPTION:x", "END:VALARM")
    own = (*("CATEGORIES:Secret", "X-MOZ-LASTACK:20260101T000000Z", "X-COLOUR:red"), *alarm)
    (message,) = due(None, meeting(guest(BERT, "NEEDS-ACTION", "SCHEDULE-STATUS=1.1"), *own), ANNA, NOW).messages
    lines = unfolded(message.text)
    assert not any(word in line for line in lines for word in ("Secret", "VALARM", "X-MOZ", "SCHEDULE-"))
    assert "X-COLOUR:red" in lines
    assert "DTSTAMP:20261121T120000Z" in lines


def test_message_brings_the_zones_that_it_names() -> None:
    zone = ["BEGIN:VTIMEZONE", "TZID:Europe/Berlin", "BEGIN:STANDARD", "DTSTART:19701025T030000", "TZOFFSETFROM:+0200"]
    zone += ["TZOFFSETTO:+0100", "END:STANDARD", "END:VTIMEZONE"]
    text = calendar(zone, entry(guest(BERT))).replace(
        "DTSTART:20261201T090000Z", "DTSTART;TZID=Europe/Berlin:20261201T100000"
    )
    (message,) = due(None, text, ANNA, NOW).messages
    assert [each.name for each in parse(message.text).children] == ["VTIMEZONE", "VEVENT"]


def test_guest_of_some_occurrences_hears_of_those_alone() -> None:
    text = calendar(entry(guest(BERT), DAILY), override(THIRD, guest(BERT), guest(ZOE)))
    to_bert, to_zoe = due(None, text, ANNA, NOW).messages
    assert len(parse(to_bert.text).children_named("VEVENT")) == 2
    assert [each.get("RECURRENCE-ID") is not None for each in parse(to_zoe.text).children_named("VEVENT")] == [True]


def test_what_became_of_messages_stands_beside_the_people() -> None:
    text = with_deliveries(PLAIN, {BERT: Delivery.NOT_DELIVERED, ZOE: Delivery.SENT})
    assert [line for line in unfolded(text) if "SCHEDULE-STATUS" in line] == [
        guest(BERT, "NEEDS-ACTION", "SCHEDULE-STATUS=5.1")
    ]
    answered = with_deliveries(PLAIN, {ANNA: Delivery.DELIVERED})
    assert [line for line in unfolded(answered) if "SCHEDULE-STATUS" in line] == [
        f"ORGANIZER;CN=Anna;SCHEDULE-STATUS=1.2:mailto:{ANNA}"
    ]


def crowded(occurrences: int, guests: int) -> str:
    """A series of which each changed occurrence has another guest."""
    parts = [
        override(
            f"{2026 + n // 336:04}{1 + n // 28 % 12:02}{1 + n % 28:02}T090000Z",
            guest(f"g{n % guests}@example.net"),
            start="20261203T110000Z",
        )
        for n in range(occurrences)
    ]
    return calendar(entry(guest(BERT), DAILY), *parts)


def lines_read(monkeypatch: pytest.MonkeyPatch, occurrences: int) -> int:
    """How often the lines of a component are looked through to make what is due."""
    looks = 0
    plain = Component.children_named

    def counted(self: Component, *names: str) -> list[Component]:
        nonlocal looks
        looks += 1
        return plain(self, *names)

    with monkeypatch.context() as patched:
        patched.setattr(Component, "children_named", counted)
        assert len(due(None, crowded(occurrences, 4), ANNA, NOW).messages) > 1
    return looks


def test_what_an_invitation_costs_does_not_grow_with_the_square_of_its_occurrences(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few, many = lines_read(monkeypatch, 40), lines_read(monkeypatch, 160)
    assert many <= few + 2 * 120


def test_more_than_may_be_sent_is_refused_before_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[object] = []
    monkeypatch.setattr(organizing, "for_sending", lambda *args: written.append(args))
    with pytest.raises(TooMuchToTell, match="at most 30 messages"):
        due(None, crowded(60, 60), ANNA, NOW, Most(messages=30))
    assert not written


def test_messages_that_are_too_long_are_not_written_to_the_last() -> None:
    made: list[str] = []

    def messages() -> Iterator[Message]:
        for at in range(1_000):
            made.append(str(at))
            yield Message(Method.REQUEST, "1", 0, "", "zoe@example.net", f"{at:1000}")

    with pytest.raises(TooMuchToTell, match="too large"):
        tuple(Most(different=5_000).counted(messages()))
    assert len(made) == 6
    alike = [Message(Method.REQUEST, "1", 0, "", "zoe@example.net", "x" * 1_000)] * 20
    assert len(tuple(Most(different=5_000).counted(alike))) == 20


def test_times_that_utc_does_not_have_tell_nobody() -> None:
    """They are refused where the text is kept."""
    edge = "RECURRENCE-ID;TZID=America/New_York:99991231T235959"
    text = calendar(entry(guest(BERT), DAILY), override(THIRD, guest(BERT)))
    text = text.replace(f"RECURRENCE-ID:{THIRD}", edge)
    assert edge in text
    assert due(None, text, ANNA, NOW).messages == ()
