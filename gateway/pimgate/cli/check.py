"""`pimgate check`: would the gateway start? Nothing is changed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import click

from pimgate import outbox
from pimgate.app import open_settings
from pimgate.cli.command import PROBLEM, Command, Problem
from pimgate.cli.desk import Desk
from pimgate.core import Core
from pimgate.errors import AwayNow, Mistake, SettingsProblem
from pimgate.mail.imap.connecting import look
from pimgate.mail.imap.errors import Away
from pimgate.mail.offers import told
from pimgate.mail.sieve.conversation import look as look_at_scripts
from pimgate.mail.upstream import place_of, place_of_scripts
from pimgate.model.outbox import State
from pimgate.plugins import PluginHost
from pimgate.profiles import Profiles
from pimgate.settings import OutgoingLogin, Settings
from pimgate.store.database import Database, database_url
from pimgate.store.migrate import known_revisions, present_revision


@click.command("check", cls=Command, example="pimgate check && systemctl restart pimgate")
@click.pass_obj
def command(desk: Desk) -> None:
    """Check the settings (all mistakes at once, with file and line), the plugins and the database. 0: all is well; 1: the database
    or the mail server cannot be used; 2: the settings are wrong."""
    settings, host = open_settings(desk.settings_file)
    if settings.devices.profiles:
        Profiles(settings.path(settings.devices.profiles))
    _check_outgoing(settings)
    database, mail = _database(settings, host)
    mailboxes = asyncio.run(_mailboxes(settings))
    plugins = ", ".join(host.enabled) or "none"
    document = {
        "ok": True,
        "settings": str(desk.settings_file),
        "plugins": list(host.enabled),
        "database": database,
        "mail": mail,
        "mailboxes": mailboxes.document,
    }
    lines = (
        f"settings  {desk.settings_file}: no mistake",
        f"plugins   {plugins}",
        f"database  {database}",
        f"mail      {mail}",
        f"mailboxes {mailboxes.line}",
    )
    desk.answer({**document, "ok": not mailboxes.problem}, *lines)
    if mailboxes.problem:
        raise click.exceptions.Exit(PROBLEM)


@dataclass(frozen=True, slots=True)
class Mailboxes:
    """How the mail server stands whose mailboxes phones see."""

    line: str
    document: dict[str, object]
    problem: str = ""


async def _mailboxes(settings: Settings) -> Mailboxes:
    """Whether it answers, and shows a certificate that holds. What it offers in all it tells those who log in (`mail check`)."""
    chosen = settings.mail
    if not chosen.host:
        return Mailboxes("phones see no mail: [mail] names no host", {"host": None})
    place = f"{chosen.host}:{chosen.port}, {chosen.tls.value}, login {chosen.login.value}"
    document = {"host": chosen.host, "port": chosen.port, "tls": chosen.tls.value, "login": chosen.login.value}
    scripts = place_of_scripts(settings)
    try:
        offered = told(await look(place_of(settings)))
        extensions = await look_at_scripts(scripts) if scripts else frozenset()
    except Away as error:
        return Mailboxes(f"{place}: {error.detail}", {**document, "problem": error.detail}, error.detail)
    names = [name for name, is_there in offered.items() if is_there]
    answers = "vacation" in extensions
    line = (
        f"{place}: answers; before a login it offers {', '.join(names) or 'nothing of note'} (pimgate mail check LOGIN)"
    )
    line += "" if scripts is None else f"; answers for people who are away: {'yes' if answers else 'no'}"
    return Mailboxes(line, {**document, "offers": names, "answers_for_the_absent": answers if scripts else None})


def _check_outgoing(settings: Settings) -> None:
    name = settings.outgoing.password_file
    if settings.outgoing.login is OutgoingLogin.PERSON and not settings.mail.host:
        raise SettingsProblem(
            [Mistake("settings", 0, "outgoing.login", "people log in by [mail], which names no host")]
        )
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
