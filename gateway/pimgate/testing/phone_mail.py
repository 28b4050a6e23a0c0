"""A simulated phone that reads mail: it says of a message only what changed, and keeps what it was not told anew.

phone = MailPhone("http://127.0.0.1:8080", "alice@example.org", "a password", "ApplF0TEST")
phone.sync_folders()
phone.sync(phone.folder_named("Inbox"))
phone.subjects(phone.folder_named("Inbox"))           {"Lunch": "c7:12"}
phone.read(inbox, "c7:12"); phone.flag(inbox, "c7:12"); phone.sync(inbox)
"""

from __future__ import annotations

from collections.abc import Callable

from pimgate.testing.phone import Phone
from pimgate.testing.phone_copy import Edit, FolderCopy, Op, with_fields
from pimgate_eas.wbxml.element import Element

MAIL_TYPES = ("2", "3", "4", "5", "12")
DATA = "AirSync:ApplicationData"


class MailCopy(FolderCopy):
    """One mail folder on the phone."""

    def _command(self, edit: Edit) -> Element:
        if edit.op is not Op.CHANGE:
            return super()._command(edit)
        edit.is_sent = True
        said = with_fields(Element(DATA), edit.fields)
        return Element("AirSync:Change", Element("AirSync:ServerId", text=edit.id), said)

    def _obey(self, command: Element, deleted: set[str]) -> None:
        server_id, data = command.text_of("AirSync:ServerId") or "", command.find(DATA)
        if command.tag == "Add" and (data is None or not data.has("AirSyncBase:Body")):
            self._complain(f"Add of {server_id} without a body")
        if command.tag == "Change" and data is not None and server_id in self.items:
            told: dict[str, str | Element | None] = {each.name: each for each in data.children}
            whole = with_fields(self.items[server_id], told)
            command = Element(command.name, Element("AirSync:ServerId", text=server_id), whole)
        super()._obey(command, deleted)


class MailPhone(Phone):
    """`preview_bytes`: how much of a text it wants with a message."""

    preview_bytes = 512

    @property
    def mail_folders(self) -> dict[str, str]:
        """ServerIds by name."""
        return {each.name: server_id for server_id, each in self.folders.items() if each.type in MAIL_TYPES}

    def subjects(self, folder: str) -> dict[str, str]:
        """The messages of a folder by subject, with their ServerIds."""
        return {data.text_of("Email:Subject") or "": item_id for item_id, data in self.items.get(folder, {}).items()}

    def counted(self, folder: str) -> int:
        return len(self.items.get(folder, {}))

    def is_read(self, folder: str, subject: str) -> bool:
        return self.message(folder, subject).text_of("Email:Read") == "1"

    def is_flagged(self, folder: str, subject: str) -> bool:
        return flag_of(self.message(folder, subject)).get("Email:Status") == "2"

    def message(self, folder: str, subject: str) -> Element:
        return self.items[folder][self.subjects(folder)[subject]]

    def when_busy(self, call: Callable[[], None]) -> None:
        """`call` is what happens before a question is asked again that the gateway could not answer now."""
        self._line.when_busy = call

    # What the person does

    def read(self, folder: str, item_id: str, *, is_read: bool = True) -> Edit:
        return self.change(folder, item_id, {"Email:Read": "1" if is_read else "0"})

    def flag(self, folder: str, item_id: str, *, is_flagged: bool = True, **fields: str) -> Edit:
        """`fields` are those of tasks: DueDate="2026-12-01T00:00:00.000Z"."""
        status = Element("Email:Status", text="2"), Element("Email:FlagType", text="Flag for follow up")
        tasks = (Element(f"Tasks:{name}", text=value) for name, value in fields.items())
        flag = Element("Email:Flag", *status, *tasks) if is_flagged else Element("Email:Flag")
        return self.change(folder, item_id, {"Email:Flag": flag})

    # What it says

    def _syncable(self) -> list[str]:
        """Mail folders are synchronised from when they were opened first."""
        return [*super()._syncable(), *(each for each in self._copies if self.folders[each].type in MAIL_TYPES)]

    def _copy(self, collection_id: str) -> FolderCopy:
        is_new = collection_id not in self._copies and collection_id in self.folders
        if is_new and self.folders[collection_id].type in MAIL_TYPES:
            self._copies[collection_id] = MailCopy(collection_id, self._complain, *self._manner(collection_id))
        return super()._copy(collection_id)

    def _options(self, class_: str) -> Element:
        if class_ != "Email":
            return super()._options(class_)
        body = Element(
            "AirSyncBase:BodyPreference",
            Element("AirSyncBase:Type", text="1"),
            Element("AirSyncBase:TruncationSize", text=str(self.preview_bytes)),
        )
        return Element("AirSync:Options", Element("AirSync:FilterType", text=self._filters.get(class_, "0")), body)


def flag_of(message: Element) -> dict[str, str]:
    """The children of a message's Flag."""
    flag = message.find("Email:Flag")
    return {each.name: each.text or "" for each in flag.children} if flag is not None else {}
