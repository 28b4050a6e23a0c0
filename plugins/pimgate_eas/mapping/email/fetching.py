"""Which pieces of a message are wanted, so that a large one is never read whole for its first lines.

Small parts are read whole, so that what is told of their size is exact; of large ones as much as surely holds what is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pimgate.mail.mime.limits import LIMITS
from pimgate.mail.mime.parts import Contents, Part, Seal, contents_of
from pimgate.mail.mime.pieces import HEADER, WHOLE, Piece
from pimgate.mail.mime.structure import Structure
from pimgate_eas.mapping.email.options import HTML, MIME, PLAIN, Options, Preference

READ_WHOLE: Final = 64 * 1024
SEALED_BYTES: Final = 512 * 1024
"""Up to this size what is sealed is sent in one piece, also where a device asks for less."""
MOST_TEXT: Final = 2 * 1024 * 1024
"""Octets of one text part, encoded, whatever a device asks for."""
FIRST_LINES: Final = 8 * 1024
REPORT_BYTES: Final = 64 * 1024
CALENDAR_BYTES: Final = 1024 * 1024
_WORST_ENCODING: Final = 3
"""Quoted-printable writes an octet in three."""
_WORST_MARKUP: Final = 8
"""Octets of HTML for one of its text."""


def wanted(structure: Structure, options: Options) -> list[Piece]:
    """What to fetch before `render`, each section once."""
    contents = contents_of(structure.root)
    found: dict[str, Piece] = {}
    for piece in _pieces(structure, contents, options):
        known = found.get(piece.section)
        found[piece.section] = piece if known is None else _larger(piece, known)
    return list(found.values())


def usable(options: Options, contents: Contents, *, is_opaque: bool = False) -> list[Preference]:
    """The preferences that a body can be made for, the best first: never none. A message that only the device can open goes to it
    as it is, where it reads that."""
    may_be_mime = options.mime_support == 2 or (options.mime_support == 1 and contents.is_smime)
    forms = (PLAIN, HTML, MIME) if may_be_mime else (PLAIN, HTML)
    known = [each for each in options.bodies if each.form in forms]
    if contents.seal is not Seal.NONE or is_opaque:
        known.sort(key=lambda each: each.form != MIME)
    return known or [Preference(PLAIN, most) for most in [_smallest(options)]]


def report_part(contents: Contents) -> Part | None:
    """The part of a report that programs read."""
    wanted_type = f"message/{contents.report}"
    is_small = (each for each in contents.attachments if each.size_bytes <= REPORT_BYTES)
    return next((each for each in is_small if contents.report and each.media_type == wanted_type), None)


def _pieces(structure: Structure, contents: Contents, options: Options) -> Iterator[Piece]:
    yield Piece(HEADER, LIMITS.header_block_bytes)
    is_opaque = bool(structure.breach)
    preferred = usable(options, contents, is_opaque=is_opaque)
    if any(each.form == MIME for each in preferred):
        yield Piece(WHOLE, _of_original(preferred, contents))
    if is_opaque:
        return
    if (calendar := contents.calendar) is not None and calendar.size_bytes <= CALENDAR_BYTES:
        yield Piece(calendar.section)
    if (report := report_part(contents)) is not None:
        yield Piece(report.section)
    for preference in [*preferred, *([options.part] if options.part else [])]:
        if preference.form in (PLAIN, HTML):
            yield from _texts(contents, preference)
        elif preference.preview:
            yield from _texts(contents, Preference(PLAIN, 0))


def _texts(contents: Contents, preference: Preference) -> Iterator[Piece]:
    for shown in contents.shown:
        both = (shown.html, shown.plain) if preference.form == HTML else (shown.plain, shown.html)
        part = both[0] or both[1]
        if part is None:
            continue
        yield Piece(part.section, _octets(part, preference))
        if part.size_bytes > READ_WHOLE and preference.most is not None and part.size_bytes >= preference.most:
            return  # nothing of what follows can be shown


def _octets(part: Part, preference: Preference) -> int | None:
    """How much of a part holds what is asked for; None for all of it."""
    most = MOST_TEXT
    if preference.most is not None:
        factor = _WORST_ENCODING
        if part.subtype == "html" and preference.form != HTML:
            factor *= _WORST_MARKUP
        most = min(MOST_TEXT, preference.most * factor + FIRST_LINES)
    return None if part.size_bytes <= max(READ_WHOLE, most) else max(READ_WHOLE, most)


def _of_original(preferred: list[Preference], contents: Contents) -> int | None:
    """As much as is asked for. What is sealed is worth nothing unless it is whole: one octet more shows that it is too long."""
    asked = [each.most for each in preferred if each.form == MIME]
    if None in asked:
        return None
    most = max(each for each in asked if each is not None)
    if contents.seal is not Seal.NONE:
        return max(SEALED_BYTES, most) + 1
    return max(READ_WHOLE, 2 * most + FIRST_LINES)


def _larger(one: Piece, other: Piece) -> Piece:
    if one.octets is None or other.octets is None:
        return Piece(one.section)
    return one if one.octets >= other.octets else other


def _smallest(options: Options) -> int | None:
    sizes = [each.most for each in options.bodies if each.most is not None]
    return min(sizes) if sizes else None
