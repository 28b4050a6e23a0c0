"""What pimgate's errors are called in HTTP and WebDAV: one table, and the answer made from it.

A person may never tell from an answer whether something does not exist or is merely not theirs, so all of `NotThere` is one
status with one sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pimgate.api import (
    AlreadyThere,
    AwayNow,
    BadCredentials,
    BadItem,
    BookmarkExpired,
    CollectionHidden,
    CollectionKind,
    DeviceBlocked,
    DevicePending,
    ItemTooLarge,
    NoRoom,
    NoSuchAccount,
    NoSuchCollection,
    NoSuchDevice,
    NoSuchItem,
    NotAllowedIn,
    NotThere,
    PimgateError,
    Protected,
    ReadOnly,
    Refused,
    Throttled,
    TooManyDevices,
    TooManyGuests,
    UidTaken,
    WrongVersion,
)
from pimgate_dav.answer import Answer, plain, xml
from pimgate_dav.layout import Place
from pimgate_dav.names import caldav, carddav, dav
from pimgate_dav.xml_out import TooLong, element, error_document, escaped, href


@dataclass(frozen=True, slots=True)
class Row:
    """A status, and the precondition element that says more: the one for books, and the one for everything else."""

    status: int
    precondition: str = ""
    of_books: str = ""

    def for_kind(self, kind: CollectionKind | None) -> str:
        return self.of_books if kind is CollectionKind.BOOK and self.of_books else self.precondition


# fmt: off
ERRORS: Final[Mapping[type[PimgateError], Row]] = {
    PimgateError:     Row(403),
    NotAllowedIn:     Row(403),
    BadCredentials:   Row(401),
    Throttled:        Row(429),
    DevicePending:    Row(403),
    DeviceBlocked:    Row(403),
    TooManyDevices:   Row(403),
    NotThere:         Row(404),
    NoSuchCollection: Row(404),
    CollectionHidden: Row(404),
    NoSuchItem:       Row(404),
    NoSuchAccount:    Row(404),
    NoSuchDevice:     Row(404),
    Refused:          Row(403),
    ReadOnly:         Row(403, dav("need-privileges")),
    BadItem:          Row(403, caldav("valid-calendar-data"), carddav("valid-address-data")),
    ItemTooLarge:     Row(413, caldav("max-resource-size"), carddav("max-resource-size")),
    TooManyGuests:    Row(403, caldav("max-attendees-per-instance")),
    NoRoom:           Row(507, dav("quota-not-exceeded")),
    WrongVersion:     Row(412),
    UidTaken:         Row(409, caldav("no-uid-conflict"), carddav("no-uid-conflict")),
    Protected:        Row(403),
    AlreadyThere:     Row(412),
    BookmarkExpired:  Row(403, dav("valid-sync-token")),
    AwayNow:          Row(503),
}
# fmt: on

NOT_HERE: Final = NotThere.public
TOO_LONG: Final = "The answer would be too long: ask for less at a time."


class Precondition(Exception):
    """A request that a WebDAV specification forbids: a status, the element that names the rule, and a sentence, or what else is to
    stand in that element (`inner`, already XML)."""

    def __init__(self, status: int, precondition: str, public: str = "", *, inner: str = "") -> None:
        super().__init__(precondition)
        self.status = status
        self.precondition = precondition
        self.public = public
        self.inner = inner


class BadRequest(Exception):
    """A request that makes no sense; `public` is the sentence of its answer."""

    def __init__(self, public: str, status: int = 400) -> None:
        super().__init__(public)
        self.status = status
        self.public = public


class NotPossible(Exception):
    """A method that this kind of resource does not know; `allowed` are those that it does."""

    def __init__(self, allowed: str) -> None:
        super().__init__(allowed)
        self.allowed = allowed


Failure = PimgateError | Precondition | BadRequest | NotPossible | TooLong
FAILURES: Final = (PimgateError, Precondition, BadRequest, NotPossible, TooLong)


def row_of(error: PimgateError) -> Row:
    """The row of an error's class, or of the nearest class above it."""
    return next(ERRORS[each] for each in type(error).__mro__ if each in ERRORS)


def answer_for(error: Failure, place: Place, kind: CollectionKind | None = None) -> Answer:
    """The answer to a request that failed at `place`, in a collection of `kind` if that is known."""
    if isinstance(error, Precondition):
        return xml(error.status, error_document(error.precondition, error.inner or escaped(error.public)))
    if isinstance(error, TooLong):
        return xml(507, error_document(dav("number-of-matches-within-limits"), TOO_LONG))
    if isinstance(error, BadRequest):
        return plain(error.status, error.public)
    if isinstance(error, NotPossible):
        return plain(405, "This method is not possible here.", {"Allow": error.allowed})
    row = row_of(error)
    if row.status == 404:
        return plain(404, NOT_HERE)
    precondition = row.for_kind(kind)
    if precondition:
        return xml(row.status, error_document(precondition, _more(error, place)))
    return plain(row.status, error.public, _pause(error))


def _more(error: PimgateError, place: Place) -> str:
    """What stands inside the precondition element."""
    if isinstance(error, UidTaken):
        return href(Place(place.account, place.collection, error.name).href)
    if isinstance(error, ReadOnly):
        privilege = element(dav("privilege"), element(dav("write")))
        return element(dav("resource"), href(place.href) + privilege)
    return escaped(error.public) if isinstance(error, (BadItem, NoRoom, TooManyGuests)) else ""


def _pause(error: PimgateError) -> dict[str, str]:
    if isinstance(error, (AwayNow, Throttled)):
        return {"Retry-After": str(error.retry_after_seconds)}
    return {}
