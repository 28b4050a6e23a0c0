"""The group `pimgate`: the literal list of its commands, and those that the enabled plugins add."""

from __future__ import annotations

from importlib import import_module

import click

from pimgate.app import open_settings
from pimgate.cli.desk import Desk
from pimgate.errors import SettingsProblem
from pimgate.settings_file import settings_path

COMMANDS = (
    "serve",
    "demo",
    "check",
    "settings",
    "plugins",
    "explain",
    "account",
    "collection",
    "device",
    "outbox",
    "mail",
)
"""Each is the `command` of the module of its name beside this one; in the order in which `pimgate --help` lists them. A module is
imported when its command is typed, so what one of them needs is neither loaded nor waited for by the others."""


class Program(click.Group):
    """Its own commands first; a plugin's command never stands in for one of them, and is looked for only when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS, *(name for name in _of_plugins(ctx) if name not in COMMANDS)]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return own_command(name) if name in COMMANDS else _of_plugins(ctx).get(name)


def own_command(name: str) -> click.Command:
    """The command that one of our modules keeps."""
    command: click.Command = import_module(f"pimgate.cli.{name}").command
    return command


def _of_plugins(ctx: click.Context) -> dict[str, click.Command]:
    """The commands of the enabled plugins, if the settings can be read; what is wrong with them is for `check` to say."""
    try:
        _, host = open_settings(settings_path(ctx.params.get("settings")))
    except SettingsProblem:
        return {}
    return {command.name: command for command in host.commands() if command.name}


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Example: pimgate --settings /etc/pimgate/pimgate.toml check",
)
@click.option(
    "--settings",
    metavar="FILE",
    is_eager=True,
    help="The settings file; else PIMGATE_SETTINGS, ./pimgate.toml or /etc/pimgate/pimgate.toml.",
)
@click.version_option(package_name="pimgate")
@click.pass_context
def program(ctx: click.Context, settings: str | None) -> None:
    """A gateway that brings mail, contacts and calendars to phones, desktops and mail programs."""
    ctx.obj = Desk(settings)
