"""Birthdays are days."""

from __future__ import annotations

import pytest

from pimgate_eas.mapping.errors import CannotConvert
from plugins.eas.mapping.contacts.cards import card, edited, fields, shown


@pytest.mark.parametrize(
    ("line", "sent", "expected"),
    [
        ("BDAY:1980-02-29", "1981-03-01T00:00:00.000Z", "BDAY:1981-03-01"),
        ("BDAY:19800229", "1981-03-01T00:00:00.000Z", "BDAY:19810301"),
        ("BDAY;VALUE=DATE:1980-02-29", "1981-03-01T00:00:00.000Z", "BDAY;VALUE=DATE:1981-03-01"),
        ("BDAY:1980-02-29T12:00:00Z", "1981-03-01T00:00:00.000Z", "BDAY:1981-03-01T12:00:00Z"),
        ("BDAY:--0229", "1604-03-01T00:00:00.000Z", "BDAY:--0301"),
        ("BDAY:--0229", "1981-03-01T00:00:00.000Z", "BDAY:19810301"),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29", "1981-03-01T00:00:00.000Z", "BDAY:1981-03-01"),
        (
            "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29",
            "1604-03-01T00:00:00.000Z",
            "BDAY;X-APPLE-OMIT-YEAR=1604:1604-03-01",
        ),
        ("BDAY:sometime", "1981-03-01T00:00:00.000Z", "BDAY:1981-03-01"),
    ],
)
def test_birthday_keeps_its_style(line: str, sent: str, expected: str) -> None:
    assert f"\r\n{expected}\r\n" in edited(card("FN:A", line), *fields(Birthday=sent))


@pytest.mark.parametrize("hour", ["00:00:00.000", "08:00:00.000", "11:00:00.000", "11:59:00.000", "12:00:00"])
def test_any_hour_until_noon_is_that_day(hour: str) -> None:
    text = card("FN:A", "BDAY:1980-02-29")
    assert edited(text, *fields(Birthday=f"1980-02-29T{hour}Z")) == text


@pytest.mark.parametrize("hour", ["23:00:00.000", "22:00:00.000", "14:00:00.000"])
def test_evening_is_the_midnight_of_a_zone_in_the_east(hour: str) -> None:
    text = card("FN:A", "BDAY:1980-02-29")
    assert edited(text, *fields(Birthday=f"1980-02-28T{hour}Z")) == text


def test_day_without_a_year_is_shown_in_1604() -> None:
    assert shown(card("FN:A", "BDAY:--0412"))["Birthday"] == "1604-04-12T00:00:00.000Z"


@pytest.mark.parametrize("line", ["BDAY:1980", "BDAY:1980-02-30", "BDAY:around 1980"])
def test_birthday_that_is_no_day_is_not_shown_and_stays(line: str) -> None:
    text = card("FN:A", "N:A;;;;", line)
    assert "Birthday" not in shown(text)
    assert f"{line}\r\n" in edited(text, *fields(JobTitle="x", Birthday=""))


@pytest.mark.parametrize(("version", "name"), [("3.0", "X-ANNIVERSARY:2001-06-30"), ("4.0", "ANNIVERSARY:20010630")])
def test_new_anniversary_is_written_as_the_version_has_it(version: str, name: str) -> None:
    text = edited(card("FN:A", version=version), *fields(Anniversary="2001-06-30T00:00:00.000Z"))
    assert f"{name}\r\n" in text
    assert shown(text)["Anniversary"] == "2001-06-30T00:00:00.000Z"


def test_anniversary_under_apples_label() -> None:
    text = card("FN:A", "item1.X-ABDATE:2001-06-30", "item1.X-ABLabel:_$!<Anniversary>!$_", "item2.X-ABDATE:1999-01-01")
    assert shown(text)["Anniversary"] == "2001-06-30T00:00:00.000Z"
    assert "item1.X-ABDATE:2002-06-30\r\n" in edited(text, *fields(Anniversary="2002-06-30T00:00:00.000Z"))


@pytest.mark.parametrize("sent", ["soon", "1980-02-30T00:00:00Z", "0000-01-01", "9999-12-31T23:00:00Z"])
def test_what_is_no_day_is_refused(sent: str) -> None:
    with pytest.raises(CannotConvert):
        edited(card("FN:A"), *fields(Birthday=sent))
