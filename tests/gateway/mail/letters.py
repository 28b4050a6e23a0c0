"""Messages and folders for tests of the index."""

from pimgate.mail.arrangement import Listed
from pimgate.model.collections import CollectionId
from pimgate.model.items import ItemId
from pimgate.model.mail import Described, Message

HERE = CollectionId("chere")
NOON = 1_795_000_000


def described(
    uid: int,
    *flags: str,
    at: int = NOON,
    size: int = 1_000,
    email_id: str = "",
    message_id: str | None = None,
) -> Described:
    """What a server says of a message; the Message-ID follows the number unless it is given."""
    said = f"<{uid}@example.org>" if message_id is None else message_id
    return Described(uid, frozenset(flags), at, size, email_id, said, at - 5)


def indexed(item_id: int, each: Described) -> Message:
    """The message in the index."""
    return Message(
        ItemId(item_id),
        HERE,
        each.uid,
        each.email_id,
        each.message_id,
        each.sent_at,
        each.arrived_at,
        each.size_bytes,
        each.flags,
        created_seq=item_id,
        seq=item_id,
        changed_at=0.0,
    )


def listed(path: str, *attributes: str, mailbox_id: str = "", validity: int = 0, following: int = 0) -> Listed:
    """A folder as a server with `/` between names lists it."""
    return Listed(path, "/", frozenset(attributes), mailbox_id, validity, following)
