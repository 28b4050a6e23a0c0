"""Which mailboxes there are. Source: RFC 9051, "LIST Command", "STATUS Command"; RFC 6154 (special use), RFC 7162 (modseq)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...names import SEPARATOR
from ...records import Counts, Mailbox
from ...store import Store
from ..answers import Bad
from ..parser import Arguments

if TYPE_CHECKING:
    from ..session import Session

_SELECTIONS = {"SUBSCRIBED", "SPECIAL-USE", "REMOTE", "RECURSIVEMATCH"}
_RETURNS = {"SUBSCRIBED", "CHILDREN", "SPECIAL-USE"}
_STATUS_ITEMS = {"MESSAGES", "RECENT", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "HIGHESTMODSEQ", "SIZE", "DELETED"}


@dataclass(slots=True)
class Wanted:
    """What one LIST asks for."""

    selections: set[str]
    patterns: list[str]
    returns: set[str]
    status_items: list[str]


async def namespace(session: Session, arguments: Arguments) -> None:
    arguments.end()
    session.say(f'* NAMESPACE (("" "{SEPARATOR}")) NIL NIL')


async def list_mailboxes(session: Session, arguments: Arguments) -> None:
    wanted = _wanted(arguments)
    if wanted.patterns == [""]:
        session.say(f'* LIST (\\Noselect) "{SEPARATOR}" ""')
        return
    mailboxes = await session.post.hop(lambda store: store.mailboxes(session.login))
    for mailbox in mailboxes:
        below = [other for other in mailboxes if other.name.startswith(mailbox.name + SEPARATOR)]
        if any(_matches(pattern, mailbox.name) for pattern in wanted.patterns):
            _list(session, wanted, mailbox, below)
            if wanted.status_items and _is_selected(wanted, mailbox):
                await _tell_status(session, mailbox.name, wanted.status_items)


async def list_subscribed(session: Session, arguments: Arguments) -> None:
    reference = arguments.mailbox()
    arguments.space()
    pattern = reference + arguments.pattern()
    arguments.end()
    for mailbox in await session.post.hop(lambda store: store.mailboxes(session.login)):
        if mailbox.is_subscribed and _matches(pattern, mailbox.name):
            session.say(f'* LSUB () "{SEPARATOR}" {written(mailbox.name)}')


async def status(session: Session, arguments: Arguments) -> None:
    name = arguments.mailbox()
    arguments.space()
    items = _status_items(arguments)
    arguments.end()
    await _tell_status(session, name, items)


def written(name: str) -> str:
    """The name of a mailbox as a quoted string."""
    return f'"{name}"'


def _wanted(arguments: Arguments) -> Wanted:
    selections: set[str] = set()
    if arguments.is_at(b"("):
        selections = set(arguments.list_of(arguments.word))
        arguments.space()
    reference = arguments.mailbox()
    arguments.space()
    patterns = [pattern and reference + pattern for pattern in arguments.one_or_list_of(arguments.pattern)]
    wanted = Wanted(selections, patterns, set(), [])
    if arguments.take(b" RETURN "):
        arguments.list_of(lambda: _return_option(arguments, wanted))
    arguments.end()
    if not selections <= _SELECTIONS or selections == {"RECURSIVEMATCH"}:
        raise Bad("There is no such selection.")
    return wanted


def _return_option(arguments: Arguments, wanted: Wanted) -> None:
    option = arguments.word()
    if option == "STATUS":
        arguments.space()
        wanted.status_items = _status_items(arguments)
    elif option in _RETURNS:
        wanted.returns.add(option)
    else:
        raise Bad("There is no such return option.")


def _status_items(arguments: Arguments) -> list[str]:
    items = arguments.list_of(arguments.word, may_be_empty=False)
    if not set(items) <= _STATUS_ITEMS:
        raise Bad("There is no such status item.")
    return items


def _list(session: Session, wanted: Wanted, mailbox: Mailbox, below: list[Mailbox]) -> None:
    information = ""
    if not _is_selected(wanted, mailbox):
        # RECURSIVEMATCH also lists a mailbox for the sake of those below it. Source: RFC 5258, "LIST Selection Options".
        if "RECURSIVEMATCH" not in wanted.selections or not any(_is_selected(wanted, other) for other in below):
            return
        information = ' ("CHILDINFO" ("SUBSCRIBED"))'
    attributes = ["\\HasChildren" if below else "\\HasNoChildren"]
    if mailbox.special_use:
        attributes.append(mailbox.special_use)
    if mailbox.is_subscribed and "SUBSCRIBED" in wanted.selections | wanted.returns:
        attributes.append("\\Subscribed")
    session.say(f'* LIST ({" ".join(attributes)}) "{SEPARATOR}" {written(mailbox.name)}{information}')


def _is_selected(wanted: Wanted, mailbox: Mailbox) -> bool:
    if "SUBSCRIBED" in wanted.selections and not mailbox.is_subscribed:
        return False
    return "SPECIAL-USE" not in wanted.selections or bool(mailbox.special_use)


def _matches(pattern: str, name: str) -> bool:
    """Whether `name` fits a pattern in which * stands for anything and % for anything within one level."""
    wildcards = {"*": ".*", "%": f"[^{SEPARATOR}]*"}
    form = "".join(
        wildcards.get(part, re.escape(part)) for part in re.split(r"([*%])", re.sub(r"[*%]*\*[*%]*", "*", pattern))
    )
    is_inbox = name == "INBOX"
    return re.fullmatch(form, name, re.IGNORECASE if is_inbox else 0) is not None


async def _tell_status(session: Session, name: str, items: list[str]) -> None:
    if "HIGHESTMODSEQ" in items:
        session.uses_condstore = True

    def look(store: Store) -> tuple[Mailbox, Counts]:
        mailbox = store.mailbox(session.login, name)
        return mailbox, store.counts(mailbox.id)

    mailbox, counts = await session.post.hop(look)
    values = {
        "MESSAGES": counts.messages,
        "RECENT": 0,
        "UIDNEXT": mailbox.uid_next,
        "UIDVALIDITY": mailbox.uid_validity,
        "UNSEEN": counts.unseen,
        "HIGHESTMODSEQ": mailbox.modseq,
        "SIZE": counts.size,
        "DELETED": counts.deleted,
    }
    pairs = " ".join(f"{item} {values[item]}" for item in items)
    session.say(f"* STATUS {written(mailbox.name)} ({pairs})")
