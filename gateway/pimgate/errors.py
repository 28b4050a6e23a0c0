"""What can go wrong, in our words.

    PimgateError                       everything that a client may be told; `public` is one sentence without secrets
      NotAllowedIn
        BadCredentials                 who are you?
        Throttled                      too many guesses; come back later
        DevicePending                  the operator has not decided about this device
        DeviceBlocked                  the operator decided against it
        TooManyDevices                 this person has as many as may be
      NotThere                         what a person may not see is said in the same words as what does not exist
        NoSuchCollection
          CollectionHidden             may be read, but not on this kind of client
        NoSuchItem
        NoSuchAccount
        NoSuchDevice
      Refused                          understood, and not done
        ReadOnly                       the person may look and not touch
        BadItem                        the text is not a vCard or iCalendar object that can be kept
        ItemTooLarge
        TooManyGuests                  an event invites more people than it may
        NoRoom                         a limit on how much, or how many, may be kept
        WrongVersion                   somebody else changed it meanwhile (If-Match, If-None-Match)
        UidTaken                       another item of the collection has this UID
        Protected                      a default collection stays
        AlreadyThere                   a name or login is taken
      BookmarkExpired                  the journal no longer reaches back so far
      AwayNow                          the database or a server behind us cannot be reached; try again later
    SettingsProblem                    for the operator: all mistakes at once

Each wing owns one table from these to its protocol, and a test demands a row for each.
"""

from __future__ import annotations

from dataclasses import dataclass


class PimgateError(Exception):
    """Something a client may be told. `public` is one sentence for people; `detail` is for the log and may name ids,
    never content or secrets."""

    public = "The request cannot be carried out."

    def __init__(self, detail: str = "", public: str | None = None) -> None:
        super().__init__(detail or self.public)
        self.detail = detail
        if public is not None:
            self.public = public


class NotAllowedIn(PimgateError):
    public = "Access is not allowed."


class BadCredentials(NotAllowedIn):
    public = "The login or the password is wrong."


class Throttled(NotAllowedIn):
    """Too many wrong passwords from here or for this account."""

    public = "Too many attempts; please try again later."

    def __init__(self, retry_after_seconds: int, detail: str = "") -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class DevicePending(NotAllowedIn):
    public = "This device waits for the approval of the administrator."


class DeviceBlocked(NotAllowedIn):
    public = "This device is blocked by the administrator."


class TooManyDevices(NotAllowedIn):
    public = "This account has reached its number of devices."


class NotThere(PimgateError):
    public = "There is nothing here."


class NoSuchCollection(NotThere):
    public = "There is no such collection."


class CollectionHidden(NoSuchCollection):
    """Readable by the person, but not shown on this kind of client. Clients are told the same as for NoSuchCollection."""


class NoSuchItem(NotThere):
    public = "There is no such item."


class NoSuchAccount(NotThere):
    public = "There is no such account."


class NoSuchDevice(NotThere):
    public = "There is no such device."


class Refused(PimgateError):
    public = "The change is refused."


class ReadOnly(Refused):
    public = "This collection is read-only."


class BadItem(Refused):
    public = "The text is not a valid contact or calendar object."


class ItemTooLarge(Refused):
    public = "The item is too large."


class TooManyGuests(Refused):
    public = "The event invites too many people."


class NoRoom(Refused):
    """The owner keeps as much as one person may, or the collection as many items as it may hold. What shrinks still passes."""

    public = "There is no room left for this."


class WrongVersion(Refused):
    public = "The item was changed meanwhile."


class UidTaken(Refused):
    """Another item of the same collection carries this UID; `name` is that item's."""

    public = "Another item in this collection has the same UID."

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class Protected(Refused):
    public = "A default collection cannot be deleted or unsubscribed."


class AlreadyThere(Refused):
    public = "This already exists."


class BookmarkExpired(PimgateError):
    public = "The synchronisation state is too old; a new first synchronisation is needed."


class AwayNow(PimgateError):
    """The database or a server behind us cannot be reached, or the disk is full."""

    public = "The service is not available now; please try again later."
    retry_after_seconds = 300


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing wrong in a settings file. `line` is 0 when the file as a whole is meant."""

    file: str
    line: int
    key: str
    reason: str
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        key = f"{self.key}: " if self.key else ""
        hint = f" {self.hint}" if self.hint else ""
        return f"{place}: {key}{self.reason}.{hint}"


class SettingsProblem(Exception):
    """All that is wrong in the settings, at once."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes
