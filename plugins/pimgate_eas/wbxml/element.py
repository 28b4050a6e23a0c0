"""Element: one node of a WBXML document, for the codec, the schemas and the tests.

    Element("Ping:Ping", Element("Ping:HeartbeatInterval", text="470"), Element("Ping:Folders"))

An element holds text, or octets (`opaque`), or children, or nothing; ActiveSync knows no mixed content.
"""

from collections.abc import Iterator
from xml.sax.saxutils import escape


class Element:
    """A named node; `name` is "Namespace:Tag" with the namespace as the code pages spell it."""

    __slots__ = ("children", "name", "opaque", "text")

    def __init__(self, name: str, *children: "Element", text: str | None = None, opaque: bytes | None = None) -> None:
        if ":" not in name:
            raise ValueError(f"an element is named Namespace:Tag, not {name!r}")
        self.name = name
        self.text = text
        self.opaque = opaque
        self.children = list(children)

    @property
    def namespace(self) -> str:
        """ "AirSync" of "AirSync:Sync"."""
        return self.name.partition(":")[0]

    @property
    def tag(self) -> str:
        """ "Sync" of "AirSync:Sync"."""
        return self.name.partition(":")[2]

    def append(self, child: "Element") -> None:
        """Add a child at the end."""
        self.children.append(child)

    def find(self, name: str) -> "Element | None":
        """The first direct child of that name, or None."""
        for child in self.children:
            if child.name == name:
                return child
        return None

    def find_all(self, name: str) -> "list[Element]":
        """All direct children of that name, in order."""
        return [child for child in self.children if child.name == name]

    def has(self, name: str) -> bool:
        """Is there a direct child of that name, empty or not?"""
        return self.find(name) is not None

    def text_of(self, name: str, default: str | None = None) -> str | None:
        """The text of the first direct child of that name: "" when it is there and empty, `default` when it is not."""
        child = self.find(name)
        return default if child is None else child.text or ""

    def path(self, *names: str) -> "list[Element]":
        """All elements reached by going down these names: path("AirSync:Collections", "AirSync:Collection")."""
        reached = [self]
        for name in names:
            reached = [child for element in reached for child in element.find_all(name)]
        return reached

    def __eq__(self, other: object) -> bool:
        """Same names, contents and order all the way down. Empty text and no text are the same document."""
        if not isinstance(other, Element):
            return NotImplemented
        pairs = [(self, other)]
        while pairs:
            one, two = pairs.pop()
            if one._own_content() != two._own_content():
                return False
            pairs.extend(zip(one.children, two.children, strict=True))
        return True

    __hash__ = None  # type: ignore[assignment]  # mutable, so it has no place in a set

    def _own_content(self) -> tuple[str, str | None, bytes | None, int]:
        return self.name, self.text or None, self.opaque or None, len(self.children)

    def __repr__(self) -> str:
        """Names only, two levels: this ends up in logs, and contents belong to the person."""
        inside = ", ".join(child.name for child in self.children[:8])
        more = f", and {len(self.children) - 8} more" if len(self.children) > 8 else ""
        return f"<{self.name} [{inside}{more}]>" if inside else f"<{self.name}>"

    def to_debug_xml(self, show_content: bool = False) -> str:
        """Indented XML for people. Contents appear as their size unless `show_content` is set (never for a log)."""
        return "\n".join(_xml_lines(self, show_content))


def _xml_lines(root: Element, show_content: bool) -> Iterator[str]:
    # A closing tag waits on the stack as a plain string.
    waiting: list[tuple[int, Element | str]] = [(0, root)]
    while waiting:
        depth, item = waiting.pop()
        indent = "  " * depth
        if isinstance(item, str):
            yield f"{indent}</{item}>"
        elif item.children:
            yield f"{indent}<{item.name}>"
            waiting.append((depth, item.name))
            waiting.extend((depth + 1, child) for child in reversed(item.children))
        else:
            content = _content_shown(item) if show_content else _content_measured(item)
            yield f"{indent}<{item.name}>{content}</{item.name}>" if content else f"{indent}<{item.name}/>"


def _content_shown(element: Element) -> str:
    return element.opaque.hex(" ") if element.opaque else escape(element.text or "")


def _content_measured(element: Element) -> str:
    if element.opaque:
        return f"[{len(element.opaque)} octets]"
    return f"[{len(element.text)} characters]" if element.text else ""
