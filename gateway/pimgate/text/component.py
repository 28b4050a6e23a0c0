"""A vCard or iCalendar text as a tree of components over its lines, editable line by line.

`parse(text).to_text() == text` for every text it accepts. An edit replaces, adds or removes the lines it names and
leaves every other octet alone, so what a client cannot express survives that client's edits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from pimgate.text.errors import BadText, TextTooLarge
from pimgate.text.lines import Line, Params, make_line, read_lines

__all__ = ["DEFAULT_LIMITS", "BadText", "Component", "Limits", "parse", "parse_all"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How large one item may be. Photos (decoded) are counted apart from the rest of the text."""

    size_bytes: int = 1024 * 1024
    photo_bytes: int = 512 * 1024
    lines: int = 20_000
    line_bytes: int = 768 * 1024
    depth: int = 8


DEFAULT_LIMITS: Final = Limits()

# Base64 is 4/3 of the photo, and folding adds CRLF and a space to at least every 60 characters of it.
_TEXT_PER_PHOTO_BYTE: Final = 4 / 3 * 63 / 60


class Component:
    """BEGIN:name ... END:name, with its lines and the components inside it in the order they were read.

    `Component("VALARM", [make_line(...)])` builds a new one; `parse` reads one.
    """

    __slots__ = ("_begin", "_end", "after", "before", "items", "name")

    def __init__(self, name: str, lines: Iterable[Line] = (), children: Iterable[Component] = ()) -> None:
        self.name = name.upper()
        self.items: list[Line | Component] = [*lines, *children]
        self.before = ""  # blank lines around the outermost component
        self.after = ""
        self._begin = f"BEGIN:{self.name}\r\n"
        self._end = f"END:{self.name}\r\n"

    def __repr__(self) -> str:
        return f"Component({self.name}, {len(self.items)} items)"

    @property
    def lines(self) -> list[Line]:
        """Its own lines, without BEGIN and END and without those of the components inside it."""
        return [item for item in self.items if isinstance(item, Line)]

    @property
    def children(self) -> list[Component]:
        return [item for item in self.items if isinstance(item, Component)]

    def children_named(self, *names: str) -> list[Component]:
        return [item for item in self.items if item.name in names and isinstance(item, Component)]

    def get(self, name: str) -> Line | None:
        """The first own line of that name (in capitals), in whatever group."""
        for item in self.items:
            if item.name == name and isinstance(item, Line):
                return item
        return None

    def all(self, name: str) -> list[Line]:
        """Every own line of that name (in capitals), in order."""
        return [item for item in self.items if item.name == name and isinstance(item, Line)]

    def set(self, name: str, value: str, params: Params | None = None) -> Line:
        """Make `value` (already escaped) the value of the first line of that name, or add such a line.

        A replaced line keeps its place and group. `params=None` keeps its parameters too, but for the old value's
        quoted-printable encoding; otherwise the line gets exactly `params`. A line that already says this stays.
        """
        old = self.get(name)
        if old is None:
            return self.add(make_line(name, value, params or ()))
        wanted = _params_for_new_value(old) if params is None else params
        if old.value == value and old.params == wanted:
            return old
        return self.replace(old, make_line(name, value, wanted, old.group))

    def add(self, line: Line) -> Line:
        """Add a line after the last own line and before the components inside."""
        position = next((at for at, item in enumerate(self.items) if isinstance(item, Component)), len(self.items))
        self.items.insert(position, line)
        return line

    def add_child(self, child: Component) -> Component:
        self.items.append(child)
        return child

    def replace(self, line: Line, new_line: Line) -> Line:
        """Put `new_line` in the place of `line`, which must be one of its own."""
        self.items[self._position_of(line)] = new_line
        return new_line

    def rewrite(self, change: Callable[[Line], Line | None]) -> None:
        """Put in the place of each own line what `change` gives for it, in one pass; None takes the line away."""
        new = (change(item) if isinstance(item, Line) else item for item in self.items)
        self.items = [item for item in new if item is not None]

    def remove(self, target: str | Line | Component) -> None:
        """Remove one line or component, or every line of a name. Removing a name that is absent does nothing."""
        if isinstance(target, str):
            self.items = [item for item in self.items if not (isinstance(item, Line) and item.name == target)]
        else:
            del self.items[self._position_of(target)]

    def to_text(self) -> str:
        pieces: list[str] = []
        self._write(pieces)
        return "".join(pieces)

    def _write(self, pieces: list[str]) -> None:
        pieces += (self.before, self._begin)
        for item in self.items:
            if isinstance(item, Line):
                pieces.append(item.raw)
            else:
                item._write(pieces)
        pieces += (self._end, self.after)

    def _position_of(self, wanted: Line | Component) -> int:
        for position, item in enumerate(self.items):
            if item is wanted:
                return position
        raise ValueError("not one of this component's own items")


def parse(text: str, limits: Limits = DEFAULT_LIMITS) -> Component:
    """The one component that a text consists of. BadText if it is malformed, not exactly one, or beyond `limits`."""
    _check_size(text, limits)
    components = parse_all(text, limits)
    if len(components) != 1:
        raise BadText("The text holds more than one item." if components else "The text holds no item.")
    _check_photos(text, components[0], limits)
    return components[0]


def parse_all(text: str, limits: Limits = DEFAULT_LIMITS) -> list[Component]:
    """Every outermost component of a text, for files that hold many. `limits.size_bytes` is not looked at."""
    if "\x00" in text:
        raise BadText("The text holds a NUL character.", text.count("\n", 0, text.index("\x00")) + 1)
    lines = read_lines(text)
    if len(text) * 4 > limits.line_bytes and any(_is_too_long(line, limits) for line in lines):
        raise TextTooLarge("A line is too long.")
    roots: list[Component] = []
    stack: list[Component] = []
    between: list[str] = []
    for position, line in enumerate(lines):
        try:
            name = line.name
            if name == "BEGIN":
                _open(line, stack, roots, between, limits)
            elif name == "END":
                _close(line, stack)
            elif stack:
                if not name and not line.is_blank:
                    raise BadText("A line is no property: it has no name followed by a colon.")
                stack[-1].items.append(line)
            else:
                _keep_outside(line, roots, between)
        except BadText as error:
            raise type(error)(error.reason, _line_number(lines, position)) from None
    if stack:
        raise BadText(f"{stack[-1].name} is not ended.", _line_number(lines, len(lines)))
    if between and not roots:
        raise BadText("The text holds no item.")
    return roots


def _open(line: Line, stack: list[Component], roots: list[Component], between: list[str], limits: Limits) -> None:
    name = line.value.strip().upper()
    if not name:
        raise BadText("BEGIN names no component.")
    if len(stack) >= limits.depth:
        raise TextTooLarge("Components are nested too deeply.")
    component = Component(name)
    component._begin = line.raw
    if stack:
        stack[-1].items.append(component)
    else:
        component.before = "".join(between)
        between.clear()
        roots.append(component)
    stack.append(component)


def _close(line: Line, stack: list[Component]) -> None:
    if not stack or stack[-1].name != line.value.strip().upper():
        raise BadText("END does not match the component that is open.")
    stack.pop()._end = line.raw


def _is_too_long(line: Line, limits: Limits) -> bool:
    return len(line.raw) * 4 > limits.line_bytes and _octets(line.raw) > limits.line_bytes


def _keep_outside(line: Line, roots: list[Component], between: list[str]) -> None:
    if not line.is_blank:
        raise BadText("There is text outside of the item.")
    if roots:
        roots[-1].after += line.raw
    else:
        between.append(line.raw)


def _line_number(lines: list[Line], position: int) -> int:
    return sum(line.raw.count("\n") for line in lines[:position]) + 1


def _octets(text: str) -> int:
    try:
        return len(text) if text.isascii() else len(text.encode())
    except UnicodeEncodeError:
        raise BadText("The text is not valid Unicode.") from None


def _check_size(text: str, limits: Limits) -> None:
    if _octets(text) > limits.size_bytes + limits.photo_bytes * _TEXT_PER_PHOTO_BYTE:
        raise TextTooLarge("The item is too large.")
    if text.count("\n") > limits.lines:
        raise TextTooLarge("The item has too many lines.")


def _check_photos(text: str, component: Component, limits: Limits) -> None:
    if len(text) <= limits.photo_bytes:
        return
    photos = component.all("PHOTO")
    if sum(len(photo.value) for photo in photos) * 3 / 4 > limits.photo_bytes:
        raise TextTooLarge("The photo is too large.")
    if _octets(text) - sum(_octets(photo.raw) for photo in photos) > limits.size_bytes:
        raise TextTooLarge("The item is too large.")


def _params_for_new_value(old: Line) -> Params:
    """The old line's parameters, less those that say how only its old value was encoded."""
    if not old.is_quoted_printable:
        return old.params
    kept = tuple((key, values) for key, values in old.params if key not in ("ENCODING", "CHARSET"))
    return (*kept, ("CHARSET", ("UTF-8",)))
