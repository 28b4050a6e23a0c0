"""A device's edit laid onto a stored calendar object."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from pimgate.text.calendar import index_calendar
from pimgate.text.events import new_event, parse_event_set
from pimgate.text.times import write_time
from pimgate_eas.mapping.calendar import attachments, guests, meeting, occurrences, recurrence, when
from pimgate_eas.mapping.calendar.entry import Entry
from pimgate_eas.mapping.calendar.fields import OF_THE_WHOLE, rows_of, shown_rows
from pimgate_eas.mapping.calendar.instants import read_instant
from pimgate_eas.mapping.calendar.moving import follow_start
from pimgate_eas.mapping.context import NO_TIME, Context
from pimgate_eas.mapping.editing import put
from pimgate_eas.mapping.errors import CannotConvert
from pimgate_eas.mapping.rows import UNREADABLE
from pimgate_eas.wbxml.element import Element

Ghosted = Callable[[str], bool]


def patch(text: str | None, data: Element, context: Context, *, ghosted: Ghosted, uid: str) -> str:
    """The calendar object after a device's edit; for `text` None a new event with this UID.

    `data` is the ApplicationData; `ghosted(name)` says whether the absence of that element means that the field stays
    (True) or is removed (False). An edit that asks for nothing new gives back the very text. CannotConvert.
    """
    try:
        main = _main(_new(data, context, uid) if text is None else text, context)
        _edit_main(main, data, ghosted, is_new=text is None)
        return _finished(main, text)
    except UNREADABLE as error:
        raise CannotConvert("An event cannot be written as a calendar object.") from error


def patch_instance(
    text: str, instance_id: str, data: Element | None, context: Context, *, ghosted: Ghosted, uid: str
) -> str:
    """The calendar object after an edit of the one occurrence that `instance_id` names, or its deletion (`data` None).

    For 16.x, where occurrences are edited one by one. CannotConvert, also if there is no such occurrence.
    """
    try:
        main = _main(text, context)
        occurrences.edit_instance(main, read_instant(instance_id), data, ghosted)
        return _finished(main, text)
    except UNREADABLE as error:
        raise CannotConvert("An occurrence cannot be written into its series.") from error


def differs(text: str, data: Element, context: Context) -> bool:
    """Whether an event, after a device's edit, is in some way not what the device now takes it for: its guests are another
    person's to invite, or its pattern follows from its new start; and where the times of a series change, a device of 16.x forgets
    the occurrences that we keep.

    Source: MS-ASCAL "Exceptions".
    """
    main = _main(text, context)
    wanted = guests.GUESTS.read(sent) if (sent := data.find(guests.TAG)) is not None else None
    if wanted is not None and not guests.may_invite(main):
        shown = {guest.email.casefold() for guest in guests.guests(main)}
        if shown != {guest.email.casefold() for guest in wanted}:
            return True
    pattern, known = data.find(recurrence.TAG), recurrence.shown_if_any(main)
    if pattern is not None and known is not None:
        asked = recurrence.asked(pattern, main.start, known)
        if asked is not None and not recurrence.is_same(main, asked, known):
            return True
    has_exceptions = bool(main.events.overrides or main.component.get("EXDATE"))
    return context.is_16 and has_exceptions and any(data.has(tag) for tag in (*when.TAGS, recurrence.TAG))


def _main(text: str, context: Context) -> Entry:
    events = parse_event_set(text)
    return Entry(events, events.master or events.entries[0], context)


def _new(data: Element, context: Context, uid: str) -> str:
    start, end = when.first_times(data, context)
    return new_event(uid, start, end, stamp=_stamp(data, context))


def _stamp(data: Element, context: Context) -> datetime:
    if context.now != NO_TIME:
        return context.now
    try:
        return read_instant(data.text_of("Calendar:DtStamp") or "")
    except ValueError:
        return NO_TIME


def _edit_main(main: Entry, data: Element, ghosted: Ghosted, is_new: bool) -> None:
    before, pattern = occurrences.Before(main), recurrence.shown_if_any(main)
    start = None if is_new else main.start
    if start is not None and any(data.has(tag) for tag in when.TAGS):
        when.edit(main, data, ghosted)
        follow_start(main, start)
    rows = [row for row in (*OF_THE_WHOLE, *shown_rows(main.context)) if main.context.knows(row.tag)]
    for row in rows_of(data, rows):
        value = row.edit(main, data, ghosted)
        if value is not None:
            row.write(main, value)
    attachments.edit(main, data)
    meeting.ensure_organizer(main, data)
    if main.events.master is not None:
        _edit_recurrence(main, data, ghosted, pattern)
        before.follow_fields(main)
        occurrences.edit_all(main, data, ghosted, start)


def _edit_recurrence(main: Entry, data: Element, ghosted: Ghosted, before: recurrence.Pattern | None) -> None:
    """Rewrite the rule if the device asks for another pattern than it was shown, `before` it moved the start or now."""
    sent = data.find(recurrence.TAG)
    if sent is None and ghosted(recurrence.TAG):
        return
    known = recurrence.shown(main)
    wanted = recurrence.asked(sent, main.start, known) if sent is not None else None
    if wanted is None:
        if known is not None:
            occurrences.make_single(main)
    elif not any(recurrence.is_same(main, wanted, each) for each in (before, known)):
        recurrence.write(main, wanted, known)
        occurrences.drop_strays(main)


def _finished(main: Entry, text: str | None) -> str:
    """The text, stamped if anything is new. ValueError if it is no valid object any more."""
    edited = main.events.to_text()
    if edited == text:
        return edited
    if text is not None and main.context.now != NO_TIME:
        stamp = write_time(main.context.now.astimezone(UTC).replace(microsecond=0))
        for name in ("DTSTAMP", "LAST-MODIFIED"):
            if main.component.get(name) is not None:
                put(main.component, name, stamp)
        edited = main.events.to_text()
    index_calendar(edited)
    return edited
