"""With whom a person writes: names and addresses from From and To, kept beside each message so that a search reads no mail.

The rows belong to the octets of a message, so they come with a copy and go with the last one; whose they are is asked of the
mailboxes at every search. Messages from before there were such rows get theirs at the first search that meets them.
"""

import json
import re
import sqlite3
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header

from pimgate.text.search import search_key

from .imap.mime import addresses_of, header_of

NEWEST = 2000
MAX_ADDRESSES = 50
MAX_NAME_CHARACTERS = 200
MAX_ADDRESS_CHARACTERS = 254
FIELDS = ("From", "To")
LEFT_OUT = ("\\Junk", "\\Trash")

_ADDRESS = re.compile(r"[^\s@<>\"(),;:]+@[^\s@<>\"(),;:]+")


@dataclass(frozen=True, slots=True)
class Correspondent:
    """Somebody with whom a person wrote; the name may be empty."""

    name: str
    address: str


def keep(connection: sqlite3.Connection, content_id: int, header: bytes) -> None:
    """Note who stands in a header; one empty row says that nobody does. Inside a transaction."""
    found = correspondents_in(header) or [Correspondent("", "")]
    connection.executemany(
        "INSERT OR IGNORE INTO correspondent (content_id, address, name, key) VALUES (?, ?, ?, ?)",
        [(content_id, each.address, each.name, search_key(f"{each.name} {each.address}")) for each in found],
    )


def newest_of(connection: sqlite3.Connection, login: str) -> list[int]:
    """The octets of the newest messages of `login`, the latest first; junk and what was thrown away is left out."""
    rows = connection.execute(
        "SELECT content_id FROM message WHERE mailbox_id IN"
        " (SELECT id FROM mailbox WHERE login = ? AND special_use NOT IN (?, ?))"
        " ORDER BY received_at DESC, content_id DESC LIMIT ?",
        (login, *LEFT_OUT, NEWEST),
    )
    return list(dict.fromkeys(content_id for (content_id,) in rows))


def without_rows(connection: sqlite3.Connection, content_ids: list[int]) -> list[tuple[int, bytes]]:
    """Those of `content_ids` for which nothing was kept yet, with their headers."""
    return connection.execute(
        "SELECT content.id, header FROM json_each(?) JOIN content ON content.id = value"
        " WHERE NOT EXISTS (SELECT 1 FROM correspondent WHERE content_id = value)",
        (json.dumps(content_ids),),
    ).fetchall()


def matching(
    connection: sqlite3.Connection, content_ids: list[int], query: str, own: str, limit: int
) -> list[Correspondent]:
    """Whose name or address contains `query`, in the order of `content_ids`: each address once, with the first name that
    is there, never the `own`."""
    rows = connection.execute(
        "SELECT name, address FROM json_each(?) AS newest JOIN correspondent ON content_id = newest.value"
        " WHERE instr(correspondent.key, ?) AND address NOT IN ('', ?) ORDER BY newest.key",
        (json.dumps(content_ids), search_key(" ".join(query.split())), own.lower()),
    )
    found: dict[str, str] = {}
    for name, address in rows:
        found[address] = found.get(address) or name
    return [Correspondent(name, address) for address, name in list(found.items())[: max(0, limit)]]


def correspondents_in(header: bytes) -> list[Correspondent]:
    """The people in From and To, addresses in small letters; what is no address is passed over."""
    fields = header_of(header)
    found: dict[str, str] = {}
    for shown, address in (pair for name in FIELDS for pair in addresses_of(fields, name)):
        if len(found) >= MAX_ADDRESSES:
            break
        if len(address) <= MAX_ADDRESS_CHARACTERS and _ADDRESS.fullmatch(address):
            found.setdefault(address.lower(), _readable(shown))
    return [Correspondent(name, address) for address, name in found.items()]


def _readable(shown: str) -> str:
    """A name with its encoded words decoded, on one line, without characters that cannot be seen."""
    try:
        text = str(make_header(decode_header(shown[: 4 * MAX_NAME_CHARACTERS])))
    except (HeaderParseError, ValueError, LookupError):
        text = shown
    # A charset may give what is no Unicode, and the store would not take the message for it.
    text = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:MAX_NAME_CHARACTERS]
