"""`pimgate check`: would the gateway start? Nothing is changed."""

from __future__ import annotations

import click

from pimgate import outbox
from pimgate.app import open_settings
from pimgate.cli.command import Command, Problem
from pimgate.cli.desk import Desk
from pimgate.core import Core
from pimgate.errors import AwayNow, Mistake, SettingsProblem
from pimgate.model.outbox import State
from pimgate.plugins import PluginHost
from pimgate.profiles import Profiles
from pimgate.settings import Settings
from pimgate.store.database import Database, database_url
from pimgate.store.migrate import known_revisions, present_revision


@click.command("check", cls=Command, example="pimgate check && systemctl restart pimgate")
@click.pass_obj
def command(desk: Desk) -> None:
    """Check the settings (all mistakes at once, with file and line), the plugins and the database. 0: all is well; 1: the database
    cannot be used; 2: the settings are wrong."""
    settings, host = open_settings(desk.settings_file)
    if settings.devices.profiles:
        Profiles(settings.path(settings.devices.profiles))
    _check_outgoing(settings)
    database, mail = _database(settings, host)
    plugins = ", ".join(host.enabled) or "none"
    document = {
        "ok": True,
        "settings": str(desk.settings_file),
        "plugins": list(host.enabled),
        "database": database,
        "mail": mail,
    }
    lines = (
        f"settings  {desk.settings_file}: no mistake",
        f"plugins   {plugins}",
        f"database  {database}",
        f"mail      {mail}",
    )
    desk.answer(document, *lines)


def _check_outgoing(settings: Settings) -> None:
    name = settings.outgoing.password_file
    if name and not settings.path(name).is_file():
        raise SettingsProblem([Mistake("settings", 0, "outgoing.password_file", f"there is no file {name}")])


def _database(settings: Settings, host: PluginHost) -> tuple[str, str]:
    """What there is to say of the database, and of mail that leaves. Problem if it cannot be used, SettingsProblem if it is ahead
    of this release."""
    mail = settings.outgoing.host or "known after the first start"
    url = database_url(settings.database.url, settings.directory)
    shown = url.render_as_string(hide_password=True)
    if url.get_backend_name() == "sqlite" and not settings.path(str(url.database)).exists():
        return f"{shown}: will be made at the first start", mail
    database = Database(url, pool_size=1, busy_timeout_seconds=settings.database.busy_timeout_seconds)
    try:
        revision = present_revision(database)
    except AwayNow as error:
        raise Problem(f"The database cannot be reached: {error.detail}.") from error
    finally:
        database.close()
    known = known_revisions()
    if revision is not None and revision not in known:
        reason = f"the database has revision {revision}, which this release does not know"
        raise SettingsProblem([Mistake(shown, 0, "", reason)])
    if revision != known[0]:
        return f"{shown}: will be brought from {revision or 'nothing'} to {known[0]} at the next start", mail
    return f"{shown}: is at {revision}", _open_everything(settings, host)


def _open_everything(settings: Settings, host: PluginHost) -> str:
    """What only a whole gateway can tell: two plugins that claim one path, for example; and by whom mail leaves."""
    core = Core(settings, host)
    try:
        host.routes(core)
        return _mail(core)
    finally:
        core.close()


def _mail(core: Core) -> str:
    carrier = core.carrier()
    way = (
        f"leaves by {carrier.name}" if carrier else "leaves nowhere: name a server in [outgoing], or guests get no mail"
    )
    with core.database.read() as work:
        counts = outbox.counts(work)
    states = ", ".join(
        f"{counts[state]} {state.value}" for state in State if counts.get(state) and state is not State.SENT
    )
    return f"{way}; outbox: {states or 'nothing waits'}"
