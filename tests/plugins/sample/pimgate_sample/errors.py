"""The core's errors in this plugin's protocol, which is HTTP: a status for each.

What a person may not see is answered like what does not exist. A row for a group (`Refused`) stands for what a later release
of the core adds to it.
"""

from collections.abc import Mapping

from pimgate import api
from pimgate.api import PimgateError

ERRORS: Mapping[type[PimgateError], int] = {
    api.BadCredentials: 401,
    api.Throttled: 429,
    api.DevicePending: 403,
    api.DeviceBlocked: 403,
    api.TooManyDevices: 403,
    api.NotAllowedIn: 403,
    api.NoSuchCollection: 404,
    api.CollectionHidden: 404,
    api.NoSuchItem: 404,
    api.NoSuchAccount: 404,
    api.NoSuchDevice: 404,
    api.NotThere: 404,
    api.ReadOnly: 403,
    api.BadItem: 400,
    api.ItemTooLarge: 413,
    api.NoRoom: 507,
    api.TooManyGuests: 403,
    api.WrongVersion: 412,
    api.UidTaken: 409,
    api.Protected: 403,
    api.AlreadyThere: 409,
    api.Refused: 403,
    api.BookmarkExpired: 410,
    api.AwayNow: 503,
}


def status_of(error: PimgateError) -> int:
    """The HTTP status for an error, or for the nearest group that it belongs to."""
    return next((ERRORS[each] for each in type(error).__mro__ if each in ERRORS), 500)
