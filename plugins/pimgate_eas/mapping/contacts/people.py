"""People around a person: spouse, children, assistant and manager.

There is no property for them that all programs share. Whichever a card has is read and edited in place; a new one is
written as Roundcube and others do.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

from pimgate.text.lines import Line, escape, make_line
from pimgate_eas.mapping.contacts.card import Card
from pimgate_eas.mapping.editing import text_of
from pimgate_eas.mapping.rows import TEXT, Row, Words, distinct


@dataclass(frozen=True, slots=True)
class Relation:
    """Where a kind of relation stands in a card: as one of `names` (the first one for a new line), under Apple's
    label `word`, or in RELATED with TYPE `word`."""

    tag: str
    word: str
    names: tuple[str, ...]

    def holds(self, card: Card, line: Line) -> bool:
        if line.name in self.names:
            return True
        if line.name == "X-ABRELATEDNAMES":
            return card.label(line).strip("_$!<>").upper() == self.word
        is_link = ":" in line.value and "TEXT" not in line.param("VALUE")
        return line.name == "RELATED" and self.word in line.param("TYPE") and not is_link


SINGLE: Final = (
    Relation("Contacts:Spouse", "SPOUSE", ("X-SPOUSE", "X-EVOLUTION-SPOUSE", "X-KADDRESSBOOK-X-SPOUSESNAME")),
    Relation(
        "Contacts:AssistantName",
        "ASSISTANT",
        ("X-ASSISTANT", "X-EVOLUTION-ASSISTANT", "X-KADDRESSBOOK-X-ASSISTANTSNAME"),
    ),
    Relation("Contacts2:ManagerName", "MANAGER", ("X-MANAGER", "X-EVOLUTION-MANAGER", "X-KADDRESSBOOK-X-MANAGERSNAME")),
)
CHILD: Final = Relation("Contacts:Children", "CHILD", ("X-CHILD",))


def fill(card: Card) -> None:
    """Put the first line of each single relation into its slot."""
    for relation in SINGLE:
        card.fill((relation.tag,), _lines(card, relation))


def _lines(card: Card, relation: Relation) -> list[Line]:
    return [line for line in card.component.lines if line.value.strip() and relation.holds(card, line)]


def _person(relation: Relation, card: Card) -> str:
    return card.text(relation.tag)


def _put_person(relation: Relation, card: Card, text: str) -> None:
    card.put_text(relation.tag, text, relation.names[0])


def _children(card: Card) -> tuple[str, ...]:
    return distinct(text_of(line) for line in _lines(card, CHILD))


def _put_children(card: Card, names: tuple[str, ...]) -> None:
    """Lines of children that are still named stay; the others go, and new ones come at the end."""
    shown, known = _children(card), set()
    for line in _lines(card, CHILD):
        name = text_of(line)
        known.add(name)
        if name in shown and name not in names:
            card.component.remove(line)
    for name in names:
        if name not in known:
            card.component.add(make_line(CHILD.names[0], escape(name)))


PEOPLE: Final = tuple(
    Row(relation.tag, partial(_person, relation), partial(_put_person, relation), TEXT) for relation in SINGLE
)
CHILDREN: Final = Row(CHILD.tag, _children, _put_children, Words("Contacts:Child"))
