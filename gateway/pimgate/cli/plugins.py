"""`pimgate plugins`: what is installed, and what of it runs."""

from __future__ import annotations

import click

from pimgate.app import open_settings
from pimgate.cli.command import Command
from pimgate.cli.desk import Desk, table


@click.command("plugins", cls=Command, example="pimgate plugins --json")
@click.pass_obj
def command(desk: Desk) -> None:
    """List the installed plugins: on or off, version, and the hooks that those which are on answer. One that is off is not
    imported, so nothing is known of its hooks."""
    _, host = open_settings(desk.settings_file)
    found = host.installed()
    document = [
        {
            "name": each.name,
            "is_on": each.is_on,
            "distribution": each.distribution,
            "version": each.version,
            "hooks": list(each.hooks),
        }
        for each in found
    ]
    rows = [
        (
            each.name,
            "on" if each.is_on else "off",
            f"{each.distribution} {each.version}",
            ", ".join(hook.removeprefix("pimgate_") for hook in each.hooks) or "-",
        )
        for each in found
    ]
    desk.answer(document, *table(("plugin", "is", "from", "hooks"), rows))
