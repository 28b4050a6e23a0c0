"""What phones change of messages that are there."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pimgate_eas.mapping.email import FlagEdit, FollowUp, read_edit
from pimgate_eas.mapping.email.keywords import categories_in, category_of, keyword_of
from pimgate_eas.wbxml.element import Element


def edit(*children: Element) -> FlagEdit:
    return read_edit(Element("AirSync:ApplicationData", *children))


def flag(**texts: str) -> Element:
    return Element("Email:Flag", *(Element(name.replace("_", ":"), text=text) for name, text in texts.items()))


def test_nothing_said_changes_nothing() -> None:
    assert edit().is_empty
    assert edit().changes({"\\Seen", "Reisen"}) == (frozenset(), frozenset())
    assert edit(Element("Email:Read", text="maybe")).is_empty


@pytest.mark.parametrize(
    ("read", "before", "added", "removed"), [("1", set(), {"\\Seen"}, set()), ("0", {"\\Seen"}, set(), {"\\Seen"})]
)
def test_message_is_read_or_unread(read: str, before: set[str], added: set[str], removed: set[str]) -> None:
    assert edit(Element("Email:Read", text=read)).changes(before) == (added, removed)
    assert edit(Element("Email:Read", text="1")).changes({"\\Seen"}) == (frozenset(), frozenset())


def test_flag_is_set_with_its_dates() -> None:
    found = edit(
        flag(Email_Status="2", Email_FlagType="Call", Tasks_DueDate="2026-02-01T00:00:00.000Z", Tasks_ReminderSet="1")
    )
    assert found.changes(()) == ({"\\Flagged"}, frozenset())
    assert found.follow_up == FollowUp(
        {
            "Email:Status": "2",
            "Email:FlagType": "Call",
            "Tasks:DueDate": "2026-02-01T00:00:00.000Z",
            "Tasks:ReminderSet": "1",
        }
    )


@pytest.mark.parametrize("cleared", [Element("Email:Flag"), flag(Email_Status="0")])
def test_flag_is_cleared(cleared: Element) -> None:
    found = edit(cleared)
    assert (found.is_flagged, found.follow_up) == (False, None)
    assert found.changes({"\\Flagged"}) == (frozenset(), {"\\Flagged"})


def test_flag_that_is_done_is_no_flag_any_more_but_is_remembered() -> None:
    found = edit(flag(Email_Status="1", Email_CompleteTime="20260201T100000Z"))
    assert found.is_flagged is False
    assert found.follow_up is not None
    assert found.follow_up.is_done
    assert found.follow_up.fields["Email:CompleteTime"] == "2026-02-01T10:00:00.000Z"


def test_what_makes_no_sense_in_a_flag_is_not_kept() -> None:
    found = edit(flag(Email_Status="9", Tasks_DueDate="soon", Tasks_ReminderSet="yes", Email_FlagType="x" * 999))
    assert found.follow_up == FollowUp({"Email:Status": "2", "Email:FlagType": "x" * 255})


def test_categories_replace_those_that_were_and_no_other_flag() -> None:
    words = [Element("Email:Category", text=each) for each in ("Work", "Ferien & Meer", "")]
    found = edit(Element("Email:Categories", *words))
    added, removed = found.changes({"\\Seen", "$Forwarded", "NonJunk", "$label1", "Alt"})
    assert added == {"$label2", "Ferien&ACAAJgAg-Meer"}
    assert removed == {"$label1", "Alt"}
    assert edit(Element("Email:Categories")).changes({"Alt", "\\Seen"}) == (frozenset(), {"Alt"})
    assert edit(Element("Email:Categories", Element("Email:Category", text="ALT"))).changes({"alt"})[1] == frozenset()


@settings(deadline=None)
@given(st.text(max_size=40))
def test_category_comes_back_as_it_was_or_is_not_kept(words: str) -> None:
    keyword = keyword_of(words)
    if keyword:
        assert keyword.isascii()
        assert not set(keyword) & set(' (){%*"\\]\r\n\0')
        assert category_of(keyword) in (words.strip(), category_of(keyword_of(category_of(keyword))))


@settings(deadline=None)
@given(st.text(max_size=40))
def test_any_keyword_is_a_category_or_none(flag: str) -> None:
    assert isinstance(category_of(flag), str)
    categories_in([flag])
