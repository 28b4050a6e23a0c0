"""A text cut to a size in octets, never within a character, and HTML never within a tag."""

from __future__ import annotations

from typing import Final

LONGEST_TAG: Final = 2_048
LONGEST_ENTITY: Final = 12


def size_of(text: str) -> int:
    """How many octets a text takes as it is sent."""
    return len(text.encode("utf-8", "replace"))


def cut(text: str, octets: int) -> str:
    """The beginning of a text that takes at most so many octets."""
    return text if size_of(text) <= octets else _whole_characters(text, octets)


def cut_html(html: str, octets: int) -> str:
    """The same of HTML: a tag or an entity that would be broken is left out."""
    if size_of(html) <= octets:
        return html
    kept = _whole_characters(html, octets)
    tag = kept.rfind("<")
    if tag > kept.rfind(">") and len(kept) - tag < LONGEST_TAG:
        kept = kept[:tag]
    entity = kept.rfind("&")
    if entity >= 0 and ";" not in kept[entity:] and len(kept) - entity <= LONGEST_ENTITY:
        kept = kept[:entity]
    return kept


def cut_original(text: str, octets: int) -> str:
    """The same of a message with its header: within the header it ends after a whole line, so that it stays a header."""
    kept = cut(text, octets)
    if len(kept) == len(text):
        return kept
    is_in_header = "\n\n" not in kept and "\r\n\r\n" not in kept
    return kept[: kept.rfind("\n") + 1] if is_in_header else kept


def _whole_characters(text: str, octets: int) -> str:
    return text[: max(0, octets)].encode("utf-8", "replace")[: max(0, octets)].decode("utf-8", "ignore")
