"""What this wing keeps on the shelf of a device: the generations of its keys with the last answer, and its last questions."""

from __future__ import annotations

from pimgate.api import DeviceId, Document, Work
from pimgate_eas.sync.keys import Generations
from pimgate_eas.wbxml.codec import decode, encode
from pimgate_eas.wbxml.element import Element

FOLDERS = "eas/folders"
FOLDERS_TOLD = "eas/folders-told"
PING = "eas/ping"
SYNC_QUESTION = "eas/sync-question"
POLICY = "eas/policy"
DECLINED = "eas/declined"
ANSWERED = "eas/answered"
OFFERED = "eas/offered"
MOVES = "eas/moves"


def collection_key(collection_id: str) -> str:
    return f"eas/sync/{collection_id}"


def load(work: Work, device_id: DeviceId, key: str) -> tuple[Generations | None, bytes | None]:
    """The generations kept under `key`, and the octets of the last answer."""
    found = work.shelf.get(device_id, key)
    return (Generations.from_document(found.content), found.blob) if found else (None, None)


def peek(work: Work, device_id: DeviceId, key: str) -> Generations | None:
    """The generations alone."""
    found = work.shelf.peek(device_id, key)
    return Generations.from_document(found) if found else None


def keep(work: Work, device_id: DeviceId, key: str, generations: Generations, answer: Element) -> None:
    """Generations and answer together: they are committed with the changes that the answer speaks of."""
    work.shelf.put(device_id, key, Document(generations.to_document(), encode(answer)))


def keep_noted(work: Work, device_id: DeviceId, key: str, generations: Generations, answer: bytes | None) -> None:
    """Generations in which something was noted; the last answer stays what it is."""
    work.shelf.put(device_id, key, Document(generations.to_document(), answer))


def answer_again(octets: bytes | None) -> Element | None:
    """A stored answer, to be given once more."""
    return decode(octets) if octets else None
