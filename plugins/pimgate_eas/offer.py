"""What a device is offered: versions and commands; and telling those who came earlier of what is new.

Source: MS-ASHTTP, "MS-ASProtocolVersions", "MS-ASProtocolCommands", "X-MS-RP".
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from pimgate.api import Core, Device, DeviceFacts, DeviceId, Document, Viewer, Work
from pimgate_eas import shelved
from pimgate_eas.commands import COMMANDS, Command
from pimgate_eas.versions import number, offered

BEFORE_IT_WAS_NOTED = ("14.1", "16.1")
"""What a device was offered by a release that did not note it."""
REMEMBERED = 10_000


def for_viewer(viewer: Viewer) -> tuple[str, ...]:
    """The versions that a known device is offered."""
    return offered(viewer.profile.max_protocol_version)


def for_stranger(core: Core, device_type: str, agent: str) -> tuple[str, ...]:
    """The versions for a device that says no more of itself than this."""
    return offered(core.profiles.match(DeviceFacts("eas", "", device_type, agent)).max_protocol_version)


def headers(versions: tuple[str, ...]) -> dict[str, str]:
    """What tells a device of versions, and of the commands that one of them has."""
    names = sorted(name for name, command in COMMANDS.items() if _is_in(command, versions))
    return {"MS-ASProtocolVersions": ",".join(versions), "MS-ASProtocolCommands": ",".join(names)}


def _is_in(command: Command, versions: tuple[str, ...]) -> bool:
    return number(command.since) <= number(versions[-1]) and number(versions[0]) <= number(command.until)


class Announcing:
    """Tells a device, once, that it may speak a newer version than the one it agreed on. What it was told last is kept on its
    shelf, and here for a while, so that asking costs nothing."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._told: OrderedDict[DeviceId, tuple[str, ...]] = OrderedDict()

    async def due(self, device: Device, speaks: str, versions: tuple[str, ...]) -> Mapping[str, str]:
        """The headers that tell it; none, mostly. Whoever speaks the newest version already is told nothing: a device that is told
        begins its synchronisation anew."""
        if self._told.get(device.id) == versions:
            return {}
        last = await self._core.read(lambda work: _last_told(work, device.id))
        if last != versions:
            await self._core.write(lambda work: _note(work, device.id, versions))
        self._remember(device.id, versions)
        is_news = last is not None and last != versions and number(speaks) < number(versions[-1])
        return {"X-MS-RP": ",".join(versions), **headers(versions)} if is_news else {}

    def _remember(self, device_id: DeviceId, versions: tuple[str, ...]) -> None:
        self._told[device_id] = versions
        self._told.move_to_end(device_id)
        while len(self._told) > REMEMBERED:
            self._told.popitem(last=False)


def _last_told(work: Work, device_id: DeviceId) -> tuple[str, ...] | None:
    """The versions that this device was told of; None for one that has just come, and asked before it came."""
    noted = work.shelf.get(device_id, shelved.OFFERED)
    if noted is not None:
        return tuple(noted.content["versions"])
    return BEFORE_IT_WAS_NOTED if work.shelf.get(device_id, shelved.FOLDERS) is not None else None


def _note(work: Work, device_id: DeviceId, versions: tuple[str, ...]) -> None:
    work.shelf.put(device_id, shelved.OFFERED, Document({"versions": list(versions)}))
