"""What somebody looks for in their mail, in the words of IMAP. Pure: a query in, a wish for `pimgate.mail.finding` out.

A word without a property is looked for where people read: subject, sender, recipients and text. The arrival, which only we can tell
to the second, is taken out of the query where all of it must hold; elsewhere the server tells days apart, so that one more may be
found at the edge of a day, and none is missed. Whether files are attached is what the kind of the message says.

Sources: MS-KQL "Property Restriction"; RFC 9051 "SEARCH Command".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from pimgate.mail.finding import Wish
from pimgate.mail.imap import Criterion
from pimgate_eas.mail.searching.kql import All, AnyOf, BadKql, Not, Query, Term
from pimgate_eas.mail.searching.periods import Period, period
from pimgate_eas.mapping.email.keywords import keyword_of

_EARLIER, _LATER = timedelta(days=1), timedelta(days=2)
"""What a day may be off in the server's zone, and the end of a period, which is no longer part of it."""
_SIZE: Final = re.compile(r"(\d{1,9})\s*(|b|kb|mb|gb)\Z", re.ASCII | re.IGNORECASE)
_UNITS: Final[Mapping[str, int]] = {"": 1, "b": 1, "kb": 1024, "mb": 1024**2, "gb": 1024**3}
_LARGEST: Final = 2**32 - 2
_YES, _NO = ("true", "yes", "1"), ("false", "no", "0")

_FILES: Final = ("multipart/mixed", "application/", "image/", "audio/", "video/")
"""Kinds of messages that have files, or are one."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """How a part of a query is read: `now` is the clock of whoever asks; `is_wide` says that rather one message more is to be
    found, as everywhere but within a negation."""

    now: datetime
    is_wide: bool = True


def wish_of(query: Query, now: datetime) -> Wish:
    """The wish that a query is, for somebody whose clock says `now` (aware). BadKql for a value that its property cannot have;
    Unsayable for what no server can be asked."""
    parts = query.parts if isinstance(query, All) else (query,)
    since: list[int] = []
    before: list[int] = []
    criterion = _everything()
    for part in parts:
        span = _arrival(part, now) if isinstance(part, Term) else None
        if span is None:
            criterion &= _criterion(part, _Reading(now))
        else:
            since += [span[0]] if span[0] is not None else []
            before += [span[1]] if span[1] is not None else []
    return Wish(criterion, max(since, default=None), min(before, default=None))


def _arrival(term: Term, now: datetime) -> tuple[int | None, int | None] | None:
    """From when until when, in seconds since 1970, if the term says this of the arrival and nothing else."""
    if term.property != "received" or term.operator == "<>":
        return None
    meant = _period(term, now)
    start, end = int(meant.start.timestamp()), int(meant.end.timestamp())
    match term.operator:
        case ">":
            return end, None
        case ">=":
            return start, None
        case "<":
            return None, start
        case "<=":
            return None, end
    return start, end


def _criterion(query: Query, reading: _Reading) -> Criterion:
    match query:
        case All(parts):
            whole = _everything()
            for part in parts:
                whole &= _criterion(part, reading)
            return whole
        case AnyOf(parts):
            return Criterion.any_of([_criterion(part, reading) for part in parts])
        case Not(part):
            return ~_criterion(part, replace(reading, is_wide=not reading.is_wide))
        case Term():
            return _PROPERTIES[query.property](query, reading)


# What several properties ask for


def _everything() -> Criterion:
    return Criterion.everything()


def _nothing() -> Criterion:
    return ~Criterion.everything()


def _with_files() -> Criterion:
    kinds = [Criterion.header("Content-Type", each) for each in _FILES]
    return Criterion.any_of([Criterion.flagged("$HasAttachment"), *kinds])


def _meetings() -> Criterion:
    return Criterion.header("Content-Class", "calendarmessage") | Criterion.body("BEGIN:VCALENDAR")


def _marked(importance: str, *priorities: str) -> Criterion:
    marks = [Criterion.header("X-Priority", each) for each in priorities]
    return Criterion.any_of([Criterion.header("Importance", importance), *marks])


def _flag(name: str) -> Callable[[], Criterion]:
    return lambda: Criterion.flagged(name)


# One property each


def _somewhere(*fields: str, body: bool = False) -> Callable[[Term, _Reading], Criterion]:
    """The words stand in one of these fields of the envelope, or in the text."""

    def read(term: Term, reading: _Reading) -> Criterion:
        places = [Criterion.envelope(each, term.text) for each in fields]
        places += [Criterion.body(term.text)] if body else []
        return _is(term, Criterion.any_of(places))

    return read


def _is(term: Term, criterion: Criterion) -> Criterion:
    """As the operator says: that it is so, or that it is not."""
    if term.operator not in (":", "=", "<>"):
        raise BadKql("Words are not larger or smaller than others.")
    return ~criterion if term.operator == "<>" else criterion


def _claim(made: Callable[[], Criterion]) -> Callable[[Term, _Reading], Criterion]:
    """That something is so, or that it is not."""

    def read(term: Term, reading: _Reading) -> Criterion:
        word = term.text.lower()
        if word not in (*_YES, *_NO):
            raise BadKql("A claim is true or false.")
        return _is(term, made() if word in _YES else ~made())

    return read


def _file(term: Term, reading: _Reading) -> Criterion:
    """Names of files stand in the headers of parts."""
    return _is(term, Criterion.text(term.text) & _with_files())


def _category(term: Term, reading: _Reading) -> Criterion:
    keyword = keyword_of(term.text)
    return _is(term, Criterion.flagged(keyword) if keyword else _nothing())


def _kind(term: Term, reading: _Reading) -> Criterion:
    """All that is looked through is mail; meetings among it are those that a mail is about."""
    word = term.text.lower()
    return _is(term, _everything() if word == "email" else _meetings() if word == "meetings" else _nothing())


def _importance(term: Term, reading: _Reading) -> Criterion:
    high, low = _marked("high", "1", "2"), _marked("low", "4", "5")
    known = {"high": high, "low": low, "normal": ~high & ~low}
    if term.text.lower() not in known:
        raise BadKql("Importance is high, normal or low.")
    return _is(term, known[term.text.lower()])


def _size(term: Term, reading: _Reading) -> Criterion:
    found = _SIZE.match(term.text)
    if found is None:
        raise BadKql("A size is a number.")
    size = min(int(found[1]) * _UNITS[found[2].lower()], _LARGEST)
    larger, smaller = Criterion.larger_than(size), Criterion.smaller_than(size)
    match term.operator:
        case ">":
            return larger
        case ">=":
            return ~smaller
        case "<":
            return smaller
        case "<=":
            return ~larger
        case "<>":
            return larger | smaller
    return ~larger & ~smaller


def _received(term: Term, reading: _Reading) -> Criterion:
    return _days(term, reading, Criterion.arrived_since, Criterion.arrived_before)


def _sent(term: Term, reading: _Reading) -> Criterion:
    return _days(term, reading, Criterion.sent_since, Criterion.sent_before)


def _days(
    term: Term,
    reading: _Reading,
    since: Callable[[date], Criterion],
    before: Callable[[date], Criterion],
) -> Criterion:
    """By days, in a wide or a narrow sense."""
    if term.operator == "<>":
        return ~_days(replace(term, operator=":"), replace(reading, is_wide=not reading.is_wide), since, before)
    meant = _period(term, reading.now)

    def from_(at: datetime) -> Criterion:
        return since(_shifted(at, -_EARLIER if reading.is_wide else _EARLIER))

    def until(at: datetime) -> Criterion:
        return before(_shifted(at, _LATER if reading.is_wide else -_EARLIER))

    match term.operator:
        case ">":
            return from_(meant.end)
        case ">=":
            return from_(meant.start)
        case "<":
            return until(meant.start)
        case "<=":
            return until(meant.end)
    return from_(meant.start) & until(meant.end)


def _period(term: Term, now: datetime) -> Period:
    try:
        return period(term.text, now)
    except ValueError:
        raise BadKql("A date cannot be read.") from None


def _shifted(at: datetime, by: timedelta) -> date:
    try:
        return (at + by).date()
    except OverflowError:
        return at.date()


_PROPERTIES: Final[Mapping[str, Callable[[Term, _Reading], Criterion]]] = {
    "": _somewhere("SUBJECT", "FROM", "TO", "CC", body=True),
    "from": _somewhere("FROM"),
    "to": _somewhere("TO"),
    "cc": _somewhere("CC"),
    "bcc": _somewhere("BCC"),
    "participants": _somewhere("FROM", "TO", "CC", "BCC"),
    "recipients": _somewhere("TO", "CC", "BCC"),
    "subject": _somewhere("SUBJECT"),
    "body": _somewhere(body=True),
    "attachment": _file,
    "category": _category,
    "kind": _kind,
    "received": _received,
    "sent": _sent,
    "size": _size,
    "importance": _importance,
    "isread": _claim(_flag("\\Seen")),
    "isflagged": _claim(_flag("\\Flagged")),
    "hasattachment": _claim(_with_files),
    "hasattachments": _claim(_with_files),
}
"""What each property of KQL asks a server for."""
