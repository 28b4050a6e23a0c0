"""A random walk through a mailbox: two phones over bad networks and a mail program read, mark, delete, move and write in the same
folders, while the mail server numbers folders anew, renames them, and leaves for a moment.

Each of the three has a mark of its own: what it said last of a message must stand at the end. A message is moved by whoever deletes
it, so until somebody deletes it in the trash each is there exactly once.
"""

import imaplib
import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from pimgate.testing.phone_copy import Edit, Op
from pimgate.testing.phone_mail import MailPhone, flag_of
from pimgate_eas.wbxml.element import Element
from plugins.eas.mailroom import MailRoom

TRASH, DRAFTS, INBOX = "Trash", "Drafts", "INBOX"
BOATS = "Boats"
MARKS = ("\\Seen", "\\Flagged", BOATS)
ROUNDS_AT_THE_END = 8


@dataclass
class Claim:
    """What somebody said last and was accepted, and what may stand instead."""

    accepted: str = ""
    possible: set[str] = field(default_factory=set)

    def holds(self, value: str) -> bool:
        return value == self.accepted or value in self.possible


@dataclass
class Reader:
    """A phone, its own mark, and its edits under way: each with whom it is about and all that was said."""

    phone: MailPhone
    mark: str
    said: dict[int, tuple[Edit, str, str, list[str]]] = field(default_factory=dict)


class MailWalk:
    """One walk. `rename` and the like happen as `chance` has it; `steps` names what was done."""

    def __init__(self, seed: int, room: MailRoom, readers: list[Reader]) -> None:
        self.chance = random.Random(seed)
        self.steps: list[str] = []
        self.claims: dict[tuple[str, str], Claim] = {}
        self.letters: set[str] = set()
        self.dropped: set[str] = set()
        """Deleted in the trash by somebody, or on the way there."""
        self.folders = [INBOX, "Work", TRASH]
        self._room, self._readers = room, readers
        self._numbers = itertools.count(1)
        self._is_away = False
        for each in readers:
            each.phone.call_when_lost(self._meanwhile)
            each.phone.when_busy(self._back)
        room.program(lambda line: [line.create(each) for each in (DRAFTS, TRASH, "Work")])

    def step(self) -> None:
        deeds: list[tuple[int, Callable[[], None]]] = [
            (6, self._phone_marks),
            (3, self._phone_deletes),
            (2, self._phone_drafts),
            (8, self._phone_syncs),
            (5, self._program_puts),
            (5, self._program_marks),
            (3, self._program_moves),
            (1, self._program_drops),
            (1, self._program_renames),
        ]
        weights, choices = zip(*deeds, strict=True)
        (deed,) = self.chance.choices(choices, weights)
        self.steps.append(deed.__name__.strip("_"))
        deed()

    def disturb(self) -> None:
        """What mail servers do now and then."""
        if self.chance.random() < 0.5:
            self.steps.append("number anew")
            self._is_away = False
            self._room.server.number_anew(self._room.login)
        else:
            self.steps.append("away")
            self._is_away = True
            self._room.server.stop()

    def _back(self) -> None:
        if self._is_away:
            self._is_away = False
            self._room.server.start()
        time.sleep(0.3)

    # Phones

    def _reader(self) -> Reader:
        return self.chance.choice(self._readers)

    def _phone_marks(self) -> None:
        reader = self._reader()
        chosen = self._some_message(reader)
        if chosen is not None:
            folder, item_id, name = chosen
            is_on = self.chance.random() < 0.6
            if reader.mark == "\\Seen":
                edit = reader.phone.read(folder, item_id, is_read=is_on)
            else:
                edit = reader.phone.flag(folder, item_id, is_flagged=is_on)
            self._note(reader, edit, name, reader.mark, "1" if is_on else "")

    def _phone_deletes(self) -> None:
        reader = self._reader()
        chosen = self._some_message(reader)
        if chosen is not None and self.chance.random() < 0.6:
            folder, item_id, name = chosen
            if reader.phone.folders[folder].name == TRASH:
                self.dropped.add(name)
            reader.phone.delete(folder, item_id)

    def _phone_drafts(self) -> None:
        """The first phone writes drafts; nobody else touches them."""
        reader = self._readers[0]
        folder = reader.phone.mail_folders.get(DRAFTS, "")
        words = f"words {next(self._numbers)}"
        known = list(reader.phone.items.get(folder, {}).items())
        if folder and known and self.chance.random() < 0.6:
            item_id, data = self.chance.choice(known)
            edit = reader.phone.change(folder, item_id, {"AirSyncBase:Body": body(words)})
            self._note(reader, edit, data.text_of("Email:Subject") or "", "words", words)
        elif folder:
            name = f"d{next(self._numbers)}"
            data = Element("AirSync:ApplicationData", Element("Email:Subject", text=name), body(words))
            self._note(reader, reader.phone.add(folder, data), name, "words", words)

    def _phone_syncs(self) -> None:
        reader = self._reader()
        if self.chance.random() < 0.2:
            reader.phone.sync_folders()
        names = list(reader.phone.mail_folders.values())
        some = names if self.chance.random() < 0.3 else [self.chance.choice(names)]
        for each in some:
            if each in reader.phone.folders:
                reader.phone.sync(each, window=self.chance.choice((1, 3, 100)))
        self._settle(reader)

    def _meanwhile(self) -> None:
        """What happens while a phone finds out that its answer was lost."""
        if self.chance.random() < 0.4:
            self.chance.choice((self._phone_marks, self._phone_deletes, self._phone_drafts, self._program_marks))()

    def _some_message(self, reader: Reader) -> tuple[str, str, str] | None:
        shown = [
            (folder, item_id, data.text_of("Email:Subject") or "")
            for folder, items in reader.phone.items.items()
            if folder in reader.phone.folders and reader.phone.folders[folder].name != DRAFTS
            for item_id, data in items.items()
        ]
        return self.chance.choice(shown) if shown else None

    def _note(self, reader: Reader, edit: Edit, name: str, what: str, value: str) -> None:
        _, _, _, values = reader.said.setdefault(id(edit), (edit, name, what, []))
        values.append(value)

    def _settle(self, reader: Reader) -> None:
        waiting = {id(each) for each in reader.phone.waiting_edits}
        for key in [each for each in reader.said if each not in waiting]:
            edit, name, what, values = reader.said.pop(key)
            claim = self.claims.setdefault((name, what), Claim())
            if edit.is_accepted:
                claim.accepted, claim.possible = values[-1], set()
                if edit.op is Op.ADD:
                    self.letters.add(name)
            else:
                claim.possible.update(values)

    # The mail program

    def _program(self, deed: Callable[[Any], None]) -> None:
        """Whatever is gone is left alone."""
        try:
            self._room.program(deed)
        except (ValueError, IndexError, imaplib.IMAP4.error, AssertionError, OSError):
            self.steps.append("in vain")

    def _program_puts(self) -> None:
        name, folder = f"m{next(self._numbers)}", self.chance.choice(self.folders[:2])

        def put(line: Any) -> None:
            line.put(name, folder=folder)
            self.letters.add(name)

        self._program(put)

    def _program_marks(self) -> None:
        name, folder = self._some_letter()
        is_on = self.chance.random() < 0.6

        def mark(line: Any) -> None:
            number = line.number_of(name, folder)
            line.done(line.uid("STORE", number, "+FLAGS" if is_on else "-FLAGS", f"({BOATS})"))
            self.claims.setdefault((name, BOATS), Claim()).accepted = BOATS if is_on else ""

        self._program(mark)

    def _program_moves(self) -> None:
        name, folder = self._some_letter()
        target = self.chance.choice([each for each in self.folders if each != folder])
        self._program(lambda line: line.done(line.uid("MOVE", line.number_of(name, folder), target)))

    def _program_drops(self) -> None:
        name, _ = self._some_letter()

        def drop(line: Any) -> None:
            number = line.number_of(name, TRASH)
            self.dropped.add(name)
            line.done(line.uid("STORE", number, "+FLAGS", "(\\Deleted)"))
            line.done(line.expunge())

        self._program(drop)

    def _program_renames(self) -> None:
        old, new = self.folders[1], f"Work{next(self._numbers)}"

        def rename(line: Any) -> None:
            line.done(line.rename(old, new))
            self.folders[1] = new

        self._program(rename)

    def _some_letter(self) -> tuple[str, str]:
        return self.chance.choice(sorted(self.letters) or ["nothing"]), self.chance.choice(self.folders)

    # The end

    def finish(self) -> None:
        """Everybody comes to rest."""
        self._back()
        for _ in range(ROUNDS_AT_THE_END):
            for reader in self._readers:
                reader.phone.call_when_lost(lambda: None)
                reader.phone.sync_folders()
                for folder in reader.phone.mail_folders.values():
                    reader.phone.sync(folder)
                self._settle(reader)

    def findings(self) -> list[str]:
        """What must not be: anything lost, doubled or reverted, a phone that has something else than the server, or a complaint."""
        kept = {folder: contents(self._room, folder) for folder in [*self.folders, DRAFTS]}
        found = [*self._wrong_on_server(kept)]
        for reader in self._readers:
            found += [f"{reader.phone.device_id}: {each}" for each in reader.phone.complaints]
            for folder, letters in kept.items():
                found += self._wrong_on_phone(reader.phone, "Inbox" if folder == INBOX else folder, letters)
        return found

    def _wrong_on_server(self, kept: dict[str, list[dict[str, str]]]) -> Iterable[str]:
        there = Counter(each["name"] for letters in kept.values() for each in letters)
        yield from (f"lost: {each}" for each in self.letters - there.keys() - self.dropped)
        yield from (f"doubled: {each}" for each, count in there.items() if count > 1)
        for letter in (each for letters in kept.values() for each in letters):
            for (name, what), claim in self.claims.items():
                if name == letter["name"] and not claim.holds(letter[what]):
                    yield f"reverted: {name}: {what} is {letter[what]!r}, not {claim}"

    def _wrong_on_phone(self, phone: MailPhone, folder: str, letters: list[dict[str, str]]) -> Iterable[str]:
        server_id = phone.mail_folders.get(folder, "")
        shown = Counter(data.text_of("Email:Subject") for data in phone.items.get(server_id, {}).values())
        kept = Counter(each["name"] for each in letters)
        yield from (f"{phone.device_id} lacks {each} in {folder}" for each in kept - shown)
        yield from (f"{phone.device_id} has {each} in {folder}" for each in shown - kept)
        by_name = {each["name"]: each for each in letters}
        for data in phone.items.get(server_id, {}).values():
            if not data.has("Email:Read"):
                continue  # a draft of its own, of which it was told nothing
            name = data.text_of("Email:Subject") or ""
            told = {
                "\\Seen": data.text_of("Email:Read") or "",
                "\\Flagged": "1" if flag_of(data).get("Email:Status") == "2" else "",
                BOATS: "".join(each.text or "" for each in data.path("Email:Categories", "Email:Category")),
            }
            for mark, value in told.items():
                if name in by_name and value.replace("0", "") != by_name[name][mark]:
                    yield f"{phone.device_id}: {name} in {folder}: {mark} is {value!r}"


def contents(room: MailRoom, folder: str) -> list[dict[str, str]]:
    """The messages of a folder of the mail server: name, marks, and words."""

    def look(line: Any) -> list[dict[str, str]]:
        line.done(line.select(f'"{folder}"', readonly=True))
        numbers = line.done(line.uid("SEARCH", "ALL"))[0].decode().split()
        return [_letter(line, each) for each in numbers]

    found: list[dict[str, str]] = room.program(look)
    return found


def _letter(line: Any, number: str) -> dict[str, str]:
    import email
    from email.policy import default

    ((head, octets), tail) = line.done(line.uid("FETCH", number, "(FLAGS BODY.PEEK[])"))
    message: Any = email.message_from_bytes(octets, policy=default)
    flags = (head + tail).decode()
    marks = {mark: "1" if mark.startswith("\\") else mark for mark in MARKS if mark in flags}
    return {
        **dict.fromkeys(MARKS, ""),
        **marks,
        "name": str(message["subject"]),
        "words": message.get_content().strip(),
    }


def body(words: str) -> Element:
    return Element("AirSyncBase:Body", Element("AirSyncBase:Type", text="1"), Element("AirSyncBase:Data", text=words))
