"""The folders of a simulated phone, as FolderSync told them. Pure: answers in, what was told out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pimgate_eas.wbxml.element import Element

FIRST_KEY = "0"
CLASSES: Mapping[str, str] = {
    **dict.fromkeys(("9", "14"), "Contacts"),
    **dict.fromkeys(("8", "13"), "Calendar"),
    **dict.fromkeys(("7", "15"), "Tasks"),
    **dict.fromkeys(("10", "17"), "Notes"),
}
"""The class of a folder by its type. Source: MS-ASCMD, "Type (FolderSync)"."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as the phone lists it; `type` is ActiveSync's number."""

    name: str
    type: str
    parent: str = "0"

    @property
    def class_(self) -> str:
        return CLASSES.get(self.type, "Email")


class FolderList:
    """The list by ServerId, and the key under which it was told."""

    def __init__(self, complain: Callable[[str], None]) -> None:
        self.key = FIRST_KEY
        self.folders: dict[str, Folder] = {}
        self._complain = complain

    def take(self, answer: Element) -> list[tuple[str, str]]:
        """Take an answer with status 1; gives what it told, as pairs ("Add", ServerId)."""
        if self.key == FIRST_KEY:
            self.folders = {}
        self.key = answer.text_of("FolderHierarchy:SyncKey") or FIRST_KEY
        if self.key == FIRST_KEY:
            self._complain("FolderSync: an answer without a SyncKey")
        groups = answer.path("FolderHierarchy:Changes")
        changes = [each for group in groups for each in group.children if each.tag != "Count"]
        counted = groups[0].text_of("FolderHierarchy:Count") if groups else None
        if counted != str(len(changes)):
            self._complain(f"FolderSync: {len(changes)} changes are counted as {counted}")
        return [(change.tag, self._take_one(change)) for change in changes]

    def take_change(self, answer: Element, server_id: str, folder: Folder | None) -> None:
        """Take the answer with status 1 to a change of the phone's own: the folder as it is now, None if it is no more."""
        self.key = answer.text_of("FolderHierarchy:SyncKey") or FIRST_KEY
        if self.key == FIRST_KEY or not server_id:
            self._complain(f"{answer.tag}: an answer without a SyncKey or a ServerId")
        if answer.tag == "FolderCreate" and server_id in self.folders:
            self._complain(f"FolderCreate: the new folder got the id of another: {server_id}")
        self.folders.pop(server_id, None)
        if folder is not None:
            self.folders[server_id] = folder

    def _take_one(self, change: Element) -> str:
        server_id = change.text_of("FolderHierarchy:ServerId") or ""
        is_here = server_id in self.folders
        if is_here == (change.tag == "Add"):
            self._complain(f"FolderSync: {change.tag} of {server_id}, which is {'' if is_here else 'not '}here")
        if change.tag == "Delete":
            self.folders.pop(server_id, None)
            return server_id
        self.folders[server_id] = Folder(
            change.text_of("FolderHierarchy:DisplayName") or "",
            change.text_of("FolderHierarchy:Type") or "",
            change.text_of("FolderHierarchy:ParentId") or "0",
        )
        return server_id
