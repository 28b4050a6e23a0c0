"""A plugin that breaks costs what it would have added, and nothing else."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Protocol

import pytest

from gateway.testing.clay import Install, install
from pimgate.api import (
    Account,
    AccountState,
    BadCredentials,
    Core,
    Credentials,
    DeviceFacts,
    Identity,
    SettingsProblem,
    directory,
)
from pimgate.app import open_core

__all__ = ["install"]

BROKEN = """
@hookimpl
def pimgate_directory(core, work, account, query, limit):
    raise RuntimeError("a secret of the directory")

@hookimpl
def pimgate_panels(core, account):
    raise RuntimeError("a secret of the panel")

@hookimpl
def pimgate_changed(core, changes):
    raise RuntimeError("a secret of the change")
"""
CREDULOUS = """
@hookimpl
def pimgate_authenticate(core, credentials):
    with core.database.read() as work:
        return Identity(core.people.get(work, credentials.login))
"""


class Open(Protocol):
    def __call__(self, plugin: str) -> Core: ...


@pytest.fixture
def open_with(install: Install, tmp_path: Path) -> Iterator[Open]:
    """Opens a gateway with a plugin made of these lines."""
    with ExitStack() as stack:

        def opened(plugin: str) -> Core:
            name = install(plugin)
            place = tmp_path / "pimgate.toml"
            place.write_text(f'[plugins]\nenabled = ["{name}"]\n')
            return stack.enter_context(closing(open_core(place)))

        yield opened


def anna_of(core: Core) -> Account:
    with core.database.write() as work:
        return core.people.create(work, "anna@example.org", None, name="Anna Berg")


def test_write_is_kept_and_search_answers_when_a_plugin_breaks(
    open_with: Open, caplog: pytest.LogCaptureFixture
) -> None:
    core = open_with(BROKEN)
    anna = Identity(anna_of(core))
    with caplog.at_level(logging.ERROR), core.database.write() as work:
        device = core.devices.admit(work, anna, DeviceFacts("web", "browser"))
        found = directory.search(core, work, core.viewer(anna, device), "berg", 10)
        assert core.plugins.panels(core, anna.account) == []
    assert [each.email for each in found] == ["anna@example.org"]
    said = " ".join(caplog.messages)
    assert "clay failed in pimgate_directory: RuntimeError" in said
    assert "clay failed in pimgate_panels: RuntimeError" in said
    assert "clay failed in pimgate_changed: RuntimeError" in said
    assert "secret" not in said


def test_plugin_that_cannot_be_imported_stops_the_start_with_its_name(open_with: Open) -> None:
    with pytest.raises(SettingsProblem, match="the plugin 'clay' cannot be loaded: ZeroDivisionError"):
        open_with("1 / 0\n")


def test_hooks_share_one_object_in_a_gateway_and_none_between_gateways(open_with: Open, tmp_path: Path) -> None:
    core = open_with("")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "pimgate.toml").write_text("[plugins]\nenabled = []\n")
    with closing(open_core(tmp_path / "other" / "pimgate.toml")) as twin:
        assert core.belonging(list) is core.belonging(list)
        assert core.belonging(list) is not twin.belonging(list)


def test_disabled_person_stays_outside_whatever_a_plugin_says(open_with: Open) -> None:
    core = open_with(CREDULOUS)
    anna = anna_of(core)
    credentials = Credentials(anna.login, "anything", "dav", "127.0.0.1")
    assert core.door.authenticate(credentials).account.id == anna.id
    with core.database.write() as work:
        core.people.set_state(work, anna.id, AccountState.DISABLED)
    with pytest.raises(BadCredentials):
        core.door.authenticate(credentials)
