"""Cards of version 4.0 for programs that read 3.0, and the other way round.

    in_version(text, "3.0")    the same card in that version; a line that both versions write alike stays octet for octet

What a version has no name for is kept behind an X-, and gets its name back on the way back.

Sources: RFC 6350 "Property" sections and "Differences from RFCs 2425 and 2426", RFC 2426, RFC 6474, RFC 6715.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from pimgate.text.errors import BadText
from pimgate.text.lines import Line, Params, escape, make_line
from pimgate.text.vcard import parse_card

OLD, NEW = "3.0", "4.0"
"""The versions that are made; cards of 2.1 stay what they are."""

Said = tuple[str, Params]
"""A value, and the parameters beside it."""

ONLY_IN_NEW: Final = frozenset(
    {
        *("ANNIVERSARY", "GENDER", "LANG", "RELATED", "BIRTHPLACE", "DEATHPLACE", "DEATHDATE"),
        *("EXPERTISE", "HOBBY", "INTEREST", "ORG-DIRECTORY"),
    }
)
ONLY_IN_OLD: Final = frozenset({"AGENT", "CLASS", "LABEL", "MAILER", "NAME", "PROFILE", "SORT-STRING"})
BY_APPLE: Final = {"KIND": "X-ADDRESSBOOKSERVER-KIND", "MEMBER": "X-ADDRESSBOOKSERVER-MEMBER"}
"""What groups are called in cards of 3.0."""

_NOT_IN_OLD: Final = frozenset({"ALTID", "CALSCALE", "MEDIATYPE", "PID", "PREF"})
_TYPES_NOT_IN_NEW: Final = frozenset(
    {
        *("PREF", "INTERNET", "X400", "DOM", "INTL", "POSTAL", "PARCEL"),
        *("MSG", "BBS", "MODEM", "CAR", "ISDN", "PCS"),
    }
)
_OMITS_YEAR: Final = "X-APPLE-OMIT-YEAR"
_NO_YEAR: Final = "1604"
_DATE: Final = re.compile(r"([0-9]{4}|--)-?([0-9]{2})-?([0-9]{2})(?:T([0-9]{2}):?([0-9]{2}):?([0-9]{2})([^ ]*))?\Z")
_DATA: Final = re.compile(r"data:(?:[a-z]+/([A-Za-z0-9.+-]+))?;base64,(.*)\Z", re.IGNORECASE | re.DOTALL)
_GEO: Final = re.compile(r"(?:geo:)?(-?[0-9.]+)[,;](-?[0-9.]+)\Z")


def in_version(text: str, version: str) -> str:
    """The card in version 3.0 or 4.0; what is no card of the other one of these comes back as it is."""
    try:
        card = parse_card(text)
    except BadText:
        return text
    if {card.version, version} != {OLD, NEW}:
        return text
    change = _for_old if version == OLD else _for_new
    card.component.rewrite(lambda line: _rewritten(line, change(line)))
    card.component.set("VERSION", version)
    if version == OLD and card.component.get("N") is None:
        card.component.add(make_line("N", f"{escape(card.formatted_name)};;;;"))
    return card.to_text()


def _rewritten(line: Line, new: tuple[str, str, Params]) -> Line:
    """A line that no standard allows stays what it is."""
    name, value, params = new
    if (name, value, params) != (line.name, line.value, line.params):
        with suppress(ValueError):
            return make_line(name, value, params, line.group)
    return line


# To 3.0


def _for_old(line: Line) -> tuple[str, str, Params]:
    name, params = line.name, line.params
    value, params = _IN_OLD.get(name, _alike)(line.value, params)
    is_preferred = _param(params, "PREF") == "1"
    params = tuple((key, _single(key, values)) for key, values in params if key not in _NOT_IN_OLD)
    if is_preferred:
        params = _with_type(params, "PREF")
    if name in BY_APPLE:
        name = BY_APPLE[name]
    elif name in ONLY_IN_NEW:
        name = f"X-{name}"
    elif name.removeprefix("X-") in ONLY_IN_OLD:
        name = name.removeprefix("X-")
    return name, value, params


def _single(key: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """`TYPE="voice,home"`, which 4.0 may write for two types, as two."""
    return tuple(part for value in values for part in value.split(",")) if key == "TYPE" else values


def _old_phone(value: str, params: Params) -> Said:
    if value[:4].lower() != "tel:":
        return value, params
    number, _, extension = value[4:].partition(";ext=")
    return f"{number} x{extension}" if extension else number, _without(params, "VALUE")


def _old_octets(value: str, params: Params) -> Said:
    found = _DATA.match(value)
    if found is None:
        return value, params if _param(params, "VALUE") else (*params, ("VALUE", ("uri",)))
    kept = (*_without(params, "VALUE"), ("ENCODING", ("b",)))
    return found[2], _with_type(kept, found[1].upper()) if found[1] else kept


def _old_date(value: str, params: Params) -> Said:
    found = _DATE.match(value.strip())
    if found is None:
        return value, params
    year, month, day, *clock = found.groups()
    if year == "--":
        return f"{_NO_YEAR}-{month}-{day}", (*params, (_OMITS_YEAR, (_NO_YEAR,)))
    return f"{year}-{month}-{day}" + ("T{}:{}:{}{}".format(*clock) if clock[0] else ""), params


def _old_place(value: str, params: Params) -> Said:
    found = _GEO.match(value.strip())
    return (f"{found[1]};{found[2]}", _without(params, "VALUE")) if found else (value, params)


# To 4.0


def _for_new(line: Line) -> tuple[str, str, Params]:
    name = line.name
    given = {each: new for new, each in BY_APPLE.items()}
    if name in given:
        name = given[name]
    elif name.removeprefix("X-") in ONLY_IN_NEW:
        name = name.removeprefix("X-")
    elif name in ONLY_IN_OLD:
        name = f"X-{name}"
    params = _without(line.params, "CHARSET")
    if line.is_quoted_printable:
        params = _without(params, "ENCODING")
    value, params = _IN_NEW.get(name, _alike)(line.decoded, params)
    return name, value, _new_types(params)


def _new_types(params: Params) -> Params:
    """Without the types that 4.0 has no more; the preferred one is said by a parameter of its own."""
    is_preferred = any(key == "TYPE" and "PREF" in (value.upper() for value in values) for key, values in params)
    kept: list[tuple[str, tuple[str, ...]]] = []
    for key, values in params:
        still = values if key != "TYPE" else tuple(each for each in values if each.upper() not in _TYPES_NOT_IN_NEW)
        if still:
            kept.append((key, still))
    return (*kept, ("PREF", ("1",))) if is_preferred else tuple(kept)


def _new_octets(value: str, params: Params) -> Said:
    if (_param(params, "ENCODING") or "").upper() not in ("B", "BASE64"):
        return value, params
    kind = (_param(params, "TYPE") or "").lower()
    media_type = kind if "/" in kind else f"image/{kind}" if kind else "application/octet-stream"
    data = "".join(value.split())
    return f"data:{media_type};base64,{data}", _without(params, "ENCODING", "TYPE", "VALUE")


def _new_date(value: str, params: Params) -> Said:
    found = _DATE.match(value.strip())
    if found is None:
        return value, params
    year, month, day, *clock = found.groups()
    if year == _param(params, _OMITS_YEAR):
        return f"--{month}{day}", _without(params, _OMITS_YEAR)
    return f"{year}{month}{day}" + ("T{}{}{}{}".format(*clock) if clock[0] else ""), params


def _new_place(value: str, params: Params) -> Said:
    found = _GEO.match(value.strip())
    return (f"geo:{found[1]},{found[2]}", params) if found else (value, params)


# Parameters


def _alike(value: str, params: Params) -> Said:
    return value, params


def _param(params: Params, name: str) -> str | None:
    return next((values[0] for key, values in params if key == name and values), None)


def _without(params: Params, *names: str) -> Params:
    return tuple(each for each in params if each[0] not in names)


def _with_type(params: Params, word: str) -> Params:
    return (*params, ("TYPE", (word,)))


_OCTETS: Final = ("PHOTO", "LOGO", "SOUND", "KEY")
_DATES: Final = ("BDAY", "ANNIVERSARY", "DEATHDATE")
_Change = Callable[[str, Params], Said]
_IN_OLD: Final[Mapping[str, _Change]] = {
    "TEL": _old_phone,
    "GEO": _old_place,
    **dict.fromkeys(_OCTETS, _old_octets),
    **dict.fromkeys(_DATES, _old_date),
}
_IN_NEW: Final[Mapping[str, _Change]] = {
    "GEO": _new_place,
    **dict.fromkeys(_OCTETS, _new_octets),
    **dict.fromkeys(_DATES, _new_date),
}
