"""A tree of elements to WBXML: `encode`. Import it from `pimgate_eas.wbxml.codec`.

All tokens but OPAQUE are below 0x80, so a document is put together as one string, tokens and contents alike, and
turned into UTF-8 once: much faster than a conversion for each text.
"""

from collections.abc import Iterator
from typing import Final

from pimgate_eas.wbxml.codepages import LEGACY_ELEMENTS, OPAQUE_ELEMENTS, PAGES, TOKENS
from pimgate_eas.wbxml.element import Element
from pimgate_eas.wbxml.limits import DEFAULT_LIMITS
from pimgate_eas.wbxml.tokens import END, HAS_CONTENT, HEADER, OPAQUE, STR_I, SWITCH_PAGE

_MAX_DEPTH: Final = DEFAULT_LIMITS.depth
_END: Final = chr(END)
_TEXT_END: Final = "\0" + _END
_SWITCH_TO: Final = tuple(chr(SWITCH_PAGE) + chr(page.number) for page in PAGES)

# "Namespace:Tag" -> page, the empty element, its beginning, its beginning with text ("" where octets are expected).
_WRITTEN: Final = {
    name: (
        page,
        chr(token),
        chr(token | HAS_CONTENT),
        "" if name in OPAQUE_ELEMENTS else chr(token | HAS_CONTENT) + chr(STR_I),
    )
    for name, (page, token) in TOKENS.items()
}


def encode(root: Element) -> bytes:
    """The document as bytes; the same tree gives the same bytes. Empty text is written as an empty element.

    Raises ValueError for what no client could read: a name that is unknown or retired, text with U+0000 or a lone
    surrogate, text and children in one element, octets where text is expected or the reverse, too many levels.
    """
    chunks = [HEADER]
    parts: list[str] = []  # what follows the chunks, not yet in UTF-8
    page = 0
    outer: list[Iterator[Element]] = []
    siblings = iter((root,))
    while True:
        for element in siblings:
            its_page, empty, beginning, text_beginning = _WRITTEN.get(element.name) or _refuse_name(element.name)
            if its_page != page:
                page = its_page
                parts.append(_SWITCH_TO[page])
            text = element.text
            if element.children:
                _check_parent(element, depth=len(outer) + 1)
                parts.append(beginning)
                outer.append(siblings)
                siblings = iter(element.children)
                break
            if text:
                if "\0" in text or element.opaque or not text_beginning:
                    _refuse_text(element)
                parts += (text_beginning, text, _TEXT_END)
            elif element.opaque:
                parts.append(beginning)
                chunks += (_utf8(parts), _octets(element.name, element.opaque))
                parts = [_END]
            else:
                parts.append(empty)
        else:
            if not outer:
                return b"".join((*chunks, _utf8(parts)))
            parts.append(_END)
            siblings = outer.pop()


def _utf8(parts: list[str]) -> bytes:
    try:
        return "".join(parts).encode()
    except UnicodeEncodeError:
        # The original error carries the text, and errors end up in logs.
        raise ValueError("a text holds a lone surrogate, which UTF-8 cannot express") from None


def _octets(name: str, octets: bytes) -> bytes:
    if name not in OPAQUE_ELEMENTS:
        raise ValueError(f"{name} holds text, and clients do not read it from octets")
    length = [len(octets) & 0x7F]
    rest = len(octets) >> 7
    while rest:
        length.append(rest & 0x7F | 0x80)
        rest >>= 7
    return bytes((OPAQUE, *reversed(length))) + octets


def _check_parent(element: Element, depth: int) -> None:
    if element.text or element.opaque:
        raise ValueError(f"{element.name} has content of its own and children")
    if depth >= _MAX_DEPTH:
        raise ValueError(f"{element.name} is more than {_MAX_DEPTH} levels deep")


def _refuse_text(element: Element) -> None:
    if element.opaque:
        raise ValueError(f"{element.name} has both text and octets")
    if element.name in OPAQUE_ELEMENTS:
        raise ValueError(f"{element.name} holds octets, not text")
    raise ValueError(f"the text of {element.name} holds U+0000")


def _refuse_name(name: str) -> tuple[int, str, str, str]:
    if name in LEGACY_ELEMENTS:
        raise ValueError(f"{name} is retired: read, but never written")
    raise ValueError(f"{name} is on no code page")
