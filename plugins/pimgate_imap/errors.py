"""What a mail program is told for each of the gateway's errors.

At the login only those of coming in can happen; the rest have rows so that no error is ever without an answer.
"""

from __future__ import annotations

from collections.abc import Mapping

from pimgate import api

from .gate import RefusalCode, Refused

ERRORS: Mapping[type[api.PimgateError], RefusalCode] = {
    api.PimgateError: RefusalCode.UNAVAILABLE,
    api.NotAllowedIn: RefusalCode.AUTHORIZATION_FAILED,
    api.BadCredentials: RefusalCode.AUTHENTICATION_FAILED,
    api.Throttled: RefusalCode.LIMIT,
    api.DevicePending: RefusalCode.AUTHORIZATION_FAILED,
    api.DeviceBlocked: RefusalCode.CONTACT_ADMIN,
    api.TooManyDevices: RefusalCode.LIMIT,
    api.NotThere: RefusalCode.NONEXISTENT,
    api.NoSuchCollection: RefusalCode.NONEXISTENT,
    api.CollectionHidden: RefusalCode.NONEXISTENT,
    api.NoSuchItem: RefusalCode.NONEXISTENT,
    api.NoSuchAccount: RefusalCode.NONEXISTENT,
    api.NoSuchDevice: RefusalCode.NONEXISTENT,
    api.Refused: RefusalCode.CANNOT,
    api.ReadOnly: RefusalCode.NO_PERMISSION,
    api.BadItem: RefusalCode.CANNOT,
    api.ItemTooLarge: RefusalCode.LIMIT,
    api.TooManyGuests: RefusalCode.LIMIT,
    api.NoRoom: RefusalCode.LIMIT,
    api.WrongVersion: RefusalCode.IN_USE,
    api.UidTaken: RefusalCode.ALREADY_EXISTS,
    api.Protected: RefusalCode.NO_PERMISSION,
    api.AlreadyThere: RefusalCode.ALREADY_EXISTS,
    api.BookmarkExpired: RefusalCode.UNAVAILABLE,
    api.AwayNow: RefusalCode.UNAVAILABLE,
}


def refusal_of(error: api.PimgateError) -> Refused:
    """How a login is refused for this error; one that the table does not know is told what its parent is told."""
    code = next(ERRORS[kind] for kind in type(error).__mro__ if kind in ERRORS)
    return Refused(code, error.public)
