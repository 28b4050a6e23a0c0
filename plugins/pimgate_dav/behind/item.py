"""One item in Radicale's words. Its text is read from the store when something asks for it: a list does not."""

from __future__ import annotations

from radicale.item import Item as RadicaleItem
from radicale.storage import BaseCollection

from pimgate.api import Item, ItemHead, View
from pimgate_dav.properties.of_items import last_modified


class KeptItem(RadicaleItem):
    """An item of the store. Whatever Radicale writes of it are the octets that a client sent."""

    def __init__(self, collection: BaseCollection, head: ItemHead, view: View, text: str | None = None) -> None:
        is_card = head.component == "VCARD"
        super().__init__(
            collection=collection,
            href=head.name,
            etag=f'"{head.etag}"',
            uid=head.uid,
            name="VCARD" if is_card else "VCALENDAR",
            component_name=head.component,
            last_modified=last_modified(head),
            text=text or "",
        )
        self._head = head
        self._view = view
        self._is_read = text is not None

    def serialize(self) -> str:
        if not self._is_read:
            self._text = self._view.text(self._head)
            self._is_read = True
        return self._text or ""

    @property
    def vobject_item(self):  # type: ignore[no-untyped-def]
        """The text as a vobject tree; RuntimeError for one that vobject can't read."""
        self.serialize()
        return super().vobject_item


def kept_item(collection: BaseCollection, item: Item, view: View) -> KeptItem:
    return KeptItem(collection, item.head, view, item.text)
