"""From our words to those of ActiveSync: one row an error.

Before a command has begun the answer is an HTTP status; inside Sync it is a status of the collection or the item. 401 is for
wrong credentials alone: a phone asks for the password for ever when it meets it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pimgate import api
from pimgate_eas.status import Common, Sync


@dataclass(frozen=True, slots=True)
class Row:
    """`http` when the whole request ends by it; `common` in a command's own status; `item` for one item of a Sync."""

    http: int
    common: int
    item: int


ERRORS: Mapping[type[api.PimgateError], Row] = {
    api.BadCredentials: Row(401, Common.ACCESS_DENIED, Sync.PROTOCOL),
    api.Throttled: Row(503, Common.SERVER_ERROR_RETRY, Sync.RETRY),
    api.DevicePending: Row(403, Common.DEVICE_BLOCKED, Sync.PROTOCOL),
    api.DeviceBlocked: Row(403, Common.DEVICE_BLOCKED, Sync.PROTOCOL),
    api.TooManyDevices: Row(403, Common.TOO_MANY_DEVICES, Sync.PROTOCOL),
    api.NotAllowedIn: Row(403, Common.ACCESS_DENIED, Sync.PROTOCOL),
    api.NoSuchCollection: Row(200, Common.SERVER_ERROR, Sync.HIERARCHY_CHANGED),
    api.CollectionHidden: Row(200, Common.SERVER_ERROR, Sync.HIERARCHY_CHANGED),
    api.NoSuchItem: Row(200, Common.SERVER_ERROR, Sync.NOT_FOUND),
    api.NoSuchAccount: Row(200, Common.SERVER_ERROR, Sync.NOT_FOUND),
    api.NoSuchDevice: Row(403, Common.DEVICE_BLOCKED, Sync.PROTOCOL),
    api.NotThere: Row(200, Common.SERVER_ERROR, Sync.NOT_FOUND),
    api.ReadOnly: Row(200, Common.ACCESS_DENIED, Sync.CONFLICT),
    api.BadItem: Row(200, Common.SERVER_ERROR, Sync.CONVERSION),
    api.ItemTooLarge: Row(200, Common.SERVER_ERROR, Sync.CONVERSION),
    api.TooManyGuests: Row(200, Common.SERVER_ERROR, Sync.CONVERSION),
    api.NoRoom: Row(200, Common.QUOTA_EXCEEDED, Sync.NO_SPACE),
    api.WrongVersion: Row(200, Common.SERVER_ERROR, Sync.CONFLICT),
    api.UidTaken: Row(200, Common.SERVER_ERROR, Sync.CONFLICT),
    api.Protected: Row(200, Common.ACCESS_DENIED, Sync.PROTOCOL),
    api.AlreadyThere: Row(200, Common.SERVER_ERROR, Sync.CONFLICT),
    api.Refused: Row(200, Common.SERVER_ERROR, Sync.CONVERSION),
    api.BookmarkExpired: Row(200, Common.STATE_NOT_FOUND, Sync.INVALID_KEY),
    api.AwayNow: Row(503, Common.SERVER_ERROR_RETRY, Sync.RETRY),
    api.PimgateError: Row(503, Common.SERVER_ERROR_RETRY, Sync.SERVER),
}


def row_for(error: api.PimgateError) -> Row:
    """The row of the error's class, or of the nearest one above it."""
    return next(ERRORS[each] for each in type(error).__mro__ if each in ERRORS)
