"""The photo, up to 48 KB."""

from __future__ import annotations

import base64

import pytest

from pimgate_eas.mapping.contacts.photo import MOST_CHARACTERS
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.pictures import scaled
from plugins.eas.mapping.contacts.cards import card, edited, fields, rewritten, shown
from plugins.eas.mapping.items import text_of
from plugins.eas.people import photo_line, picture

JPEG = base64.b64encode(b"\xff\xd8\xff\xe0" + b"x" * 60).decode()
PNG = base64.b64encode(b"\x89PNG" + b"x" * 60).decode()
LARGE = base64.b64encode(b"x" * 40_000).decode()


@pytest.mark.parametrize(
    "name",
    [
        "apple-photo-folded.vcf",
        "nextcloud-photo-data-uri.vcf",
        "nokia-21-photo.vcf",
        "sonyericsson-21-bare-base64.vcf",
    ],
)
def test_photo_inside_a_card_is_shown_and_given_back_folded_otherwise(name: str) -> None:
    text = text_of(name)
    picture = shown(text)["Picture"]
    assert isinstance(picture, str)
    assert base64.b64decode(picture).startswith(b"\xff\xd8")
    assert edited(text, *fields(Picture=" " + "\r\n ".join((picture[:70], picture[70:])))) == text


def test_photo_behind_a_link_is_not_shown_and_stays() -> None:
    text = text_of("apple-photo-uri.vcf")
    assert "Picture" not in shown(text)
    assert rewritten(text) == text


def test_empty_picture_means_the_one_that_is_there() -> None:
    text = text_of("apple-photo-folded.vcf")
    assert edited(text, *fields(Picture="")) == text


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("apple-photo-folded.vcf", "PHOTO;ENCODING=b;TYPE=PNG:"),
        ("nextcloud-photo-data-uri.vcf", "PHOTO:data:image/png;base64,"),
        ("nokia-21-photo.vcf", "PHOTO;ENCODING=BASE64;TYPE=PNG:"),
        ("only-organisation.vcf", "PHOTO;ENCODING=b;TYPE=PNG:"),
    ],
)
def test_new_photo_is_written_in_the_manner_of_the_card(name: str, start: str) -> None:
    after = edited(text_of(name), *fields(Picture=PNG))
    assert f"\n{start}" in after
    assert after.count("PHOTO") == text_of(name).replace("X-IMAGETYPE:PHOTO", "X-").count("PHOTO") + (
        1 if name == "only-organisation.vcf" else 0
    ) + ("X-IMAGETYPE:PHOTO" in after)
    assert shown(after)["Picture"] == PNG


def test_photo_too_large_for_devices_is_not_shown_and_stays() -> None:
    text = card("FN:A", "N:A;;;;", f"PHOTO;ENCODING=b;TYPE=JPEG:{LARGE}")
    assert "Picture" not in shown(text)
    assert f"JPEG:{LARGE}\r\n" in rewritten(text, *fields(JobTitle="Chef"))


PORTRAIT = picture(600, 400)


def test_large_photo_is_shown_small_and_stays_large() -> None:
    text = card("FN:A", "N:A;;;;", photo_line(PORTRAIT))
    shown_picture = shown(text)["Picture"]
    assert isinstance(shown_picture, str)
    assert len(shown_picture) <= MOST_CHARACTERS
    assert base64.b64decode(shown_picture) == scaled(PORTRAIT, MOST_CHARACTERS // 4 * 3)
    assert edited(text, *fields(Picture=shown_picture)) == text
    assert rewritten(text) == text


def test_another_photo_takes_the_place_of_a_large_one() -> None:
    text = card("FN:A", "N:A;;;;", photo_line(PORTRAIT))
    after = edited(text, *fields(Picture=PNG))
    assert shown(after)["Picture"] == PNG
    assert after.count("PHOTO") == 1


@pytest.mark.parametrize("sent", ["A" * (MOST_CHARACTERS + 4), "no base64!", "AAA", "²²²²"])
def test_picture_that_is_none_is_refused(sent: str) -> None:
    with pytest.raises(CannotConvert):
        edited(card("FN:A"), *fields(Picture=sent))
