"""The one key of a device's folders, which FolderSync asks with, and FolderCreate, FolderUpdate and FolderDelete write with.

Source: MS-ASCMD, "SyncKey (FolderCreate, FolderDelete, and FolderUpdate)" and "SyncKey (FolderSync)".
"""

from __future__ import annotations

from collections.abc import Mapping

from pimgate.api import DeviceId, Work
from pimgate_eas import folders, shelved
from pimgate_eas.exchange import Exchange
from pimgate_eas.sync.keys import Generations, Turn

Folders = Mapping[str, list[str]]
"""Folders as they are kept: see `folders.to_document`."""


def seen_now(work: Work, exchange: Exchange) -> Folders:
    """What the device should see."""
    return folders.to_document(folders.wanted(work, exchange.core, exchange.viewer))


def turn_of(generations: Generations | None, key: str, question: str) -> Turn:
    """What a question under this key is; without any folders yet every key is unknown."""
    return Turn.UNKNOWN if generations is None else generations.turn(key, question)


def forget_gone(work: Work, device: DeviceId, generations: Generations, now: Folders) -> None:
    """Drop what was kept for folders that went: by using the present key the device has acknowledged their end."""
    for gone in generations.previous_state.keys() - generations.state.keys() - now.keys():
        work.shelf.remove(device, shelved.collection_key(gone))
