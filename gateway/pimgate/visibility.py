"""Does this person see this collection on this kind of client, and why?

Asked by `catalogue.py` alone, for everybody. Three gates in this order: may the person read it, did the person subscribe to
it, and what does the table say for their switch. The table below is the documented preset; the operator replaces single
cells or the preset, and says whether other people's collections reach phones (`Policy`). The answer always carries its reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from pimgate.model.clients import Cause, Exposure, Verdict
from pimgate.model.collections import CollectionKind, Ownership, Right

FULL, ONLINE, REMOTE, SEARCH, HIDDEN = (
    Exposure.FULL,
    Exposure.ONLINE,
    Exposure.REMOTE,
    Exposure.SEARCH,
    Exposure.HIDDEN,
)
ANY = tuple(Ownership)
DEFAULT = (Ownership.DEFAULT,)
OWN = (Ownership.OWN,)
OTHERS = (Ownership.SHARED, Ownership.DOMAIN)
SECONDARY = (*OWN, *OTHERS)

MULTICALENDAR = "eas-other+multicalendar"
PHONES = ("eas-ios", "eas-other", MULTICALENDAR)
KINDS = ("web", "eas-ios", "eas-other", MULTICALENDAR, "dav", "outlook", "thunderbird")
CLASSES = ("book", "calendar")

# kind           class       ownership  switch on  switch off
TABLE: tuple[tuple[str, str, tuple[Ownership, ...], Exposure, Exposure], ...] = (
    ("web",           "book",     ANY,       FULL,   ONLINE),
    ("eas-ios",       "book",     ANY,       FULL,   SEARCH),
    ("eas-other",     "book",     DEFAULT,   FULL,   FULL),
    ("eas-other",     "book",     SECONDARY, SEARCH, SEARCH),
    ("dav",           "book",     DEFAULT,   FULL,   FULL),
    ("dav",           "book",     SECONDARY, HIDDEN, HIDDEN),
    ("outlook",       "book",     ANY,       FULL,   HIDDEN),
    ("thunderbird",   "book",     ANY,       FULL,   REMOTE),
    ("web",           "calendar", ANY,       FULL,   ONLINE),
    ("thunderbird",   "calendar", ANY,       FULL,   ONLINE),
    ("eas-ios",       "calendar", DEFAULT,   FULL,   HIDDEN),
    ("eas-ios",       "calendar", OWN,       FULL,   HIDDEN),
    ("eas-ios",       "calendar", OTHERS,    HIDDEN, HIDDEN),
    (MULTICALENDAR,   "calendar", DEFAULT,   FULL,   HIDDEN),
    (MULTICALENDAR,   "calendar", OWN,       FULL,   HIDDEN),
    (MULTICALENDAR,   "calendar", OTHERS,    HIDDEN, HIDDEN),
    ("eas-other",     "calendar", DEFAULT,   FULL,   HIDDEN),
    ("eas-other",     "calendar", SECONDARY, HIDDEN, HIDDEN),
    ("dav",           "calendar", ANY,       FULL,   FULL),
    ("outlook",       "calendar", ANY,       FULL,   HIDDEN),
)  # fmt: skip

CELLS: Mapping[tuple[str, str, Ownership, bool], Exposure] = {
    (kind, class_, ownership, is_on): exposure
    for kind, class_, ownerships, on, off in TABLE
    for ownership in ownerships
    for is_on, exposure in ((True, on), (False, off))
}


class Preset(StrEnum):
    DOCUMENTED = "documented"
    """The table."""
    OPEN = "open"
    """Every subscribed and switched-on collection on every kind; switched off, the table."""


class OthersOnPhones(StrEnum):
    """Whether switched-on collections of other people, or of the organisation, reach phones that can show them."""

    OFF = "off"
    READ_ONLY = "read-only"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Policy:
    """What the operator decided. `cells` replaces single cells: (column, class, ownership, switch is on) -> exposure."""

    preset: Preset = Preset.DOCUMENTED
    shared_on_phones: OthersOnPhones = OthersOnPhones.OFF
    domain_on_phones: OthersOnPhones = OthersOnPhones.OFF
    cells: Mapping[tuple[str, str, Ownership, bool], Exposure] = field(default_factory=dict)

    def for_others(self, ownership: Ownership) -> OthersOnPhones:
        return {
            Ownership.SHARED: self.shared_on_phones,
            Ownership.DOMAIN: self.domain_on_phones,
        }.get(ownership, OthersOnPhones.OFF)


@dataclass(frozen=True, slots=True)
class Question:
    """One person, one collection, one kind of client. `column` is empty for a kind of client that has no place for such
    collections at all; `switch` is None without a subscription."""

    column: str
    kind: CollectionKind
    ownership: Ownership
    right: Right
    switch: bool | None
    has_many_calendars: bool = False
    always_show_default: bool = False

    @property
    def class_(self) -> str:
        """Tasks and notes are dated things: they follow the calendar rows."""
        return "book" if self.kind is CollectionKind.BOOK else "calendar"

    @property
    def row(self) -> str:
        return (
            MULTICALENDAR
            if self.column == "eas-other" and self.has_many_calendars and self.class_ == "calendar"
            else self.column
        )

    @property
    def is_phone(self) -> bool:
        return self.column in PHONES


def decide(question: Question, policy: Policy) -> Verdict:
    """The verdict for one question, with its reason in words."""
    if question.right is Right.NONE:
        return _closed("the person has no right to read it", Cause.NO_RIGHT)
    if not question.column:
        return _closed("this kind of client does not show such collections", Cause.CANNOT_SHOW)
    if question.kind is CollectionKind.MAILBOX:
        return _of_mail(question)
    if question.switch is None:
        return _closed("the person has not subscribed to it", Cause.NO_SUBSCRIPTION)
    if question.always_show_default and question.is_phone and question.ownership is Ownership.DEFAULT:
        reason = "this device needs its default folders, so the switch has no effect on them"
        return _open(question, FULL, reason, Cause.DEVICE_NEEDS_IT)
    return _by_switch(question, policy, question.switch)


def _of_mail(question: Question) -> Verdict:
    """Mail is its owner's, and comes to phones alone: there is no switch for it, and nobody else ever sees it."""
    if question.ownership in OTHERS:
        return _closed("mail is seen by its owner alone", Cause.NO_RIGHT)
    if not question.is_phone:
        return _closed("this kind of client is shown no mail here", Cause.CANNOT_SHOW)
    return _open(question, FULL, "mail is always there for its owner", Cause.MAIL)


def _by_switch(question: Question, policy: Policy, is_on: bool) -> Verdict:
    """Behind the gates: the operator's cells, the operator's word on other people's collections, the preset, the table."""
    cell = (question.row, question.class_, question.ownership, is_on)
    switch = "on" if is_on else "off"
    if cell in policy.cells:
        return _open(question, policy.cells[cell], f"the operator decided so for {_words(cell)}", Cause.OPERATOR)
    others = policy.for_others(question.ownership)
    if others is not OthersOnPhones.OFF and is_on and _can_show_others(question):
        reason = f"the operator lets {_OWNED[question.ownership]} reach phones ({others.value})"
        verdict = _open(question, FULL, reason, Cause.OPERATOR)
        return verdict if others is OthersOnPhones.FULL else replace(verdict, may_write=False)
    if policy.preset is Preset.OPEN and is_on:
        return _open(question, FULL, "the preset 'open' shows everything subscribed and switched on", Cause.PRESET)
    exposure = CELLS.get(cell)
    if exposure is None:
        return _closed(f"the table has no row for the kind of client '{question.column}'", Cause.CANNOT_SHOW)
    has_effect = CELLS[(*cell[:3], not is_on)] is not exposure
    effect = f"its switch is {switch}" if has_effect else "its switch has no effect here"
    cause = Cause.SWITCH if has_effect else Cause.NO_EFFECT
    return _open(question, exposure, f"{effect}: {_MEANING[exposure]} ({_words(cell)})", cause)


def _can_show_others(question: Question) -> bool:
    """A phone with one calendar and one book has no place for other people's."""
    return question.row in ("eas-ios", MULTICALENDAR)


def _closed(reason: str, cause: Cause) -> Verdict:
    return Verdict(HIDDEN, False, reason, cause)


def _open(question: Question, exposure: Exposure, reason: str, cause: Cause) -> Verdict:
    return Verdict(exposure, exposure.is_readable and question.right >= Right.WRITE, reason, cause)


def _words(cell: tuple[str, str, Ownership, bool]) -> str:
    kind, class_, ownership, is_on = cell
    return f"{kind}, {class_}, {ownership.value}, {'on' if is_on else 'off'}"


_OWNED = {Ownership.SHARED: "other people's collections", Ownership.DOMAIN: "the organisation's collections"}
_MEANING = {
    FULL: "listed, downloaded, usable offline",
    ONLINE: "listed, usable only while connected",
    REMOTE: "listed with a mark of its own and searched, never downloaded",
    SEARCH: "not listed, found by search",
    HIDDEN: "neither listed nor found",
}
