"""One device list for all protocols, and what the operator decided about each device.

A device is first seen, then pending, allowed or blocked; a wipe leads from wiping to wiped. Every decision is a line in the
person's hierarchy stream, so a waiting request looks again at once.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace

from pimgate.errors import DeviceBlocked, DevicePending, NoSuchDevice, NotAllowedIn, Refused, TooManyDevices
from pimgate.journal import hierarchy_of, touch_hierarchy
from pimgate.model.clients import Profile
from pimgate.model.devices import Device, DeviceFacts, DeviceId, DeviceState
from pimgate.model.people import AccountId, Identity
from pimgate.names import opaque
from pimgate.profiles import Profiles
from pimgate.settings import Devices, UnknownDevices
from pimgate.store.work import Work

LENGTHS = {"identifier": 64, "device_type": 64, "agent": 254, "protocol_version": 16}
SEEN_SECONDS = 300
"""How exact `last_seen` is: a device is not written to the database more often."""

WIPE_FIRST = "This device is being wiped; cancel that first."

FIRST_STATE = {
    UnknownDevices.ALLOW: DeviceState.ALLOWED,
    UnknownDevices.ASK: DeviceState.PENDING,
    UnknownDevices.BLOCK: DeviceState.BLOCKED,
}


class DeviceList:
    """Who may come in with what."""

    def __init__(self, settings: Devices, profiles: Profiles) -> None:
        self._settings = settings
        self._profiles = profiles

    def known(self, work: Work, identity: Identity, facts: DeviceFacts) -> Device | None:
        """The device if it was seen before and nothing about it has to be written."""
        facts = _kept(facts)
        found = work.devices.find(identity.account.id, facts.protocol, facts.identifier)
        if found is None or work.now - found.last_seen > SEEN_SECONDS or _differs(found, facts):
            return None
        return found

    def admit(self, work: Work, identity: Identity, facts: DeviceFacts) -> Device:
        """The device, first seen or seen again; its kind is pinned when it is first seen. Its state is not judged here:
        see `check_allowed`. A client that asks twice at once is one device. TooManyDevices for one phone too many."""
        facts = _kept(facts)
        work.journal.lock(hierarchy_of(identity.account.id))
        found = work.devices.find(identity.account.id, facts.protocol, facts.identifier)
        if found is None:
            return self._first_seen(work, identity, facts)
        seen = {
            "last_seen": work.now,
            "agent": facts.agent or found.agent,
            "protocol_version": facts.protocol_version or found.protocol_version,
        }
        work.devices.change(found.id, **seen)
        return replace(
            found, last_seen=work.now, agent=str(seen["agent"]), protocol_version=str(seen["protocol_version"])
        )

    def _first_seen(self, work: Work, identity: Identity, facts: DeviceFacts) -> Device:
        account, bound = identity.account, identity.app_password
        profile = self._profiles.match(facts)
        state = self._first_state(work, identity, facts, profile)
        seen = Device(
            id=DeviceId(opaque("d")),
            account_id=account.id,
            protocol=facts.protocol,
            identifier=facts.identifier,
            device_type=facts.device_type,
            agent=facts.agent,
            protocol_version=facts.protocol_version,
            client_kind=(bound.client_kind if bound and bound.client_kind else None) or profile.client_kind,
            profile=profile.name,
            state=state,
            policy_key=0,
            first_seen=work.now,
            last_seen=work.now,
        )
        work.devices.add(seen)
        touch_hierarchy(work, [account.id], seen.id)
        return seen

    def _first_state(self, work: Work, identity: Identity, facts: DeviceFacts, profile: Profile) -> DeviceState:
        """What a device begins as. TooManyDevices: a phone's identifier is what it says, so those that are blocked from the start
        count as well, or one person could fill the list with inventions."""
        is_refused = profile.is_refused or profile.name in self._settings.refused
        if facts.protocol != "eas":
            return DeviceState.BLOCKED if is_refused else DeviceState.ALLOWED
        bound = identity.app_password
        is_bound = bound is not None and bound.device_identifier == facts.identifier
        state = DeviceState.ALLOWED if is_bound else FIRST_STATE[self._settings.unknown]
        state = DeviceState.BLOCKED if is_refused else state
        counted = {DeviceState.ALLOWED, DeviceState.PENDING, state}
        if work.devices.count(identity.account.id, facts.protocol, counted) >= self._settings.most_per_person:
            raise TooManyDevices(identity.account.id)
        return state

    def of_person(self, work: Work, account_id: AccountId) -> list[Device]:
        """A person's devices, whatever their protocol; the first seen first."""
        return work.devices.of_person(account_id)

    def of_everybody(self, work: Work) -> list[Device]:
        """All devices, for the operator; the first seen first."""
        return work.devices.all()

    def get(self, work: Work, device_id: DeviceId) -> Device:
        found = work.devices.by_id(device_id)
        if found is None:
            raise NoSuchDevice(device_id)
        return found

    def decide(self, work: Work, device_id: DeviceId, state: DeviceState) -> Device:
        """The operator's decision, to allow or to block; it acts on requests that are waiting, too. A device that was wiped begins
        a new partnership: what was kept for it is forgotten. Refused while it is being wiped."""
        found = self.held(work, device_id)
        if found.state is DeviceState.WIPING:
            raise Refused(f"{device_id} is being wiped", public=WIPE_FIRST)
        if found.state is DeviceState.WIPED:
            work.shelf.remove(device_id)
            work.devices.change(device_id, policy_key=0)
            found = replace(found, policy_key=0)
        return self.put_into(work, found, state)

    def put_into(self, work: Work, held: Device, state: DeviceState) -> Device:
        """The device in another state, and whoever waits is told; `held` is what `held` gave. The rules are in `decide` and in
        `wipes`."""
        work.devices.change(held.id, state=state.value)
        touch_hierarchy(work, [held.account_id], held.id)
        return replace(held, state=state)

    def pin(self, work: Work, device_id: DeviceId, *, profile: str = "", client_kind: str = "") -> Device:
        """The device with another profile or kind than it was given when it was first seen; it looks again at once at what it
        should see. Whether these exist is for the caller to ask."""
        found = self.held(work, device_id)
        changed = replace(found, profile=profile or found.profile, client_kind=client_kind or found.client_kind)
        work.devices.change(device_id, profile=changed.profile, client_kind=changed.client_kind)
        touch_hierarchy(work, [found.account_id], device_id)
        return changed

    def set_policy_key(self, work: Work, device_id: DeviceId, key: int) -> None:
        """The key of the policy that this device has acknowledged or was offered; 0: none."""
        work.devices.change(device_id, policy_key=key)

    def forget(self, work: Work, device_id: DeviceId) -> None:
        """Remove a device with everything that was kept for it. It may come back as a new one, so not while it is being wiped:
        Refused."""
        found = self.held(work, device_id)
        if found.state is DeviceState.WIPING:
            raise Refused(f"{device_id} is being wiped", public=WIPE_FIRST)
        work.shelf.remove(device_id)
        work.devices.remove(device_id)
        touch_hierarchy(work, [found.account_id], device_id)

    def held(self, work: Work, device_id: DeviceId) -> Device:
        """The device, with its person's stream locked first, as `admit` does: in another order two of them could wait for each
        other."""
        work.journal.lock(hierarchy_of(self.get(work, device_id).account_id))
        return self.get(work, device_id)


REFUSALS: dict[DeviceState, type[NotAllowedIn]] = {
    DeviceState.PENDING: DevicePending,
    DeviceState.BLOCKED: DeviceBlocked,
    DeviceState.WIPED: DeviceBlocked,
}


def check_allowed(device: Device) -> None:
    """DevicePending or DeviceBlocked unless the device may be served. One that is being wiped is let in: it must hear of it."""
    refusal = REFUSALS.get(device.state)
    if refusal is not None:
        raise refusal(f"{device.id} is {device.state}")


def _kept(facts: DeviceFacts) -> DeviceFacts:
    """What a client says of itself, as it is kept and looked up: printable, and no longer than its column. An identifier that
    is too long or not printable gives way to its digest, so that two of them stay two."""
    identifier = facts.identifier
    if not identifier.isprintable() or len(identifier) > LENGTHS["identifier"]:
        identifier = hashlib.sha256(identifier.encode(errors="backslashreplace")).hexdigest()
    shortened = {
        name: "".join(each for each in getattr(facts, name) if each.isprintable())[:most]
        for name, most in LENGTHS.items()
        if name != "identifier"
    }
    return replace(facts, identifier=identifier, **shortened)


def _differs(found: Device, facts: DeviceFacts) -> bool:
    return bool(facts.protocol_version) and facts.protocol_version != found.protocol_version
