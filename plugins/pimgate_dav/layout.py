"""Addresses: what the path of a request means, and the path of what an answer speaks of.

    /dav/                                      the root
    /dav/<account id>/                         a person: their principal, and the home of all they see
    /dav/<account id>/<segment>/               a collection
    /dav/<account id>/<segment>/<item name>    an item

A collection's segment is its id, which is opaque and stays for life. The one exception: a program that makes a collection
chooses its address, and keeps it (RFC 4918, "MKCOL Method"); under the home of the owner the chosen name is then the segment.
No address ever carries a login.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from pimgate.api import AccountId, Collection, NoSuchItem, can_be_chosen

MOUNT: Final = "/dav"
UNUSABLE: Final = "This name cannot be used: it has at most 254 characters, no slash, and no control characters."
"""What whoever wants to give such a name hears; whoever looks for it finds nothing."""

DIRECTORY: Final = "directory"
"""The segment under which a person finds the directory."""

PUSH: Final = "push"
"""The segment under which a person's push subscriptions stand."""

INBOX: Final = "inbox"
OUTBOX: Final = "outbox"
NOTIFICATIONS: Final = "notifications"
PROXY_READ: Final = "calendar-proxy-read"
PROXY_WRITE: Final = "calendar-proxy-write"
"""The segments of what meetings arrive and leave by, of news about shared collections, and of the two groups of those who see a
person's calendars."""

ATTACHMENTS: Final = "attachments"
"""The segment under which a person gets the files of events."""

PROXIES: Final = frozenset({PROXY_READ, PROXY_WRITE})

RESERVED: Final = frozenset({DIRECTORY, PUSH, INBOX, OUTBOX, NOTIFICATIONS, ATTACHMENTS, *PROXIES})
"""Segments of a home that are no collections; nobody may choose such a name."""

CHOSEN_NAME: Final = "dav-name"
"""The property of a collection that keeps the segment its maker chose."""

_PLAIN = re.compile(r"[A-Za-z0-9._~-]{1,254}")
_COLLECTION_ID = re.compile(r"c[a-z2-9]{12}")


@dataclass(frozen=True, slots=True)
class Place:
    """What a path means. The parts that the path does not go down to are empty."""

    account: str = ""
    collection: str = ""
    item: str = ""

    @property
    def is_root(self) -> bool:
        return not self.account

    @property
    def is_home(self) -> bool:
        return bool(self.account) and not self.collection

    @property
    def is_collection(self) -> bool:
        return bool(self.collection) and not self.item

    @property
    def path(self) -> str:
        """The path without the mount, as text: what Radicale calls a sanitised path."""
        parts = [part for part in (self.account, self.collection, self.item) if part]
        return "/" + "/".join(parts) + ("" if self.item or not parts else "/")

    @property
    def href(self) -> str:
        """The address that stands in answers."""
        return MOUNT + quote(self.path)


class UnusableName(NoSuchItem):
    """An address with a name in it that nothing here has or gets."""


def place_of(raw_path: str) -> Place:
    """The place of a path as it came over the wire, still percent-encoded. NoSuchItem for what can be no address of ours,
    UnusableName where that is for a name alone.

    Decoding comes after splitting, so an encoded slash stays part of a name and finds nothing."""
    head, _, rest = raw_path.partition(MOUNT)
    if head or (rest and not rest.startswith("/")):
        raise NoSuchItem(raw_path[:200])
    parts = [_decoded(part) for part in rest.strip("/").split("/")] if rest.strip("/") else []
    if len(parts) > 3:
        raise NoSuchItem("a path that is too deep")
    if not all(can_be_chosen(part) for part in parts):
        raise UnusableName("a name in a path")
    return Place(*parts)


def segment_of(collection: Collection, reader: AccountId) -> str:
    """The segment under which this reader finds a collection."""
    chosen = collection.properties.get(CHOSEN_NAME, "")
    return chosen if chosen and collection.owner == reader else collection.id


def is_collection_id(segment: str) -> bool:
    """Whether this is what an id looks like; nobody may choose such a name."""
    return _COLLECTION_ID.fullmatch(segment) is not None


def quoted_name(name: str) -> str:
    """The name of an item as it stands in an address. Most names need nothing, and a list has tens of thousands."""
    return name if _PLAIN.fullmatch(name) else quote(name)


def plain_name_in(address: str, base: str) -> str | None:
    """The name of an item at a usual address below `base`; None for an address at which `place_of` must look."""
    rest = address[len(base) :]
    return rest if address.startswith(base) and _PLAIN.fullmatch(rest) and rest not in (".", "..") else None


def _decoded(part: str) -> str:
    try:
        return unquote_to_bytes(part).decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnusableName("a path that is not UTF-8") from error
