"""Pictures made small enough for a phone."""

from __future__ import annotations

import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pimgate_eas.pictures import scaled
from plugins.eas.people import picture

KINDS = (("JPEG", "RGB"), ("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "RGBA"), ("PNG", "P"), ("GIF", "P"), ("WEBP", "RGB"))


def opened(octets: bytes) -> Image.Image:
    found = Image.open(io.BytesIO(octets))
    found.load()
    return found


@pytest.mark.parametrize(("kind", "mode"), KINDS)
@pytest.mark.parametrize("most", [36_864, 5_000, 1_500])
def test_large_picture_becomes_a_jpeg_that_fits(kind: str, mode: str, most: int) -> None:
    small = scaled(picture(900, 600, kind, mode), most)
    assert small is not None
    assert len(small) <= most
    shown = opened(small)
    assert (shown.format, shown.mode) == ("JPEG", "RGB")
    assert shown.width / shown.height == pytest.approx(1.5, abs=0.1)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_picture_that_fits_stays_as_it_is(kind: str) -> None:
    octets = picture(20, 20, kind)
    assert scaled(octets, 36_864) == octets


def test_format_that_phones_do_not_show_becomes_one_that_they_do() -> None:
    small = scaled(picture(20, 20, "WEBP"), 36_864)
    assert small is not None
    assert opened(small).format == "JPEG"


def test_same_picture_is_always_scaled_to_the_same_octets() -> None:
    octets = picture(800, 800)
    assert scaled(octets, 36_864) == scaled(octets, 36_864)


def test_picture_stands_as_the_camera_was_held() -> None:
    octets = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.effect_noise((900, 300), 90).convert("RGB").save(octets, "JPEG", exif=exif)
    small = scaled(octets.getvalue(), 20_000)
    assert small is not None
    assert opened(small).height > opened(small).width


def test_transparent_places_are_white() -> None:
    octets = io.BytesIO()
    Image.new("RGBA", (300, 300), (0, 0, 0, 0)).save(octets, "PNG", compress_level=0)
    small = scaled(octets.getvalue(), 36_864)
    assert small is not None
    assert opened(small).getpixel((5, 5)) == (255, 255, 255)


def test_picture_that_fits_at_no_size_is_none() -> None:
    assert scaled(picture(900, 600), 100) is None
    assert scaled(picture(900, 600), 0) is None


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG whose head says how large it is, with nothing behind it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)

    head = width.to_bytes(4) + height.to_bytes(4) + bytes((8, 2, 0, 0, 0))
    packed = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(7_000, 7_000), (10_000, 10_000), (60_000, 60_000), (2_000_000_000, 1), (0, 0)])
def test_picture_that_would_be_too_large_unpacked_is_not_unpacked(size: tuple[int, int]) -> None:
    assert scaled(png_that_claims(*size), 50) is None


@pytest.mark.parametrize("octets", [b"", b"\xff\xd8\xff", b"GIF89a", b"BM" + bytes(99), b"%!PS-Adobe", b"<svg/>"])
def test_what_is_no_picture_is_none(octets: bytes) -> None:
    assert scaled(octets + bytes(50), 10) is None


@given(st.data())
def test_damaged_picture_is_scaled_or_none(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(("JPEG", "PNG", "GIF", "WEBP")))
    octets = bytearray(picture(40, 40, kind))
    for _ in range(data.draw(st.integers(1, 8))):
        octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    small = scaled(bytes(octets[: data.draw(st.integers(0, len(octets)))]), 600)
    assert small is None or len(small) <= 600
