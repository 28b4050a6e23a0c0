"""What people read of a message, as plain text or as HTML, from the parts that were fetched.

Texts that stand one after the other are put together; where a message says the same in two forms the better one for the purpose is
taken, and where it has only one that is converted. Sizes are those of the whole text: exact where all of it was fetched, else told
from how much of it was.

Sources: RFC 2046 "Alternative Subtype"; RFC 3676 "Interpreting Format=Flowed".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pimgate.mail.mime.charsets import decode
from pimgate.mail.mime.cutting import size_of
from pimgate.mail.mime.html_safe import FRAME, safe_fragment
from pimgate.mail.mime.html_text import text_of
from pimgate.mail.mime.limits import LIMITS, Limits
from pimgate.mail.mime.parts import Contents, Part, Seal, Shown
from pimgate.mail.mime.pieces import Piece
from pimgate.mail.mime.plain import as_html, plain
from pimgate.mail.mime.transfer import decoded
from pimgate.mail.mime.words import readable

LONGEST_PLAIN: Final = 4 * 1024 * 1024
_META_CHARSET: Final = re.compile(rb"""<meta[^>]{0,500}?charset\s*=\s*["']?([A-Za-z0-9_:.-]{1,40})""", re.IGNORECASE)
_META_BYTES: Final = 4_096

Converter = Callable[[str], str]

ENCRYPTED: Final = "This message is encrypted."
UNOPENED: Final = "This message cannot be shown. {} It is attached as it came."


@dataclass(frozen=True, slots=True)
class FetchedParts:
    """Octets of parts by section, as they are transferred. A part that is not there counts as empty."""

    octets: Mapping[str, bytes]
    cut: frozenset[str] = frozenset()
    """Sections of which only the beginning was fetched."""

    @classmethod
    def from_pieces(cls, pieces: Mapping[Piece, bytes]) -> FetchedParts:
        """From what the pieces gave that were asked for."""
        cut = {
            each.section for each, octets in pieces.items() if each.octets is not None and len(octets) >= each.octets
        }
        return cls({each.section: octets for each, octets in pieces.items()}, frozenset(cut))


@dataclass(frozen=True, slots=True)
class Text:
    """A text in one form. `size_bytes` is that of the whole, which is longer than `text` where `is_cut`."""

    text: str
    size_bytes: int
    is_cut: bool = False


def plain_body(contents: Contents, fetched: FetchedParts, limits: Limits = LIMITS) -> Text:
    """The words of a message; lines end in a line feed."""
    texts = [_plain(each, fetched, limits) for each in contents.shown]
    return _joined(texts or [_whole(_placeholder(contents))], "\n\n")


def html_body(contents: Contents, fetched: FetchedParts, limits: Limits = LIMITS) -> Text:
    """A message as one HTML document in which nothing acts."""
    texts = [_html(each, fetched, limits) for each in contents.shown]
    body = _joined(texts or [_whole(as_html(_placeholder(contents)))], "<hr>")
    return Text(FRAME.format(body.text), body.size_bytes + size_of(FRAME) - 2, body.is_cut)


def unopened(breach: str) -> str:
    """The words that stand for a message which is not taken apart."""
    return UNOPENED.format(breach)


def words_of(part: Part, octets: bytes, *, is_cut: bool = False) -> str:
    """The text of a text part, from its octets as they are transferred."""
    raw = decoded(octets, part.encoding, is_cut=is_cut)
    declared = part.charset
    if part.subtype == "html" and not declared:
        found = _META_CHARSET.search(raw[:_META_BYTES])
        declared = found.group(1).decode("ascii") if found is not None else ""
    text = readable(decode(raw, declared, is_cut=is_cut))
    is_flowed = part.subtype == "plain" and part.params.get("format", "").lower() == "flowed"
    return unflowed(text, joins_words=part.params.get("delsp", "").lower() == "yes") if is_flowed else text


def unflowed(text: str, *, joins_words: bool = False) -> str:
    """Text whose long lines were broken for transport, with its lines as they were written."""
    lines: list[str] = []
    goes_on = False
    depth = 0
    for line in plain(text).split("\n"):
        words = line.lstrip(">")
        now, words = len(line) - len(words), words.removeprefix(" ")
        if goes_on and now == depth and words != "-- ":
            lines[-1] = (lines[-1][:-1] if joins_words else lines[-1]) + words
        else:
            lines.append(f"{'>' * now} {words}" if now else words)
        goes_on, depth = words.endswith(" ") and words != "-- ", now
    return "\n".join(lines)


def _plain(shown: Shown, fetched: FetchedParts, limits: Limits) -> Text:
    if shown.plain is not None:
        return _converted(shown.plain, fetched, lambda words: plain(words).strip("\n"), LONGEST_PLAIN)
    assert shown.html is not None
    return _converted(shown.html, fetched, text_of, limits.html_bytes)


def _html(shown: Shown, fetched: FetchedParts, limits: Limits) -> Text:
    if shown.html is not None:
        return _converted(shown.html, fetched, lambda html: safe_fragment(html, limits), limits.html_bytes)
    assert shown.plain is not None
    return _converted(shown.plain, fetched, lambda words: as_html(words.strip("\r\n")), LONGEST_PLAIN)


def _converted(part: Part, fetched: FetchedParts, convert: Converter, longest: int) -> Text:
    """One part in another form, and about how long it would be where it was not fetched whole, or is longer than anybody reads."""
    octets = fetched.octets.get(part.section, b"")
    is_cut = part.section in fetched.cut
    words = words_of(part, octets, is_cut=is_cut)
    text = convert(words[:longest])
    share = min(1.0, longest / max(1, len(words)))
    if is_cut:
        share *= len(octets) / max(1, len(octets), part.size_bytes)
    size = size_of(text)
    is_less = share < 1
    return Text(text, max(size + 1, round(size / max(share, 1e-6))) if is_less else size, is_less)


def _joined(texts: list[Text], between: str) -> Text:
    """Texts one after the other, up to the first that is cut: what follows it would seem to belong to it."""
    whole = next((at + 1 for at, each in enumerate(texts) if each.is_cut), len(texts))
    text = between.join(each.text for each in texts[:whole])
    size = sum(each.size_bytes for each in texts) + len(between) * (len(texts) - 1)
    return Text(text, max(size, size_of(text)), whole < len(texts) or any(each.is_cut for each in texts))


def _whole(text: str) -> Text:
    return Text(text, size_of(text))


def _placeholder(contents: Contents) -> str:
    return ENCRYPTED if contents.seal is Seal.WRAPPED else ""
