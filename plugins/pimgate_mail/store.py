"""Mailboxes and messages in one SQLite file, kept between runs.

Plain blocking code: the server runs each piece of work in the one thread that owns the connection. Every method is one
transaction. What it touched is remembered in `touched` until the server, after the commit, wakes those who wait.
"""

import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import correspondents
from .correspondents import Correspondent
from .flags import DELETED, SEEN
from .names import INBOX, SEPARATOR, above, canonical, require_name
from .records import Changes, Counts, FlagChange, Mailbox, MailboxProblem, Message

MAX_MAILBOXES = 1000
FIRST_MAILBOXES = {
    INBOX: "",
    "Drafts": "\\Drafts",
    "Sent": "\\Sent",
    "Trash": "\\Trash",
    "Junk": "\\Junk",
    "Archive": "\\Archive",
}

_END_OF_HEADER = re.compile(rb"\r?\n\r?\n")
_SCHEMA = Path(__file__).with_name("schema.sql")


class Store:
    """The mail of everybody, in one file."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.executescript(_SCHEMA.read_text())
        self.touched: set[int] = set()

    def close(self) -> None:
        self._connection.close()

    # Mailboxes.

    def furnish(self, login: str) -> None:
        """Give `login` the first mailboxes, when it has none yet."""
        with self._transaction():
            if not self._mailbox_rows(login):
                for name, special_use in FIRST_MAILBOXES.items():
                    self._insert_mailbox(login, name, special_use)

    def mailboxes(self, login: str) -> list[Mailbox]:
        """All mailboxes of `login`, by name."""
        return self._mailbox_rows(login)

    def mailbox(self, login: str, name: str) -> Mailbox:
        """One mailbox by name (INBOX in any case); raises MailboxProblem."""
        found = self._mailbox_rows(login, "AND name = ?", canonical(name))
        if not found:
            raise MailboxProblem("NONEXISTENT", "There is no such mailbox.")
        return found[0]

    def create(self, login: str, name: str, special_use: str = "") -> Mailbox:
        """Make a mailbox, and those above it that are missing."""
        name = canonical(name.removesuffix(SEPARATOR))
        require_name(name)
        with self._transaction():
            existing = {mailbox.name for mailbox in self._mailbox_rows(login)}
            if name in existing:
                raise MailboxProblem("ALREADYEXISTS", "There is such a mailbox already.")
            if len(existing) >= MAX_MAILBOXES:
                raise MailboxProblem("LIMIT", "There are too many mailboxes.")
            for parent in above(name):
                if parent not in existing:
                    self._insert_mailbox(login, parent, "")
            self._insert_mailbox(login, name, special_use)
        return self.mailbox(login, name)

    def delete(self, login: str, name: str) -> Mailbox:
        """Remove a mailbox with its messages; INBOX stays, and so does one that has others below it."""
        mailbox = self.mailbox(login, name)
        if mailbox.name == INBOX:
            raise MailboxProblem("CANNOT", "INBOX stays.")
        if any(other.name.startswith(mailbox.name + SEPARATOR) for other in self._mailbox_rows(login)):
            raise MailboxProblem("HASCHILDREN", "There are mailboxes below this one.")
        with self._transaction():
            self._connection.execute("DELETE FROM mailbox WHERE id = ?", (mailbox.id,))
            self._drop_unused_content()
            self.touched.add(mailbox.id)
        return mailbox

    def rename(self, login: str, old: str, new: str) -> None:
        """Rename a mailbox and those below it. INBOX stays and gives its messages to the new mailbox."""
        mailbox = self.mailbox(login, old)
        new = canonical(new.removesuffix(SEPARATOR))
        if mailbox.name == INBOX:
            target = self.create(login, new)
            self.move(mailbox.id, [message.uid for message in self.messages(mailbox.id)], target.id)
            return
        require_name(new)
        if new.startswith(mailbox.name + SEPARATOR):
            raise MailboxProblem("CANNOT", "A mailbox cannot lie below itself.")
        with self._transaction():
            rows = self._mailbox_rows(login)
            existing = {row.name for row in rows}
            if new in existing:
                raise MailboxProblem("ALREADYEXISTS", "There is such a mailbox already.")
            for parent in above(new):
                if parent not in existing:
                    self._insert_mailbox(login, parent, "")
            for row in rows:
                if row.name == mailbox.name or row.name.startswith(mailbox.name + SEPARATOR):
                    name = new + row.name[len(mailbox.name) :]
                    self._connection.execute("UPDATE mailbox SET name = ? WHERE id = ?", (name, row.id))

    def subscribe(self, login: str, name: str, is_subscribed: bool) -> None:
        mailbox = self.mailbox(login, name)
        with self._transaction():
            self._connection.execute(
                "UPDATE mailbox SET is_subscribed = ? WHERE id = ?", (int(is_subscribed), mailbox.id)
            )

    # Messages, read.

    def messages(self, mailbox_id: int, uids: Sequence[int] | None = None) -> list[Message]:
        """The messages of a mailbox by UID, all of them or those of `uids` that are there."""
        if uids is None:
            return self._message_rows("mailbox_id = ?", mailbox_id)
        found: list[Message] = []
        for chunk in _chunks(sorted(uids)):
            marks = ",".join("?" * len(chunk))
            found += self._message_rows(f"mailbox_id = ? AND uid IN ({marks})", mailbox_id, *chunk)
        return found

    def counts(self, mailbox_id: int) -> Counts:
        messages = self.messages(mailbox_id)
        return Counts(
            messages=len(messages),
            unseen=sum(SEEN not in message.flags for message in messages),
            deleted=sum(DELETED in message.flags for message in messages),
            size=sum(message.size for message in messages),
        )

    def changes_since(self, mailbox_id: int, modseq: int) -> Changes | None:
        """What happened after `modseq`; None when the mailbox is gone."""
        row = self._connection.execute("SELECT modseq FROM mailbox WHERE id = ?", (mailbox_id,)).fetchone()
        if row is None:
            return None
        if row[0] == modseq:
            return Changes(modseq, (), ())
        changed = self._message_rows("mailbox_id = ? AND modseq > ?", mailbox_id, modseq)
        gone = self._connection.execute(
            "SELECT uid FROM expunged WHERE mailbox_id = ? AND modseq > ? ORDER BY uid", (mailbox_id, modseq)
        )
        return Changes(int(row[0]), tuple(changed), tuple(uid for (uid,) in gone))

    def header(self, content_id: int) -> bytes:
        """The header of a message, with the empty line that ends it; b"" when it is gone."""
        row = self._connection.execute("SELECT header FROM content WHERE id = ?", (content_id,)).fetchone()
        return bytes(row[0]) if row else b""

    def octets(self, content_id: int) -> bytes:
        """A whole message as it came; b"" when it is gone."""
        row = self._connection.execute("SELECT header, rest FROM content WHERE id = ?", (content_id,)).fetchone()
        return bytes(row[0]) + bytes(row[1]) if row else b""

    def correspondents(self, login: str, query: str, limit: int) -> list[Correspondent]:
        """With whom `login` wrote whose name or address contains `query`: the latest first, at most `limit`."""
        newest = correspondents.newest_of(self._connection, login)
        if missing := correspondents.without_rows(self._connection, newest):
            with self._transaction():
                for content_id, header in missing:
                    correspondents.keep(self._connection, content_id, header)
        return correspondents.matching(self._connection, newest, query, login, limit)

    # Messages, written.

    def append(self, mailbox_id: int, octets: bytes, flags: Iterable[str] = (), received_at: int | None = None) -> int:
        """Put a message into a mailbox and give its UID."""
        match = _END_OF_HEADER.search(octets)
        border = match.end() if match else len(octets)
        with self._transaction():
            content = self._connection.execute(
                "INSERT INTO content (header, rest) VALUES (?, ?)", (octets[:border], octets[border:])
            ).lastrowid
            assert content is not None
            correspondents.keep(self._connection, content, octets[:border])
            moment = int(time.time()) if received_at is None else received_at
            (uid,) = self._insert_messages(mailbox_id, [Message(0, content, frozenset(flags), moment, len(octets), 0)])
        return uid

    def copy(self, mailbox_id: int, uids: Sequence[int], target_id: int) -> list[tuple[int, int]]:
        """Copy messages with their flags and dates; gives pairs of old and new UID."""
        with self._transaction():
            messages = self.messages(mailbox_id, uids)
            new = self._insert_messages(target_id, messages)
        return [(message.uid, uid) for message, uid in zip(messages, new, strict=True)]

    def move(self, mailbox_id: int, uids: Sequence[int], target_id: int) -> list[tuple[int, int]]:
        """Move messages in one step: each is in exactly one of the two mailboxes at every moment."""
        with self._transaction():
            messages = self.messages(mailbox_id, uids)
            new = self._insert_messages(target_id, messages)
            self._remove(mailbox_id, [message.uid for message in messages])
        return [(message.uid, uid) for message, uid in zip(messages, new, strict=True)]

    def change_flags(
        self,
        mailbox_id: int,
        uids: Sequence[int],
        change: FlagChange,
        flags: frozenset[str],
        unchanged_since: int | None = None,
    ) -> tuple[list[Message], list[int]]:
        """Change flags; gives the messages as they are now, and the UIDs changed after `unchanged_since`, left alone."""
        left_alone: list[int] = []
        with self._transaction():
            modseq = 0
            for message in self.messages(mailbox_id, uids):
                if unchanged_since is not None and message.modseq > unchanged_since:
                    left_alone.append(message.uid)
                    continue
                new = _changed(message.flags, change, flags)
                if new != message.flags:
                    modseq = modseq or self._next_modseq(mailbox_id)
                    self._connection.execute(
                        "UPDATE message SET flags = ?, modseq = ? WHERE mailbox_id = ? AND uid = ?",
                        (" ".join(sorted(new)), modseq, mailbox_id, message.uid),
                    )
            now = self.messages(mailbox_id, [uid for uid in uids if uid not in set(left_alone)])
        return now, left_alone

    def expunge(self, mailbox_id: int, uids: Sequence[int] | None = None) -> list[int]:
        """Remove messages flagged \\Deleted (of `uids`, when given) and give their UIDs."""
        with self._transaction():
            deleted = [message.uid for message in self.messages(mailbox_id, uids) if DELETED in message.flags]
            self._remove(mailbox_id, deleted)
        return deleted

    # Inside a transaction.

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        touched = set(self.touched)
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            self.touched = touched
            raise
        self._connection.execute("COMMIT")

    def _mailbox_rows(self, login: str, where: str = "", *parameters: object) -> list[Mailbox]:
        rows = self._connection.execute(
            "SELECT id, name, uid_validity, uid_next, modseq, special_use, is_subscribed FROM mailbox"
            f" WHERE login = ? {where} ORDER BY name",
            (login, *parameters),
        )
        return [
            Mailbox(number, name, validity, uid_next, modseq, special_use, bool(is_subscribed))
            for number, name, validity, uid_next, modseq, special_use, is_subscribed in rows
        ]

    def _message_rows(self, where: str, *parameters: object) -> list[Message]:
        rows = self._connection.execute(
            f"SELECT uid, content_id, flags, received_at, size, modseq FROM message WHERE {where} ORDER BY uid",
            parameters,
        )
        return [Message(uid, content, frozenset(flags.split()), *rest) for uid, content, flags, *rest in rows]

    def _insert_mailbox(self, login: str, name: str, special_use: str) -> None:
        validity = self._next_validity()
        self._connection.execute(
            "INSERT INTO mailbox (login, name, uid_validity, special_use) VALUES (?, ?, ?, ?)",
            (login, name, validity, special_use),
        )

    def _next_validity(self) -> int:
        row = self._connection.execute("SELECT latest FROM validity").fetchone()
        validity = max(int(time.time()), row[0] + 1 if row else 0)
        self._connection.execute("DELETE FROM validity")
        self._connection.execute("INSERT INTO validity (latest) VALUES (?)", (validity,))
        return validity

    def _insert_messages(self, mailbox_id: int, messages: Sequence[Message]) -> list[int]:
        row = self._connection.execute("SELECT uid_next FROM mailbox WHERE id = ?", (mailbox_id,)).fetchone()
        if row is None:
            raise MailboxProblem("TRYCREATE", "There is no such mailbox.")
        if not messages:
            return []
        first, modseq = int(row[0]), self._next_modseq(mailbox_id)
        self._connection.executemany(
            "INSERT INTO message (mailbox_id, uid, content_id, flags, received_at, size, modseq)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (mailbox_id, first + n, m.content_id, " ".join(sorted(m.flags)), m.received_at, m.size, modseq)
                for n, m in enumerate(messages)
            ],
        )
        after = first + len(messages)
        self._connection.execute("UPDATE mailbox SET uid_next = ? WHERE id = ?", (after, mailbox_id))
        return list(range(first, after))

    def _remove(self, mailbox_id: int, uids: Sequence[int]) -> None:
        if not uids:
            return
        modseq = self._next_modseq(mailbox_id)
        self._connection.executemany(
            "DELETE FROM message WHERE mailbox_id = ? AND uid = ?", [(mailbox_id, uid) for uid in uids]
        )
        self._connection.executemany(
            "INSERT INTO expunged (mailbox_id, uid, modseq) VALUES (?, ?, ?)",
            [(mailbox_id, uid, modseq) for uid in uids],
        )
        self._drop_unused_content()

    def _drop_unused_content(self) -> None:
        self._connection.execute(
            "DELETE FROM content WHERE NOT EXISTS (SELECT 1 FROM message WHERE message.content_id = content.id)"
        )

    def _next_modseq(self, mailbox_id: int) -> int:
        self.touched.add(mailbox_id)
        (modseq,) = self._connection.execute(
            "UPDATE mailbox SET modseq = modseq + 1 WHERE id = ? RETURNING modseq", (mailbox_id,)
        ).fetchone()
        return int(modseq)


def _changed(old: frozenset[str], change: FlagChange, flags: frozenset[str]) -> frozenset[str]:
    if change is FlagChange.ADD:
        return old | flags
    return old - flags if change is FlagChange.REMOVE else flags


def _chunks(uids: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    for start in range(0, len(uids), size):
        yield uids[start : start + size]
