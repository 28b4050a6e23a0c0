"""The words of an HTML text, a line for each line that people would see. In one pass, whatever is nested in it.

Of a script, a style sheet or a comment nothing is kept; of a picture its words. Quoted text is marked with `>`.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Final

from pimgate.mail.mime.html_tokens import RAW, Tag, tokens
from pimgate.mail.mime.words import readable

_SPACE: Final = re.compile(r"[ \t\r\n\f]+")
_GREAT_NUMBER: Final = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{7,});?")
_ALT: Final = re.compile(r"""\balt\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_BLANK_LINES: Final = re.compile(r"\n{3,}")
_MOST_QUOTES: Final = 5

_LINE: Final = frozenset(
    [
        "address",
        "article",
        "aside",
        "center",
        "dd",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "header",
        "legend",
        "li",
        "main",
        "nav",
        "ol",
        "option",
        "section",
        "summary",
        "table",
        "tbody",
        "thead",
        "tfoot",
        "title",
        "tr",
        "ul",
    ]
)
"""Elements that stand on lines of their own."""
_PARAGRAPH: Final = frozenset(["p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"])
"""Elements with an empty line around them."""
_HIDDEN: Final = RAW - {"noscript", "noframes"}


def text_of(html: str) -> str:
    """Plain text of HTML; lines end in a line feed."""
    writing = _Writing()
    for token in tokens(html):
        if isinstance(token, str):
            writing.text(token)
        else:
            writing.tag(token)
    return writing.finished()


class _Writing:
    def __init__(self) -> None:
        self._lines: list[str] = []
        self._words: list[str] = []
        self._is_spaced = True
        self._blank = False
        self._quotes = 0
        self._as_written = 0
        self._hidden = ""

    def text(self, raw: str) -> None:
        if self._hidden:
            return
        text = unescape(_GREAT_NUMBER.sub("\ufffd", raw))
        if self._as_written:
            first, *rest = text.replace("\r\n", "\n").split("\n")
            self._words.append(first)
            for line in rest:
                self._break()
                self._words.append(line)
            return
        words = _SPACE.sub(" ", text)
        if self._is_spaced:
            words = words.lstrip(" ")
        if words:
            self._words.append(words)
            self._is_spaced = words.endswith(" ")

    def tag(self, tag: Tag) -> None:
        name = tag.name
        if name in _HIDDEN:
            # What has no end hides what follows up to the next tag.
            self._hidden = "" if tag.is_end else name
            return
        self._hidden = ""
        if name == "br":
            self._break()
        elif name == "hr":
            self._start_line()
            self._words.append("-" * 20)
            self._start_line()
        elif name == "img":
            self._picture(tag)
        elif name in ("td", "th") and not tag.is_end and self._words:
            self.text(" ")
        elif name in _PARAGRAPH:
            self._paragraph(tag)
        elif name in _LINE:
            self._start_line()
            if name == "li" and not tag.is_end:
                self._words.append("* ")
                self._is_spaced = True

    def finished(self) -> str:
        self._start_line()
        return _BLANK_LINES.sub("\n\n", readable("\n".join(self._lines)).replace("\xa0", " ")).strip("\n ")

    def _paragraph(self, tag: Tag) -> None:
        self._start_line()
        self._blank = bool(self._lines)
        step = -1 if tag.is_end else 1
        if tag.name == "blockquote":
            self._quotes = max(0, self._quotes + step)
        elif tag.name == "pre":
            self._as_written = max(0, self._as_written + step)

    def _picture(self, tag: Tag) -> None:
        found = _ALT.search(tag.attributes[:4_000])
        words = next((each for each in found.groups() if each), "") if found is not None else ""
        if words.strip():
            self.text(f"[{words.strip()}]")

    def _start_line(self) -> None:
        if "".join(self._words).strip():
            self._break()
        self._words.clear()
        self._is_spaced = True

    def _break(self) -> None:
        mark = "> " * min(self._quotes, _MOST_QUOTES)
        if self._blank and self._lines and self._lines[-1]:
            self._lines.append("")
        self._blank = False
        self._lines.append((mark + "".join(self._words)).rstrip())
        self._words.clear()
        self._is_spaced = True
