"""The gate as the core keeps it: accounts, throttling, app passwords and devices are those of every other protocol."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pimgate.api import (
    AwayNow,
    Core,
    Credentials,
    Device,
    DeviceBlocked,
    DeviceFacts,
    DeviceState,
    Identity,
    NotAllowedIn,
    PimgateError,
    check_allowed,
    hierarchy_of,
)

from .errors import refusal_of
from .gate import Admission, Visitor

PROTOCOL = "imap"
LOOK_AGAIN_SECONDS = 3600.0
ASK_AGAIN_SECONDS = 5.0

log = logging.getLogger("pimgate.imap")


class CoreGate:
    """Lets in whom the core lets in, and ends their session when it no longer would."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @asynccontextmanager
    async def admitted(self, visitor: Visitor) -> AsyncIterator[Admission]:
        identity, device = await self._enter(visitor)
        ended = asyncio.Event()
        watch = asyncio.create_task(self._watch(identity, device, ended))
        try:
            yield Admission(identity.account.login, ended)
        finally:
            watch.cancel()

    async def _enter(self, visitor: Visitor) -> tuple[Identity, Device]:
        credentials = Credentials(visitor.login, visitor.password, PROTOCOL, visitor.network, visitor.agent)
        try:
            identity = await self._core.authenticate(credentials)
            return identity, await self._allowed_device(identity, visitor.agent)
        except PimgateError as error:
            raise refusal_of(error) from error

    async def _allowed_device(self, identity: Identity, agent: str) -> Device:
        """The mail program as a device. The person is proven by now, so the log may say who is kept out, and by what."""
        try:
            device = await self._core.admit(identity, facts_of(identity, agent))
            check_allowed(device)
            if device.state is not DeviceState.ALLOWED:
                # A mail program cannot be told to wipe itself, so one that is to be wiped gets no mail.
                raise DeviceBlocked(f"{device.id} is {device.state}")
        except NotAllowedIn as error:
            log.warning("%r is kept out with %r: %s", identity.account.login, agent, error.public)
            raise
        return device

    async def _watch(self, identity: Identity, device: Device, ended: asyncio.Event) -> None:
        """Set `ended` as soon as the account, its secrets or the device no longer hold. The ear is there before the look."""
        with self._core.bell.listening([hierarchy_of(identity.account.id)]) as ear:
            while True:
                try:
                    if not await self._core.read(lambda work: self._core.still_holds(work, identity, device)):
                        ended.set()
                        return
                    patience = LOOK_AGAIN_SECONDS
                except AwayNow:
                    patience = ASK_AGAIN_SECONDS
                await ear.heard(patience)


def facts_of(identity: Identity, agent: str) -> DeviceFacts:
    """What the device list shows for a mail program: its app password tells programs apart, else what it says of itself."""
    if identity.app_password is not None:
        identifier = identity.app_password.device_identifier or f"app:{identity.app_password.id}"
    else:
        identifier = "imap:" + (re.sub(r"[^a-z0-9]+", "-", agent.lower().partition(" ")[0]).strip("-") or "any")
    return DeviceFacts(PROTOCOL, identifier, device_type="mail program", agent=agent)
