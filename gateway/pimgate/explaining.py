"""Why does this person see this collection there, and not here? The answer for each kind of client and each of their devices:
for `pimgate explain`, and for the page beside each switch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pimgate import subscriptions
from pimgate.core import Core
from pimgate.model.clients import ClientKind, Exposure, Profile, Verdict
from pimgate.model.collections import CollectionKind, Standing, Subscription
from pimgate.model.devices import Device, DeviceFacts, DeviceState
from pimgate.store.work import Work
from pimgate.subscriptions import Volume
from pimgate.visibility import MULTICALENDAR

MAY_COME_IN = (DeviceState.ALLOWED, DeviceState.PENDING)


@dataclass(frozen=True, slots=True)
class Explained:
    """One collection on one client: the verdict as things are, and what either position of the switch would give a
    subscriber. `client` is the name of a kind, or the id of a device."""

    client: str
    title: str
    verdict: Verdict
    when_on: Exposure
    when_off: Exposure

    @property
    def switch_has_effect(self) -> bool:
        return self.when_on is not self.when_off

    def document(self) -> dict[str, object]:
        """The same for programs: what `explain --json` and the page's JSON twin answer."""
        return {
            "client": self.client,
            "title": self.title,
            "exposure": self.verdict.exposure.value,
            "may_write": self.verdict.may_write,
            "cause": self.verdict.cause.value,
            "reason": self.verdict.reason,
            "when_on": self.when_on.value,
            "when_off": self.when_off.value,
        }


def for_kinds(core: Core, standing: Standing) -> list[Explained]:
    """Every kind of client that the enabled plugins serve; other phones twice where it matters to them whether the operator
    lets them show several calendars."""
    explained = []
    for kind in core.client_kinds.values():
        explained.append(_explained(core, standing, kind, Profile("", kind.name), kind.name, kind.title))
        if kind.name == "eas-other" and standing.collection.kind is not CollectionKind.BOOK:
            several = Profile("", kind.name, has_many_calendars=True)
            explained.append(_explained(core, standing, kind, several, MULTICALENDAR, kind.title))
    return explained


def for_devices(core: Core, standing: Standing, devices: Iterable[Device]) -> list[Explained]:
    """Each of these devices of the person that has to do with collections, by its pinned kind and its profile; a mail program
    has not."""
    return [
        _explained(core, standing, *_seen_as(core, device), client=device.id, title=title_of(device))
        for device in devices
        if device.client_kind in core.client_kinds
    ]


def volume_when_on(core: Core, work: Work, standing: Standing) -> Volume:
    """How much the switch would send, and to which of the person's devices: just those that may come in and would download
    it."""
    figures = subscriptions.volume(work, standing, core.settings.limits)
    devices = [each for each in work.devices.of_person(standing.account_id) if each.state in MAY_COME_IN]
    reached = [each.title for each in for_devices(core, standing, devices) if each.when_on is Exposure.FULL]
    return replace(figures, devices=tuple(reached))


def title_of(device: Device) -> str:
    """What people call a device: what it says of itself, else the name of its profile."""
    profile = device.profile.replace("-", " ")
    return device.device_type or profile[:1].upper() + profile[1:] or device.identifier


def _seen_as(core: Core, device: Device) -> tuple[ClientKind, Profile]:
    kind = core.client_kinds.get(device.client_kind) or ClientKind(device.client_kind, device.client_kind)
    facts = DeviceFacts(device.protocol, device.identifier, device.device_type, device.agent)
    return kind, core.profiles.named(device.profile) or core.profiles.match(facts)


def _explained(
    core: Core, standing: Standing, kind: ClientKind, profile: Profile, client: str, title: str
) -> Explained:
    def exposure(is_on: bool) -> Exposure:
        wanted = Subscription(standing.account_id, standing.collection.id, is_on)
        return core.catalogue.verdict(replace(standing, subscription=wanted), kind, profile).exposure

    return Explained(client, title, core.catalogue.verdict(standing, kind, profile), exposure(True), exposure(False))
