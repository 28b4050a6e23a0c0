"""WBXML to a tree of elements: `decode`. Import it from `pimgate_eas.wbxml.codec`.

Made for hostile input: the bytes are walked once, without recursion; every integer, level, element and text is
counted; whatever is wrong is a WbxmlError that says where.

Source: MS-ASWBXML, "WBXML Tokens" and "Code Pages".
"""

from dataclasses import dataclass, field
from typing import Final

from pimgate_eas.wbxml.codepages import NAMES, OPAQUE_ELEMENTS, PAGES
from pimgate_eas.wbxml.cursor import Cursor
from pimgate_eas.wbxml.element import Element
from pimgate_eas.wbxml.limits import DEFAULT_LIMITS, Limits, WbxmlError
from pimgate_eas.wbxml.tokens import END, ENTITY, HAS_ATTRIBUTES, HAS_CONTENT, OPAQUE, REFUSED, STR_I, SWITCH_PAGE

# Page -> the byte as it is on the wire -> name: without the content bit, with it, and None for all that is no element.
_NAMES_BY_BYTE: Final = tuple(names + names + (None,) * 0x80 for names in NAMES)


def decode(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Element:
    """The root element of a document. Raises WbxmlError, and nothing else, for anything that is not one.

    Some clients send octets (OPAQUE) where text is customary, or the reverse. A reader need not care: elements of
    `OPAQUE_ELEMENTS` have their value in `opaque`, all others in `text`; only octets that cannot be text, in an
    element that should hold text, stay in `opaque`. Empty contents are None.
    """
    if len(data) > limits.size_bytes:
        raise WbxmlError(f"more than {limits.size_bytes} bytes", limits.size_bytes)
    cursor = Cursor(data, limits)
    try:
        cursor.read_header()
        root = _Reader(cursor).read_root()
    except IndexError:
        raise WbxmlError("the document ends too early", len(data)) from None
    if cursor.position != len(data):
        raise WbxmlError("more bytes after the end of the document", cursor.position)
    return root


@dataclass(slots=True)
class _Content:
    """What was read so far inside one element: pieces of text or octets, beginning at byte `start`."""

    start: int
    pieces: list[bytes] = field(default_factory=list)
    size_bytes: int = 0
    has_octets: bool = False

    def settle(self, element: Element) -> None:
        """Give it to its element, as octets or as text, whichever the name demands."""
        content = b"".join(self.pieces)
        if element.name in OPAQUE_ELEMENTS or (self.has_octets and not _can_be_text(content)):
            element.opaque = content or None
        else:
            element.text = _text(content, self.start) or None


class _Reader:
    """Builds the tree. `content` belongs to the innermost of the `open_elements`, the last one."""

    __slots__ = ("content", "cursor", "extras", "limits", "open_elements", "page")

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.limits = cursor.limits
        self.page = 0
        self.extras = 0
        self.open_elements: list[Element] = []
        self.content: _Content | None = None

    def read_root(self) -> Element:
        """The one element of the document. Elements with a single text, most of them, never leave this loop."""
        cursor, data, find = self.cursor, self.cursor.data, self.cursor.data.find
        open_elements, names = self.open_elements, _NAMES_BY_BYTE[0]
        nodes_left, max_depth, max_string = self.limits.nodes, self.limits.depth, self.limits.string_bytes
        new_element = Element.__new__  # the constructor's check and defaults would double the time
        siblings: list[Element] = []
        position = cursor.position
        while True:
            token = data[position]
            name = names[token]
            if name is None:
                cursor.position = position
                root = self.read_other(token)
                if root is not None:
                    return root
                position, names = cursor.position, _NAMES_BY_BYTE[self.page]
                siblings = open_elements[-1].children if open_elements else siblings
                continue
            if not nodes_left:
                raise WbxmlError(f"more than {self.limits.nodes} elements", position)
            if self.content is not None:
                raise WbxmlError("text and elements side by side", position)
            nodes_left -= 1
            element = new_element(Element)
            element.name = name
            element.text = element.opaque = None
            element.children = []
            siblings.append(element)
            position += 1
            if token >= HAS_CONTENT:
                start = position + 1
                end = find(0, start) if data[position] == STR_I else -1
                if end < 0 or data[end + 1] != END or end - start > max_string or name in OPAQUE_ELEMENTS:
                    # Children, octets, several pieces, nothing, or a mistake: the loop goes on inside this element.
                    if len(open_elements) >= max_depth:
                        raise WbxmlError(f"more than {max_depth} levels", position)
                    open_elements.append(element)
                    siblings = element.children
                    continue
                element.text = _text(data[start:end], start) or None
                position = end + 2
            if not open_elements:
                cursor.position = position
                return element

    def read_other(self, token: int) -> Element | None:
        """Take what is not the beginning of an element; gives the root if this was its end."""
        if token == END:
            return self.close_element()
        if token == SWITCH_PAGE:
            self.switch_page()
        elif token in (STR_I, OPAQUE, ENTITY):
            self.read_content(token)
        else:
            raise WbxmlError(self.why_refused(token), self.cursor.position)
        return None

    def close_element(self) -> Element | None:
        if not self.open_elements:
            raise WbxmlError("an end without a beginning", self.cursor.position)
        element = self.open_elements.pop()
        if self.content is not None:
            self.content.settle(element)
            self.content = None
        self.cursor.position += 1
        return None if self.open_elements else element

    def switch_page(self) -> None:
        page = self.cursor.data[self.cursor.position + 1]
        if page >= len(PAGES):
            raise WbxmlError(f"an unknown code page, {page}", self.cursor.position)
        self.count_extra()
        self.page = page
        self.cursor.position += 2

    def read_content(self, token: int) -> None:
        """One piece of text or octets. Several of them in one element are one content."""
        start = self.cursor.position
        if not self.open_elements:
            raise WbxmlError("content outside the root element", start)
        if self.open_elements[-1].children:
            raise WbxmlError("text and elements side by side", start)
        if self.content is None:
            self.content = _Content(start)
        else:
            self.count_extra()
        self.cursor.position += 1
        if token == STR_I:
            piece = self.cursor.read_string()
        elif token == ENTITY:
            piece = self.cursor.read_character()
        else:
            piece = self.cursor.read_octets()
            self.content.has_octets = True
        self.content.pieces.append(piece)
        self.content.size_bytes += len(piece)
        if self.content.size_bytes > self.limits.string_bytes:
            raise WbxmlError(f"more than {self.limits.string_bytes} bytes in one element", start)

    def count_extra(self) -> None:
        self.extras += 1
        if self.extras > self.limits.nodes:
            raise WbxmlError(f"more than {self.limits.nodes} page switches and further texts", self.cursor.position)

    def why_refused(self, token: int) -> str:
        if token in REFUSED:
            return f"{REFUSED[token]}, which ActiveSync does not use"
        if token & HAS_ATTRIBUTES:
            return "an element with attributes, which ActiveSync does not use"
        return f"an unknown element, 0x{token & ~HAS_CONTENT:02X} on page {self.page} ({PAGES[self.page].namespace})"


def _text(content: bytes, offset: int) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise WbxmlError("a text that is not UTF-8", offset + error.start) from None


def _can_be_text(octets: bytes) -> bool:
    try:
        return "\0" not in octets.decode()
    except UnicodeDecodeError:
        return False
