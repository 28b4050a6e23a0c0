"""One request of one device, as the commands get it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request

from pimgate.api import Core, Device, Identity, Viewer, Work
from pimgate.text.timezones import known_zone
from pimgate_eas.mapping.context import Context
from pimgate_eas.query import Query
from pimgate_eas.settings import EasSettings
from pimgate_eas.waiting import Waiting
from pimgate_eas.wbxml.element import Element


@dataclass(frozen=True, slots=True)
class Exchange:
    """Who asks, through which device, in which dialect, and what: `body` is None for an empty request, `octets` are the body as
    it came (to know a repeated question by)."""

    core: Core
    settings: EasSettings
    waiting: Waiting
    request: Request
    query: Query
    identity: Identity
    device: Device
    viewer: Viewer
    body: Element | None
    octets: bytes

    @property
    def version(self) -> str:
        return self.query.protocol_version

    def hold(self, work: Work) -> None:
        """Be the only request of this device that is served until the commit; the errors of `Core.hold`."""
        self.core.hold(work, self.identity, self.device)

    def now(self) -> datetime:
        """The present moment as the person's clock shows it."""
        return datetime.now(known_zone(self.core.settings.accounts.time_zone) or UTC)

    def context(self, *, is_own: bool) -> Context:
        """What the mappings need to know of the person and the dialect."""
        account = self.identity.account
        return Context(
            self.version,
            zone=self.core.settings.accounts.time_zone,
            owner_email=account.login,
            owner_name=account.name,
            is_own=is_own,
            now=datetime.now(UTC),
        )
