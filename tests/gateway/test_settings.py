"""pimgate.toml: what is right is read, and every mistake is named at once, with its line and the nearest word."""

import dataclasses
from pathlib import Path

import pytest

from pimgate.app import open_settings
from pimgate.errors import Mistake, SettingsProblem
from pimgate.model.clients import Exposure
from pimgate.model.collections import Ownership
from pimgate.settings import SECTIONS, Settings, UnknownDevices
from pimgate.settings_file import settings_path
from pimgate.settings_sample import sample
from pimgate.visibility import OthersOnPhones, Preset

NONE = "[plugins]\nenabled = []\n"


def read(tmp_path: Path, text: str) -> Settings:
    file = tmp_path / "pimgate.toml"
    file.write_text(text, encoding="utf-8")
    return open_settings(file)[0]


def mistakes(tmp_path: Path, text: str) -> list[Mistake]:
    with pytest.raises(SettingsProblem) as problem:
        read(tmp_path, text)
    found = problem.value.mistakes
    assert {each.file for each in found} == {str(tmp_path / "pimgate.toml")}
    return found


def mistake(tmp_path: Path, text: str) -> Mistake:
    (found,) = mistakes(tmp_path, text)
    return found


def test_file_with_nothing_but_a_choice_of_plugins_gives_the_defaults(tmp_path: Path) -> None:
    found = read(tmp_path, NONE)
    defaults = Settings(tmp_path)
    for name in set(SECTIONS) - {"plugins"}:
        assert getattr(found, name) == getattr(defaults, name)
    assert found.directory == tmp_path
    assert found.path("x.db") == tmp_path / "x.db"


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        NONE
        + """
[http]
port = 9090
trusted_proxies = ["10.0.0.0/8", "::1"]
[devices]
unknown = "ask"
[visibility]
preset = "open"
shared_on_phones = "read-only"
[visibility.cells]
"dav/book/own/on" = "full"
"eas-ios/calendar/any/off" = "hidden"
""",
    )
    assert found.http.port == 9090
    assert found.http.trusted_proxies == ["10.0.0.0/8", "::1"]
    assert found.devices.unknown is UnknownDevices.ASK
    policy = found.policy()
    assert (policy.preset, policy.shared_on_phones) == (Preset.OPEN, OthersOnPhones.READ_ONLY)
    assert policy.cells["dav", "book", Ownership.OWN, True] is Exposure.FULL
    assert [policy.cells["eas-ios", "calendar", each, False] for each in Ownership] == [Exposure.HIDDEN] * 4
    assert len(policy.cells) == 5


@pytest.mark.parametrize(
    ("text", "line", "key", "reason", "hint"),
    [
        ("[htp]\nport = 1", 3, "htp", "no such section", "http"),
        ("[http]\nprt = 1", 4, "http.prt", "no such setting", "port"),
        ("[http]\n\n# words\nport = '80'", 6, "http.port", "whole number", ""),
        ("[http]\nport = true", 4, "http.port", "whole number", ""),
        ("[http]\nport = 8080.0", 4, "http.port", "whole number", ""),
        ("[http]\nport = 65536", 4, "http.port", "from 0 to 65535", ""),
        ("[http]\nport = -1", 4, "http.port", "from 0 to 65535", ""),
        ("[http]\nmax_body_bytes = 1", 4, "http.max_body_bytes", "at least 65536", ""),
        ("[http]\nhost = 1", 4, "http.host", "text in quotes", ""),
        ("[log]\nrequests = 'yes'", 4, "log.requests", "true or false", ""),
        ("[http]\ntrusted_proxies = '::1'", 4, "http.trusted_proxies", "list of texts", ""),
        ("[http]\ntrusted_proxies = ['::1', 1]", 4, "http.trusted_proxies", "list of texts", ""),
        ("[http]\ntrusted_proxies = ['here']", 4, "http.trusted_proxies", "'here'", ""),
        ("[devices]\nunknown = 'alow'", 4, "devices.unknown", "allow, ask, block", "allow"),
        ("[devices]\nunknown = 7", 4, "devices.unknown", "allow, ask, block", ""),
        ("[log]\nform = 'jason'", 4, "log.form", "text, json", "json"),
        ("[visibility]\ncells = 'x'", 4, "visibility.cells", "section of texts", ""),
        ("[visibility.cells]\n'dav/book/own/on' = 'ful'", 4, "visibility.cells.dav/book/own/on", "no exposure", "full"),
        ("[visibility.cells]\n'dv/book/own/on' = 'full'", 4, "visibility.cells.dv/book/own/on", "'dv'", "dav"),
        ("[visibility.cells]\n'dav/boook/own/on' = 'full'", 4, "visibility.cells.dav/boook/own/on", "'boook'", "book"),
        ("[visibility.cells]\n'dav/book/owned/on' = 'full'", 4, "visibility.cells.dav/book/owned/on", "'owned'", "own"),
        ("[visibility.cells]\n'dav/book/own/onn' = 'full'", 4, "visibility.cells.dav/book/own/onn", "'onn'", "on"),
        ("[visibility.cells]\n'dav' = 'full'", 4, "visibility.cells.dav", "kind/class/ownership/switch", ""),
        ("[visibility]\ncells = {'dav' = 'full'}", 4, "visibility.cells.dav", "kind/class/ownership/switch", ""),
        ("[database]\nurl = 'mysql://x/y'", 4, "database.url", "sqlite:///", ""),
        ("[database]\nurl = 'nonsense'", 4, "database.url", "sqlite:///", ""),
        ("[plugins.eas]\nx = 1", 3, "plugins.eas", "not enabled", "enabled"),
    ],
)  # fmt: skip
def test_mistake_is_named_with_its_line_its_reason_and_the_nearest_word(
    tmp_path: Path, text: str, line: int, key: str, reason: str, hint: str
) -> None:
    found = mistake(tmp_path, NONE + text)
    assert (found.line, found.key) == (line, key)
    assert reason in found.reason
    assert hint in found.hint
    assert bool(hint) == bool(found.hint)
    assert str(found).startswith(f"{tmp_path / 'pimgate.toml'}:{line}: {key}: ")
    assert "  " not in str(found)
    assert "?." not in str(found)


@pytest.mark.parametrize("text", ["http = 1\n", "http = []\n", "[[http]]\nport = 1\n"])
def test_section_that_is_none_is_a_mistake(tmp_path: Path, text: str) -> None:
    found = mistake(tmp_path, text + NONE)
    assert (found.line, found.key) == (1, "http")
    assert "section" in found.reason


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = """[htp]
[http]
prt = 1
port = 'x'
[devices]
unknown = 'alow'
[database]
url = 'x'
[plugins]
enabled = ['nothing']
"""
    found = mistakes(tmp_path, text)
    assert [(each.line, each.key) for each in found] == [
        (1, "htp"),
        (3, "http.prt"),
        (4, "http.port"),
        (6, "devices.unknown"),
        (8, "database.url"),
        (10, "plugins.enabled"),
    ]
    with pytest.raises(SettingsProblem) as problem:
        read(tmp_path, text)
    assert len(str(problem.value).splitlines()) == 6


def test_plugin_that_is_not_installed_is_named_with_those_that_are(tmp_path: Path) -> None:
    found = mistake(tmp_path, "[plugins]\nenabled = ['davv']\n")
    assert "davv" in found.reason
    assert "dav" in found.hint
    assert "imap" in found.hint


@pytest.mark.parametrize(
    ("octets", "line", "reason"),
    [
        (b"[http]\nport 8080\n", 2, "not TOML"),
        (b"[http]\nport = 1\nport = 2\n", 3, "not TOML"),
        (b"[http\n", 1, "not TOML"),
        (b"\xff\xfe[\0h\0", 0, "UTF-8"),
        (b'[http]\nhost = "\xe9"\n', 0, "UTF-8"),
        (b"a = 1\x00", 1, "not TOML"),
    ],
)
def test_file_that_is_no_toml_is_one_mistake(tmp_path: Path, octets: bytes, line: int, reason: str) -> None:
    file = tmp_path / "pimgate.toml"
    file.write_bytes(octets)
    with pytest.raises(SettingsProblem) as problem:
        open_settings(file)
    found = problem.value.mistakes[0]
    assert reason in found.reason
    assert found.line == line


def test_file_that_is_missing_or_no_file_is_said_so(tmp_path: Path) -> None:
    for place, words in ((tmp_path / "none.toml", "No such file"), (tmp_path, "directory")):
        with pytest.raises(SettingsProblem) as problem:
            open_settings(place)
        assert words in problem.value.mistakes[0].reason
        assert str(place) in str(problem.value)


def test_settings_file_is_looked_for_where_it_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIMGATE_SETTINGS", raising=False)
    monkeypatch.chdir(tmp_path)
    assert settings_path(None) == Path("/etc/pimgate/pimgate.toml")
    (tmp_path / "pimgate.toml").touch()
    assert settings_path(None) == Path("pimgate.toml")
    monkeypatch.setenv("PIMGATE_SETTINGS", "/somewhere/x.toml")
    assert settings_path(None) == Path("/somewhere/x.toml")
    assert settings_path("mine.toml") == Path("mine.toml")


def test_sample_holds_every_setting_with_its_default_and_its_words(tmp_path: Path) -> None:
    text = sample({})
    for name, section in SECTIONS.items():
        for each in dataclasses.fields(section):
            assert each.metadata["words"] in text, (name, each.name)
    quiet = text.replace('enabled = ["eas", "dav", "imap", "web"]', "enabled = []")
    assert quiet != text
    found = read(tmp_path, quiet)
    for name in set(SECTIONS) - {"plugins"}:
        assert getattr(found, name) == getattr(Settings(tmp_path), name)


def test_time_zone_that_is_none_is_a_mistake_with_the_nearest_one(tmp_path: Path) -> None:
    file = tmp_path / "pimgate.toml"
    file.write_text('[plugins]\nenabled = []\n[accounts]\ntime_zone = "Europe/Berlim"\n')
    with pytest.raises(SettingsProblem) as caught:
        open_settings(file)
    assert str(caught.value) == (
        f"{file}:4: accounts.time_zone: 'Europe/Berlim' is no time zone. Did you mean 'Europe/Berlin'?"
    )
