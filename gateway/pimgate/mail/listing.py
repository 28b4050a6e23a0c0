"""Looking at a person's folders on the mail server, and making the person's collections what is there.

A list that cannot be right changes nothing: one without an inbox, or without a folder that the server still opens.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from pimgate.errors import AwayNow
from pimgate.mail import folder_list
from pimgate.mail.arrangement import INBOX, Arrangement, Listed, Place, arrange
from pimgate.mail.imap import Connection, Rejected, Status
from pimgate.mail.imap import Listed as Heard
from pimgate.mail.index import Outdated
from pimgate.mail.refreshing import Desk, is_the_same
from pimgate.model.mail import Mailbox
from pimgate.model.people import AccountId

TRIES: Final = 5
SAMPLE: Final = 3
"""So many messages of a folder tell whether it is the same under another name."""
GONE_CODES: Final = ("NONEXISTENT", "")


@dataclass(frozen=True, slots=True)
class Deeds:
    """What was just done to folders: the paths of those that were made, and the new paths of those that were renamed by the old
    ones."""

    made: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)


async def look(desk: Desk, line: Connection, owner: AccountId, done: Deeds | None = None) -> dict[str, Status]:
    """Bring the person's folders up to date, after something was done to them; gives the server's figures of each by its path.
    AwayNow."""
    await line.unselect()  # what is open seems to be there when it is long gone
    for _ in range(TRIES):
        with suppress(Outdated):
            return await _look_once(desk, line, owner, done or Deeds())
    raise AwayNow(f"the folders of {owner} change faster than they can be looked at")


async def _look_once(desk: Desk, line: Connection, owner: AccountId, done: Deeds) -> dict[str, Status]:
    known, position = await desk.read(lambda work: folder_list.known(work, owner))
    heard = await _heard(line)
    heard += await _unlisted(line, heard, [*done.made, *done.renamed.values()])
    listed = [as_listed(each) for each in heard]
    if not any(each.is_inbox for each in listed):
        raise AwayNow("the mail server lists no inbox")
    found = arrange(known, listed)
    found = found.with_renamed(found.told(done.renamed))
    found = found.with_renamed(await _renamed(desk, line, found))
    arrangement = found.without_removing(await _still_there(line, found))
    await desk.write(lambda work: folder_list.keep(work, owner, arrangement, position))
    return {each.name: each.status for each in heard if each.status is not None}


async def _heard(line: Connection) -> list[Heard]:
    """What the server lists, with figures. A folder without any may have just gone: some servers list it for a while."""
    heard = await line.list_mailboxes(with_status=True)
    doubtful = [each.name for each in heard if each.can_select and each.status is None and each.name != INBOX]
    gone = {name for name in doubtful if await _is_gone(line, name)}
    return [each for each in heard if each.name not in gone]


async def _unlisted(line: Connection, heard: list[Heard], expected: list[str]) -> list[Heard]:
    """Folders that were just made or renamed: not every server lists them at once."""
    listed = {each.name for each in heard}
    delimiter = next((each.delimiter for each in heard if each.delimiter), None)
    found = []
    for name in expected:
        if name not in listed:
            with suppress(Rejected):
                found.append(Heard(name, delimiter, status=await line.status(name)))
    return found


def as_listed(heard: Heard) -> Listed:
    """A folder as the server lists it, as far as it concerns us."""
    figures = heard.status or Status(heard.name)
    unusable = frozenset() if heard.can_select else frozenset({"\\noselect"})
    return Listed(
        heard.name,
        heard.delimiter or "",
        heard.attributes | unusable,
        figures.mailbox_id or "",
        figures.uid_validity or 0,
        figures.uid_next or 0,
    )


async def _renamed(desk: Desk, line: Connection, arrangement: Arrangement) -> list[tuple[Mailbox, Place]]:
    """Those of the suspects that hold the same messages."""
    return [
        (found, place) for found, place in arrangement.suspects() if await _holds_the_same(desk, line, found, place)
    ]


async def _holds_the_same(desk: Desk, line: Connection, found: Mailbox, place: Place) -> bool:
    latest = await desk.read(lambda work: work.mail.latest_uids(found.collection_id, SAMPLE))
    sample = await desk.read(lambda work: work.mail.by_uids(found.collection_id, latest))
    try:
        return await is_the_same(line, list(sample.values()), place.listed.path)
    except Rejected:
        return False


async def _still_there(line: Connection, arrangement: Arrangement) -> list[Mailbox]:
    """Folders that were not listed although the server gives figures of them, or does not say that they are gone. A path that now
    is another folder's says nothing of the one it was."""
    taken = {place.listed.path for place in arrangement.created} | {place.listed.path for _, place in arrangement.kept}
    opened = line.selected.name if line.selected is not None else None
    return [
        each
        for each in arrangement.removed
        if each.is_selectable and each.path not in {*taken, opened} and not await _is_gone(line, each.path)
    ]


async def _is_gone(line: Connection, path: str) -> bool:
    try:
        await line.status(path)
    except Rejected as error:
        return error.code in GONE_CODES
    return False
