"""The pages about devices: a person's own, and for operators everybody's, with the decisions about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from starlette.responses import JSONResponse, Response

from pimgate.api import (
    Core,
    Device,
    DeviceId,
    DeviceState,
    NotThere,
    WipeScope,
    Work,
    device_notes,
    explaining,
    wipes,
)
from pimgate_web.errors import BadForm, NotConfirmed
from pimgate_web.overview import PROTOCOL, viewer_of
from pimgate_web.visit import Visit

DEVICES = "/devices"
ALL_DEVICES = "/operator/devices"


@dataclass(frozen=True, slots=True)
class Shown:
    """One device as a page shows it. `person` is a login; `erasable` tells what it could be asked to erase; `is_too_old` that its
    version cannot erase just the account."""

    device: Device
    notes: device_notes.Notes
    person: str
    erasable: tuple[WipeScope, ...]
    is_too_old: bool

    @property
    def title(self) -> str:
        return self.notes.information.friendly_name or explaining.title_of(self.device)

    @property
    def information(self) -> list[tuple[str, str]]:
        """What it says of itself: the key of the word, and the value."""
        return [(name, value) for name, value in asdict(self.notes.information).items() if value]

    def document(self) -> dict[str, object]:
        """The same for programs."""
        device = self.device
        return {
            "id": device.id,
            "person": self.person,
            "title": self.title,
            "protocol": device.protocol,
            "protocol_version": device.protocol_version,
            "identifier": device.identifier,
            "agent": device.agent,
            "state": device.state.value,
            "kind": device.client_kind,
            "profile": device.profile,
            "last_seen": datetime.fromtimestamp(device.last_seen, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "information": dict(self.information),
            "policy": self.notes.policy.compliance if self.notes.policy else None,
            "slowed": self.notes.slowing.reason if self.notes.slowing else None,
            "wipe": self.notes.wipe.scope.value if self.notes.wipe else None,
            "refused": [
                {"collection": each.collection, "item": each.item, "reason": each.reason}
                for each in self.notes.refusals
            ],
        }


async def my_devices(visit: Visit) -> Response:
    """What comes in under the person's own name."""
    account = visit.account

    def job(work: Work) -> tuple[list[Shown], dict[str, str], float]:
        found = [each for each in visit.core.devices.of_person(work, account.id) if each.protocol != PROTOCOL]
        sights = visit.core.catalogue.sights(work, viewer_of(visit.core, account))
        names = {str(each.standing.collection.id): each.standing.collection.name for each in sights}
        return [_shown(visit.core, work, each, account.login) for each in found], names, work.now

    shown, names, at = await visit.core.read(job)
    return _page(visit, shown, at, names=names, decides=False)


async def all_devices(visit: Visit) -> Response:
    """Everybody's devices, those that wait for a decision first. Collections of others are named by their ids alone."""
    check_operator(visit)

    def job(work: Work) -> tuple[list[Shown], float]:
        found = [each for each in visit.core.devices.of_everybody(work) if each.protocol != PROTOCOL]
        people = {each.account_id: visit.core.people.by_id(work, each.account_id) for each in found}
        logins = {account_id: each.login if each is not None else "?" for account_id, each in people.items()}
        return [_shown(visit.core, work, each, logins[each.account_id]) for each in found], work.now

    shown, at = await visit.core.read(job)
    shown.sort(key=lambda each: each.device.state is not DeviceState.PENDING)
    return _page(visit, shown, at, names={}, decides=True)


async def decide(visit: Visit) -> Response:
    """Carry out an operator's decision about one device."""
    check_operator(visit)
    device_id = DeviceId(visit.request.path_params["device"])
    decision = DECISIONS.get(visit.request.path_params["decision"])
    if decision is None:
        raise NotThere("no such decision")
    fields = await visit.form() if decision is _wipe else {}
    by = visit.account.login
    state = await visit.core.write(lambda work: decision(visit.core, work, device_id, {**fields, "by": by}))
    return visit.done(f"{ALL_DEVICES}#{device_id}", {"id": device_id, "state": state})


def _allow(core: Core, work: Work, device_id: DeviceId, _fields: Mapping[str, str]) -> str:
    return core.devices.decide(work, device_id, DeviceState.ALLOWED).state.value


def _block(core: Core, work: Work, device_id: DeviceId, _fields: Mapping[str, str]) -> str:
    return core.devices.decide(work, device_id, DeviceState.BLOCKED).state.value


def _cancel(core: Core, work: Work, device_id: DeviceId, _fields: Mapping[str, str]) -> str:
    return wipes.cancel(work, core.devices, device_id).state.value


def _forget(core: Core, work: Work, device_id: DeviceId, _fields: Mapping[str, str]) -> str:
    core.devices.forget(work, device_id)
    return "forgotten"


def _wipe(core: Core, work: Work, device_id: DeviceId, fields: Mapping[str, str]) -> str:
    typed, scope = fields.get("confirm", ""), fields.get("scope", "")
    if scope not in list(WipeScope):
        raise BadForm("scope")
    if typed.strip() != core.devices.get(work, device_id).identifier:
        raise NotConfirmed
    settings = core.settings.devices
    return wipes.begin(work, core.devices, settings, device_id, WipeScope(scope), typed, fields["by"]).state.value


Decision = Callable[[Core, Work, DeviceId, Mapping[str, str]], str]
"""Carries a decision out and gives the state that the device is in then."""

DECISIONS: Mapping[str, Decision] = {
    "allow": _allow,
    "block": _block,
    "cancel-wipe": _cancel,
    "forget": _forget,
    "wipe": _wipe,
}


def check_operator(visit: Visit) -> None:
    """NotThere for everybody else: they learn no more than of a page that does not exist."""
    if not visit.account.is_operator:
        raise NotThere("for operators")


def _shown(core: Core, work: Work, device: Device, person: str) -> Shown:
    settings = core.settings.devices
    erasable = tuple(scope for scope in WipeScope if not wipes.obstacle(device, settings, scope))
    is_phone = device.protocol == "eas" and device.state in wipes.MAY_BEGIN_IN
    is_too_old = is_phone and not wipes.can_wipe_account(device.protocol_version)
    return Shown(device, device_notes.notes_of(work, device.id), person, erasable, is_too_old)


def _page(visit: Visit, shown: list[Shown], at: float, *, names: Mapping[str, str], decides: bool) -> Response:
    if visit.wants_json:
        return JSONResponse({"devices": [each.document() for each in shown]})
    return visit.page("devices.html", shown=shown, at=at, names=names, decides=decides)
