"""HTML as tags and texts, in one pass whatever it holds; and how deep a tree a parser would make of it.

This is no parser: it corrects nothing. It serves two purposes: making text of HTML that no parser should see, and knowing
beforehand what a parser would cost. Source: WHATWG HTML, "Tokenization", "Tree construction".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from pimgate.mail.mime.limits import LIMITS, Limits

_NAME: Final = re.compile(r"[a-z][a-z0-9:-]{0,40}")
_QUOTE: Final = re.compile(r"[>\"']")

RAW: Final = frozenset(
    ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript", "svg", "math")
)
"""Elements whose content is no text that people read."""
VOID: Final = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_FORMATTING: Final = frozenset(
    ("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u")
)
"""Elements that a parser opens again wherever they were closed out of order."""
_SCOPES: Final = frozenset(
    ("applet", "button", "caption", "html", "marquee", "object", "table", "td", "template", "th")
)
"""Elements that the end of something outside of them does not close."""
_ENDS_OF_OTHERS: Final = {"p": {"p"}, "li": {"li"}, "td": {"td", "th"}, "th": {"td", "th"}, "tr": {"tr", "td", "th"}}
_OPTION: Final = {"option": {"option"}, "dt": {"dt", "dd"}, "dd": {"dt", "dd"}}


class Tag(NamedTuple):
    name: str
    is_end: bool = False
    attributes: str = ""


def tokens(html: str) -> Iterator[Tag | str]:
    """Tags and texts in turn; comments, and the contents of scripts and the like, are passed over."""
    lower, at = html.lower(), 0
    if len(lower) != len(html):  # a few letters are longer in lower case
        lower = html
    last = {quote: html.rfind(quote) for quote in "\"'"}
    unclosed: set[str] = set()
    while at < len(html):
        start = html.find("<", at)
        if start < 0:
            yield html[at:]
            return
        if start > at:
            yield html[at:start]
        is_end = html.startswith("/", start + 1)
        name = _NAME.match(lower, start + 1 + is_end)
        if name is None:
            at = _after_markup(html, start)
            if at == start + 1:
                yield "<"
            continue
        at = _after_tag(html, name.end(), last)
        yield Tag(name.group(), is_end, html[name.end() : max(name.end(), at - 1)])
        if name.group() in RAW and not is_end and name.group() not in unclosed:
            closing = lower.find(f"</{name.group()}", at)
            if closing < 0:
                unclosed.add(name.group())
            at = closing if closing >= 0 else at


def _after_markup(html: str, start: int) -> int:
    """Where a comment or a declaration ends; right after the `<` if it is neither."""
    if html.startswith("<!--", start):
        end = html.find("-->", start + 2)
        return len(html) if end < 0 else end + 3
    if html.startswith(("<!", "<?", "</"), start):
        end = html.find(">", start)
        return len(html) if end < 0 else end + 1
    return start + 1


def _after_tag(html: str, at: int, last: dict[str, int]) -> int:
    """Where a tag ends: at the first `>` that is in no quotation marks. `last` holds the last of each of those."""
    end = html.find(">", at)
    if end >= 0 and html.find('"', at, end) < 0 and html.find("'", at, end) < 0:
        return end + 1
    while (found := _QUOTE.search(html, at)) is not None:
        if found.group() == ">":
            return found.end()
        is_closed = last[found.group()] > found.start()
        is_value = html[:0] if not is_closed else html[max(0, found.start() - 8) : found.start()].rstrip()[-1:]
        at = html.index(found.group(), found.end()) + 1 if is_value == "=" else found.end()
    return len(html)


def is_affordable(html: str, limits: Limits = LIMITS) -> bool:
    """Whether a parser makes a tree of this within bounds: neither too deep, nor with too many elements made again and again."""
    if len(html) > limits.html_bytes:
        return False
    open_tags: list[str] = []
    formatting = repairs = 0
    for token in tokens(html):
        if isinstance(token, str):
            continue
        # An element that was closed out of order is opened again in the next one, once for each that is open.
        repairs += formatting
        if not token.is_end and token.name not in VOID:
            _close_implied(open_tags, token.name)
            open_tags.append(token.name)
            formatting += token.name in _FORMATTING
        elif token.is_end and token.name in open_tags:
            formatting -= token.name in _FORMATTING
            _close(open_tags, token.name)
        if len(open_tags) > limits.html_depth or formatting > limits.html_depth or repairs > limits.html_repairs:
            return False
    return True


def _close_implied(open_tags: list[str], name: str) -> None:
    """Take away what the start of an element ends without saying so."""
    ended = _ENDS_OF_OTHERS.get(name) or _OPTION.get(name)
    while ended and open_tags and open_tags[-1] in ended:
        open_tags.pop()


def _close(open_tags: list[str], name: str) -> None:
    """Take away the innermost element of that name. What is within goes with it, unless a parser would keep it open."""
    at = len(open_tags) - 1 - open_tags[::-1].index(name)
    within = open_tags[at + 1 :]
    if name not in _SCOPES and any(each in _SCOPES for each in within):
        return
    open_tags[at:] = [each for each in within if each in _FORMATTING] if name not in _FORMATTING else within
