"""The folders of a device: what it should see now, against what it has acknowledged.

Every reason why a folder comes or goes (a switch, a subscription, a right, a policy, a new name) is one set difference.
Source: MS-ASCMD, "FolderSync" and "Type (FolderSync)".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pimgate.api import Catalogue, CollectionKind, Ownership, Sight, Viewer, Work
from pimgate_eas.wbxml.element import Element

ROOT = "0"

TYPES: Mapping[CollectionKind, tuple[str, str]] = {
    CollectionKind.BOOK: ("9", "14"),
    CollectionKind.CALENDAR: ("8", "13"),
    CollectionKind.TASKS: ("7", "15"),
    CollectionKind.NOTES: ("10", "17"),
}
"""The type of the default folder of a kind, and of a further one."""


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder as the device knows it."""

    name: str
    type: str

    def to_document(self) -> list[str]:
        return [self.name, self.type]


def wanted(work: Work, catalogue: Catalogue, viewer: Viewer) -> dict[str, Folder]:
    """What this device should see, by ServerId: the collection's own id."""
    return {sight.standing.collection.id: _folder(sight) for sight in catalogue.visible_to(work, viewer)}


def _folder(sight: Sight) -> Folder:
    collection = sight.standing.collection
    default, further = TYPES[collection.kind]
    return Folder(collection.name, default if sight.standing.ownership is Ownership.DEFAULT else further)


def from_document(document: Mapping[str, list[str]]) -> dict[str, Folder]:
    return {server_id: Folder(*each) for server_id, each in document.items()}


def to_document(folders: Mapping[str, Folder]) -> dict[str, list[str]]:
    return {server_id: folder.to_document() for server_id, folder in folders.items()}


def difference(known: Mapping[str, Folder], now: Mapping[str, Folder]) -> list[Element]:
    """The commands that lead a device from `known` to `now`. A folder whose type changed is another folder to a device."""
    gone = [
        server_id for server_id, folder in known.items() if server_id not in now or now[server_id].type != folder.type
    ]
    added = [server_id for server_id in now if server_id not in known or server_id in gone]
    renamed = [each for each in now if each in known and each not in gone and now[each].name != known[each].name]
    return [
        *(Element("FolderHierarchy:Delete", Element("FolderHierarchy:ServerId", text=each)) for each in gone),
        *(_described("FolderHierarchy:Update", each, now[each]) for each in renamed),
        *(_described("FolderHierarchy:Add", each, now[each]) for each in added),
    ]


def _described(command: str, server_id: str, folder: Folder) -> Element:
    return Element(
        command,
        Element("FolderHierarchy:ServerId", text=server_id),
        Element("FolderHierarchy:ParentId", text=ROOT),
        Element("FolderHierarchy:DisplayName", text=folder.name),
        Element("FolderHierarchy:Type", text=folder.type),
    )
