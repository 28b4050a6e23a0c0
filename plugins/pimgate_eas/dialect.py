"""What an answer is in each dialect: 16.1 is what commands write, older ones get what they know of it. Pure.

An element that came with a later version is left out, wherever it stands; a status of the whole that came with 14.0 is an
HTTP status before.
Source: MS-ASCMD, "Common Status Codes" and the "Protocol Versions" of each element; MS-ASHTTP, "Status Line".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pimgate_eas.status import Common
from pimgate_eas.versions import has_common_statuses, knows, number
from pimgate_eas.wbxml.codepages import TOKENS
from pimgate_eas.wbxml.element import Element

FIRST_COMMON = 100
"""Statuses above this are those of all commands."""

SERVED_TO_ALL = frozenset({"Find"})
"""Namespaces whose elements go to every dialect: they are said to nobody who did not ask in them. Some phones that agreed on
14.0 or 14.1 send Find all the same."""

WITHIN: Mapping[tuple[str, str], str] = {
    ("Provision:Provision", "Settings:DeviceInformation"): "14.1",
    ("Calendar:Exception", "Calendar:Attendees"): "14.0",
}
"""Elements that may stand within this parent only since this version, although they are older themselves."""


@dataclass(frozen=True, slots=True)
class Ending:
    """The request ends by HTTP, with this status and no element."""

    http: int


HTTP_BELOW_14: Mapping[int, int] = {
    **dict.fromkeys((111, 112, 114, 121, 133), 503),
    **dict.fromkeys((113, 115), 507),
    118: 200,
    **dict.fromkeys((123, 124, 125, 126, 127, 128, 129, 130, 131, 139, 141, 145, 166, 167, 177), 403),
    Common.COMMAND_NOT_SUPPORTED: 501,
    **dict.fromkeys((140, 142, 143, 144), 449),
}
"""The common statuses for those who do not know them; any other, also a failure that will not pass, is a bad request: 503 would be
asked again. A mail that was sent before was sent."""

INSTEAD: Mapping[str, int] = {
    "AirSync:Status": 5,
    "FolderHierarchy:Status": 6,
    "GetItemEstimate:Status": 2,
    "ItemOperations:Status": 3,
    "MeetingResponse:Status": 2,
    "Move:Status": 5,
    "Ping:Status": 8,
    "Provision:Status": 3,
    "ResolveRecipients:Status": 6,
    "Search:Status": 3,
    "Settings:Status": 2,
    "ValidateCert:Status": 17,
}
"""The status of a part of an answer for those who know no common one: that something failed here."""


def spoken_in(answer: Element, version: str) -> Element | Ending:
    """The answer as `version` says it. The given one is left as it is."""
    if not has_common_statuses(version):
        status = answer.text_of(f"{answer.namespace}:Status")
        if _is_common(status):
            return ending(int(status or ""))
    unknown = unknown_to(version)
    return _known(answer, version, unknown) if unknown else answer


@cache
def unknown_to(version: str) -> frozenset[str]:
    """The elements that a version does not know, by name."""
    return frozenset(
        name for name in TOKENS if not knows(version, name) and name.partition(":")[0] not in SERVED_TO_ALL
    )


def ending(status: int) -> Ending:
    """How a common status is said to a device that knows none."""
    return Ending(HTTP_BELOW_14.get(status, 400))


def _known(element: Element, version: str, unknown: frozenset[str]) -> Element:
    """The element without those of its parts that the version does not know; itself, where it knows all of them."""
    if not element.children:
        is_foreign = element.name in INSTEAD and not has_common_statuses(version) and _is_common(element.text)
        return Element(element.name, text=str(INSTEAD[element.name])) if is_foreign else element
    kept = [
        _known(child, version, unknown)
        for child in element.children
        if child.name not in unknown and not _is_too_early(element.name, child.name, version)
    ]
    if len(kept) == len(element.children) and all(a is b for a, b in zip(kept, element.children, strict=True)):
        return element
    return Element(element.name, *kept, text=element.text, opaque=element.opaque)


def _is_common(status: str | None) -> bool:
    return status is not None and status.isdigit() and int(status) > FIRST_COMMON


def _is_too_early(parent: str, child: str, version: str) -> bool:
    since = WITHIN.get((parent, child))
    return since is not None and number(version) < number(since)
