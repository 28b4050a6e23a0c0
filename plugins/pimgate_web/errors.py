"""What goes wrong, as the pages say it: a status and a sentence for each error of the core. What a person may not see has the same
row as what does not exist."""

from __future__ import annotations

import math
from collections.abc import Mapping

from pimgate import api
from pimgate_web.translation import Words

ERRORS: Mapping[type[api.PimgateError], tuple[int, str]] = {
    api.PimgateError: (400, "error.any"),
    api.NotAllowedIn: (403, "error.not-allowed-in"),
    api.BadCredentials: (403, "error.bad-credentials"),
    api.Throttled: (429, "error.throttled"),
    api.DevicePending: (403, "error.device-pending"),
    api.DeviceBlocked: (403, "error.device-blocked"),
    api.TooManyDevices: (403, "error.too-many-devices"),
    api.NotThere: (404, "error.not-there"),
    api.NoSuchCollection: (404, "error.no-such-collection"),
    api.CollectionHidden: (404, "error.no-such-collection"),
    api.NoSuchItem: (404, "error.no-such-item"),
    api.NoSuchAccount: (404, "error.no-such-account"),
    api.NoSuchDevice: (404, "error.no-such-device"),
    api.Refused: (409, "error.refused"),
    api.ReadOnly: (403, "error.read-only"),
    api.BadItem: (422, "error.bad-item"),
    api.ItemTooLarge: (413, "error.item-too-large"),
    api.TooManyGuests: (409, "error.too-many-guests"),
    api.NoRoom: (507, "error.no-room"),
    api.WrongVersion: (412, "error.wrong-version"),
    api.UidTaken: (409, "error.uid-taken"),
    api.Protected: (409, "error.protected"),
    api.AlreadyThere: (409, "error.already-there"),
    api.BookmarkExpired: (410, "error.bookmark-expired"),
    api.AwayNow: (503, "error.away-now"),
}


class ForeignRequest(api.PimgateError):
    """A change that another site's page asked for."""

    public = "The request did not come from this page."


class BadForm(api.PimgateError):
    """A form that cannot be read, or lacks what it must have."""

    public = "The form could not be read."


class SignInFirst(api.PimgateError):
    """Nobody is signed in in this browser."""

    public = "Please sign in."


class NotConfirmed(api.PimgateError):
    """What was typed to confirm is not the identifier."""

    public = "What was typed is not the identifier of this device, so nothing was done."


OWN_ERRORS: Mapping[type[api.PimgateError], tuple[int, str]] = {
    ForeignRequest: (403, "error.foreign-request"),
    BadForm: (400, "error.bad-form"),
    NotConfirmed: (409, "error.not-confirmed"),
    SignInFirst: (403, "error.sign-in-first"),
}


def row_of(error: api.PimgateError) -> tuple[int, str]:
    """The status, and the key of the sentence; a class without a row has that of its nearest ancestor."""
    rows = {**ERRORS, **OWN_ERRORS}
    return next(rows[each] for each in type(error).__mro__ if each in rows)


def retry_words(words: Words, error: api.PimgateError) -> str:
    """When it is worth trying again, in whole minutes; empty if the error does not know."""
    seconds = retry_after_seconds(error)
    return "" if seconds is None else words.count("problem.retry", math.ceil(seconds / 60))


def retry_after_seconds(error: api.PimgateError) -> int | None:
    """When it is worth trying again, if the error knows."""
    found = getattr(error, "retry_after_seconds", None)
    return int(found) if found is not None else None
