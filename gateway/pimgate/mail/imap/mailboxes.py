"""The verbs for mailboxes: list, look at, open, make, rename, remove.

Source: RFC 9051, "Client Commands - Authenticated State"; RFC 5258 (LIST-EXTENDED); RFC 5819 (LIST-STATUS); RFC 6154 (SPECIAL-USE);
RFC 7162 (CONDSTORE, QRESYNC); RFC 8474 (OBJECTID).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final

from pimgate.mail.imap.answers import Listed, Selected, Status
from pimgate.mail.imap.conversation import Conversation, Done
from pimgate.mail.imap.errors import BadAnswer
from pimgate.mail.imap.hearing import Answer
from pimgate.mail.imap.numbers import MOST_UID, UidSet
from pimgate.mail.imap.saying import Part, flag, in_list, mailbox, number
from pimgate.mail.imap.understanding import fetched, listed, personal, status, vanished
from pimgate.mail.imap.values import as_flags, as_id, as_number, only

_SELECTING: Final = ("OK", "FLAGS", "EXISTS", "FETCH", "VANISHED")


@dataclass(frozen=True, slots=True)
class Known:
    """What one knows of a mailbox, to be told what became of it since: UIDVALIDITY, the highest modseq, the UIDs (none: all)."""

    uid_validity: int
    modseq: int
    uids: UidSet = field(default_factory=UidSet)


class Mailboxes(Conversation):
    """What can be done with mailboxes. Names are as people read them."""

    selected: Selected | None = None

    async def list_mailboxes(self, *, with_status: bool = False) -> list[Listed]:
        """All mailboxes of the person, subscribed or not, with what each is for; also names that only hold
        others and cannot be opened. `with_status` brings figures of those that can be
        opened, in one command where the server can."""
        if self.has("LIST-EXTENDED"):
            wanted = [b"SUBSCRIBED", b"CHILDREN"]
            wanted += [b"SPECIAL-USE"] if self.has("SPECIAL-USE") else []
            is_at_once = with_status and self.has("LIST-STATUS")
            wanted += [b"STATUS " + in_list(self._status_items())] if is_at_once else []
            done = await self.ask(b'LIST "" "*" RETURN', in_list(wanted), takes=("LIST", "STATUS"))
            found = self._listed(done)
        else:
            is_at_once = False
            found = await self._list_simply()
        if with_status and not is_at_once:
            found = [replace(each, status=await self.status(each.name)) if each.can_select else each for each in found]
        return found

    async def _list_simply(self) -> list[Listed]:
        found = self._listed(await self.ask(b'LIST "" "*"', takes=("LIST",)))
        subscribed = {each.name for each in self._listed(await self.ask(b'LSUB "" "*"', takes=("LSUB",)))}
        return [replace(each, is_subscribed=each.name in subscribed) for each in found]

    def _listed(self, done: Done) -> list[Listed]:
        with self._reading():
            states = {each.name: each for each in (status(each, is_utf8=self.is_utf8) for each in done.of("STATUS"))}
            found = {
                each.name: each
                for each in (listed(each, is_utf8=self.is_utf8) for each in done.answers if each.word != "STATUS")
            }
        return [replace(each, status=states.get(name)) for name, each in found.items()]

    async def status(self, name: str) -> Status:
        """Figures of one mailbox. Rejected if there is none of this name."""
        done = await self.ask(b"STATUS", self._name(name), in_list(self._status_items()), takes=("STATUS",))
        with self._reading():
            for each in done.answers:
                return replace(status(each, is_utf8=self.is_utf8), name=name)
            raise BadAnswer("no status")

    def _status_items(self) -> list[bytes]:
        items = [b"MESSAGES", b"UNSEEN", b"UIDNEXT", b"UIDVALIDITY"]
        items += [b"HIGHESTMODSEQ"] if self.has_modseqs else []
        items += [b"MAILBOXID"] if self.has("OBJECTID") else []
        return items

    @property
    def has_modseqs(self) -> bool:
        """Whether the server counts changes (CONDSTORE)."""
        return self.has("CONDSTORE") or self.has("QRESYNC")

    async def select(self, name: str, *, is_read_only: bool = False, known: Known | None = None) -> Selected:
        """Open a mailbox. With `known`, and where the server can (QRESYNC), the answer tells what became of it since. Rejected if
        there is none of this name; then none is open."""
        self.selected = None
        command: list[Part] = [b"EXAMINE" if is_read_only else b"SELECT", self._name(name)]
        if known is not None and known.modseq > 0 and "QRESYNC" in self.enabled:
            command.append(_since(known))
        elif self.has_modseqs:
            command.append(b"(CONDSTORE)")
        done = await self.ask(*command, takes=_SELECTING)
        with self._reading():
            self.selected = _selected(name, done)
        return self.selected

    async def unselect(self) -> None:
        """Close the open mailbox without expunging anything, as CLOSE does for what is open for reading alone."""
        if self.selected is None:
            return
        if not self.has("UNSELECT"):
            await self.select("INBOX", is_read_only=True)
        self.selected = None
        await self.ask(b"UNSELECT" if self.has("UNSELECT") else b"CLOSE")

    async def top(self) -> tuple[str, str] | None:
        """What the paths of all of a person's own mailboxes begin with ("" or "INBOX."), and the delimiter ("" for none); None
        where the server does not say. Source: RFC 9051, "NAMESPACE Command"."""
        if not self.has("NAMESPACE"):
            return None
        done = await self.ask(b"NAMESPACE", takes=("NAMESPACE",))
        with self._reading():
            for answer in done.answers:
                return personal(answer, is_utf8=self.is_utf8)
        return None

    async def create(self, name: str, *, special_use: str = "") -> str | None:
        """Make a mailbox; gives its id where the server tells one. `special_use` ("\\sent") is said where that can be kept."""
        command: list[Part] = [b"CREATE", self._name(name)]
        if special_use and self.has("CREATE-SPECIAL-USE"):
            command.append(b"(USE " + in_list([flag(special_use)]) + b")")
        done = await self.ask(*command)
        code = done.closing
        with self._reading():
            return as_id(only(code.code[1])) if code.code_name == "MAILBOXID" and len(code.code) == 2 else None

    async def rename(self, name: str, new_name: str) -> None:
        """Rename a mailbox, and those below it with it."""
        await self.ask(b"RENAME", self._name(name), self._name(new_name))

    async def delete(self, name: str) -> None:
        """Remove a mailbox with all messages in it."""
        await self.ask(b"DELETE", self._name(name))

    async def subscribe(self, name: str, *, is_wanted: bool = True) -> None:
        """Subscribe, or no longer."""
        await self.ask(b"SUBSCRIBE" if is_wanted else b"UNSUBSCRIBE", self._name(name))

    async def noop(self) -> None:
        """Ask whether the connection still lives; what happened meanwhile waits to be listened to."""
        await self.ask(b"NOOP")

    def _name(self, name: str) -> Part:
        return mailbox(name, is_utf8=self.is_utf8)


def _since(known: Known) -> bytes:
    """The parameter of QRESYNC. Known UIDs that do not fit on a line are left out: the server then tells of all that vanished."""
    batches = known.uids.batches()
    uids = b" " + batches[0] if len(batches) == 1 else b""
    return b"(QRESYNC (%s %s%s))" % (number(known.uid_validity, MOST_UID), number(known.modseq), uids)


def _selected(name: str, done: Done) -> Selected:
    told: dict[str, Any] = {}
    changed = []
    gone = UidSet()
    for answer in done.answers:
        if answer.word == "EXISTS":
            told["exists"] = answer.number
        elif answer.word == "FLAGS":
            told["flags"] = as_flags(answer.values[0] if answer.values else None)
        elif answer.word == "FETCH":
            changed.append(fetched(answer))
        elif answer.word == "VANISHED":
            gone |= vanished(answer)
        elif answer.code_name == "CLOSED":  # what was said until here is about the mailbox that was open before
            changed, gone = [], UidSet()
    for answer in done.codes():
        told |= _of_code(answer)
    if "exists" not in told or "uid_validity" not in told:
        raise BadAnswer("a mailbox without messages or UIDVALIDITY")
    return Selected(name, vanished=gone, changed=tuple(changed), **told)


def _of_code(answer: Answer) -> dict[str, Any]:
    value = answer.code[1] if len(answer.code) > 1 else None
    match answer.code_name:
        case "UIDVALIDITY":
            return {"uid_validity": as_number(value, MOST_UID)}
        case "UIDNEXT":
            return {"uid_next": as_number(value, MOST_UID)}
        case "HIGHESTMODSEQ":
            return {"highest_modseq": as_number(value)}
        case "NOMODSEQ":
            return {"highest_modseq": None}
        case "PERMANENTFLAGS":
            flags = as_flags(value)
            return {"permanent_flags": flags - {"\\*"}, "takes_keywords": "\\*" in flags}
        case "MAILBOXID":
            return {"mailbox_id": as_id(only(value))}
        case "READ-ONLY":
            return {"is_read_only": True}
    return {}
