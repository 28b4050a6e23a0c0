"""What a person's device does to mail folders: on the mail server first, then in the list of folders at once.

Everything may be asked for again: a folder that is called so already stays, one that is there already is named by `FolderThere`,
one that went is NoSuchCollection. A folder keeps its id under whatever name. Those that serve a purpose (inbox, sent, trash...) are
neither renamed nor removed, nor is what they stand below. Other mail programs may show subscribed folders alone, so new ones are
subscribed. No verb runs within a unit of work. All raise AwayNow when the server cannot say that it was done, and the errors of
`Upstream.connection`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Awaitable, Collection, Iterable, Mapping
from contextlib import suppress

from pimgate.collections import tidy_name
from pimgate.errors import AlreadyThere, AwayNow, NoRoom, NoSuchCollection, Protected, Refused
from pimgate.mail.arrangement import INBOX, LONGEST_PATH, MOST_FOLDERS
from pimgate.mail.imap import Connection, Listed, Rejected, Unsayable
from pimgate.mail.postbox import Postbox, Rearranging
from pimgate.model.collections import CollectionId
from pimgate.model.mail import Mailbox, SpecialUse
from pimgate.names import opaque

Folders = Mapping[CollectionId, Mailbox]


class FolderThere(AlreadyThere):
    """The person has a folder of this name there."""

    def __init__(self, collection_id: CollectionId) -> None:
        super().__init__(collection_id)
        self.collection_id = collection_id


class BadName(Refused):
    """No folder can be called so."""

    public = "The mail server takes no folder of this name."


class BelowItself(Refused):
    public = "A folder cannot stand below itself."


class NoRoomForFolder(NoRoom):
    public = "There is no room for another mail folder."


class NoSuchParent(NoSuchCollection):
    """The folder below which another one was to stand is not there."""


class Arranging:
    """The verbs for one person."""

    def __init__(self, box: Postbox) -> None:
        self._box = box

    async def create(self, name: str, parent: CollectionId | None = None) -> CollectionId:
        """A new folder below `parent`, or at the top; gives its id. FolderThere, BadName, NoSuchParent, NoRoomForFolder; Refused
        where the server does not allow it."""
        refused: Refused | None = None
        async with self._box.rearranging() as changing:
            path = await _path_below(changing, parent, leaf(name))
            if len(changing.folders) >= MOST_FOLDERS:
                raise NoRoomForFolder(self._box.account.id)
            _check_free(changing.folders, path)
            try:
                await _said(changing.line.create(path))
                changing.done.made.append(path)
                await _subscribe(changing.line, [path])
            except Refused as error:
                refused = error
        made = _made(changing.folders, await self._box.folders(), path)
        if made is None:
            raise refused or AwayNow("the mail server does not list a folder that it made")
        if refused is not None:  # somebody made it in this moment
            raise FolderThere(made)
        return made

    async def rename(self, folder: CollectionId, name: str, parent: CollectionId | None = None) -> None:
        """Give a folder this name, below `parent` or at the top. Those below it go with it. FolderThere, BadName, BelowItself,
        NoSuchCollection, NoSuchParent, Protected; Refused where the server does not allow it."""
        async with self._box.rearranging() as changing:
            line, known, found = changing.line, changing.folders, _ordinary(changing.folders, folder)
            is_called_so = name == await self._name_of(folder)
            if is_called_so and parent == found.parent_id:
                return
            path = await _path_below(changing, parent, last_name(found) if is_called_so else leaf(name))
            if path == found.path:
                return
            if is_below(path, found):
                raise BelowItself(folder)
            _check_free(known, path, but=found)
            listed = await line.list_mailboxes()
            await _said(line.rename(found.path, path))
            await _subscribe_anew(line, listed, found, path)
            concerned = (each.path for each in known.values() if each == found or is_below(each.path, found))
            changing.done.renamed.update({each: path + each.removeprefix(found.path) for each in concerned})

    async def delete(self, folder: CollectionId) -> None:
        """Remove a folder, those below it, and all messages in them. NoSuchCollection, Protected; Refused where the server does not
        allow it."""
        async with self._box.rearranging() as changing:
            found = _ordinary(changing.folders, folder)
            listed = await changing.line.list_mailboxes()
            below = [each for each in listed if is_below(each.name, found)]
            itself = [each for each in listed if each.name == found.path]
            for each in (*sorted(below, key=lambda one: one.name, reverse=True), *itself):
                await _remove(changing.line, each)

    async def delete_empty(self, folders: Collection[CollectionId]) -> bool:
        """Remove those of these folders in which nothing lies, and below which nothing stays; gives whether all are gone. What
        arrives in this moment is not lost. Protected."""
        async with self._box.rearranging() as changing:
            found = [_ordinary(changing.folders, each) for each in folders if each in changing.folders]
            below_first = sorted(found, key=lambda each: each.path, reverse=True)
            return all([await _removed_if_empty(changing, each) for each in below_first])

    async def _name_of(self, folder: CollectionId) -> str:
        """What devices are told that the folder is called."""
        found = await self._box.desk.read(lambda work: work.collections.by_id(folder))
        return found.name if found is not None else ""


def leaf(name: str) -> str:
    """What a person typed, as the last name of a path. BadName for nothing, and for what is a step rather than a name."""
    try:
        tidy = unicodedata.normalize("NFC", tidy_name(name))
    except Refused as error:
        raise BadName(error.detail, public=error.public) from error
    if tidy in (".", ".."):
        raise BadName("a name of dots")
    return tidy


def last_name(folder: Mailbox) -> str:
    return folder.path.rpartition(folder.delimiter)[2] if folder.delimiter else folder.path


def is_below(path: str, folder: Mailbox) -> bool:
    """Whether this is the path of something below the folder."""
    return bool(folder.delimiter) and path.startswith(folder.path + folder.delimiter)


# Paths


async def _path_below(changing: Rearranging, parent: CollectionId | None, name: str) -> str:
    """Where a folder of this name stands. BadName, NoSuchParent, and Refused for a parent that nothing can stand below."""
    if parent is None:
        prefix, delimiter = await _top(changing)
    else:
        found = changing.folders.get(parent)
        if found is None:
            raise NoSuchParent(parent)
        if not found.delimiter:
            raise Refused(parent, public="Nothing can stand below this folder.")
        prefix, delimiter = found.path + found.delimiter, found.delimiter
    if delimiter and delimiter in name:
        raise BadName("a name with a delimiter", public=f"The name of a mail folder cannot contain {delimiter!r}.")
    if len(prefix + name) > LONGEST_PATH:
        raise BadName("too long a path")
    return prefix + name


async def _top(changing: Rearranging) -> tuple[str, str]:
    """What the paths of folders at the top begin with, and the delimiter."""
    told = await changing.line.top()
    delimiter = next((each.delimiter for each in changing.folders.values() if each.path == INBOX), "")
    return told if told is not None else ("", delimiter)


def _ordinary(known: Folders, folder: CollectionId) -> Mailbox:
    """The folder. NoSuchCollection; Protected for one that serves a purpose, or stands above one that does."""
    found = known.get(folder)
    if found is None:
        raise NoSuchCollection(folder)
    concerned = [found, *(each for each in known.values() if is_below(each.path, found))]
    if any(each.special_use is not SpecialUse.NONE for each in concerned):
        raise Protected(folder, public="Folders that serve a purpose stay as they are.")
    return found


def _check_free(known: Folders, path: str, but: Mailbox | None = None) -> None:
    """FolderThere for a path that is taken, without regard to case: people do not see the difference. What merely stands above
    others may become a folder."""
    for each in known.values():
        if each.path.casefold() == path.casefold() and each != but and (each.is_selectable or each.path != path):
            raise FolderThere(each.collection_id)


def _made(before: Folders, now: Folders, path: str) -> CollectionId | None:
    """The folder at the path. Servers may write a name in a way of their own: then it is the one that is new."""
    same = next((each.collection_id for each in now.values() if each.path == path and each.is_selectable), None)
    new = now.keys() - before.keys()
    return same if same is not None else next(iter(new)) if len(new) == 1 else None


# On the server


async def _said(verb: Awaitable[object]) -> None:
    """Wait for the server to do it. BadName, Refused, AlreadyThere, AwayNow in its own words."""
    try:
        await verb
    except Rejected as error:
        raise _refusal(error) from error
    except Unsayable as error:
        raise BadName(str(error)) from error


def _refusal(error: Rejected) -> Exception:
    match error.code:
        case "ALREADYEXISTS":
            return AlreadyThere(str(error))
        case "CANNOT" | "":
            return BadName(str(error))
        case "OVERQUOTA" | "LIMIT":
            return NoRoomForFolder(str(error))
        case "NOPERM":
            return Refused(str(error), public="The mail server does not allow this.")
    return AwayNow(f"the mail server refuses: {error}")


async def _remove(line: Connection, listed: Listed) -> None:
    """Remove one mailbox. What only stands above others goes with the last of them on many servers."""
    try:
        await line.delete(listed.name)
    except Rejected as error:
        if error.code != "NONEXISTENT" and listed.can_select:
            raise _undone(error) from error
    except Unsayable as error:
        raise Refused(str(error), public="The mail server cannot take this.") from error
    await _subscribe(line, [listed.name] if listed.is_subscribed else [], is_wanted=False)


async def _removed_if_empty(changing: Rearranging, found: Mailbox) -> bool:
    """Whether a folder is gone. DELETE takes messages along without a question, also one that came after a look; so the folder is
    set aside first, where nobody delivers to. Whoever dies in between leaves it there, with its messages, beside its old place."""
    line = changing.line
    listed = await line.list_mailboxes()
    if any(is_below(each.name, found) for each in listed):
        return False
    itself = next((each for each in listed if each.name == found.path), None)
    if itself is None:
        return True
    if not itself.can_select:
        await _remove(line, itself)
        return True
    aside = f"{found.path} {opaque('')}"
    with suppress(Rejected, Unsayable):
        await line.rename(found.path, aside)
        changing.done.renamed[found.path] = aside
        is_gone = await _deleted_if_empty(line, aside)
        if not is_gone:
            await line.rename(aside, found.path)
        del changing.done.renamed[found.path]
        await _subscribe(line, [found.path] if is_gone and itself.is_subscribed else [], is_wanted=False)
        return is_gone
    return False


async def _deleted_if_empty(line: Connection, path: str) -> bool:
    """A server may answer STATUS from what it remembers; whoever opens a folder is told what lies in it."""
    with suppress(Rejected):
        is_empty = (await line.select(path, is_read_only=True)).exists == 0
        await line.unselect()
        if is_empty:
            await line.delete(path)
            return True
    return False


def _undone(error: Rejected) -> Exception:
    found = _refusal(error)
    return Refused(str(error), public="The mail server does not allow this.") if isinstance(found, BadName) else found


async def _subscribe_anew(line: Connection, listed: Iterable[Listed], found: Mailbox, path: str) -> None:
    """Subscriptions are of names: they follow a folder that was renamed, and those below it."""
    old = [
        each.name for each in listed if each.is_subscribed and (each.name == found.path or is_below(each.name, found))
    ]
    await _subscribe(line, [path + each.removeprefix(found.path) for each in old])
    await _subscribe(line, old, is_wanted=False)


async def _subscribe(line: Connection, paths: Collection[str], *, is_wanted: bool = True) -> None:
    """Folders can be used without a subscription: a server that refuses one spoils nothing."""
    for path in paths:
        with suppress(Rejected, Unsayable):
            await line.subscribe(path, is_wanted=is_wanted)
