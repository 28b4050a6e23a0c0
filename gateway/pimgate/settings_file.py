"""pimgate.toml -> typed settings; every mistake at once, with file, line, reason and the nearest valid word."""

from __future__ import annotations

import base64
import dataclasses
import ipaddress
import os
import re
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pimgate.errors import Mistake, SettingsProblem
from pimgate.model.clients import Exposure
from pimgate.settings import (
    SECTIONS,
    Accounts,
    Http,
    Invitations,
    MailLogin,
    Settings,
    Visibility,
    cells_named,
    nearest,
)

S = TypeVar("S")


def settings_path(given: str | None) -> Path:
    """Which file is meant: the one given, else PIMGATE_SETTINGS, else pimgate.toml here, else /etc/pimgate/pimgate.toml."""
    named = given or os.environ.get("PIMGATE_SETTINGS")
    if named:
        return Path(named)
    here = Path("pimgate.toml")
    return here if here.exists() else Path("/etc/pimgate/pimgate.toml")


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
                self.complain(name, "no such section", nearest(name, SECTIONS))
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
        self._check_time_zone(sections["accounts"])
        self._check_proxies(sections["http"])
        settings = Settings(directory=self.path.resolve().parent, **sections)
        self._check_mail(settings)
        return settings

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
                self.complain(name, "no such setting", nearest(key, fields))
                continue
            if dataclasses.is_dataclass(types[key]):
                values[key] = self.fill(types[key], value, name)
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
                self.complain(name, f"'{word}' is no exposure", nearest(word, list(Exposure)))

    def _check_time_zone(self, section: Accounts) -> None:
        try:
            ZoneInfo(section.time_zone)
        except (OSError, ValueError, ZoneInfoNotFoundError):
            hint = nearest(section.time_zone, available_timezones())
            self.complain("accounts.time_zone", f"'{section.time_zone}' is no time zone", hint)

    def _check_proxies(self, section: Http) -> None:
        for text in section.trusted_proxies:
            try:
                ipaddress.ip_network(text, strict=False)
            except ValueError:
                self.complain("http.trusted_proxies", f"'{text}' is no address or network")

    def _check_mail(self, settings: Settings) -> None:
        """Whether the way in at the mail server has what it needs."""
        chosen = settings.mail
        needed = {
            MailLogin.MASTER: ("master_password", chosen.master_password, chosen.master_password_file),
            MailLogin.STORED: ("key", chosen.key, chosen.key_file),
        }
        if chosen.host and chosen.invitations is Invitations.AUTHENTICATED and not chosen.authenticated_by:
            self.complain("mail.authenticated_by", "is needed for invitations = 'authenticated'")
        if not chosen.host or chosen.login not in needed:
            return
        if chosen.login is MailLogin.MASTER and not chosen.master_login:
            self.complain("mail.master_login", "is needed for login = 'master'")
        key, text, file = needed[chosen.login]
        try:
            secret = settings.secret(text, file)
        except (OSError, UnicodeDecodeError) as error:
            self.complain(f"mail.{key}_file", f"cannot be read: {type(error).__name__}")
            return
        if not secret:
            self.complain(f"mail.{key}", f"is needed for login = '{chosen.login}'")
        elif key == "key" and not _is_key(secret):
            self.complain(
                "mail.key", "is not 32 octets as URL-safe base64", "`openssl rand -base64 32 | tr +/ -_` makes one."
            )

    def finish(self, settings: Settings) -> Settings:
        """The settings, or SettingsProblem with everything that was found."""
        if self.mistakes:
            raise SettingsProblem(self.mistakes)
        return settings


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)) == 32
    except ValueError:
        return False


def _fitted(value: object, wanted: Any, limits: Mapping[str, Any]) -> object:
    """`value` as the setting's type, or ValueError with the reason and, if there is one, the nearest valid word."""
    if isinstance(wanted, type) and issubclass(wanted, StrEnum):
        if value not in list(wanted):
            raise ValueError(f"{value!r} is none of {', '.join(wanted)}", nearest(str(value), list(wanted)))
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
    if value == limits.get("unset"):
        return value
    if (least is not None and value < least) or (most is not None and value > most):
        none = "" if limits.get("unset") is None else f", or {limits['unset']} for none"
        raise ValueError(f"must be {f'at least {least}' if most is None else f'from {least} to {most}'}{none}")
    return value


def _fitted_many(value: object, wanted: Any) -> object:
    if wanted == list[str]:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise ValueError('must be a list of texts, as in ["one", "two"]')
        return value
    if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
        raise ValueError('must be a section of texts, as in "name" = "text"')
    return value


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
