"""The commands, a file a command, and the table of them: what is in it is announced and served, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from pimgate_eas.commands import foldersync, ping, provision, search, sync
from pimgate_eas.exchange import Exchange
from pimgate_eas.wbxml.element import Element


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `root` is the element of its answers, where a status of the whole stands; `most_bytes` bounds its body;
    `may_be_empty` tells whether a request without a body has a meaning; `is_free` whether it is served before the policy is
    acknowledged."""

    serve: Callable[[Exchange], Coroutine[Any, Any, Element | None]]
    root: str
    most_bytes: int = 65_536
    may_be_empty: bool = False
    is_free: bool = False


COMMANDS: Mapping[str, Command] = {
    "FolderSync": Command(foldersync.serve, "FolderHierarchy:FolderSync"),
    "Ping": Command(ping.serve, "Ping:Ping", may_be_empty=True),
    "Provision": Command(provision.serve, "Provision:Provision", is_free=True),
    "Search": Command(search.serve, "Search:Search"),
    "Sync": Command(sync.serve, "AirSync:Sync", most_bytes=4_194_304, may_be_empty=True),
}
