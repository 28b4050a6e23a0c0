"""sync-collection (RFC 6578): what changed since a token, from the journal. Its cost follows the number of changes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pimgate.api import Bookmark, BookmarkExpired, CollectionKind, ItemId, Op, View
from pimgate_dav import sync_token
from pimgate_dav.answer import Answer, xml
from pimgate_dav.errors import BadRequest
from pimgate_dav.lanes.data import Report, Rows, report_of
from pimgate_dav.names import dav
from pimgate_dav.properties.of_items import Known
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import element, escaped, gone, multistatus, response, status_line

PAGE = 1_000
BEGINNING = ItemId(0)
CHUNK = 100
"""Items whose texts are held at the same time, while the answer grows: each may have a million octets."""
_THUNDERBIRD = re.compile(r"\bthunderbird/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Step:
    """What one answer says: items that are there, names of those that are gone, the next token, and whether a limit cut it."""

    there: Sequence[Known]
    gone: tuple[str, ...]
    token: str
    is_cut: bool = False


def sync(visit: Visit, view: View) -> Answer:
    root = visit.ask.xml
    if root is None:
        raise BadRequest("A sync-collection needs a body.")
    token, limit = _text_of(root.find(dav("sync-token"))), _limit(visit)
    report = report_of(root, visit.ask.headers, visit.zone_of(view))
    try:
        step = first_step(view, limit) if not token else next_step(view, token, limit)
    except BookmarkExpired:
        if _cannot_recover(visit, view):
            return Answer(400, {"Content-Type": "text/plain; charset=utf-8"}, b"The sync token is not valid.\n")
        raise
    return xml(207, _document(visit, view, step, report))


def first_step(view: View, limit: int | None, after: ItemId = BEGINNING, begun: Bookmark | None = None) -> Step:
    """All items, or the next of them by their ids. The last token is where the journal was when the first answer began, so
    whatever changed in between comes again; what was made in between is left to that, so that its end is heard of too."""
    bookmark = view.bookmark() if begun is None else begun
    heads: Sequence[Known] = view.listed() if limit is None else view.heads_after(after, limit + 1)
    page = tuple(head for head in heads[:limit] if head.id > after and head.created_seq <= bookmark)
    if limit is None or len(heads) <= limit:
        return Step(page, (), sync_token.complete(view.id, bookmark))
    return Step(page, (), sync_token.partial(view.id, bookmark, heads[limit - 1].id), is_cut=True)


def next_step(view: View, text: str, limit: int | None) -> Step:
    """What happened after a token. BookmarkExpired if that cannot be told any more."""
    token = sync_token.read(text, view.id)
    if token.after is not None:
        view.changes_since(token.bookmark, 1)
        return first_step(view, limit, token.after, token.bookmark)
    names: dict[ItemId, str] = {}
    born: set[ItemId] = set()
    position, has_more = token.bookmark, True
    while has_more and (limit is None or len(names) < limit):
        piece = view.changes_since(position, PAGE if limit is None else min(limit - len(names), PAGE))
        for change in piece.changes:
            if change.item_id is not None:
                born |= {change.item_id} if change.op is Op.CREATE else set()
                names[change.item_id] = change.name
        position, has_more = piece.upto, piece.has_more
    there = view.heads_of(list(names))
    taken = {head.name for head in there.values()}
    lost = [name for id_, name in names.items() if id_ not in there and id_ not in born and name not in taken]
    end = sync_token.complete(view.id, position)
    return Step(tuple(there.values()), tuple(dict.fromkeys(lost)), end, is_cut=has_more)


def _document(visit: Visit, view: View, step: Step, report: Report) -> bytes:
    parts = _parts(visit, view, step, Rows(visit, view, report))
    return multistatus(parts, visit.settings.answer_bytes, element(dav("sync-token"), escaped(step.token)))


def _parts(visit: Visit, view: View, step: Step, rows: Rows) -> Iterator[str]:
    yield from _rows(view, step.there, rows)
    yield from (gone(visit.item_href(view, name)) for name in step.gone)
    if step.is_cut:
        rule = element(dav("error"), element(dav("number-of-matches-within-limits")))
        yield response(visit.ask.place.href, status_line(507) + rule)


def _rows(view: View, there: Sequence[Known], rows: Rows) -> Iterator[str]:
    """The items that are there, with their texts if those are wanted; Thunderbird asks for contacts this way."""
    rows.expect(each.id for each in there)
    if not rows.needs_text:
        yield from map(rows.of_head, there)
        return
    for start in range(0, len(there), CHUNK):
        found = view.items_by_id([each.id for each in there[start : start + CHUNK]])
        yield from (rows.of(found[each.id]) for each in there[start : start + CHUNK] if each.id in found)


def _cannot_recover(visit: Visit, view: View) -> bool:
    """Thunderbird's address book throws a token away only when it meets 400; from the 403 of the specification it never
    recovers (`CardDAVDirectory.updateAllFromServerV2`)."""
    return view.collection.kind is CollectionKind.BOOK and _THUNDERBIRD.search(visit.ask.agent) is not None


def _limit(visit: Visit) -> int | None:
    """The most items the client wants in one answer. BadRequest if that is no number."""
    found = visit.ask.xml.find(f"{dav('limit')}/{dav('nresults')}") if visit.ask.xml is not None else None
    if found is None:
        return None
    text = (found.text or "").strip()
    if not text.isascii() or not text.isdigit() or not 0 < len(text) < 10 or int(text) == 0:
        raise BadRequest("The limit is not a number.")
    return int(text)


def _text_of(found: object) -> str:
    return (getattr(found, "text", None) or "").strip()
