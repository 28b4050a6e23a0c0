"""What the page shows a person: their collections in sections, and for each what its switch means. No words, no HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pimgate.api import (
    Account,
    AccountId,
    Allowance,
    Cause,
    CollectionKind,
    Core,
    Device,
    DeviceFacts,
    Exposure,
    Ownership,
    Right,
    Standing,
    Viewer,
    Work,
    allowance,
    explaining,
    subscriptions,
)

KIND = "web"
"""The name of our kind of client."""

SECTIONS = (CollectionKind.BOOK, CollectionKind.CALENDAR, CollectionKind.TASKS, CollectionKind.NOTES)
ALWAYS_SHOWN = (CollectionKind.BOOK, CollectionKind.CALENDAR)
PROTOCOL = "web"


@dataclass(frozen=True, slots=True)
class Row:
    """One collection. `owner` is a name when it is another person's; `is_on` is None without a subscription; `volume` is there
    when it is large."""

    standing: Standing
    owner: str | None
    may_unsubscribe: bool
    kinds: tuple[explaining.Explained, ...]
    devices: tuple[explaining.Explained, ...]
    volume: subscriptions.Volume | None

    @property
    def id(self) -> str:
        return self.standing.collection.id

    @property
    def name(self) -> str:
        return self.standing.collection.name

    @property
    def kind(self) -> CollectionKind:
        return self.standing.collection.kind

    @property
    def is_read_only(self) -> bool:
        return self.standing.right < Right.WRITE

    @property
    def is_of_organisation(self) -> bool:
        return self.standing.ownership is Ownership.DOMAIN

    @property
    def is_on(self) -> bool | None:
        return self.standing.subscription.is_on if self.standing.subscription else None

    @property
    def appearances(self) -> list[tuple[Exposure, list[explaining.Explained]]]:
        """The other kinds of client by how the collection appears there now, the fullest first."""
        others = [each for each in self.kinds if each.client != KIND]
        groups = [(exposure, [each for each in others if each.verdict.exposure is exposure]) for exposure in Exposure]
        return [(exposure, group) for exposure, group in groups if group]

    @property
    def always_there(self) -> list[explaining.Explained]:
        """The kinds of client that have the collection whatever its switch says."""
        return [each for each in self.kinds if each.when_on.is_listed and not each.switch_has_effect]

    @property
    def needing_devices(self) -> list[explaining.Explained]:
        """The person's devices for which the switch is without effect although it has one for others of their kind."""
        return [each for each in self.devices if each.verdict.cause is Cause.DEVICE_NEEDS_IT]


@dataclass(frozen=True, slots=True)
class Section:
    """Collections of one kind, the person's own (`is_mine`) or other people's."""

    kind: CollectionKind
    is_mine: bool
    rows: tuple[Row, ...]

    @property
    def key(self) -> str:
        return f"{self.kind.value}.{'mine' if self.is_mine else 'others'}"


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole page of one person, as of `at` (seconds since 1970)."""

    sections: tuple[Section, ...]
    devices: tuple[Device, ...]
    kept: Allowance
    at: float


def viewer_of(core: Core, account: Account) -> Viewer:
    """This person looking through the pages. A browser is no device of theirs: it keeps nothing once it is signed out."""
    kind = core.client_kinds[KIND]
    return Viewer(account, kind, core.profiles.match(DeviceFacts(PROTOCOL, "browser")))


def overview(core: Core, work: Work, account: Account) -> Overview:
    """Everything that this person owns, was given or is subscribed to, and their devices."""
    devices = [each for each in core.devices.of_person(work, account.id) if each.protocol != PROTOCOL]
    sights = core.catalogue.sights(work, viewer_of(core, account))
    owners: dict[AccountId, str] = {}
    rows = [
        _row(core, work, sight.standing, devices, owners) for sight in sights if sight.standing.right is not Right.NONE
    ]
    sections = [_section(rows, account, kind, is_mine) for kind in SECTIONS for is_mine in (True, False)]
    shown = tuple(each for each in sections if each.rows or each.kind in ALWAYS_SHOWN)
    kept = allowance.of(work, core.settings.limits, account.id)
    return Overview(shown, tuple(devices), kept, work.now)


def _section(rows: Sequence[Row], account: Account, kind: CollectionKind, is_mine: bool) -> Section:
    fitting = [each for each in rows if each.kind is kind and (each.standing.collection.owner == account.id) is is_mine]
    return Section(kind, is_mine, tuple(fitting))


def _row(core: Core, work: Work, standing: Standing, devices: Sequence[Device], owners: dict[AccountId, str]) -> Row:
    found = standing.collection
    volume = subscriptions.volume(work, standing, core.settings.limits)
    return Row(
        standing=standing,
        owner=_owner(core, work, standing, owners),
        may_unsubscribe=standing.subscription is not None
        and found.owner != standing.account_id
        and not subscriptions.is_kept_for(found, standing.account_id),
        kinds=tuple(_kinds(core, standing)),
        devices=tuple(explaining.for_devices(core, standing, devices)),
        volume=explaining.volume_when_on(core, work, standing) if volume.is_large else None,
    )


def _kinds(core: Core, standing: Standing) -> list[explaining.Explained]:
    """The kinds of client that have a place for this, but other phones with several calendars only where there are such."""
    return [
        each
        for each in explaining.for_kinds(core, standing)
        if each.verdict.cause is not Cause.CANNOT_SHOW
        and (each.client in core.client_kinds or core.settings.devices.multicalendar)
    ]


def _owner(core: Core, work: Work, standing: Standing, owners: dict[AccountId, str]) -> str | None:
    owner = standing.collection.owner
    if owner is None or owner == standing.account_id:
        return None
    if owner not in owners:
        found = core.people.by_id(work, owner)
        owners[owner] = found.name if found else owner
    return owners[owner]
