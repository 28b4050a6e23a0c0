"""What a report wants of each item, and the part of its answer for each: properties, and the text if that was asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from xml.etree.ElementTree import Element

from pimgate.api import Item, ItemId, View
from pimgate_dav.attachments.shown import shown
from pimgate_dav.forms.asked import form_of
from pimgate_dav.forms.zones import Form, as_it_is
from pimgate_dav.names import dav
from pimgate_dav.preferences import NO_HEADERS, wants_minimal
from pimgate_dav.properties.asking import Mode, Wanted, named_in
from pimgate_dav.properties.many_items import DATA, ItemResponses
from pimgate_dav.properties.of_items import Known
from pimgate_dav.scheduling import tags
from pimgate_dav.visit import Visit


@dataclass(frozen=True, slots=True)
class Report:
    """What a report wants of each item: properties, its text among them or not, and in which form the text is given."""

    wanted: Wanted
    form: Form = as_it_is

    @property
    def needs_text(self) -> bool:
        return any(name in self.wanted.names for name in DATA.values())


def report_of(root: Element, headers: Mapping[str, str] = NO_HEADERS, zone: tzinfo = UTC) -> Report:
    """What the `prop` of a report asks for; floating times are meant in `zone`. Precondition for a form of the text that is not
    known."""
    mode = Mode.ALL if root.find(dav("allprop")) is not None else Mode.NAMED
    prop = root.find(dav("prop"))
    wanted = Wanted(mode, named_in(prop), wants_minimal(headers))
    return Report(wanted, form_of(prop, headers, zone))


class Rows:
    """The response elements of one report's items."""

    def __init__(self, visit: Visit, view: View, report: Report) -> None:
        self._visit, self._view = visit, view
        self._responses = ItemResponses(visit, view, report.wanted, gives_texts=True)
        self._form = report.form
        self._wants_tags = tags.PROPERTY in report.wanted.names

    @property
    def needs_text(self) -> bool:
        return self._responses.needs_text

    def expect(self, ids: Iterable[ItemId]) -> None:
        """Say which items are next, where they are not all of the collection."""
        self._responses.expect(ids)

    def of(self, item: Item) -> str:
        text = shown(self._visit, item.head, self._form(item.text)) if self.needs_text else ""
        if self._wants_tags and self.needs_text:
            tags.note_tag(self._visit, self._view, item)
        return self._responses.of(item.head, text)

    def of_head(self, head: Known) -> str:
        """The same, where no text was asked for."""
        return self._responses.of(head)
