"""The octets of a file, to whoever may read its event. Everybody else hears what is said of a file that does not exist.

What people put into files is never run as a page of this server: programs are told to save it.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from pimgate.api import Exposure, NoSuchItem
from pimgate_dav.answer import Answer
from pimgate_dav.attachments.addresses import where_of
from pimgate_dav.attachments.held import file_in
from pimgate_dav.attachments.kept import file_line
from pimgate_dav.conditions import is_known, quoted
from pimgate_dav.visit import Visit

HARMLESS: Final = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox"}


def get(visit: Visit) -> Answer:
    """A file, or 304 for whoever has it. NoSuchItem."""
    name = visit.ask.place.item
    where = where_of(name)
    line = file_line(visit, where) if where is not None and visit.is_mine(visit.ask.place) else None
    if where is None or line is None:
        raise NoSuchItem(name)
    headers = {"ETag": quoted(where.managed_id), **HARMLESS}
    if visit.view_of(where.collection).sight.verdict.exposure is Exposure.ONLINE:
        headers["Cache-Control"] = "no-store"
    if is_known(visit.ask, where.managed_id):
        return Answer(304, headers)
    file = file_in(line)
    headers["Content-Type"] = file.media_type
    headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name or 'attachment', safe='')}"
    return Answer(200, headers, file.octets)
