"""A header as names and values, and the parameters that a value carries.

A line that is none is passed over; a header that is too long is read as far as the limits go. Values are octets, unfolded and
still encoded.

Sources: RFC 5322 "Header Fields"; RFC 2045 "Syntax of the Content-Type Header Field"; RFC 2231.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import unquote_to_bytes

from pimgate.mail.mime.charsets import decode
from pimgate.mail.mime.limits import LIMITS, Limits
from pimgate.mail.mime.words import readable

Fields = tuple[tuple[str, bytes], ...]
"""Names in lower case, in the order of the message."""

_NAME: Final = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_PARAM: Final = re.compile(rb'[;\s]*([^=;\s"]{1,200})\s*=\s*')
_QUOTED: Final = re.compile(rb'"((?:[^"\\]|\\.)*+)"?', re.DOTALL)
_BARE: Final = re.compile(rb"[^;\r\n]*")
_ESCAPE: Final = re.compile(rb"\\(.)", re.DOTALL)
_SECTION: Final = re.compile(r"(.+?)\*(?:([0-9]{1,3})(\*)?)?\Z")


def fields_of(header: bytes, limits: Limits = LIMITS) -> Fields:
    """The fields of a header block, up to the empty line that ends it."""
    return tuple(_fields(header[: limits.header_block_bytes], limits))


def _fields(header: bytes, limits: Limits) -> Iterator[tuple[str, bytes]]:
    name, lines, size, left = "", [b""], 0, limits.headers
    for line in header.split(b"\n", 2 * limits.headers)[: 2 * limits.headers]:
        line = line.removesuffix(b"\r")
        if not line:
            break
        if line[:1] in (b" ", b"\t"):
            if size < limits.header_bytes:
                lines.append(line)
                size += len(line)
            continue
        if name:
            yield name, b"".join(lines)[: limits.header_bytes].strip()
        found = _NAME.match(line)
        name = found.group(1).decode("ascii").lower() if found is not None and left > 0 else ""
        lines = [line[found.end() :].lstrip() if found is not None else b""]
        size, left = len(lines[0]), left - bool(name)
    if name:
        yield name, b"".join(lines)[: limits.header_bytes].strip()


def value_of(fields: Fields, name: str) -> bytes:
    """The value of the first field of that name (in lower case); b"" without one."""
    return next((value for key, value in fields if key == name), b"")


def value_and_params(value: bytes, limits: Limits = LIMITS) -> tuple[str, Mapping[str, str]]:
    """`text/plain; charset=utf-8` as ("text/plain", {"charset": "utf-8"}): the value in lower case, names too."""
    head, _, rest = value.partition(b";")
    pairs = [(name.decode("latin-1"), decode(text)) for name, text in _pairs(rest, limits)]
    return readable(head.decode("latin-1")).strip().lower(), collapsed(pairs, limits)


def _pairs(rest: bytes, limits: Limits) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    for _ in range(limits.params):
        found = _PARAM.match(rest, at)
        if found is None:
            following = rest.find(b";", at) + 1
            if not following:
                return
            at = following
            continue
        quoted = _QUOTED.match(rest, found.end())
        bare = quoted or _BARE.match(rest, found.end())
        assert bare is not None
        yield found.group(1), _ESCAPE.sub(rb"\1", quoted.group(1)) if quoted else bare.group().strip()
        at = bare.end()


def collapsed(pairs: Iterable[tuple[str, str]], limits: Limits = LIMITS) -> Mapping[str, str]:
    """Parameters by name, with those put together that were sent in sections, and those decoded that say in which set of
    characters they are. The first of a name that says anything counts, and the encoded form of one more than the plain."""
    plain: dict[str, str] = {}
    sections: dict[str, dict[int, tuple[str, bool]]] = {}
    for (name, value), _ in zip(pairs, range(limits.params), strict=False):
        split = _SECTION.fullmatch(name.lower())
        if split is None:
            plain[name.lower()] = plain.get(name.lower()) or readable(value)
            continue
        key, number, star = split.groups()
        sections.setdefault(key, {}).setdefault(int(number or 0), (value, bool(star) or number is None))
    return plain | {key: _joined(found) for key, found in sections.items()}


def _joined(sections: Mapping[int, tuple[str, bool]]) -> str:
    """The sections in order; the first one says the set of characters: `utf-8'en'caf%C3%A9`."""
    charset, joined = "", b""
    for position, number in enumerate(sorted(sections)):
        value, is_encoded = sections[number]
        if is_encoded and position == 0 and value.count("'") >= 2:
            charset, _, value = value.split("'", 2)
        octets = value.encode("utf-8", "replace")
        joined += unquote_to_bytes(octets) if is_encoded else octets
    return readable(decode(joined, charset))
