"""A row a field, both directions: which element it is, how it is read from the text and how it is written back.

    Row("Contacts:JobTitle", partial(text_of, "TITLE"), partial(set_text, "TITLE"), TEXT)

`held` is what a table's rows look at: a card, or one entry of a calendar.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

from pimgate_eas.mapping.words import clean
from pimgate_eas.wbxml.element import Element

Held = TypeVar("Held")
Value = TypeVar("Value", bound=Hashable)

MOST_WORDS: Final = 300
UNREADABLE: Final = (ValueError, ArithmeticError)
"""What goes wrong with dates, numbers and texts; BadText is a ValueError."""


@dataclass(frozen=True, slots=True)
class Shape(Generic[Value]):
    """How a value stands in an element. `read` gives None for an element that leaves the value as it is."""

    empty: Value
    read: Callable[[Element], Value | None]
    element: Callable[[str, Value], Element]


@dataclass(frozen=True, slots=True)
class Row(Generic[Held, Value]):
    """One field. `read` gives `shape.empty` for what is not there; `write` with it removes the property.

    `stays_when_absent`: an edit without the element never removes the property, ghosted or not.
    """

    tag: str
    read: Callable[[Held], Value]
    write: Callable[[Held, Value], None]
    shape: Shape[Value]
    stays_when_absent: bool = False

    def value(self, held: Held) -> Value:
        """What the text says; what cannot be read counts as absent, and is then left alone."""
        try:
            return self.read(held)
        except UNREADABLE:
            return self.shape.empty

    def element(self, held: Held) -> Element | None:
        """The element to send, None if there is nothing to say."""
        value = self.value(held)
        return None if value == self.shape.empty else self.shape.element(self.tag, value)

    def wanted(self, data: Element, ghosted: Callable[[str], bool]) -> Value | None:
        """The value that an edit asks for; None if it leaves the field as it is."""
        element = data.find(self.tag)
        if element is not None:
            return self.shape.read(element)
        return None if self.stays_when_absent or ghosted(self.tag) else self.shape.empty

    def edit(self, held: Held, data: Element, ghosted: Callable[[str], bool]) -> Value | None:
        """The value to be written: `wanted`, unless the text says so already."""
        wanted = self.wanted(data, ghosted)
        return None if wanted == self.value(held) else wanted


def text_in(element: Element) -> str:
    return clean(element.text or "")


def text_element(tag: str, text: str) -> Element:
    return Element(tag, text=text)


def words_in(word: str, element: Element) -> tuple[str, ...]:
    """Each text of the children named `word`, once."""
    return distinct(text_in(child) for child in element.find_all(word))


def distinct(words: Iterable[str]) -> tuple[str, ...]:
    """Words that are any, each once, as many as an element may hold."""
    return tuple(dict.fromkeys(each for each in words if each))[:MOST_WORDS]


def words_element(word: str, tag: str, words: tuple[str, ...]) -> Element:
    return Element(tag, *(Element(word, text=each) for each in words))


class Words(Shape[tuple[str, ...]]):
    """The shape of a container of words, each in an element named `word`."""

    def __init__(self, word: str) -> None:
        super().__init__((), partial(words_in, word), partial(words_element, word))


TEXT: Final = Shape("", text_in, text_element)
