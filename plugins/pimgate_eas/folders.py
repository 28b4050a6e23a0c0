"""The folders of a device: what it should see now, against what it has acknowledged.

Every reason why a folder comes or goes (a switch, a subscription, a right, a policy, a name, a place) is one set difference.
Source: MS-ASCMD, "FolderSync", "ParentId (FolderSync)" and "Type (FolderSync)".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pimgate.api import CollectionId, CollectionKind, Core, Mailbox, Ownership, Sight, SpecialUse, Viewer, Work
from pimgate_eas.wbxml.element import Element

ROOT = "0"

TYPES: Mapping[CollectionKind, tuple[str, str]] = {
    CollectionKind.BOOK: ("9", "14"),
    CollectionKind.CALENDAR: ("8", "13"),
    CollectionKind.TASKS: ("7", "15"),
    CollectionKind.NOTES: ("10", "17"),
}
"""The type of the default folder of a kind, and of a further one."""

MAIL_TYPES: Mapping[SpecialUse, str] = {
    SpecialUse.INBOX: "2",
    SpecialUse.DRAFTS: "3",
    SpecialUse.TRASH: "4",
    SpecialUse.SENT: "5",
}
"""By what a mail folder is for. The outbox (6) is each device's own."""

OTHER_MAIL = "12"
INBOX_NAME = "Inbox"


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder as the device knows it; `parent` is the ServerId of the one it stands in."""

    name: str
    type: str
    parent: str = ROOT

    def to_document(self) -> list[str]:
        return [self.name, self.type] if self.parent == ROOT else [self.name, self.type, self.parent]


def wanted(work: Work, core: Core, viewer: Viewer) -> dict[str, Folder]:
    """What this device should see, by ServerId: the collection's own id. A folder comes after the one it stands in."""
    sights = core.catalogue.visible_to(work, viewer)
    mail = [each for each in sights if each.standing.collection.kind is CollectionKind.MAILBOX]
    others = [each for each in sights if each.standing.collection.kind is not CollectionKind.MAILBOX]
    found: dict[str, Folder] = {sight.standing.collection.id: _folder(sight) for sight in others}
    return found | (_of_mail(mail, core.mail.mailboxes(work, viewer)) if mail and core.mail is not None else {})


def _folder(sight: Sight) -> Folder:
    collection = sight.standing.collection
    default, further = TYPES[collection.kind]
    return Folder(collection.name, default if sight.standing.ownership is Ownership.DEFAULT else further)


def _of_mail(sights: list[Sight], mailboxes: Mapping[CollectionId, Mailbox]) -> dict[str, Folder]:
    """Mail folders with the inbox first, each after the one it stands in. One whose parent is not shown stands at the top."""
    shown = {each.standing.collection.id: each.standing.collection.name for each in sights}
    known = [each for collection_id, each in mailboxes.items() if collection_id in shown]
    known.sort(key=lambda each: (each.special_use is not SpecialUse.INBOX, _depth(each, mailboxes)))
    return {each.collection_id: _mail_folder(each, shown) for each in known}


def _mail_folder(found: Mailbox, shown: Mapping[CollectionId, str]) -> Folder:
    is_inbox = found.special_use is SpecialUse.INBOX
    parent = found.parent_id if found.parent_id in shown else None
    name = INBOX_NAME if is_inbox else shown[found.collection_id]
    return Folder(name, MAIL_TYPES.get(found.special_use, OTHER_MAIL), ROOT if is_inbox or parent is None else parent)


def _depth(found: Mailbox, mailboxes: Mapping[CollectionId, Mailbox]) -> int:
    depth, parent = 0, found.parent_id
    while parent is not None and parent in mailboxes and depth < len(mailboxes):
        depth, parent = depth + 1, mailboxes[parent].parent_id
    return depth


def from_document(document: Mapping[str, list[str]]) -> dict[str, Folder]:
    return {server_id: Folder(*each) for server_id, each in document.items()}


def to_document(folders: Mapping[str, Folder]) -> dict[str, list[str]]:
    return {server_id: folder.to_document() for server_id, folder in folders.items()}


def difference(known: Mapping[str, Folder], now: Mapping[str, Folder]) -> list[Element]:
    """The commands that lead a device from `known` to `now`. A folder whose type changed is another folder to a device; with a
    folder that goes, what stands in it goes on devices, and comes again if it is still there."""
    gone = _gone(known, now)
    added = [server_id for server_id in now if server_id not in known or server_id in gone]
    changed = [each for each in now if each in known and each not in gone and now[each] != known[each]]
    moved_into_new = [each for each in changed if now[each].parent in added]
    return [
        *(Element("FolderHierarchy:Delete", Element("FolderHierarchy:ServerId", text=each)) for each in gone),
        *(_described("FolderHierarchy:Update", each, now[each]) for each in changed if each not in moved_into_new),
        *(_described("FolderHierarchy:Add", each, now[each]) for each in added),
        *(_described("FolderHierarchy:Update", each, now[each]) for each in moved_into_new),
    ]


def _gone(known: Mapping[str, Folder], now: Mapping[str, Folder]) -> list[str]:
    """What goes, each before the one it stands in."""
    gone = {each for each, folder in known.items() if each not in now or now[each].type != folder.type}
    left = set(known) - gone
    while falls := {each for each in left if known[each].parent in gone}:
        gone |= falls
        left -= falls
    return [each for each in reversed(list(known)) if each in gone]


def _described(command: str, server_id: str, folder: Folder) -> Element:
    return Element(
        command,
        Element("FolderHierarchy:ServerId", text=server_id),
        Element("FolderHierarchy:ParentId", text=folder.parent),
        Element("FolderHierarchy:DisplayName", text=folder.name),
        Element("FolderHierarchy:Type", text=folder.type),
    )
