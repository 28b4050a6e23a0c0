"""Cards and calendars as Apple, Google, Thunderbird, Outlook, Evolution, DAVx5, Nextcloud, SOGo and KDE write them.

Every file is kept octet for octet, every edit touches one line, and what is indexed is what a person would say it is.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pimgate.text.calendar import index_calendar
from pimgate.text.component import Component, parse
from pimgate.text.errors import BadText
from pimgate.text.events import parse_event_set
from pimgate.text.lines import read_lines
from pimgate.text.occurrences import occurrences
from pimgate.text.vcard import index_card, parse_card

CORPUS = Path(__file__).parent / "corpus"
CARDS = sorted(CORPUS.glob("*.vcf"))
CALENDARS = sorted(CORPUS.glob("*.ics"))
YEAR = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)


def name_of(path: Path) -> str:
    return path.name


def text_of(name: str | Path) -> str:
    return (CORPUS / name).read_bytes().decode()


def test_the_corpus_is_there_with_its_line_ends() -> None:
    assert len(CARDS) + len(CALENDARS) >= 60
    assert "\r\n" in text_of("apple-weekly.ics")
    assert "\r" not in text_of("kde-event.ics")


@pytest.mark.parametrize("path", [*CARDS, *CALENDARS], ids=name_of)
def test_every_file_is_written_as_it_was_read(path: Path) -> None:
    text = text_of(path)
    assert parse(text).to_text() == text
    assert "".join(line.raw for line in read_lines(text)) == text


@pytest.mark.parametrize("path", [*CARDS, *CALENDARS], ids=name_of)
def test_touching_one_line_anywhere_leaves_all_the_others(path: Path) -> None:
    text = text_of(path)
    root = parse(text)
    for component in (root, *root.children):
        for line in component.lines:
            if line.is_blank:
                continue
            before, after = split_at(text, component, line.raw)
            new = component.replace(line, type(line)("X-TOUCHED:1\r\n"))
            assert root.to_text() == f"{before}X-TOUCHED:1\r\n{after}"
            component.replace(new, line)
    assert root.to_text() == text


def split_at(text: str, component: Component, raw: str) -> tuple[str, str]:
    position = text.index(raw, text.index(component.to_text()))
    return text[:position], text[position + len(raw) :]


CARD_FACTS = {
    # file: UID, formatted name, number of addresses, number of phones, photo in octets (None: no photo)
    "agent-nested-21.vcf": ("agent-1", "Big Boss", 0, 1, None),
    "android-21-custom.vcf": (None, "Иван Петров", 1, 2, None),
    "android-21-qp.vcf": (None, "太郎 山田", 1, 1, None),
    "apple-group.vcf": ("GROUP-5521", "Choir", 0, 0, None),
    "apple-ios-person.vcf": ("7C2D9F0B-11A4-4E0E-9B77-0B0A5E6E2F01", "Åsa Maria Lindqvist", 2, 3, None),
    "apple-macos-company.vcf": ("A5D0E3A2-47F0-4E0C-8C8E-62A8A0B4B702:ABPerson", "Bäckerei Sonnenschein", 0, 1, None),
    "apple-macos-related.vcf": ("0A9B8C7D-0000-4000-8000-000000000040", "Siobhán O’Neill", 1, 2, 94),
    "apple-photo-folded.vcf": ("photo-apple-1", "Chidi Okafor", 1, 0, 534),
    "apple-photo-uri.vcf": ("photo-link-1", "Photo By Link", 0, 0, 0),
    "bom-and-blank-lines.vcf": ("bom-1", "Blank Lines", 0, 0, None),
    "cardbook.vcf": ("cb-1122", "Rita Book", 0, 1, None),
    "davx5.vcf": ("0fd0e3f0-9f4d-4b0e-9a53-6a6b4d0a8d3d", "Dr. Ines da Silva", 1, 2, None),
    "evolution.vcf": ("pas-id-65A1B2C300000001", "Jiří Novák", 2, 1, None),
    "folded-inside-character.vcf": ("fold-1", "ŁukaszNowak", 1, 0, None),
    "gnome-contacts.vcf": ("pas-id-65B0000000000002", "Łukasz Wójcik", 0, 3, 0),
    "google-carddav.vcf": ("3f9c1a70c1b2d3e4", "Thị Minh Nguyễn", 1, 1, None),
    "google-contacts-groups.vcf": (None, "Dr. Ana María López Jr.", 4, 4, 0),
    "google-takeout.vcf": (None, "Prof. Dr. Ada King", 2, 1, 0),
    "kaddressbook.vcf": ("Xy7Qw0aZ1b", "Zofia Kowalska", 2, 1, None),
    "lowercase.vcf": ("lower-1", "lower case", 1, 0, None),
    "mixed-line-ends.vcf": ("mixed-1", "Mixed Ends", 0, 0, None),
    "nextcloud-40-everything.vcf": ("8f7b4f5e-1a2b-4c3d-9e8f-001122334455", "Sjöberg, Märta", 2, 2, None),
    "nextcloud-photo-data-uri.vcf": ("photo-data-1", "Photo Inside", 0, 0, 534),
    "nextcloud.vcf": ("e1f1a2b3-7b8c-4d5e-9f00-112233445566", "Zoë van der Berg", 1, 1, None),
    "no-uid.vcf": (None, "Nobody In Particular", 1, 0, None),
    "nokia-21-photo.vcf": (None, "Liisa Virtanen", 0, 1, 534),
    "only-organisation.vcf": ("org-only", "Pizzeria Da Gianni", 0, 1, None),
    "outlook-2003-21.vcf": (None, "Jürgen Müller", 1, 2, None),
    "outlook-21-latin1.vcf": (None, "Hélène Lefèvre", 1, 4, None),
    "outlook-365.vcf": ("olk-000001", "Mr. Charlie Brown Jr.", 1, 1, None),
    "rfc6350-params.vcf": (
        *("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", 'Monsieur Louis "XIV" Bourbon', 1, 1, None),
    ),
    "roundcube.vcf": ("rc-42", "Jo Smith", 1, 1, None),
    "sogo.vcf": ("41-65A1-5-5C0B1A80.vcf", "Élodie Durand", 2, 1, None),
    "sonyericsson-21-bare-base64.vcf": (None, "Lars Ericsson", 0, 1, 534),
    "thunderbird-115.vcf": ("c1d2e3f4-0000-4000-8000-0123456789ab", "Peter Paul", 2, 2, None),
    "thunderbird-128-two-of-all.vcf": ("5f1d3d3c-9d5b-4c28-b8f0-7e3cf0c4f0aa", "Pat Smith", 2, 5, None),
    "thunderbird-list.vcf": ("urn:uuid:aa00aa00-0000-4000-8000-0123456789ab", "Board", 0, 0, None),
}


@pytest.mark.parametrize("name", CARD_FACTS)
def test_cards_are_indexed_as_a_person_reads_them(name: str) -> None:
    uid, formatted_name, emails, phones, photo_bytes = CARD_FACTS[name]
    index = index_card(text_of(name))
    assert (index.uid, index.formatted_name, len(index.emails), len(index.phones)) == (
        *(uid, formatted_name, emails, phones),
    )
    assert (index.photo_bytes if index.has_photo else None) == photo_bytes
    assert index.is_group == (name in ("apple-group.vcf", "thunderbird-list.vcf"))


def test_every_card_has_its_facts_but_the_one_that_is_none() -> None:
    assert {path.name for path in CARDS} - set(CARD_FACTS) == {"sogo-list.vcf"}
    with pytest.raises(BadText, match="not a vCard"):
        parse_card(text_of("sogo-list.vcf"))


# What each calendar holds in 2026: number of occurrences, the first few as "month day hour:minute+minutes" in UTC,
# and whether it goes on after the year.
CALENDAR_FACTS: dict[str, tuple[int, list[str], bool]] = {
    "all-day-series-with-timed-override.ics": (5, ["0106 00:00+1440", "0120 13:00+120"], False),
    "apple-absolute-alarms.ics": (1, ["0320 00:00+1440"], False),
    "apple-all-day.ics": (1, ["0214 00:00+2880"], False),
    "apple-birthday-yearly.ics": (0, [], True),
    "apple-moved-and-deleted.ics": (*(4, ["0106 08:00+30", "0114 14:00+30", "0127 08:00+30", "0203 08:00+30"], False),),
    "apple-reminder.ics": (1, ["0107 17:00+0"], False),
    "apple-structured-location.ics": (1, ["0212 18:30+90"], False),
    "apple-task-with-two-alarms.ics": (12, ["0109 07:00+0", "0209 07:00+0"], True),
    "apple-weekly.ics": (13, ["0105 09:00+60", "0112 09:00+60"], False),
    "attachment-inline.ics": (1, ["0105 10:00+0"], False),
    "bysetpos-list.ics": (24, ["0105 07:00+30", "0130 07:00+30"], True),
    "cancelled-override.ics": (2, ["0105 10:00+60", "0106 10:00+60"], False),
    "davx5-event-duration.ics": (1, ["0328 19:00+1500"], False),
    "davx5-floating-reminder.ics": (117, ["0401 07:00+30", "0403 07:00+30"], True),
    "davx5-task.ics": (1, ["0112 11:00+0"], False),
    "end-before-start.ics": (1, ["0105 10:00+0"], False),
    "endless-daily.ics": (365, ["0101 00:30+30", "0102 00:30+30"], True),
    "evolution-memo.ics": (1, ["0110 00:00+1440"], False),
    "evolution-prefix-zone.ics": (1, ["0601 06:00+60"], False),
    "evolution-task-recurring.ics": (5, ["0103 00:00+1440", "0110 00:00+1440"], False),
    "evolution-task-with-length.ics": (1, ["0120 09:00+120"], False),
    "exchange-declined-with-reply-time.ics": (1, ["0918 13:00+60"], False),
    "exchange-empty-exdate.ics": (3, ["0105 09:00+60", "0106 09:00+60"], False),
    "exchange-invitation.ics": (1, ["0115 17:30+60"], False),
    "exchange-moved-occurrences.ics": (16, ["0303 08:00+60", "0310 08:00+60"], False),
    "exchange-task-regenerating.ics": (3, ["0119 00:00+0", "0126 00:00+0"], False),
    "exdate-as-date.ics": (2, ["0105 09:00+60", "0107 09:00+60"], False),
    "exrule-and-two-rules.ics": (31, ["0105 17:00+120", "0107 17:00+120"], False),
    "floating-daily.ics": (2, ["0105 07:00+30", "0106 07:00+30"], False),
    "google-meet-with-conference.ics": (8, ["0410 13:30+30", "0508 13:30+30"], True),
    "google-meeting.ics": (1, ["0210 13:00+45"], False),
    "google-overrides-alone.ics": (2, ["0203 14:00+60", "0217 16:00+60"], False),
    "google-until-before-start.ics": (0, [], False),
    "google-weekdays-new-york.ics": (
        10,
        ["0302 13:30+30", "0303 13:30+30", "0304 13:30+30", "0305 13:30+30", "0306 13:30+30", "0309 12:30+30"],
        False,
    ),
    "hourly-pills.ics": (12, ["0105 07:00+5", "0105 13:00+5"], False),
    "huge-alarm.ics": (1, ["0105 10:00+15"], False),
    "jtx-board-note.ics": (0, [], False),
    "kde-event.ics": (1, ["0402 00:00+1440"], True),
    "kde-journal.ics": (1, ["0111 00:00+1440"], False),
    "kde-todo-with-overrides.ics": (8, ["0106 00:00+0", "0113 00:00+0"], False),
    "kde-todo.ics": (53, ["0101 00:00+0", "0108 00:00+0"], True),
    "leap-day-yearly.ics": (1, ["0228 00:00+1440"], True),
    "lord-howe-half-hour.ics": (3, ["0403 14:30+60", "0404 14:30+90"], False),
    "many-alarms.ics": (1, ["0105 10:00+15"], False),
    "mixed-line-ends.ics": (1, ["0105 10:00+45"], False),
    "morocco-series.ics": (30, ["0105 08:00+30", "0112 08:00+30"], False),
    "nextcloud-deck-task.ics": (0, [], False),
    "nextcloud-event.ics": (8, ["0504 08:00+60", "0601 08:00+60", "0706 08:00+60"], True),
    "nextcloud-talk-attachments.ics": (1, ["0615 12:00+90"], False),
    "nextcloud-tasks-subtask.ics": (1, ["0104 08:00+12000"], False),
    "nonexistent-local-time.ics": (3, ["0328 01:30+30", "0329 01:30+0", "0330 00:30+30"], False),
    "odd-folding.ics": (1, ["0105 09:00+0"], False),
    "odd-line-ends-and-bom.ics": (1, ["0105 10:00+60"], False),
    "outlook-all-day-out-of-office.ics": (1, ["0801 00:00+20160"], False),
    "outlook-customized-zone.ics": (*(4, ["0306 14:00+60", "0307 14:00+60", "0308 13:00+60", "0309 13:00+60"], False),),
    "outlook-note-html.ics": (0, [], False),
    "outlook-synchronizer-task-done.ics": (1, ["0102 00:00+5760"], False),
    "outlook-teams-series.ics": (20, ["0114 09:00+60", "0128 09:00+60"], False),
    "outlook-windows-zone.ics": (1, ["0720 08:00+60"], False),
    "rdate-dates-with-zone.ics": (3, ["0403 22:00+60", "0404 23:00+60", "0405 23:00+60"], False),
    "rdate-period.ics": (3, ["0110 08:00+60", "0112 08:00+240", "0114 08:00+30"], False),
    "recurrence-id-as-date.ics": (3, ["0105 09:00+60", "0106 17:00+60", "0107 09:00+60"], False),
    "rfc5545-journal.ics": (0, [], False),
    "rscale-chinese.ics": (1, ["0217 00:00+1440"], False),
    "sogo-confidential.ics": (1, ["0917 06:15+45"], False),
    "sogo-invitee-declined.ics": (1, ["0119 13:00+90"], False),
    "sogo-journal-without-dates.ics": (0, [], False),
    "sogo-task.ics": (1, ["0130 17:00+0"], False),
    "tasks-org-task.ics": (121, ["0105 00:00+0", "0108 00:00+0"], True),
    "this-and-future.ics": (4, ["0105 09:00+60", "0112 09:00+60", "0119 11:00+120", "0126 11:00+120"], False),
    "thunderbird-alarms-snoozed.ics": (119, ["0110 17:00+15", "0113 17:00+15"], True),
    "thunderbird-event.ics": (1, ["0330 06:30+60"], False),
    "thunderbird-monthly-last-friday.ics": (12, ["0130 18:00+240", "0227 18:00+240", "0327 18:00+240"], True),
    "thunderbird-task-html.ics": (4, ["0107 08:00+10620", "0204 08:00+10620"], False),
    "thunderbird-task-without-dates.ics": (0, [], False),
    "thunderbird-task.ics": (1, ["0201 08:00+39420"], False),
    "unknown-zone-without-block.ics": (1, ["0105 10:00+60"], False),
    "until-as-date.ics": (3, ["0105 22:00+60", "0106 22:00+60", "0107 22:00+60"], False),
    "zimbra-series.ics": (42, ["0601 13:30+15", "0602 13:30+15"], False),
}


def written(span: tuple[int, int]) -> str:
    return f"{datetime.fromtimestamp(span[0], UTC):%m%d %H:%M}+{(span[1] - span[0]) // 60}"


@pytest.mark.parametrize("name", CALENDAR_FACTS)
def test_calendars_take_place_when_a_person_would_say(name: str) -> None:
    count, first, is_open = CALENDAR_FACTS[name]
    found = occurrences(text_of(name), *YEAR)
    assert [written(span) for span in found.spans[: len(first)]] == first
    assert (len(found.spans), found.is_open) == (count, is_open)
    assert found.is_partial == (name == "rscale-chinese.ics")


@pytest.mark.parametrize("name", CALENDAR_FACTS)
def test_the_index_spans_every_occurrence(name: str) -> None:
    index, found = index_calendar(text_of(name)), occurrences(text_of(name), *YEAR)
    for start, end in found.spans:
        assert index.starts_at is not None
        assert index.starts_at <= start
        assert index.ends_at is None or end <= index.ends_at
    assert index.is_recurring or len(found.spans) <= 1


def test_every_calendar_has_its_facts() -> None:
    assert {path.name for path in CALENDARS} == set(CALENDAR_FACTS)


@pytest.mark.parametrize("path", CALENDARS, ids=name_of)
def test_opening_a_calendar_for_editing_changes_nothing(path: Path) -> None:
    events = parse_event_set(text_of(path))
    assert events.master is not None or events.overrides
    assert len(events.overrides) + (events.master is not None) == len(events.entries)
    assert events.to_text() == text_of(path)
