"""`pimgate settings`: a settings file to begin with."""

from __future__ import annotations

import click

from pimgate.cli.command import Command, Problem
from pimgate.cli.desk import Desk
from pimgate.errors import SettingsProblem
from pimgate.plugins import PluginHost, installed_entry_points
from pimgate.settings_sample import sample

OWN = "pimgate"


@click.command("settings", cls=Command, example="pimgate settings > /etc/pimgate/pimgate.toml")
@click.pass_obj
def command(desk: Desk) -> None:
    """Print a settings file with every setting, its default and what it means."""
    classes, broken = settings_of_own_plugins()
    text = sample(classes)
    desk.answer({"sample": text}, *text.splitlines())
    if broken:
        raise Problem(*broken)


def settings_of_own_plugins() -> tuple[dict[str, type], list[str]]:
    """The settings classes of the plugins that come with pimgate, whatever is enabled; and why some could not be loaded."""
    classes: dict[str, type] = {}
    broken = []
    for name, point in installed_entry_points().items():
        if point.dist is None or point.dist.name != OWN:
            continue
        try:
            classes |= PluginHost([name]).settings_classes()
        except SettingsProblem as problem:
            broken.append(f"{problem.mistakes[0].reason}; its settings are left out.")
    return classes, broken
