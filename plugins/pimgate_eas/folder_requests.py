"""What a device says in FolderCreate, FolderUpdate and FolderDelete, and what became of it.

Source: MS-ASCMD, "FolderCreate", "FolderUpdate", "FolderDelete" and "Status" of each.
"""

from __future__ import annotations

from dataclasses import dataclass

from pimgate_eas.folders import Folder
from pimgate_eas.status import Common, FolderChange
from pimgate_eas.wbxml.element import Element

LONGEST_ID = 64
LONGEST_NAME = 256


class FolderProblem(Exception):
    """The command is refused, and nothing of it is done."""

    def __init__(self, status: FolderChange | Common) -> None:
        super().__init__(status.name)
        self.status = status


@dataclass(frozen=True, slots=True)
class Done:
    """What a command did: the folder, and as what the device now knows it (None: as gone). Of what stood in
    it the device is told by the next FolderSync: not every device drops it by itself."""

    server_id: str
    folder: Folder | None


def required(body: Element, tag: str) -> str:
    """The text of a part that must be there, and hold something. FolderProblem."""
    text = body.text_of(f"FolderHierarchy:{tag}")
    if text is None or (not text and tag != "ParentId"):
        raise FolderProblem(FolderChange.MALFORMED)
    return text


def told_name(body: Element) -> str:
    """The name as the device has it. Where it is kept otherwise, the next FolderSync says so."""
    return required(body, "DisplayName")[:LONGEST_NAME]
