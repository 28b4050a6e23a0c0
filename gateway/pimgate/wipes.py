"""Erasing a device from afar: asked for by the operator, sent until the device says that it is done.

A wipe belongs to one person's partnership with a phone; the same phone under another account never hears of it. It is kept on the
shelf before anything else happens, so it survives a restart, and it can be cancelled until it is acknowledged.

    allowed, blocked --begin--> wiping --acknowledge--> wiped --(allowed again: a new partnership)
                                wiping --cancel--> as it was before
"""

from __future__ import annotations

from dataclasses import replace

from pimgate.device_notes import set_wipe, wipe_of
from pimgate.devices import DeviceList
from pimgate.errors import Refused
from pimgate.model.devices import Device, DeviceId, DeviceState, Wipe, WipeScope
from pimgate.settings import Devices
from pimgate.store.work import Work

ACCOUNT_ONLY_SINCE = (16, 1)
"""The first protocol version in which a device can be asked to erase just what came from here."""

MAY_BEGIN_IN = (DeviceState.ALLOWED, DeviceState.BLOCKED)


def begin(
    work: Work,
    devices: DeviceList,
    settings: Devices,
    device_id: DeviceId,
    scope: WipeScope,
    confirm: str,
    by: str = "",
) -> Device:
    """Ask a device to erase itself, from its next contact on. `confirm` is its identifier, as the operator typed it. Refused, with
    the reason in words."""
    held = devices.held(work, device_id)
    reason = obstacle(held, settings, scope)
    if not reason and confirm.strip() != held.identifier:
        reason = "What was typed is not the identifier of this device, so nothing was done."
    if reason:
        raise Refused(f"wipe of {device_id}: {reason}", public=reason)
    set_wipe(work, device_id, Wipe(scope, held.state, work.now, by))
    return devices.put_into(work, held, DeviceState.WIPING)


def obstacle(device: Device, settings: Devices, scope: WipeScope) -> str:
    """Why a device cannot be asked to do this; empty if it can."""
    if device.protocol != "eas":
        return "Only a phone that comes by ActiveSync can be wiped."
    if device.state not in MAY_BEGIN_IN:
        return f"A device that is {device.state.value} cannot be wiped."
    if scope is WipeScope.DEVICE and not settings.allow_device_wipe:
        return "Wiping whole devices is not enabled; see devices.allow_device_wipe in the settings."
    if scope is WipeScope.ACCOUNT and not can_wipe_account(device.protocol_version):
        version = device.protocol_version or "an unknown version"
        return f"This device speaks {version} of the protocol; only from 16.1 on can just the account be wiped."
    return ""


def can_wipe_account(version: str) -> bool:
    """Whether a protocol version knows the wipe of the account alone."""
    numbers = version.split(".")
    return all(each.isascii() and each.isdigit() for each in numbers) and tuple(map(int, numbers)) >= ACCOUNT_ONLY_SINCE


def cancel(work: Work, devices: DeviceList, device_id: DeviceId) -> Device:
    """Take a wipe back that the device has not acknowledged; it is again what it was before. Refused if there is none."""
    held, wipe = devices.held(work, device_id), wipe_of(work, device_id)
    if held.state is not DeviceState.WIPING or wipe is None:
        raise Refused(f"{device_id} is {held.state}", public="This device is not being wiped.")
    set_wipe(work, device_id, None)
    return devices.put_into(work, held, wipe.before)


def note_sent(work: Work, devices: DeviceList, device_id: DeviceId) -> Wipe | None:
    """The wipe that the device is told of now; None if there is none any more."""
    held, wipe = devices.held(work, device_id), wipe_of(work, device_id)
    if held.state is not DeviceState.WIPING or wipe is None:
        return None
    if wipe.sent_at is None:
        wipe = replace(wipe, sent_at=work.now)
        set_wipe(work, device_id, wipe)
    return wipe


def acknowledge(
    work: Work, devices: DeviceList, device_id: DeviceId, scope: WipeScope, *, has_succeeded: bool
) -> Wipe | None:
    """What the device says of its wipe. Gives the wipe that is still to be done: after a failure, or when it speaks of another
    one; None when nothing is left to do."""
    held, wipe = devices.held(work, device_id), wipe_of(work, device_id)
    if held.state is not DeviceState.WIPING or wipe is None:
        return None
    if wipe.scope is not scope:
        return wipe
    if not has_succeeded:
        wipe = replace(wipe, failed_at=work.now)
        set_wipe(work, device_id, wipe)
        return wipe
    set_wipe(work, device_id, replace(wipe, sent_at=wipe.sent_at or work.now, done_at=work.now))
    devices.put_into(work, held, DeviceState.WIPED)
    return None
