"""What a request says about the bodies of messages.

Sources: MS-ASAIRS "BodyPreference", "BodyPartPreference"; MS-ASCMD "MIMESupport (Sync)", "MIMETruncation".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from pimgate_eas.wbxml.element import Element

PLAIN: Final = "1"
HTML: Final = "2"
MIME: Final = "4"
"""Bodies are made in these three forms; RTF is not among them."""

LONGEST_PREVIEW: Final = 255
MOST_PREFERENCES: Final = 16
DIGITS: Final = 10
LONGEST_TEXT: Final = 64 * 1024
"""About what the text of a message is, where a device wants all of it."""
ABOUT: Final = 1_024
"""About what the fields around it are."""
_MIME_SIZES: Final[Mapping[str, int]] = {
    "0": 0,
    "1": 4_096,
    "2": 5_120,
    "3": 7_168,
    "4": 10_240,
    "5": 20_480,
    "6": 51_200,
    "7": 102_400,
}


@dataclass(frozen=True, slots=True)
class Preference:
    """One form of body that a device reads. `most` is the size in octets up to which it wants it, None for all of it;
    with `all_or_none` it wants nothing of what is longer."""

    form: str
    most: int | None = None
    all_or_none: bool = False
    preview: int = 0

    def to_document(self) -> list[object]:
        return [self.form, self.most, self.all_or_none, self.preview]


@dataclass(frozen=True, slots=True)
class Options:
    """`bodies` in the order of the device; `part` asks for a BodyPart; `mime_support` is 0 (never), 1 (S/MIME) or 2 (all)."""

    bodies: tuple[Preference, ...] = (Preference(PLAIN),)
    part: Preference | None = None
    mime_support: int = 0

    @property
    def is_part_known(self) -> bool:
        """Whether the BodyPart can be made; else the answer is status 164."""
        return self.part is None or self.part.form == HTML

    def within(self, most_mime: int) -> Options:
        """The same, but for originals: of these no more than so many octets, whatever is asked for."""
        bodies = (
            replace(each, most=most_mime if each.most is None else min(each.most, most_mime))
            if each.form == MIME
            else each
            for each in self.bodies
        )
        return replace(self, bodies=tuple(bodies))

    def weight(self, size_bytes: int) -> int:
        """About how many octets of a message of this size a device gets."""
        asked = [each for each in (*self.bodies, self.part) if each is not None]
        is_whole = self.mime_support == 2 and any(each.form == MIME for each in asked)
        sizes = [each.most for each in asked if is_whole or each.form != MIME]
        known = [each for each in sizes if each is not None]
        most = LONGEST_TEXT if None in sizes and not is_whole else max(known, default=LONGEST_TEXT)
        return min(size_bytes, size_bytes if is_whole and None in sizes else most) + ABOUT

    def to_document(self) -> dict[str, object]:
        """As it is kept for requests that do not say it again."""
        document: dict[str, object] = {"bodies": [each.to_document() for each in self.bodies]}
        if self.part is not None:
            document["part"] = self.part.to_document()
        if self.mime_support:
            document["mime_support"] = self.mime_support
        return document

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Options:
        part = document.get("part")
        return cls(
            tuple(Preference(*each) for each in document["bodies"]),
            Preference(*part) if part is not None else None,
            document.get("mime_support", 0),
        )


def read_options(options: Element | None) -> Options:
    """From the Options of Sync, Search, Find or ItemOperations; what is missing or no number says nothing."""
    if options is None:
        return Options()
    support = _number(options.text_of("AirSync:MIMESupport")) or 0
    mime_size = _MIME_SIZES.get((options.text_of("AirSync:MIMETruncation") or "").strip())
    asked = options.find_all("AirSyncBase:BodyPreference")[:MOST_PREFERENCES]
    bodies = tuple(_preference(each, mime_size) for each in asked)
    part = options.find("AirSyncBase:BodyPartPreference")
    return Options(
        bodies or (Preference(PLAIN),),
        _preference(part, None) if part is not None else None,
        support if support in (0, 1, 2) else 0,
    )


def _preference(asked: Element, mime_size: int | None) -> Preference:
    form = (asked.text_of("AirSyncBase:Type") or PLAIN).strip()
    most = _number(asked.text_of("AirSyncBase:TruncationSize"))
    return Preference(
        form,
        mime_size if most is None and form == MIME else most,
        (asked.text_of("AirSyncBase:AllOrNone") or "").strip() == "1" and most is not None,
        min(LONGEST_PREVIEW, _number(asked.text_of("AirSyncBase:Preview")) or 0),
    )


def _number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= DIGITS else None
