"""With whom a person writes: names and addresses from From and To, kept beside each message so that a search reads no mail.

The rows belong to the octets of a message, so they come with a copy and go with the last one; whose they are is asked of the
mailboxes at every search. Messages from before there were such rows get theirs at the first search that meets them.
"""

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

_NEWEST_MESSAGES = """
    SELECT message.content_id, max(message.received_at) AS received_at
    FROM mailbox JOIN message ON message.mailbox_id = mailbox.id
    WHERE mailbox.login = ? AND mailbox.special_use NOT IN (?, ?)
    GROUP BY message.content_id
    ORDER BY received_at DESC, message.content_id DESC LIMIT ?
"""


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


def keep_missing(connection: sqlite3.Connection, login: str) -> None:
    """Note who stands in the newest messages of `login` that have no rows yet. Inside a transaction."""
    missing = connection.execute(
        f"SELECT content.id, content.header FROM ({_NEWEST_MESSAGES}) AS newest JOIN content ON content.id = content_id"
        " WHERE NOT EXISTS (SELECT 1 FROM correspondent WHERE correspondent.content_id = content.id)",
        (login, *LEFT_OUT, NEWEST),
    ).fetchall()
    for content_id, header in missing:
        keep(connection, content_id, header)


def matching(connection: sqlite3.Connection, login: str, query: str, limit: int) -> list[Correspondent]:
    """Who among the correspondents of `login` contains `query` in name or address: the latest first, each address once,
    never the person."""
    words = search_key(" ".join(query.split()))
    rows = connection.execute(
        f"SELECT name, address FROM ({_NEWEST_MESSAGES}) AS newest JOIN correspondent USING (content_id)"
        " WHERE instr(key, ?) AND address NOT IN ('', ?) ORDER BY received_at DESC, content_id DESC",
        (login, *LEFT_OUT, NEWEST, words, login.lower()),
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
    text = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:MAX_NAME_CHARACTERS]
