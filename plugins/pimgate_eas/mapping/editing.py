"""Putting values into a component's lines so that everything else about a line stays as it was."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Final

from pimgate.text.component import Component
from pimgate.text.lines import Line, Params, escape, make_line
from pimgate_eas.mapping.words import clean

_TOKEN: Final = re.compile(r"[A-Za-z0-9-]+\Z")
_FOLD: Final = re.compile(r"\r*\n[ \t]?")
_HEAD: Final = re.compile(r"(?:[^.:;]*\.)?([A-Za-z0-9-]+)(?=[:;])")
_KEY: Final = re.compile(r";([A-Za-z0-9-]+)=")
_OF_THE_OLD_VALUE: Final = ("ENCODING", "CHARSET")


def text_of(line: Line | None) -> str:
    """The value of a line as a person reads it, "" without a line."""
    return clean(line.text) if line is not None else ""


def rewritten(line: Line, value: str, dropped: Container[str] = (), added: Params = ()) -> Line:
    """The same line with another value (already escaped): group and parameters stay, but for those in `dropped`.

    Names stay in the letters they were written in, which some programs go by. Parameters that tell how the old value
    was encoded go, and so do those whose names no writer may use.
    """
    name, spellings = _as_written(line)
    kept = tuple(
        (spellings.get(key, key), values)
        for key, values in line.params
        if key not in dropped and _TOKEN.match(key) and not (line.is_quoted_printable and key in _OF_THE_OLD_VALUE)
    )
    if line.is_quoted_printable:
        kept += (("CHARSET", ("UTF-8",)),)
    group = line.group if line.group and _TOKEN.match(line.group) else None
    return make_line(name, value, kept + added, group)


def _as_written(line: Line) -> tuple[str, dict[str, str]]:
    """The name of a line, and those of its parameters by their names in capitals."""
    head = _FOLD.sub("", line.raw)
    found = _HEAD.match(head)
    name = found.group(1) if found is not None else ""
    spellings = {key.upper(): key for key in _KEY.findall(head.partition(":")[0])}
    return (name if name.upper() == line.name else line.name), spellings


def put(component: Component, name: str, value: str, dropped: Container[str] = ()) -> Line:
    """Make `value` (already escaped) the value of the first line of that name, or add such a line."""
    old = component.get(name)
    if old is None:
        return component.add(make_line(name, value))
    return component.replace(old, rewritten(old, value, dropped))


def put_text(component: Component, name: str, text: str, dropped: Container[str] = ()) -> None:
    """The same with plain text; without any, the first line of that name goes."""
    old = component.get(name)
    if text:
        put(component, name, escape(text), dropped)
    elif old is not None:
        component.remove(old)
