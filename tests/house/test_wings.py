"""Our wings keep the contract that strangers' plugins keep, each alone in a gateway."""

import importlib
from importlib.metadata import entry_points

import pytest

from house.rooms import WINGS, is_built
from pimgate.testing.contract import check_plugin

SETTINGS: dict[str, dict[str, object]] = {
    "imap": {"port": 0},
    "mail": {"imap_port": 0, "smtp_port": 0},
}
"""Ports that are free, and nothing that waits for a server elsewhere."""

SPEAKING = ("eas", "dav", "imap")
"""The wings that tell their clients of errors in a protocol's own words."""


def skip_unless_built(name: str) -> None:
    if not is_built(f"pimgate_{name}"):
        pytest.skip(f"the wing {name} is not built yet")


def test_every_wing_comes_in_by_the_public_door() -> None:
    ours = {each.name: each.value for each in entry_points(group="pimgate") if each.value.partition(".")[0] in WINGS}
    assert ours == {wing.removeprefix("pimgate_"): f"{wing}.plugin" for wing in WINGS}


@pytest.mark.parametrize("name", [wing.removeprefix("pimgate_") for wing in WINGS])
def test_wing_keeps_the_contract(name: str) -> None:
    skip_unless_built(name)
    assert [str(each) for each in check_plugin(name, SETTINGS.get(name))] == []


@pytest.mark.parametrize("name", SPEAKING)
def test_wing_has_a_table_of_errors(name: str) -> None:
    skip_unless_built(name)
    assert importlib.import_module(f"pimgate_{name}.errors").ERRORS
