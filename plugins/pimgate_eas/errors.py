"""From our words to those of ActiveSync: one row an error.

Before a command has begun the answer is an HTTP status; inside Sync it is a status of the collection or the item. 401 is for
wrong credentials alone: a phone asks for the password for ever when it meets it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pimgate import errors
from pimgate_eas.status import Common, Sync


@dataclass(frozen=True, slots=True)
class Row:
    """`http` when the whole request ends by it; `common` in a command's own status; `item` for one item of a Sync."""

    http: int
    common: int
    item: int


ERRORS: Mapping[type[errors.PimgateError], Row] = {
    errors.BadCredentials: Row(401, Common.ACCESS_DENIED, Sync.PROTOCOL),
    errors.Throttled: Row(503, Common.SERVER_ERROR_RETRY, Sync.RETRY),
    errors.DevicePending: Row(403, Common.DEVICE_BLOCKED, Sync.PROTOCOL),
    errors.DeviceBlocked: Row(403, Common.DEVICE_BLOCKED, Sync.PROTOCOL),
    errors.TooManyDevices: Row(403, Common.TOO_MANY_DEVICES, Sync.PROTOCOL),
    errors.NotAllowedIn: Row(403, Common.ACCESS_DENIED, Sync.PROTOCOL),
    errors.NoSuchCollection: Row(200, Common.SERVER_ERROR, Sync.HIERARCHY_CHANGED),
    errors.CollectionHidden: Row(200, Common.SERVER_ERROR, Sync.HIERARCHY_CHANGED),
    errors.NoSuchItem: Row(200, Common.SERVER_ERROR, Sync.NOT_FOUND),
    errors.NoSuchAccount: Row(200, Common.SERVER_ERROR, Sync.NOT_FOUND),
    errors.NoSuchDevice: Row(403, Common.DEVICE_BLOCKED, Sync.PROTOCOL),
    errors.NotThere: Row(200, Common.SERVER_ERROR, Sync.NOT_FOUND),
    errors.ReadOnly: Row(200, Common.ACCESS_DENIED, Sync.CONFLICT),
    errors.BadItem: Row(200, Common.SERVER_ERROR, Sync.CONVERSION),
    errors.ItemTooLarge: Row(200, Common.SERVER_ERROR, Sync.CONVERSION),
    errors.WrongVersion: Row(200, Common.SERVER_ERROR, Sync.CONFLICT),
    errors.UidTaken: Row(200, Common.SERVER_ERROR, Sync.CONFLICT),
    errors.Protected: Row(200, Common.ACCESS_DENIED, Sync.PROTOCOL),
    errors.AlreadyThere: Row(200, Common.SERVER_ERROR, Sync.CONFLICT),
    errors.Refused: Row(200, Common.SERVER_ERROR, Sync.CONVERSION),
    errors.BookmarkExpired: Row(200, Common.STATE_NOT_FOUND, Sync.INVALID_KEY),
    errors.AwayNow: Row(503, Common.SERVER_ERROR_RETRY, Sync.RETRY),
    errors.PimgateError: Row(503, Common.SERVER_ERROR_RETRY, Sync.SERVER),
}


def row_for(error: errors.PimgateError) -> Row:
    """The row of the error's class, or of the nearest one above it."""
    return next(ERRORS[each] for each in type(error).__mro__ if each in ERRORS)
