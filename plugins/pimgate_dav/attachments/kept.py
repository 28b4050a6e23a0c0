"""Texts as programs write them: the file in the place of each address of ours."""

from __future__ import annotations

from pimgate.api import ItemHead, ItemTooLarge, NotThere
from pimgate.text.lines import Line, read_lines
from pimgate_dav.attachments.addresses import Where, is_here, where_at
from pimgate_dav.attachments.held import is_address, line_of
from pimgate_dav.attachments.limits import MOST_FILES
from pimgate_dav.errors import Precondition
from pimgate_dav.layout import ATTACHMENTS
from pimgate_dav.names import caldav
from pimgate_dav.visit import Visit


def kept(visit: Visit, head: ItemHead | None, text: str) -> str:
    """The text to keep of what a program sends for an item, or for a new one. Precondition for an address of this server at which
    there is no file for this person; ItemTooLarge.

    Addresses elsewhere stay: a guest's copy may name files that lie at its organizer's."""
    if ATTACHMENTS not in text.replace("\r\n ", "").replace("\n ", ""):
        return text
    files = _Files(visit, head)
    return "".join(files.raw(line) for line in read_lines(text))


def file_line(visit: Visit, where: Where) -> Line | None:
    """The line that holds a file, as far as this person may read it."""
    try:
        view = visit.view_of(where.collection)
    except NotThere:
        return None
    head = view.head_by_id(where.item)
    return line_of(view.text(head), where.managed_id) if head is not None else None


class _Files:
    """The files that one text names, each looked up once."""

    def __init__(self, visit: Visit, head: ItemHead | None) -> None:
        self._visit, self._head = visit, head
        self._found: dict[Where, Line | None] = {}
        self._room = visit.core.settings.limits.item_bytes

    def raw(self, line: Line) -> str:
        """The line to keep."""
        where = where_at(line.value) if is_address(line) else None
        if where is None:
            return line.raw
        if where not in self._found:
            if len(self._found) >= MOST_FILES:
                raise Precondition(403, caldav("max-attachments-per-resource"), f"At most {MOST_FILES} attachments.")
            self._found[where] = self._looked_up(where)
        found = self._found[where]
        if found is None and is_here(self._visit, line.value):
            raise Precondition(403, caldav("valid-managed-id-parameter"), "There is no such attachment.")
        return self._counted(found or line)

    def _looked_up(self, where: Where) -> Line | None:
        """By its address; after a move of the item, by its MANAGED-ID in what is there."""
        found = file_line(self._visit, where)
        if found is None and self._head is not None:
            found = file_line(self._visit, Where(self._head.collection_id, self._head.id, where.managed_id))
        return found

    def _counted(self, line: Line) -> str:
        self._room -= len(line.raw)
        if self._room < 0:
            raise ItemTooLarge("attachments", public="The item is too large with its attachments.")
        return line.raw
