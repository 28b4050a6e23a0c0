"""GET of a collection: everything in it as one text, for programs that subscribe to an address, and for people who want a copy."""

from __future__ import annotations

from pimgate.api import CollectionKind, Refused, View, etag_of
from pimgate_dav.answer import Answer
from pimgate_dav.conditions import is_known, quoted
from pimgate_dav.forms.whole import calendar_of, cards_of
from pimgate_dav.forms.zones import HEADER, VARY, as_it_is, zone_form
from pimgate_dav.visit import Visit, exposure_of

TYPES = {True: "text/vcard; charset=utf-8", False: "text/calendar; charset=utf-8"}
"""Of books (True) and of everything else."""


def everything(visit: Visit) -> Answer:
    """All items, files of events included, or 304 for whoever has them. Refused for a book without download, and for more than a
    request may carry."""
    view = visit.view(visit.ask.place)
    check_downloaded(view)
    collection = view.collection
    most = visit.settings.export_bytes
    if collection.size_bytes > most:
        raise Refused(f"{view.id} is large", public=f"A collection of more than {most} bytes is not given as a whole.")
    version = f"{view.id}-{view.bookmark()}-{etag_of(collection.name)[:8]}"
    is_book = collection.kind is CollectionKind.BOOK
    form = as_it_is if is_book else zone_form(visit.ask.headers)
    if form is not as_it_is:
        version += f"-{visit.ask.headers[HEADER].strip().upper()}"
    headers = {"ETag": quoted(version)} if is_book else {"ETag": quoted(version), **VARY}
    if is_known(visit.ask, version):
        return Answer(304, headers)
    texts = [form(item.text) for item in view.items()]
    whole = cards_of(texts) if is_book else calendar_of(texts, collection.name)
    return Answer(200, {**headers, "Content-Type": TYPES[is_book]}, whole.encode())


def check_downloaded(view: View) -> None:
    """Refused for a book that is only searched on this client."""
    if not exposure_of(view).is_readable:
        raise Refused(f"{view.id} is remote", public="This book is searched on the server and not downloaded.")
