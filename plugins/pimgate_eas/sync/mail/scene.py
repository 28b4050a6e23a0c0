"""What a device's edits of messages meet: looked at once, before anything is asked of the mail server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pimgate.api import CollectionId, ItemHead, ItemId, Mailbox, MailFolder, Message, SpecialUse
from pimgate_eas.mapping.email import Options
from pimgate_eas.status import Sync
from pimgate_eas.sync.edits import item_of
from pimgate_eas.sync.mail.letters import bodies_in, options_of
from pimgate_eas.sync.request import CollectionRequest
from pimgate_eas.sync.state import SyncState
from pimgate_eas.wbxml.element import Element


@dataclass(frozen=True, slots=True)
class Scene:
    """`targets` are the ids that the commands name, in their order (None for no id of this folder), `messages` those of them that
    are here, `behind` those that somebody else changed since the device heard of them. `added` are the ids of new items that a
    lost answer spoke of, by ClientId; `again` are those that the device edited with the question that got it."""

    folder: Mailbox
    commands: tuple[Element, ...]
    targets: tuple[ItemId | None, ...]
    messages: Mapping[ItemId, Message]
    behind: frozenset[ItemId]
    added: Mapping[str, ItemId]
    again: frozenset[ItemId]
    options: Options
    sync_key: str
    deletes_as_moves: bool

    @property
    def id(self) -> CollectionId:
        return self.folder.collection_id

    @property
    def is_drafts(self) -> bool:
        return self.folder.special_use is SpecialUse.DRAFTS

    def message_for(self, index: int) -> Message | None:
        """The message that a command is about, if it is here."""
        target = self.targets[index]
        return self.messages.get(target) if target is not None else None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one command. `seq`: the version of the message that the device has by it, GONE if it has none any more,
    0 for nothing to note; `is_more`: the device must hear how the message is now. `follow_up` is what is to be kept of its flag
    (an empty one: nothing), None where the command says nothing of that; `data` goes along with the answer, and `reason` is
    said on the device's page where something was refused."""

    status: Sync = Sync.OK
    item_id: ItemId | None = None
    seq: int = 0
    is_more: bool = False
    follow_up: Mapping[str, str] | None = None
    data: tuple[Element, ...] = ()
    size_bytes: int = 0
    reason: str = ""


def scene_of(folder: MailFolder, request: CollectionRequest, state: SyncState, lost: SyncState) -> Scene:
    """The edits of this request among the messages as they are now, for a device in this state."""
    targets = tuple(item_of(each.text_of("AirSync:ServerId") or "", folder) for each in request.commands)
    messages = folder.messages({each for each in targets if each is not None} | set(lost.added.values()))
    return Scene(
        folder.mailbox,
        request.commands,
        targets,
        messages,
        frozenset(each.id for each in messages.values() if _is_behind(each.head(), state, lost)),
        lost.added,
        frozenset(lost.edited),
        bodies_in(options_of(request) or state.options),
        request.sync_key,
        request.deletes_as_moves,
    )


def _is_behind(head: ItemHead, state: SyncState, lost: SyncState) -> bool:
    """Whether somebody else changed the message after what the device knows of it."""
    known = max(state.bookmark, *(each.get(head.id, 0) for each in (state.has, lost.edited)))
    return head.seq > known


def is_yet_to_come(item_id: ItemId, state: SyncState) -> bool:
    """Whether the first synchronisation has still to bring the message."""
    return state.filled_to is not None and item_id > state.filled_to and item_id not in state.has
