"""Changing what a mailbox holds: APPEND, STORE, COPY, MOVE, EXPUNGE.

Source: RFC 9051, the commands of these names; RFC 4315 (UIDPLUS), RFC 6851 (MOVE), RFC 7162 (UNCHANGEDSINCE).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...flags import flags_from
from ...records import FlagChange, Mailbox, MailboxProblem
from ...store import Store
from .. import dates, numbers
from ..answers import Bad, No
from ..parser import Arguments

if TYPE_CHECKING:
    from ..session import Selected, Session


async def append(session: Session, arguments: Arguments) -> str:
    name = arguments.mailbox()
    arguments.space()
    flags, received_at = frozenset[str](), None
    if arguments.is_at(b"("):
        flags = flags_from(arguments.list_of(arguments.flag))
        arguments.space()
    if arguments.is_at(b'"'):
        received_at = dates.seconds_of(arguments.string().decode("ascii", "replace"))
        arguments.space()
    octets = arguments.string()
    arguments.end()
    _require_message(session, octets)

    def work(store: Store) -> tuple[int, int]:
        mailbox = _target(store, session.login, name)
        return mailbox.uid_validity, store.append(mailbox.id, octets, flags, received_at)

    validity, uid = await session.post.hop(work)
    return f"[APPENDUID {validity} {uid}] APPEND completed."


async def store(session: Session, arguments: Arguments) -> str | None:
    return await _store(session, arguments, by_uid=False)


async def store_by_uid(session: Session, arguments: Arguments) -> str | None:
    return await _store(session, arguments, by_uid=True)


async def copy(session: Session, arguments: Arguments) -> str | None:
    return await _copy(session, arguments, by_uid=False)


async def copy_by_uid(session: Session, arguments: Arguments) -> str | None:
    return await _copy(session, arguments, by_uid=True)


async def move(session: Session, arguments: Arguments) -> str | None:
    return await _move(session, arguments, by_uid=False)


async def move_by_uid(session: Session, arguments: Arguments) -> str | None:
    return await _move(session, arguments, by_uid=True)


async def expunge(session: Session, arguments: Arguments) -> str | None:
    arguments.end()
    selected = _writable(session)
    await session.post.hop(lambda store: store.expunge(selected.mailbox.id))
    return None


async def expunge_by_uid(session: Session, arguments: Arguments) -> str | None:
    selected = _writable(session)
    uids = numbers.chosen(arguments.sequence_set(), selected.uids, by_uid=True)
    arguments.end()
    await session.post.hop(lambda store: store.expunge(selected.mailbox.id, uids))
    return None


async def _store(session: Session, arguments: Arguments, *, by_uid: bool) -> str | None:
    selected = _writable(session)
    uids = numbers.chosen(arguments.sequence_set(), selected.uids, by_uid=by_uid)
    arguments.space()
    unchanged_since = None
    if arguments.take(b"(UNCHANGEDSINCE "):
        unchanged_since = arguments.number()
        arguments.skip(b") ")
        session.uses_condstore = True
    change, is_silent = _change(arguments)
    arguments.space()
    flags = flags_from(_flags(arguments))
    arguments.end()
    now, left_alone = await session.post.hop(
        lambda store: store.change_flags(selected.mailbox.id, uids, change, flags, unchanged_since)
    )
    for message in now:
        # With CONDSTORE the new modseq is told even to those who want to hear nothing of the flags.
        if not is_silent or session.uses_condstore:
            session.tell_flags(message, with_uid=by_uid or session.uses_condstore)
        else:
            session.keep_quiet_about(message)
    if not left_alone:
        return None
    places = left_alone if by_uid else [selected.place_of(uid) or 0 for uid in left_alone]
    return f"[MODIFIED {numbers.written(places)}] Some were changed meanwhile."


def _change(arguments: Arguments) -> tuple[FlagChange, bool]:
    for change in (FlagChange.ADD, FlagChange.REMOVE, FlagChange.REPLACE):
        if arguments.take(change.value.encode()):
            return change, arguments.take(b".SILENT")
    raise Bad("Only flags can be stored.")


def _flags(arguments: Arguments) -> list[str]:
    """Flags with or without parentheses around them."""
    if arguments.is_at(b"("):
        return arguments.list_of(arguments.flag)
    flags = [arguments.flag()]
    while arguments.take(b" "):
        flags.append(arguments.flag())
    return flags


async def _copy(session: Session, arguments: Arguments, *, by_uid: bool) -> str | None:
    selected, uids, name = _transfer(session, arguments, by_uid=by_uid)

    def work(store: Store) -> tuple[int, list[tuple[int, int]]]:
        target = _target(store, session.login, name)
        return target.uid_validity, store.copy(selected.mailbox.id, uids, target.id)

    validity, pairs = await session.post.hop(work)
    return f"{_copied(validity, pairs)} COPY completed." if pairs else None


async def _move(session: Session, arguments: Arguments, *, by_uid: bool) -> str | None:
    selected, uids, name = _transfer(session, arguments, by_uid=by_uid)
    _writable(session)

    def work(store: Store) -> tuple[int, list[tuple[int, int]]]:
        target = _target(store, session.login, name)
        return target.uid_validity, store.move(selected.mailbox.id, uids, target.id)

    validity, pairs = await session.post.hop(work)
    if pairs:
        # Before the EXPUNGE responses, so that the mail program still knows the UIDs. Source: RFC 6851.
        session.say(f"* OK {_copied(validity, pairs)} Moved.")
    return None


def _transfer(session: Session, arguments: Arguments, *, by_uid: bool) -> tuple[Selected, list[int], str]:
    selected = session.selected
    assert selected is not None
    uids = numbers.chosen(arguments.sequence_set(), selected.uids, by_uid=by_uid)
    arguments.space()
    name = arguments.mailbox()
    arguments.end()
    return selected, uids, name


def _copied(validity: int, pairs: list[tuple[int, int]]) -> str:
    old, new = zip(*pairs, strict=True)
    return f"[COPYUID {validity} {numbers.written(old)} {numbers.written(new)}]"


def _target(store: Store, login: str, name: str) -> Mailbox:
    try:
        return store.mailbox(login, name)
    except MailboxProblem:
        raise No("TRYCREATE", "There is no such mailbox.") from None


def _writable(session: Session) -> Selected:
    selected = session.selected
    assert selected is not None
    if selected.is_read_only:
        raise No("", "The mailbox was opened for reading only.")
    return selected


def _require_message(session: Session, octets: bytes) -> None:
    if len(octets) > session.office.max_message_bytes:
        raise No("TOOBIG", "The message is too large.")
    if b"\0" in octets:
        raise No("", "A message cannot hold NUL octets.")
