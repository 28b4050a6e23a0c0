"""CATEGORIES of cards and events as a container of Category elements."""

from __future__ import annotations

from pimgate.text.component import Component
from pimgate.text.lines import escape, split_unescaped, unescape
from pimgate_eas.mapping.editing import put
from pimgate_eas.mapping.rows import distinct
from pimgate_eas.mapping.words import clean


def categories(component: Component) -> tuple[str, ...]:
    """As many as a device can hold."""
    return distinct(_every(component))


def put_categories(component: Component, words: tuple[str, ...]) -> None:
    """All of them in the first line, with those that were too many to be shown."""
    shown = {*categories(component), *words}
    words += tuple(word for word in dict.fromkeys(_every(component)) if word and word not in shown)
    lines = component.all("CATEGORIES")
    for line in lines[1:] if words else lines:
        component.remove(line)
    if words:
        put(component, "CATEGORIES", ",".join(map(escape, words)))


def _every(component: Component) -> list[str]:
    values = (value for line in component.all("CATEGORIES") for value in split_unescaped(line.decoded, ","))
    return [clean(unescape(value)) for value in values]
