"""pimgate.toml -> typed settings; every mistake at once, with file, line, reason and the nearest valid word.

A section is a frozen dataclass whose fields are made by `setting(default, words)`: the default gives the type, the words become the
comment in `config/pimgate.toml`. Plugins declare theirs the same way; theirs are read from `[plugins.<name>]`.
"""

from __future__ import annotations

import dataclasses
import difflib
import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints

from pimgate.errors import Mistake, SettingsProblem
from pimgate.model.clients import Exposure
from pimgate.model.collections import Ownership
from pimgate.visibility import CLASSES, KINDS, OthersOnPhones, Policy, Preset

S = TypeVar("S")


def setting(default: Any, words: str, *, least: int | None = None, most: int | None = None) -> Any:
    """One setting of a section: its default, and the sentence that explains it to the operator."""
    metadata = {"words": words, "least": least, "most": most}
    if isinstance(default, (list, dict)):
        return field(default_factory=lambda: type(default)(default), metadata=metadata)
    return field(default=default, metadata=metadata)


class UnknownDevices(StrEnum):
    ALLOW = "allow"
    ASK = "ask"
    BLOCK = "block"


class LogForm(StrEnum):
    TEXT = "text"
    JSON = "json"


@dataclass(frozen=True, slots=True)
class Http:
    """Where the gateway listens for phones, desktop programs and browsers."""

    host: str = setting(
        "127.0.0.1", "Address to listen on. Put a proxy with TLS in front before you open it to the network."
    )
    port: int = setting(8080, "Port to listen on; 0 takes any free one.", least=0, most=65535)
    public_url: str = setting(
        "", "The address under which clients reach the gateway, if it differs from host and port."
    )
    trusted_proxies: list[str] = setting([], "Addresses or networks whose Forwarded headers are believed.")
    header_timeout_seconds: int = setting(10, "A client must have sent its request's head by then.", least=1, most=600)
    body_timeout_seconds: int = setting(30, "A body may pause for as long as this.", least=1, most=3600)
    keep_alive_seconds: int = setting(60, "An idle connection is kept open this long.", least=1, most=3600)
    max_body_bytes: int = setting(10_485_760, "Largest request body, unless a route sets a smaller one.", least=65_536)
    max_connections: int = setting(20_000, "Open connections in all.", least=10)


@dataclass(frozen=True, slots=True)
class Database:
    """Where everything is kept."""

    url: str = setting(
        "sqlite:///pimgate.db", "sqlite:///FILE (relative to this file) or postgresql://USER:PASSWORD@HOST/DATABASE."
    )
    pool_size: int = setting(8, "Connections kept open to the database.", least=1, most=200)
    busy_timeout_seconds: int = setting(5, "How long a writer waits for another one.", least=1, most=60)


@dataclass(frozen=True, slots=True)
class Visibility:
    """Which client sees what. The default is the documented table; see `pimgate explain`."""

    preset: Preset = setting(
        Preset.DOCUMENTED, "documented, or open: everything subscribed and switched on, on every client."
    )
    shared_on_phones: OthersOnPhones = setting(
        OthersOnPhones.OFF, "Other people's collections on phones that show several: off (the table), read-only, full."
    )
    domain_on_phones: OthersOnPhones = setting(
        OthersOnPhones.OFF,
        "The organisation's collections on phones that show several: off (the table), read-only, full.",
    )
    cells: dict[str, str] = setting(
        {},
        'Single cells: "kind/class/ownership/switch" = "exposure", as in "dav/book/own/on" = "full"; "any" for all ownerships.',
    )


@dataclass(frozen=True, slots=True)
class Devices:
    """Phones and programs."""

    unknown: UnknownDevices = setting(
        UnknownDevices.ALLOW, "What happens to a phone seen for the first time: allow, ask or block."
    )
    most_per_person: int = setting(10, "Active phones a person may have.", least=1, most=10_000)
    profiles: str = setting("", "A file of device profiles that come before the built-in ones.")
    multicalendar: list[str] = setting(
        [], "Profiles of phones (other than iPhone and iPad) that are shown all of a person's own calendars."
    )


@dataclass(frozen=True, slots=True)
class Accounts:
    """Logins and guesses."""

    default_domain: str = setting("", "Added to a login without a domain.")
    guesses_per_minute: int = setting(10, "Wrong passwords from one network or for one account in a minute.", least=1)
    guesses_per_day: int = setting(50, "Wrong passwords from one network or for one account in a day.", least=1)
    verified_for_seconds: int = setting(
        300, "A verified password is remembered this long, in memory, as a hash.", least=0, most=3600
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """How large things may be."""

    item_bytes: int = setting(1_048_576, "Largest contact or calendar object.", least=1024)
    items_per_collection: int = setting(100_000, "Most items in one collection.", least=1)
    collections_per_person: int = setting(200, "Most collections one person may own.", least=4)
    contacts_warning: int = setting(1_000, "More contacts than this in a book: a warning beside its switch.", least=1)
    entries_warning: int = setting(
        9_000, "More entries than this in a calendar or task list: a warning beside its switch.", least=1
    )
    journal_days: int = setting(90, "Clients that were away longer than this start anew.", least=1)


@dataclass(frozen=True, slots=True)
class Log:
    """What is written to standard error; never secrets, never content."""

    form: LogForm = setting(LogForm.TEXT, "text for people, json for machines.")
    requests: bool = setting(True, "One line for each request.")


@dataclass(frozen=True, slots=True)
class PluginChoice:
    """What runs in this deployment. A plugin that is not named is not imported."""

    enabled: list[str] = setting(
        ["eas", "dav", "imap", "web"], "The plugins of this deployment; `pimgate plugins` lists what is installed."
    )


SECTIONS: Mapping[str, type[Any]] = {
    "http": Http,
    "database": Database,
    "plugins": PluginChoice,
    "visibility": Visibility,
    "devices": Devices,
    "accounts": Accounts,
    "limits": Limits,
    "log": Log,
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the operator decided, plugins' sections included. `directory` is where relative file names start."""

    directory: Path
    http: Http = Http()
    database: Database = Database()
    plugins: PluginChoice = PluginChoice()
    visibility: Visibility = Visibility()
    devices: Devices = Devices()
    accounts: Accounts = Accounts()
    limits: Limits = Limits()
    log: Log = Log()
    of_plugins: Mapping[str, object] = field(default_factory=dict)

    def plugin(self, name: str, as_class: type[S]) -> S:
        """The section `[plugins.<name>]`, in the class that the plugin declared for it."""
        section = self.of_plugins.get(name)
        return section if isinstance(section, as_class) else as_class()

    def path(self, name: str) -> Path:
        return self.directory / name

    def policy(self) -> Policy:
        """What the operator decided about visibility, ready for the table."""
        chosen = self.visibility
        cells: dict[tuple[str, str, Ownership, bool], Exposure] = {}
        for key, word in chosen.cells.items():
            cells |= dict.fromkeys(cells_named(key), Exposure(word))
        return Policy(chosen.preset, chosen.shared_on_phones, chosen.domain_on_phones, cells)


def cells_named(key: str) -> list[tuple[str, str, Ownership, bool]]:
    """The cells of the table that "kind/class/ownership/switch" names. ValueError says which word is wrong, and which is near."""
    parts = key.split("/")
    if len(parts) != 4:
        raise ValueError('a cell is named "kind/class/ownership/switch"')
    kind, class_, ownership, switch = parts
    for word, valid in ((kind, KINDS), (class_, CLASSES), (ownership, [*Ownership, "any"]), (switch, ("on", "off"))):
        if word not in valid:
            raise ValueError(f"'{word}' is none of {', '.join(valid)}", _nearest(word, valid))
    ownerships = list(Ownership) if ownership == "any" else [Ownership(ownership)]
    return [(kind, class_, each, switch == "on") for each in ownerships]


class SettingsFile:
    """One TOML file being read: its tables, the line of each key, and the mistakes found so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.mistakes: list[Mistake] = []
        self.tables: dict[str, Any] = {}
        self._lines: dict[str, int] = {}
        try:
            text = path.read_text(encoding="utf-8")
            self._lines = _line_index(text)
            self.tables = tomllib.loads(text)
        except OSError as error:
            self.complain("", f"cannot be read: {error.strerror}", hint="Copy config/pimgate.toml to begin with.")
        except UnicodeDecodeError:
            self.complain("", "is not UTF-8 text")
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"at line (\d+)", str(error))
            reason = re.sub(r"\s*\(at .*\)$", "", str(error))
            self.mistakes.append(Mistake(str(path), int(place[1]) if place else 0, "", f"not TOML: {reason}"))

    def complain(self, key: str, reason: str, hint: str = "") -> None:
        self.mistakes.append(Mistake(str(self.path), self._line_of(key), key, reason, hint))

    def _line_of(self, key: str) -> int:
        """The line of a key, else of what it stands in (an inline table has one line for all); 0 for the whole file."""
        while key not in self._lines and "." in key:
            key = key.rpartition(".")[0]
        return self._lines.get(key, 0)

    def read_core(self) -> Settings:
        """The core's sections; mistakes are collected, and defaults stand in for what is wrong."""
        for name in self.tables:
            if name not in SECTIONS:
                self.complain(name, "no such section", _nearest(name, SECTIONS))
        sections = {}
        for name, class_ in SECTIONS.items():
            table = self.tables.get(name, {})
            own = (
                {key: value for key, value in table.items() if name != "plugins" or not isinstance(value, dict)}
                if isinstance(table, dict)
                else table
            )
            sections[name] = self.fill(class_, own, name)
        self._check_cells(sections["visibility"])
        self._check_proxies(sections["http"])
        return Settings(directory=self.path.resolve().parent, **sections)

    def plugin_tables(self) -> dict[str, Any]:
        table = self.tables.get("plugins", {})
        return (
            {key: value for key, value in table.items() if isinstance(value, dict)} if isinstance(table, dict) else {}
        )

    def fill(self, class_: type[S], table: object, where: str) -> S:
        """`class_` filled from one TOML table; what does not fit is a mistake and leaves the default."""
        if not isinstance(table, dict):
            self.complain(where, "must be a section", f"Write [{where}].")
            return class_()
        fields = {each.name: each for each in dataclasses.fields(cast(Any, class_))}
        types = get_type_hints(class_)
        values = {}
        for key, value in table.items():
            name = f"{where}.{key}"
            if key not in fields:
                self.complain(name, "no such setting", _nearest(key, fields))
                continue
            try:
                values[key] = _fitted(value, types[key], fields[key].metadata)
            except ValueError as error:
                self.complain(name, *error.args)
        return class_(**values)

    def _check_cells(self, section: Visibility) -> None:
        for key, word in section.cells.items():
            name = f"visibility.cells.{key}"
            try:
                cells_named(key)
            except ValueError as error:
                self.complain(name, *error.args)
            if word not in list(Exposure):
                self.complain(name, f"'{word}' is no exposure", _nearest(word, list(Exposure)))

    def _check_proxies(self, section: Http) -> None:
        for text in section.trusted_proxies:
            try:
                ipaddress.ip_network(text, strict=False)
            except ValueError:
                self.complain("http.trusted_proxies", f"'{text}' is no address or network")

    def finish(self, settings: Settings) -> Settings:
        """The settings, or SettingsProblem with everything that was found."""
        if self.mistakes:
            raise SettingsProblem(self.mistakes)
        return settings


def _fitted(value: object, wanted: Any, limits: Mapping[str, Any]) -> object:
    """`value` as the setting's type, or ValueError with the reason and, if there is one, the nearest valid word."""
    if isinstance(wanted, type) and issubclass(wanted, StrEnum):
        if value not in list(wanted):
            raise ValueError(f"{value!r} is none of {', '.join(wanted)}", _nearest(str(value), list(wanted)))
        return wanted(str(value))
    if wanted is bool or wanted is str:
        if not isinstance(value, wanted):
            raise ValueError(f"must be {'true or false' if wanted is bool else 'text in quotes'}")
        return value
    if wanted is int:
        return _fitted_number(value, limits)
    return _fitted_many(value, wanted)


def _fitted_number(value: object, limits: Mapping[str, Any]) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("must be a whole number")
    least, most = limits.get("least"), limits.get("most")
    if (least is not None and value < least) or (most is not None and value > most):
        raise ValueError(f"must be {f'at least {least}' if most is None else f'from {least} to {most}'}")
    return value


def _fitted_many(value: object, wanted: Any) -> object:
    if wanted == list[str]:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise ValueError('must be a list of texts, as in ["one", "two"]')
        return value
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise ValueError('must be a section of texts, as in "name" = "text"')
    return value


def _nearest(word: str, valid: Any) -> str:
    close = difflib.get_close_matches(word, [str(each) for each in valid], n=1, cutoff=0.5)
    return f"Did you mean '{close[0]}'?" if close else ""


def _line_index(text: str) -> dict[str, int]:
    """The line on which each section and key of a TOML text stands."""
    lines: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[+([^\]]+)\]", line):
            section = ".".join(part.strip().strip("\"'") for part in header[1].split("."))
            lines.setdefault(section, number)
        elif key := re.match(r"\s*(\"[^\"]*\"|'[^']*'|[\w.\-]+)\s*=", line):
            name = key[1].strip("\"'")
            lines.setdefault(f"{section}.{name}" if section else name, number)
    return lines


def sample(of_plugins: Mapping[str, type[Any]]) -> str:
    """A settings file with every setting, its default and its comment: what `config/pimgate.toml` must be. Sections of plugins
    that are not enabled by default are commented out, so that the file can be used as it is."""
    parts = ["# Every setting of pimgate with its default. Lines that begin with # may stay away.\n"]
    parts += [_sample_section(name, class_) for name, class_ in SECTIONS.items()]
    enabled = PluginChoice().enabled
    for name, class_ in sorted(of_plugins.items()):
        section = _sample_section(f"plugins.{name}", class_)
        parts.append(section if name in enabled else _commented_out(section))
    return "\n".join(parts)


def _commented_out(section: str) -> str:
    return "".join(line if line.startswith("#") else f"# {line}" for line in section.splitlines(keepends=True))


def _sample_section(name: str, class_: type[Any]) -> str:
    doc = (class_.__doc__ or "").strip().splitlines()
    lines = [f"# {line.strip()}" for line in doc if line.strip()]
    lines.append(f"[{name}]")
    empty = class_()
    tables = []
    for each in dataclasses.fields(class_):
        value = getattr(empty, each.name)
        words = f"# {each.metadata.get('words', '')}"
        if isinstance(value, dict):
            tables.append(f"{words}\n[{name}.{each.name}]\n")
        else:
            lines.append(f"{words}\n{each.name} = {_toml(value)}")
    return "\n".join(lines) + "\n" + "".join(f"\n{table}" for table in tables)


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def settings_path(given: str | None) -> Path:
    """Which file is meant: the one given, else PIMGATE_SETTINGS, else pimgate.toml here, else /etc/pimgate/pimgate.toml."""
    named = given or os.environ.get("PIMGATE_SETTINGS")
    if named:
        return Path(named)
    here = Path("pimgate.toml")
    return here if here.exists() else Path("/etc/pimgate/pimgate.toml")
