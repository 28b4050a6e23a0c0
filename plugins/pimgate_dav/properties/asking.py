"""What a PROPFIND, or the `prop` of a REPORT, wants to know, and the answer for one resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final, TypeVar
from xml.etree.ElementTree import Element

from pimgate_dav.errors import BadRequest
from pimgate_dav.names import dav, namespace
from pimgate_dav.preferences import NO_HEADERS, wants_minimal
from pimgate_dav.xml_out import element, propstats

MOST_NAMED: Final = 500
MOST_CHARACTERS: Final = 16_384
"""Of all names in one question: each brings its namespace along in the answer, however many ask for the same one at once."""
BY_NAME_ALONE: Final = frozenset({dav("quota-used-bytes"), dav("quota-available-bytes")})
"""No part of "all" (RFC 4331, "Solution Overview"): they cost a look at everything that somebody keeps."""
Row = TypeVar("Row")


class Mode(Enum):
    NAMED = "prop"
    ALL = "allprop"
    NAMES = "propname"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The properties a request asks for, each once, in its order. `is_minimal`: without a word on those that are not there."""

    mode: Mode
    names: tuple[str, ...] = ()
    is_minimal: bool = False


def wanted_of(root: Element | None, headers: Mapping[str, str] = NO_HEADERS) -> Wanted:
    """What a PROPFIND asks; an empty body asks for all (RFC 4918, "PROPFIND Method"). BadRequest."""
    return replace(_wanted_by(root), is_minimal=wants_minimal(headers))


def _wanted_by(root: Element | None) -> Wanted:
    if root is None:
        return Wanted(Mode.ALL)
    if root.tag != dav("propfind"):
        raise BadRequest("The body of a PROPFIND must be a propfind element.")
    if root.find(dav("propname")) is not None:
        return Wanted(Mode.NAMES)
    if root.find(dav("allprop")) is not None:
        return Wanted(Mode.ALL, named_in(root.find(dav("include"))))
    prop = root.find(dav("prop"))
    if prop is None:
        raise BadRequest("A propfind element must hold prop, allprop or propname.")
    return Wanted(Mode.NAMED, named_in(prop))


def named_in(prop: Element | None) -> tuple[str, ...]:
    """The names inside a `prop` element. BadRequest if they are too many, or too long."""
    names = tuple(dict.fromkeys(child.tag for child in prop)) if prop is not None else ()
    if len(names) > MOST_NAMED or sum(map(len, names)) > MOST_CHARACTERS:
        raise BadRequest("The request names too many properties, or too long ones.")
    return names


def answered(
    wanted: Wanted,
    table: Mapping[str, Row],
    value: Callable[[Row], str | None],
    kept: Mapping[str, str] | None = None,
) -> str:
    """The propstat elements for one resource: `value` gives what a row of `table` says of it; `kept` are further properties, whole
    elements."""
    kept = kept or {}
    if wanted.mode is Mode.NAMES:
        return propstats({200: [element(name) for name in _present(table, value, kept)]})
    names: Iterable[str] = wanted.names
    if wanted.mode is Mode.ALL:
        short = {name: row for name, row in table.items() if name not in BY_NAME_ALONE}
        everything = [name for name in _present(short, value, kept) if namespace(name) == "DAV:" or name in kept]
        names = dict.fromkeys([*everything, *wanted.names])
    found, missing = [], []
    for name in names:
        row = table.get(name)
        inner = value(row) if row is not None else None
        if inner is not None:
            found.append(element(name, inner))
        elif name in kept and row is None:
            found.append(kept[name])
        else:
            missing.append(element(name))
    return found_and_missing("".join(found), "".join(missing), wanted)


def found_and_missing(found: str, missing: str, wanted: Wanted) -> str:
    """The propstat elements around properties that are there and names of those that are not. There is always one of them."""
    if wanted.is_minimal or not missing:
        return propstats({200: [found or " "]})
    return propstats({200: [found], 404: [missing]})


def _present(table: Mapping[str, Row], value: Callable[[Row], str | None], kept: Mapping[str, str]) -> list[str]:
    return [*(name for name, row in table.items() if value(row) is not None), *kept]
