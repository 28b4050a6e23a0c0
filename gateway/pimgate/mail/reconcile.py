"""What the mail server says of a folder now, against what is indexed of it: what to add, change and forget. Pure.

A server says more or less, by what it can do: everything that is there (a full listing), just what changed and vanished (QRESYNC),
what changed and, beside that, what is there (CONDSTORE, or a scan of flags). All of these are a `Said`. What it numbers and we do
not know must be described before it can be added: `compare` says which numbers these are, `complete` takes the descriptions.

When a folder was numbered anew its messages are set aside first; `complete` finds them among what is described, one for one.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pimgate.mail.imap.numbers import UidSet
from pimgate.model.mail import Described, Message


@dataclass(frozen=True, slots=True)
class Said:
    """What a server said of a folder. `flags`: the flags now of these UIDs, which are there. `present`: all UIDs that are there, at
    least those of the time that is indexed; None where it did not say. `vanished`: UIDs that are not there any more."""

    flags: Mapping[int, frozenset[str]] = field(default_factory=dict)
    present: Collection[int] | None = None
    vanished: UidSet = field(default_factory=UidSet)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What leads the index to what the server said. `changed` are messages with other flags; `renumbered` the same messages under
    other numbers; `unknown` the numbers that must be described before their messages can be added; `lost` were set aside
    and are gone unless they are found among the unknown."""

    gone: tuple[Message, ...] = ()
    changed: tuple[tuple[Message, frozenset[str]], ...] = ()
    renumbered: tuple[tuple[Message, Described], ...] = ()
    added: tuple[Described, ...] = ()
    unknown: tuple[int, ...] = ()
    lost: tuple[Message, ...] = ()

    @property
    def size(self) -> int:
        """How many messages it concerns."""
        return len(self.gone) + len(self.changed) + len(self.renumbered) + len(self.added)

    def pieces(self, most: int) -> Iterator[Reconciliation]:
        """The same in pieces of at most so many messages: first what goes, last what comes, so that nobody holds a message twice.
        Nothing is one empty piece."""
        gone, changed, renumbered, added = self.gone, self.changed, self.renumbered, self.added
        while True:
            piece = Reconciliation(gone[:most])
            piece = replace(piece, changed=changed[: most - piece.size])
            piece = replace(piece, renumbered=renumbered[: most - piece.size])
            piece = replace(piece, added=added[: most - piece.size])
            yield piece
            gone, changed = gone[len(piece.gone) :], changed[len(piece.changed) :]
            renumbered, added = renumbered[len(piece.renumbered) :], added[len(piece.added) :]
            if not (gone or changed or renumbered or added):
                return


def compare(known: Iterable[Message], said: Said) -> Reconciliation:
    """What is known without further questions. `known`: the whole index of the folder where `said` lists all that is there, else
    at least those that it speaks of."""
    by_uid = {each.uid: each for each in known}
    present = None if said.present is None else frozenset(said.present) | said.flags.keys()
    numbered = [each for each in by_uid.values() if not each.is_set_aside]
    gone = [each for each in numbered if each.uid in said.vanished or (present is not None and each.uid not in present)]
    uids_gone = {each.uid for each in gone}
    changed = [
        (each, said.flags[each.uid])
        for each in numbered
        if each.uid in said.flags and each.uid not in uids_gone and each.flags != said.flags[each.uid]
    ]
    there = said.flags.keys() if present is None else present
    unknown = {uid for uid in there if uid not in by_uid and uid not in said.vanished}
    lost = [] if present is None else [each for each in by_uid.values() if each.is_set_aside]
    return Reconciliation(tuple(gone), tuple(changed), unknown=tuple(sorted(unknown)), lost=tuple(lost))


def complete(compared: Reconciliation, described: Iterable[Described], since: int) -> Reconciliation:
    """The same with the messages that were unknown, the latest first, as far as they arrived at `since` or later. Numbers that are
    not described vanished meanwhile. What had been set aside is found by its EMAILID, else by arrival, size and Message-ID."""
    wanted = set(compared.unknown)
    new = {each.uid: each for each in described if each.uid in wanted and each.arrived_at >= since}
    latest_first = sorted(new.values(), key=lambda each: each.uid, reverse=True)
    renumbered = tuple(_matches(compared.lost, latest_first))
    found = {message.id for message, _ in renumbered}
    taken = {each.uid for _, each in renumbered}
    return replace(
        compared,
        gone=compared.gone + tuple(each for each in compared.lost if each.id not in found),
        renumbered=renumbered,
        added=tuple(each for each in latest_first if each.uid not in taken),
        unknown=(),
        lost=(),
    )


def _matches(lost: Iterable[Message], described: Sequence[Described]) -> Iterator[tuple[Message, Described]]:
    """The same messages, each once, by the surest mark first. Of several that are alike the one that came first is the one
    numbered lowest."""
    left = sorted(lost, key=lambda each: each.id)
    taken: set[int] = set()
    for mark in (_email_id, _looks):
        candidates: dict[object, deque[Described]] = defaultdict(deque)
        for each in reversed(described):
            if each.uid not in taken and mark(each):
                candidates[mark(each)].append(each)
        lost_still = []
        for message in left:
            alike = candidates.get(mark(message))
            if not alike:
                lost_still.append(message)
                continue
            found = alike.popleft()
            taken.add(found.uid)
            yield message, found
        left = lost_still


def _email_id(message: Message | Described) -> str:
    return message.email_id


def _looks(message: Message | Described) -> tuple[int, int, str]:
    return message.arrived_at, message.size_bytes, message.message_id
