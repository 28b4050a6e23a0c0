"""The plugin host: what runs is what the settings name, and a plugin's fault stays with the plugin."""

import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.places import Place, make_gateway
from gateway.texts import card
from pimgate import collections
from pimgate.app import build_app, open_settings, settings_for
from pimgate.core import Core
from pimgate.errors import BadCredentials, SettingsProblem
from pimgate.items import keep
from pimgate.model.collections import CollectionKind
from pimgate.model.people import Account, Credentials
from pimgate.plugins import PluginHost, installed_entry_points
from pimgate.settings import Settings

Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Installs a plugin: a module, and the entry point that leads to it."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)
    modules: list[str] = []

    def put(name: str, source: str) -> None:
        module = f"pimgate_test_{name}"
        modules.append(module)
        (site / f"{module}.py").write_text(f"from pimgate.api import *\n{source}\n", encoding="utf-8")
        info = site / f"{module}-1.5.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.5\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(f"[pimgate]\n{name} = {module}\n", encoding="utf-8")

    yield put
    for module in modules:
        sys.modules.pop(module, None)


ROUTE = """
from starlette.responses import PlainTextResponse
from starlette.routing import Route
@hookimpl
def pimgate_routes(core):
    return [Route("/{path}", lambda request: PlainTextResponse("{words}"))]
"""
NOTED = """
seen = []
@hookimpl
def pimgate_changed(changes):
    seen.append([change.op.value for change in changes])
"""
BROKEN = """
@hookimpl
def pimgate_changed(core, changes):
    raise RuntimeError("secret content")
"""


def problem(*enabled: str) -> str:
    with pytest.raises(SettingsProblem) as raised:
        PluginHost(enabled)
    return str(raised.value)


def test_plugin_that_is_not_named_is_not_imported(install: Install) -> None:
    install("quiet", "raise RuntimeError('imported')")
    install("wanted", NOTED)
    host = PluginHost(["wanted"])
    assert "pimgate_test_quiet" not in sys.modules
    found = {each.name: each for each in host.installed()}
    assert (found["quiet"].is_on, found["quiet"].hooks) == (False, ())
    assert (found["wanted"].is_on, found["wanted"].hooks) == (True, ("pimgate_changed",))
    assert (found["quiet"].distribution, found["quiet"].version) == ("pimgate_test_quiet", "1.5")
    assert "pimgate_test_quiet" not in sys.modules


def test_what_is_installed_is_found_without_importing_it(install: Install) -> None:
    install("quiet", "raise RuntimeError('imported')")
    assert {"quiet", "eas", "dav", "imap", "web", "mail"} <= set(installed_entry_points())


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import no_such_module_anywhere", "no_such_module_anywhere"),
        ("raise RuntimeError('falls over')", "falls over"),
        ("this is no python", "cannot be loaded"),
        ("@hookimpl\ndef pimgate_misspelt(core): ...", "pimgate_misspelt"),
        ("@hookimpl\ndef pimgate_routes(gateway): ...", "gateway"),
    ],
)
def test_plugin_that_cannot_be_loaded_stops_the_start_with_a_reason(install: Install, source: str, words: str) -> None:
    install("broken", source)
    assert words in problem("broken")


def test_all_plugins_that_cannot_be_loaded_are_named_at_once(install: Install) -> None:
    install("broken", "raise RuntimeError('falls over')")
    told = problem("broken", "missing")
    assert "falls over" in told
    assert "missing" in told


def test_two_plugins_that_claim_one_path_stop_the_start(install: Install, database: Place) -> None:
    install("one", ROUTE.format(path="x", words="1"))
    install("two", ROUTE.format(path="x", words="2"))
    with make_gateway(database, "one", "two") as core, pytest.raises(SettingsProblem) as raised:
        build_app(core)
    for word in ("'one'", "'two'", "/x"):
        assert word in str(raised.value)


def test_path_of_the_core_cannot_be_claimed(install: Install, database: Place) -> None:
    install("one", ROUTE.format(path="healthz", words="well"))
    with make_gateway(database, "one") as core, pytest.raises(SettingsProblem):
        build_app(core)


def test_plugins_tell_their_things_in_the_order_of_the_settings(install: Install, database: Place) -> None:
    install("one", ROUTE.format(path="x", words="1"))
    install("two", ROUTE.format(path="y", words="2"))
    for order, paths in ((("one", "two"), ["/x", "/y"]), (("two", "one"), ["/y", "/x"])):
        with make_gateway(database, *order) as core:
            assert [getattr(route, "path", "") for route in core.plugins.routes(core)] == paths


def test_plugin_that_breaks_on_a_change_harms_neither_the_change_nor_other_plugins(
    install: Install, make_core: Callable[..., Core], person: Callable[[str], Account], caplog: pytest.LogCaptureFixture
) -> None:
    install("broken", BROKEN)
    install("noted", NOTED)
    anna = person("anna")
    core = make_core("broken", "noted")
    with core.database.write() as work:
        book = collections.create(work, anna.id, CollectionKind.BOOK, "Friends")
    sys.modules["pimgate_test_noted"].seen.clear()
    with caplog.at_level(logging.ERROR), core.database.write() as work:
        keep(work, core.settings.limits, book, "a.vcf", card("a"))
    assert sys.modules["pimgate_test_noted"].seen == [["create"]]
    assert "broken" in caplog.text
    assert "secret content" not in caplog.text
    with core.database.read() as work:
        assert work.items.size(book.id)[0] == 1


def test_two_gateways_in_one_process_share_no_plugin_host(install: Install, make_core: Callable[..., Core]) -> None:
    install("one", ROUTE.format(path="x", words="1"))
    with_it, without = make_core("one"), make_core()
    assert len(with_it.plugins.routes(with_it)) == 1
    assert without.plugins.routes(without) == []


SETTINGS = """
from dataclasses import dataclass
@dataclass(frozen=True, slots=True)
class Mine:
    '''Words.'''
    greeting: str = setting("hello", "What is said.")
    times: int = setting(1, "How often.", least=1, most=3)
@hookimpl
def pimgate_settings():
    return Mine
"""


def test_plugin_has_its_own_section_and_its_mistakes_are_told_like_others(install: Install, tmp_path: Path) -> None:
    install("polite", SETTINGS)
    file = tmp_path / "pimgate.toml"
    file.write_text("[plugins]\nenabled = ['polite']\n[plugins.polite]\ntimes = 2\n", encoding="utf-8")
    settings, host = open_settings(file)
    mine = sys.modules["pimgate_test_polite"].Mine
    assert settings.plugin("polite", mine) == mine("hello", 2)
    assert host.enabled == ("polite",)
    file.write_text("[plugins]\nenabled = ['polite']\n[plugins.polite]\ntims = 2\ntimes = 9\n", encoding="utf-8")
    with pytest.raises(SettingsProblem) as raised:
        open_settings(file)
    assert [(each.line, each.key) for each in raised.value.mistakes] == [
        (4, "plugins.polite.tims"),
        (5, "plugins.polite.times"),
    ]
    assert "'times'" in raised.value.mistakes[0].hint


def test_settings_made_by_a_program_name_only_plugins_that_are_enabled(install: Install, tmp_path: Path) -> None:
    install("polite", SETTINGS)
    host = PluginHost(["polite"])
    mine = sys.modules["pimgate_test_polite"].Mine
    assert settings_for(tmp_path, host, {}).plugin("polite", mine) == mine()
    assert settings_for(tmp_path, host, {"plugins.polite": mine("hi")}).plugin("polite", mine) == mine("hi")
    with pytest.raises(SettingsProblem, match="rude"):
        settings_for(tmp_path, host, {"plugins.rude": mine()})
    assert Settings(tmp_path).plugin("polite", mine) == mine()


AUTHENTICATE = """
@hookimpl
def pimgate_authenticate(core, credentials):
    if credentials.login.startswith("ldap-"):
        if credentials.secret != "directory":
            raise BadCredentials("no")
        with core.database.write() as work:
            found = work.people.by_login(credentials.login)
            return Identity(found or core.people.create(work, credentials.login, None))
    return None
"""


def test_plugin_may_know_people_whom_the_core_does_not(install: Install, make_core: Callable[..., Core]) -> None:
    install("ldap", AUTHENTICATE)
    core = make_core("ldap")
    for _ in range(2):
        known = core.door.authenticate(Credentials("ldap-x@example.org", "directory", "dav", "192.0.2.1"))
        assert known.account.login == "ldap-x@example.org"
    for login, secret in (("ldap-x@example.org", "wrong"), ("nobody@example.org", "directory")):
        with pytest.raises(BadCredentials):
            core.door.authenticate(Credentials(login, secret, "dav", "192.0.2.1"))


def test_plugin_is_never_asked_about_a_person_who_has_a_password_here(
    install: Install, make_core: Callable[..., Core]
) -> None:
    install("greedy", "@hookimpl\ndef pimgate_authenticate(core):\n    raise AssertionError('asked')")
    core = make_core("greedy")
    with pytest.raises(BadCredentials):
        core.door.authenticate(Credentials("anna@example.org", "wrong", "dav", "192.0.2.1"))
