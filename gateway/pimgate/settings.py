"""What the operator may decide: the sections of pimgate.toml, typed.

A section is a frozen dataclass whose fields are made by `setting(default, words)`: the default gives the type, the words become the
comment in `config/pimgate.toml`. Plugins declare theirs the same way; theirs are read from `[plugins.<name>]`.
`settings_file.py` reads them, `settings_sample.py` writes the sample.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from pimgate.model.clients import Exposure
from pimgate.model.collections import Ownership
from pimgate.visibility import CLASSES, KINDS, OthersOnPhones, Policy, Preset

S = TypeVar("S")


def setting(
    default: Any, words: str, *, least: int | None = None, most: int | None = None, unset: int | None = None
) -> Any:
    """One setting of a section: its default, and the sentence that explains it to the operator. `unset` is a number outside of
    the range that stands for none. A default that is itself a section makes a section within the section."""
    metadata = {"words": words, "least": least, "most": most, "unset": unset}
    if isinstance(default, (list, dict)):
        return field(default_factory=lambda: type(default)(default), metadata=metadata)
    return field(default=default, metadata=metadata)


class UnknownDevices(StrEnum):
    ALLOW = "allow"
    ASK = "ask"
    BLOCK = "block"


class FreeBusy(StrEnum):
    """Who may see when somebody is taken, besides themselves."""

    COLLEAGUES = "colleagues"
    NOBODY = "nobody"


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
    free_busy: FreeBusy = setting(
        FreeBusy.COLLEAGUES,
        "Who may see when somebody is busy, without any detail: colleagues (everybody with an account here) or nobody.",
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
    allow_device_wipe: bool = setting(
        False, "Phones may be wiped as a whole, private things included; otherwise only this account on them."
    )
    refused: list[str] = setting([], 'Profiles of devices that are blocked when first seen, as in ["outlook-mobile"].')
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
    time_zone: str = setting("UTC", "The time zone of people whose programs do not name one, as in Europe/Berlin.")
    verified_for_seconds: int = setting(
        300, "A verified password is remembered this long, in memory, as a hash.", least=0, most=3600
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """How large things may be."""

    item_bytes: int = setting(1_048_576, "Largest contact or calendar object.", least=1024)
    items_per_collection: int = setting(100_000, "Most items in one collection.", least=1)
    collections_per_person: int = setting(200, "Most collections one person may own.", least=4)
    bytes_per_person: int = setting(
        2_147_483_648,
        "Most that all collections of one person may hold, without their mail; 0 for no limit.",
        least=1_048_576,
        unset=0,
    )
    contacts_warning: int = setting(1_000, "More contacts than this in a book: a warning beside its switch.", least=1)
    entries_warning: int = setting(
        9_000, "More entries than this in a calendar or task list: a warning beside its switch.", least=1
    )
    journal_days: int = setting(90, "Clients that were away longer than this start anew.", least=1)


class Security(StrEnum):
    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


class OutgoingLogin(StrEnum):
    """With whose login mail of people is handed over."""

    SERVICE = "service"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """How invitations and mail leave. Without a host they go to the embedded mail server, if that runs, else nowhere: see
    `pimgate check`."""

    host: str = setting("", "The submission server of the organisation.")
    port: int = setting(587, "Its port.", least=1, most=65535)
    security: Security = setting(Security.STARTTLS, "starttls, tls from the first octet, or none (inside one machine).")
    login: OutgoingLogin = setting(
        OutgoingLogin.SERVICE,
        "service logs in as the gateway, or not at all; person logs in as whoever sends, in the way of [mail], and as the gateway "
        "where that is not known.",
    )
    user: str = setting("", "The login of the gateway there, which may send for everybody; empty: without a login.")
    password: str = setting("", "Its password.")
    password_file: str = setting("", "A file with the password, instead.")
    from_domains: list[str] = setting([], "Domains in whose name the server lets us send; empty: any.")
    other_sender: str = setting(
        "", "The address that people of other domains send from, with their own to reply to; empty: they send nothing."
    )
    timeout_seconds: int = setting(60, "How long the server may take for one answer.", least=1, most=600)
    most_tries: int = setting(
        12, "What the server does not take for the moment is tried so often, ever more rarely.", least=1
    )
    wait_seconds: int = setting(
        15,
        "A phone that sends waits this long to hear whether its mail was taken; of a later refusal its sender reads in the inbox.",
        least=0,
        most=25,
    )
    messages_per_hour: int = setting(300, "Invitations, answers and mails of one person in an hour.", least=1)
    recipients_per_message: int = setting(500, "Recipients that one mail of a person may have.", least=1, most=5000)
    message_bytes: int = setting(36_700_160, "Largest mail of a person, with all its attachments.", least=65_536)
    guests_per_event: int = setting(200, "People that one event may invite.", least=1, most=5000)


class MailLogin(StrEnum):
    """With whose secret the gateway logs in at the mail server for a person."""

    PASSTHROUGH = "passthrough"
    MASTER = "master"
    STORED = "stored"


class MailName(StrEnum):
    """Under which name the mail server knows a person."""

    ADDRESS = "address"
    LOCAL = "local"


class Invitations(StrEnum):
    """Which messages about meetings in arriving mail are believed."""

    PLAUSIBLE = "plausible"
    AUTHENTICATED = "authenticated"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail server whose mailboxes phones see. Without a host phones see no mail."""

    host: str = setting("", "The IMAP server of the organisation.")
    port: int = setting(993, "Its port; 143 for starttls.", least=1, most=65535)
    tls: Security = setting(
        Security.TLS,
        "tls from the first octet, starttls, or none (only on this machine: no password leaves it without TLS).",
    )
    ca_file: str = setting("", "Certificates (PEM) to verify it against, beside this file; empty: those of the system.")
    login: MailLogin = setting(
        MailLogin.PASSTHROUGH,
        "passthrough logs in with the password that the phone sends, kept in memory alone; master logs in for everybody, which app "
        "passwords need; stored logs in with what each person entrusted to the gateway, encrypted.",
    )
    name: MailName = setting(
        MailName.ADDRESS, "How the server calls people: address, or local for what stands before the @."
    )
    master_login: str = setting("", "The login that may act for everybody, for master.")
    master_password: str = setting("", "Its password.")
    master_password_file: str = setting("", "A file with the password, instead.")
    key: str = setting(
        "", "The key for stored: 32 random octets as URL-safe base64. Without it nothing stored can be read."
    )
    key_file: str = setting("", "A file with the key, instead.")
    poll_seconds: int = setting(
        300, "How often to look for new mail where the server cannot tell by itself.", least=15, most=86_400
    )
    timeout_seconds: int = setting(60, "How long the server may be silent before it counts as away.", least=5, most=600)
    connections: int = setting(2000, "Connections to the server in all.", least=1, most=100_000)
    connections_per_person: int = setting(
        4, "Of them for one person, the one that waits for new mail included.", least=2, most=100
    )
    idle_seconds: int = setting(120, "An unused connection is kept this long for the next request.", least=0, most=1500)
    sieve_host: str = setting(
        "", "The ManageSieve server that answers for people while they are away; empty: nobody answers by it."
    )
    sieve_port: int = setting(4190, "Its port. STARTTLS is used there, unless tls is none.", least=1, most=65535)
    invitations: Invitations = setting(
        Invitations.PLAUSIBLE,
        "Which answers and invitations that arrive as mail reach calendars: plausible (who they come from by the message itself; "
        "in the name of people with an account here only where the mail server says that it verified that), authenticated (only "
        "where the mail server says so, whoever they come from), or off.",
    )
    authenticated_by: str = setting(
        "",
        "The name under which the mail server writes Authentication-Results; what it says has failed is never believed. Without it "
        "nothing counts as verified.",
    )


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
    "outgoing": Outgoing,
    "mail": Mail,
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
    outgoing: Outgoing = Outgoing()
    mail: Mail = Mail()
    log: Log = Log()
    of_plugins: Mapping[str, object] = field(default_factory=dict)

    def plugin(self, name: str, as_class: type[S]) -> S:
        """The section `[plugins.<name>]`, in the class that the plugin declared for it."""
        section = self.of_plugins.get(name)
        return section if isinstance(section, as_class) else as_class()

    def path(self, name: str) -> Path:
        return self.directory / name

    def secret(self, text: str, file: str) -> str:
        """A secret that stands in the settings, or in a file that they name. OSError, UnicodeDecodeError."""
        return self.path(file).read_text(encoding="utf-8").strip() if file else text

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
            raise ValueError(f"'{word}' is none of {', '.join(valid)}", nearest(word, valid))
    ownerships = list(Ownership) if ownership == "any" else [Ownership(ownership)]
    return [(kind, class_, each, switch == "on") for each in ownerships]


def nearest(word: str, valid: Any) -> str:
    close = difflib.get_close_matches(word, [str(each) for each in valid], n=1, cutoff=0.5)
    return f"Did you mean '{close[0]}'?" if close else ""
