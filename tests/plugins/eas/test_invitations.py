"""The id by which mail programs know a meeting."""

import base64
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pimgate_eas.invitations import global_object_id, uid_of

HEAD = "040000008200E00074C5B7101A82E008"
OUTLOOK = HEAD + "00000000" + "70CCA8F4A0E2D901" + "0" * 16 + "10000000" + "0123456789ABCDEF" * 2


def test_uid_of_another_program_is_wrapped() -> None:
    octets = base64.b64decode(global_object_id("r1@example.org"))
    assert octets[:16].hex().upper() == HEAD
    assert octets[16:36] == bytes(20)
    assert octets[36:40] == (12 + 14 + 1).to_bytes(4, "little")
    assert octets[40:] == b"vCal-Uid\x01\0\0\0r1@example.org\0"


def test_uid_of_outlook_goes_in_as_it_is() -> None:
    assert base64.b64decode(global_object_id(OUTLOOK)).hex().upper() == OUTLOOK
    assert uid_of(global_object_id(OUTLOOK)) == OUTLOOK


@pytest.mark.parametrize("uid", ["r1@example.org", OUTLOOK])
def test_occurrence_is_named_by_its_day_and_has_the_uid_of_its_series(uid: str) -> None:
    of_third = global_object_id(uid, date(2026, 12, 3))
    assert base64.b64decode(of_third)[16:20] == bytes((0x07, 0xEA, 12, 3))
    assert uid_of(of_third) == uid


@pytest.mark.parametrize("text", ["", "!", "AAAA", base64.b64encode(bytes(60)).decode(), global_object_id("x")[:-8]])
def test_what_is_no_such_id_has_no_uid(text: str) -> None:
    assert uid_of(text) is None


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1, max_size=200))
def test_every_uid_comes_back(uid: str) -> None:
    assert uid_of(global_object_id(uid)) == (uid.upper() if uid.upper().startswith(HEAD) else uid)
