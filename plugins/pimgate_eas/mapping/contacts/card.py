"""One card, opened for reading and editing field by field."""

from __future__ import annotations

from collections.abc import Iterable

from pimgate.text.component import Component
from pimgate.text.lines import Line, Params, escape, make_line
from pimgate_eas.mapping.editing import rewritten, text_of


class Card:
    """A card and the lines that stand in its slots.

    The slots are filled once, when the card is opened: an edit of one slot moves no other line into it, so every edit
    of a request touches the very lines that the device saw. `labels` are Apple's: the X-ABLabel of each group.
    """

    __slots__ = ("component", "labels", "slots", "version")

    def __init__(self, component: Component) -> None:
        self.component = component
        version = component.get("VERSION")
        self.version = version.value.strip() if version else ""
        self.labels = {line.group: line.text.strip() for line in component.all("X-ABLABEL") if line.group}
        self.slots: dict[str, Line] = {}

    def label(self, line: Line) -> str:
        """Apple's label of a line: `_$!<Spouse>!$_` and what people write themselves; "" for none."""
        return self.labels.get(line.group, "") if line.group else ""

    def named(self, *names: str) -> list[Line]:
        """All lines of these names, in the order of the text."""
        return [line for line in self.component.lines if line.name in names]

    def fill(self, slots: Iterable[str], lines: Iterable[Line]) -> None:
        """Let each slot, one after the other, hold one of the lines."""
        self.slots.update(zip(slots, lines, strict=False))

    def text(self, slot: str) -> str:
        """What the line in a slot says."""
        return text_of(self.slots.get(slot))

    def rewrite(self, slot: str, value: str, dropped: tuple[str, ...] = ()) -> None:
        """Give the line in a slot another value (already escaped)."""
        line = self.slots[slot]
        self.slots[slot] = self.component.replace(line, rewritten(line, value, dropped))

    def replace(self, slot: str, line: Line) -> None:
        """Put a new line into a slot, in the place of the one that is there, or at the end."""
        old = self.slots.get(slot)
        self.slots[slot] = self.component.add(line) if old is None else self.component.replace(old, line)

    def clear(self, slot: str) -> None:
        """Remove the line in a slot."""
        line = self.slots.pop(slot, None)
        if line is not None:
            self.component.remove(line)

    def put_text(self, slot: str, text: str, name: str, params: Params = ()) -> None:
        """Make `text` what a slot says: in its own line, or in a new one of this name and parameters; "" removes it."""
        if not text:
            self.clear(slot)
        elif slot in self.slots:
            self.rewrite(slot, escape(text))
        else:
            self.replace(slot, make_line(name, escape(text), params))
