"""What a device means when several like slots change at once."""

from __future__ import annotations

import pytest

from pimgate_eas.mapping.contacts.slots import settled


@pytest.mark.parametrize(
    ("before", "after", "written"),
    [
        (["a", "b", "c"], ["a", "b", "c"], {}),
        (["a", "b", "c"], ["a", "x", "c"], {1: "x"}),
        (["a", "b", ""], ["a", "b", "c"], {2: "c"}),
        (["a", "b", "c"], ["a", "", "c"], {1: ""}),
        # The device closes the gap itself.
        (["a", "b", "c"], ["a", "c", ""], {1: ""}),
        (["a", "b", "c"], ["b", "c", ""], {0: ""}),
        (["a", "b", "c"], ["c", "", ""], {0: "", 1: ""}),
        # A line moved up here, and the device has it where it was; it never saw the last one.
        (["a", "c", "d"], ["a", "", "c"], {}),
        (["b", ""], ["", "b"], {}),
        (["b", "c", "d"], ["", "b", "c"], {}),
        # The same, and the device deletes the first.
        (["a", "c", "d"], ["", "", "c"], {0: ""}),
        # Values that change places, or come with new ones, are what they look like.
        (["a", "b", "c"], ["b", "a", "c"], {0: "b", 1: "a"}),
        (["a", "b", ""], ["x", "a", "b"], {0: "x", 1: "a", 2: "b"}),
        (["a", "a", ""], ["a", "", ""], {1: ""}),
        (["", "", ""], ["", "", ""], {}),
    ],
)
def test_moves_are_told_from_edits(before: list[str], after: list[str], written: dict[int, str]) -> None:
    assert settled(before, after) == written
