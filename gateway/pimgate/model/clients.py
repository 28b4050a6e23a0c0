"""The kinds of client, what a device can do, and how a collection appears on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pimgate.model.collections import CollectionKind, Standing
from pimgate.model.people import Account

ALL_KINDS = frozenset(CollectionKind)


@dataclass(frozen=True, slots=True)
class ClientKind:
    """A kind of client as a plugin declares it: `name` for settings and tables, `title` for people, the kinds of collection it can
    show, and, for a kind that the visibility table does not name, the kind it is treated like."""

    name: str
    title: str
    shows: frozenset[CollectionKind] = ALL_KINDS
    treated_like: str = ""

    @property
    def column(self) -> str:
        """The name under which the visibility table knows this kind."""
        return self.treated_like or self.name


class Exposure(StrEnum):
    """How one collection appears on one kind of client."""

    FULL = "full"
    """Listed, downloaded, usable offline."""
    ONLINE = "online"
    """Listed, usable only while connected, never stored."""
    REMOTE = "remote"
    """Listed with a mark of its own, found by search and autocompletion, never downloaded."""
    SEARCH = "search"
    """Not listed, found by search and autocompletion."""
    HIDDEN = "hidden"
    """Neither listed nor found."""

    @property
    def is_listed(self) -> bool:
        return self in (Exposure.FULL, Exposure.ONLINE, Exposure.REMOTE)

    @property
    def is_readable(self) -> bool:
        """Whether the items themselves may be fetched one by one or as a whole."""
        return self in (Exposure.FULL, Exposure.ONLINE)

    @property
    def is_searchable(self) -> bool:
        return self is not Exposure.HIDDEN


@dataclass(frozen=True, slots=True)
class Profile:
    """What one sort of device can do; a row of profiles.toml."""

    name: str
    client_kind: str
    has_many_calendars: bool = False
    always_show_default: bool = False
    max_protocol_version: str = ""
    note: str = ""
    keeps_policies: bool = True
    is_refused: bool = False
    needs_449: bool = False


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody looking through some client: the pair that every decision is made for. `origin` names the device in the journal."""

    account: Account
    client_kind: ClientKind
    profile: Profile
    origin: str = ""


class Cause(StrEnum):
    """What decided a verdict: for pages that say the reason in other languages than `Verdict.reason` does."""

    NO_RIGHT = "no-right"
    NO_SUBSCRIPTION = "no-subscription"
    CANNOT_SHOW = "cannot-show"
    MAIL = "mail"
    DEVICE_NEEDS_IT = "device-needs-it"
    OPERATOR = "operator"
    PRESET = "preset"
    SWITCH = "switch"
    NO_EFFECT = "no-effect"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of the table: how the collection appears, whether edits are accepted, and why, in words and as a `cause`."""

    exposure: Exposure
    may_write: bool
    reason: str
    cause: Cause = Cause.SWITCH


@dataclass(frozen=True, slots=True)
class Sight:
    """One collection as one viewer sees it."""

    standing: Standing
    verdict: Verdict
