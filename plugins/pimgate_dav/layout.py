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

from pimgate.api import AccountId, Collection, NoSuchItem

MOUNT: Final = "/dav"
SEGMENT_LENGTH: Final = 254
CHOSEN_NAME: Final = "dav-name"
"""The property of a collection that keeps the segment its maker chose."""

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


def place_of(raw_path: str) -> Place:
    """The place of a path as it came over the wire, still percent-encoded. NoSuchItem for what can be no address of ours.

    Decoding comes after splitting, so an encoded slash stays part of a name and finds nothing."""
    head, _, rest = raw_path.partition(MOUNT)
    if head or (rest and not rest.startswith("/")):
        raise NoSuchItem(raw_path[:200])
    parts = [_decoded(part) for part in rest.strip("/").split("/")] if rest.strip("/") else []
    if len(parts) > 3 or any(not _is_usable(part) for part in parts):
        raise NoSuchItem("an unusable path")
    return Place(*parts)


def segment_of(collection: Collection, reader: AccountId) -> str:
    """The segment under which this reader finds a collection."""
    chosen = collection.properties.get(CHOSEN_NAME, "")
    return chosen if chosen and collection.owner == reader else collection.id


def is_collection_id(segment: str) -> bool:
    """Whether this is what an id looks like; nobody may choose such a name."""
    return _COLLECTION_ID.fullmatch(segment) is not None


def _decoded(part: str) -> str:
    try:
        return unquote_to_bytes(part).decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoSuchItem("a path that is not UTF-8") from error


def _is_usable(part: str) -> bool:
    return 0 < len(part) <= SEGMENT_LENGTH and "/" not in part and part not in (".", "..") and part.isprintable()
