"""A message as a tree of parts, and which part is what: what people read, what they open, what is signed.

Sources: RFC 2045 "Content-Type Header Field"; RFC 2046 "Multipart Media Type"; RFC 2183; RFC 1847; RFC 8551 "multipart/signed";
RFC 9051 "FETCH Command" (section numbers).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Final

from pimgate.mail.mime.limits import LIMITS, Limits

NO_PARAMS: Final[Mapping[str, str]] = MappingProxyType({})
_ENCRYPTED_PARTS: Final = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_SIGNATURES: Final = frozenset(
    {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
)


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `section` is what IMAP calls its body: `1.2`; `TEXT` for the whole body of a message of several parts.

    `parts` are those of a multipart, `message` the one that is enclosed in a message/rfc822; `size_bytes` counts octets as they
    are transferred. Names of types and parameters are in lower case.
    """

    section: str
    type: str
    subtype: str
    params: Mapping[str, str] = field(default_factory=lambda: NO_PARAMS)
    content_id: str = ""
    description: str = ""
    encoding: str = "7bit"
    size_bytes: int = 0
    disposition: str = ""
    disposition_params: Mapping[str, str] = field(default_factory=lambda: NO_PARAMS)
    location: str = ""
    parts: tuple[Part, ...] = ()
    message: Part | None = None
    subject: str = ""
    """Of an enclosed message."""

    @property
    def media_type(self) -> str:
        return f"{self.type}/{self.subtype}"

    @property
    def charset(self) -> str:
        return self.params.get("charset", "")

    @property
    def filename(self) -> str:
        """The name that it was sent with, "" for none."""
        return self.disposition_params.get("filename") or self.params.get("name") or ""

    @property
    def is_multipart(self) -> bool:
        return self.type == "multipart"

    def walk(self) -> Iterator[Part]:
        """This part and all below it, those of enclosed messages as well, in the order of the message."""
        waiting = [self]
        while waiting:
            part = waiting.pop()
            yield part
            waiting += ([part.message] if part.message is not None else []) + list(reversed(part.parts))


class Seal(Enum):
    """What keeps a message from being taken apart or cut."""

    NONE = "none"
    SIGNED = "signed"
    """Readable, with a signature beside it."""
    WRAPPED = "wrapped"
    """Encrypted, or signed and wrapped: only the device can open it."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One text that people read; `plain` and `html` say the same where both are there."""

    plain: Part | None = None
    html: Part | None = None


@dataclass(frozen=True, slots=True)
class Contents:
    """What a message holds. `shown` stand one after the other; `inline` files are those that belong into a text."""

    shown: tuple[Shown, ...] = ()
    calendar: Part | None = None
    attachments: tuple[Part, ...] = ()
    inline: frozenset[str] = frozenset()
    """Sections of the attachments that are shown within a text."""
    seal: Seal = Seal.NONE
    is_smime: bool = False
    report: str = ""
    """The report-type of a multipart/report: `delivery-status`, `disposition-notification`."""

    @property
    def has_html(self) -> bool:
        return any(each.html is not None for each in self.shown)


def contents_of(root: Part, limits: Limits = LIMITS) -> Contents:
    """Which part of a message is what."""
    sorting = _Sorting(limits)
    sorting.put(root, within="", is_root=True)
    is_report = root.media_type == "multipart/report"
    seal, is_smime = _seal(root)
    return Contents(
        tuple(sorting.shown),
        sorting.calendar,
        tuple(sorting.attachments),
        frozenset(sorting.inline),
        seal,
        is_smime,
        root.params.get("report-type", "").lower() if is_report else "",
    )


def _seal(root: Part) -> tuple[Seal, bool]:
    protocol = root.params.get("protocol", "").lower()
    if root.media_type == "multipart/signed":
        return Seal.SIGNED, "pkcs7" in protocol
    if root.media_type == "multipart/encrypted":
        return Seal.WRAPPED, False
    return (Seal.WRAPPED, True) if root.media_type in _ENCRYPTED_PARTS else (Seal.NONE, False)


class _Sorting:
    """The parts of one message as they are found, in their order."""

    def __init__(self, limits: Limits) -> None:
        self.shown: list[Shown] = []
        self.calendar: Part | None = None
        self.attachments: list[Part] = []
        self.inline: list[str] = []
        self._most_shown = limits.shown_texts

    def put(self, part: Part, within: str, *, is_root: bool = False) -> None:
        """Sort a part and what is below it; `within` is the kind of multipart it stands in."""
        if part.is_multipart and part.parts:
            self._put_several(part)
        elif part.media_type == "text/calendar" and self.calendar is None and part.disposition != "attachment":
            self.calendar = part
        elif self._is_text(part, is_root):
            is_html = part.subtype == "html"
            self.shown.append(Shown(None, part) if is_html else Shown(part))
        elif part.media_type not in _SIGNATURES or within != "signed":
            self._attach(part, within)

    def _put_several(self, part: Part) -> None:
        if part.subtype == "alternative":
            self._put_best(part)
            return
        for child in part.parts:
            self.put(child, part.subtype)

    def _put_best(self, alternative: Part) -> None:
        """The text and the HTML of an alternative are one thing to read; files within either stay with it."""
        before = self.shown
        self.shown = []
        for child in alternative.parts:
            self.put(child, "alternative")
        plain = next((each.plain for each in self.shown if each.plain is not None), None)
        html = next((each.html for each in reversed(self.shown) if each.html is not None), None)
        self.shown = before + ([Shown(plain, html)] if plain or html else [])

    def _is_text(self, part: Part, is_root: bool) -> bool:
        if part.type != "text" and not part.is_multipart:  # a multipart without parts is read as text
            return False
        if is_root:
            return part.disposition != "attachment"
        is_file = part.disposition == "attachment" or part.filename
        is_readable = part.subtype in ("plain", "html") or part.is_multipart
        return not is_file and is_readable and len(self.shown) < self._most_shown

    def _attach(self, part: Part, within: str) -> None:
        self.attachments.append(part)
        is_named_by_text = bool(part.content_id or part.location) and part.disposition != "attachment"
        if is_named_by_text and (within == "related" or part.disposition == "inline"):
            self.inline.append(part.section)
