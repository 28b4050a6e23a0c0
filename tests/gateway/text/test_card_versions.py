"""Cards of one version for programs that read the other."""

import pytest

from pimgate.text.card_versions import in_version
from pimgate.text.component import Component
from pimgate.text.lines import Line
from pimgate.text.vcard import parse_card


def card(version: str, *lines: str) -> str:
    return "\r\n".join(["BEGIN:VCARD", f"VERSION:{version}", "UID:1", "FN:Ada Lovelace", *lines, "END:VCARD", ""])


NAME = "N:Lovelace;Ada;;;"
ALIKE = [
    ("TEL;TYPE=home,cell;TYPE=PREF:+44 1", "TEL;TYPE=home,cell;PREF=1:+44 1"),
    ("EMAIL;TYPE=work;TYPE=PREF:a@example.org", "EMAIL;TYPE=work;PREF=1:a@example.org"),
    ("BDAY:1815-12-10", "BDAY:18151210"),
    ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-12-10", "BDAY:--1210"),
    ("BDAY:1815-12-10T08:30:00Z", "BDAY:18151210T083000Z"),
    ("PHOTO;ENCODING=b;TYPE=JPEG:/9j/4A==", "PHOTO:data:image/jpeg;base64,/9j/4A=="),
    ("GEO:51.5;-0.1", "GEO:geo:51.5,-0.1"),
    ("X-ADDRESSBOOKSERVER-KIND:group", "KIND:group"),
    ("X-ADDRESSBOOKSERVER-MEMBER:urn:uuid:2", "MEMBER:urn:uuid:2"),
    ("item1.X-ANNIVERSARY:1835-07-08", "item1.ANNIVERSARY:18350708"),
    ("CLASS:PRIVATE", "X-CLASS:PRIVATE"),
    ("X-GENDER:F", "GENDER:F"),
    ("NOTE:a\\, b\\; c\\nd", "NOTE:a\\, b\\; c\\nd"),
    ("ADR;TYPE=home:;;12 St;London;;;UK", "ADR;TYPE=home:;;12 St;London;;;UK"),
]


@pytest.mark.parametrize(("old", "new"), ALIKE)
def test_line_is_written_as_the_version_asked_for_has_it(old: str, new: str) -> None:
    in_old, in_new = card("3.0", NAME, old), card("4.0", NAME, new)
    assert in_version(in_old, "4.0").split("\r\n")[5].upper() == new.upper()
    assert in_version(in_new, "3.0").split("\r\n")[5].upper() == old.upper()


def test_what_has_no_like_is_said_as_well_as_can_be() -> None:
    text = in_version(
        card("4.0", 'TEL;VALUE=uri;TYPE="voice,home":tel:+44-1;ext=5', "PHOTO:https://example.org/a.jpg"), "3.0"
    )
    assert "TEL;TYPE=voice,home:+44-1 x5\r\n" in text
    assert "PHOTO;VALUE=uri:https://example.org/a.jpg\r\n" in text
    assert "N:Ada Lovelace;;;;\r\n" in text
    assert "EMAIL:a@example.org" in in_version(card("3.0", NAME, "EMAIL;TYPE=INTERNET:a@example.org"), "4.0")


def test_card_that_is_in_that_version_or_cannot_be_read_stays() -> None:
    odd = card("3.0", NAME, "TEL;A B=c;TYPE=PREF:1", "X_Y;TYPE=PREF:2")
    assert in_version(odd, "4.0") == odd.replace("VERSION:3.0", "VERSION:4.0")
    for text in (card("3.0", NAME), card("2.1", NAME), "BEGIN:VCARD\r\nno card", card("3.0", "BDAY:soon", NAME)):
        assert in_version(text, "3.0") == text
    assert parse_card(in_version(card("3.0", "BDAY:soon"), "4.0")).version == "4.0"


def test_lines_of_a_card_are_not_looked_for_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []
    plain = Component.replace

    def counted(self: Component, line: Line, new: Line) -> Line:
        searched.append(line.name)
        return plain(self, line, new)

    monkeypatch.setattr(Component, "replace", counted)
    many = card("3.0", NAME, *(f"EMAIL;TYPE=INTERNET,PREF:a{at}@example.org" for at in range(50)))
    assert in_version(many, "4.0").count("EMAIL;PREF=1:") == 50
    assert searched == ["VERSION"]
