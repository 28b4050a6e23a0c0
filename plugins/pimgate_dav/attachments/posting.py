"""POST to an event with `action`: attachment-add, attachment-update, attachment-remove (RFC 8607, "Managed Attachments").

The edit is one like any other: under the same conditions, told to the same guests, seen by phones at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from email.message import Message
from typing import Final

from pimgate.api import CollectionKind, ItemHead, ItemTooLarge, NoSuchItem, View
from pimgate.text.errors import BadText, TextTooLarge
from pimgate_dav.answer import Answer
from pimgate_dav.attachments import editing
from pimgate_dav.attachments.addresses import Where, address_of
from pimgate_dav.attachments.held import File, managed_id, media_type_in, plain_name
from pimgate_dav.attachments.limits import MOST_FILES, most_bytes
from pimgate_dav.attachments.shown import shown
from pimgate_dav.conditions import check_write, quoted
from pimgate_dav.errors import BadRequest, Precondition
from pimgate_dav.forms.zones import negotiated
from pimgate_dav.names import caldav
from pimgate_dav.preferences import REPRESENTED, wants_representation
from pimgate_dav.properties.of_items import content_type
from pimgate_dav.scheduling.arranged import arranged
from pimgate_dav.scheduling.rules import ready_to_keep
from pimgate_dav.scheduling.tags import tag_header
from pimgate_dav.visit import Visit

Edit = Callable[[Visit, str], tuple[str, str]]
"""From the text that is kept to the next one, and the MANAGED-ID of what was brought; empty if nothing was."""


def post(visit: Visit) -> Answer:
    """What the action asks for. Precondition by the name of the rule that is broken; NoSuchItem, WrongVersion, ReadOnly."""
    edit = ACTIONS.get(visit.ask.query.get("action", ""))
    if edit is None:
        raise Precondition(403, caldav("valid-action"), "This action is not known.")
    view = arranged(visit, visit.view(visit.ask.place))
    if view.collection.kind is CollectionKind.BOOK:
        raise Precondition(403, caldav("valid-action"), "Contacts have no attachments.")
    view.begin_writing()
    slot = view.slot(visit.ask.place.item)
    if slot.text is None:
        raise NoSuchItem(slot.name)
    check_write(visit.ask, slot.head)
    new_text, brought = _edited(visit, edit, slot.text)
    kept = view.put(slot, ready_to_keep(visit, view, slot, new_text))
    return _answer(visit, view, kept, brought)


def _edited(visit: Visit, edit: Edit, text: str) -> tuple[str, str]:
    try:
        return edit(visit, text)
    except editing.NoSuchOccurrence as error:
        raise Precondition(403, caldav("valid-rid"), "There is no such occurrence.") from error
    except editing.NoSuchFile as error:
        raise Precondition(403, caldav("valid-managed-id"), "There is no such attachment.") from error
    except editing.TooManyFiles as error:
        raise Precondition(403, caldav("max-attachments-per-resource"), f"At most {MOST_FILES} attachments.") from error
    except TextTooLarge as error:
        raise ItemTooLarge("attachments", public="The event is too large with its attachments.") from error
    except BadText as error:
        raise Precondition(403, caldav("valid-calendar-data"), "The event cannot be read.") from error


def _answer(visit: Visit, view: View, kept: ItemHead, brought: str) -> Answer:
    """Versions are told only together with the text: whoever kept one without it would never fetch the text again."""
    headers: dict[str, str] = {}
    if brought:
        headers["Cal-Managed-ID"] = brought
        headers["Location"] = address_of(visit, Where(view.id, kept.id, brought))
    is_new = visit.ask.query["action"] == ADD
    if not wants_representation(visit.ask.headers):
        return Answer(201 if is_new else 204, headers)
    headers |= {"ETag": quoted(kept.etag), **tag_header(visit, view, kept), **REPRESENTED}
    headers |= {"Content-Type": content_type(kept), "Content-Location": visit.ask.place.href}
    text, headers = negotiated(visit.ask.headers, view.text(kept), headers)
    return Answer(201 if is_new else 200, headers, shown(visit, kept, text).encode())


# The actions


def _add(visit: Visit, text: str) -> tuple[str, str]:
    if "managed-id" in visit.ask.query:
        raise editing.NoSuchFile("none is changed")
    file = _sent(visit)
    return editing.with_file(text, file, _rids(visit), MOST_FILES), managed_id(file)


def _update(visit: Visit, text: str) -> tuple[str, str]:
    if "rid" in visit.ask.query:
        raise editing.NoSuchOccurrence("a file is changed wherever it is")
    file = _sent(visit)
    return editing.with_other_file(text, visit.ask.query.get("managed-id", ""), file), managed_id(file)


def _remove(visit: Visit, text: str) -> tuple[str, str]:
    return editing.without_file(text, visit.ask.query.get("managed-id", ""), _rids(visit)), ""


ADD: Final = "attachment-add"
ACTIONS: Final[Mapping[str, Edit]] = {ADD: _add, "attachment-update": _update, "attachment-remove": _remove}


def _rids(visit: Visit) -> list[str]:
    return [each.strip() for each in visit.ask.query["rid"].split(",")] if "rid" in visit.ask.query else []


def _sent(visit: Visit) -> File:
    octets = visit.ask.body
    most = most_bytes(visit)
    if len(octets) > most:
        raise Precondition(403, caldav("max-attachment-size"), f"An attachment has at most {most} bytes.")
    if not octets:
        raise BadRequest("The attachment is empty.")
    headers = visit.ask.headers
    return File(
        media_type_in(headers.get("content-type", "")), _name_in(headers.get("content-disposition", "")), octets
    )


def _name_in(disposition: str) -> str:
    """The name that a Content-Disposition gives the file; programs write UTF-8 there as it is, or by RFC 8187. BadRequest."""
    with suppress(UnicodeError):
        disposition = disposition.encode("latin-1").decode("utf-8")
    message = Message()
    message["Content-Disposition"] = disposition
    try:
        return plain_name(message.get_filename() or "")
    except (TypeError, ValueError) as error:
        raise BadRequest("The Content-Disposition cannot be understood.") from error
