"""What a simulated phone has of one folder: the items as it was told, and its own edits that wait for an acknowledgement.

Pure: a question out, an answer in. It behaves as phones do: an edit is kept until it is acknowledged, with the same ClientId
however often it is sent; what the server says of an item wins over the copy, and edits that were not sent yet are laid
over it again. Everything at which a real phone would misbehave is a complaint.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from pimgate_eas.wbxml.element import Element

FIRST_KEY = "0"
EDITS_IN_ONE_SYNC = 100
OK, BAD_ITEM, CONFLICT, NOT_FOUND, NO_SPACE = "1", "6", "7", "8", "9"
STARTED = "Calendar:ExceptionStartTime"
REFUSALS = ("5", BAD_ITEM, CONFLICT, NOT_FOUND, NO_SPACE)

Fields = Mapping[str, str | Element | None]


class Op(Enum):
    ADD = "Add"
    CHANGE = "Change"
    DELETE = "Delete"


@dataclass(slots=True, eq=False)
class Edit:
    """An edit of the phone's own. `id` is the ServerId, of a new item the ClientId; `fields` are the elements a change sets (None
    removes one), `data` is the whole of a new item; `instance` names the one
    occurrence of a series that is deleted. `status` is what became of it, None while it waits; `server_id` is known once a new
    item was accepted."""

    op: Op
    id: str
    fields: dict[str, str | Element | None] = field(default_factory=dict)
    data: Element | None = None
    status: str | None = None
    server_id: str = ""
    is_sent: bool = False
    is_unwanted: bool = False
    instance: str = ""

    @property
    def is_accepted(self) -> bool:
        return self.status == OK


class FolderCopy:
    """One folder on the phone. `complain` takes a sentence; `unsaid` are elements that a phone of this version hears and never
    says; `class_` is its class where this version names it beside the folder, as 12.1 does."""

    def __init__(
        self,
        collection_id: str,
        complain: Callable[[str], None],
        unsaid: frozenset[str] = frozenset(),
        class_: str = "",
    ) -> None:
        self.id = collection_id
        self.speak(unsaid, class_)
        self.key = FIRST_KEY
        self.items: dict[str, Element] = {}
        self.edits: list[Edit] = []
        self._gone: set[str] = set()
        self._sent: list[Edit] = []
        self._complaint = complain

    def recall(self, key: str, items: Mapping[str, Element]) -> None:
        """Have these items under this key."""
        self.key, self.items = key, dict(items)

    def speak(self, unsaid: frozenset[str], class_: str) -> None:
        """Speak another version from now on."""
        self._unsaid = unsaid | {"AirSyncBase:NativeBodyType"}
        self._class = class_

    def _complain(self, words: str) -> None:
        self._complaint(f"{self.id}: {words}")

    # What the person does

    def add(self, client_id: str, data: Element) -> Edit:
        edit = Edit(Op.ADD, client_id, data=data)
        self.edits.append(edit)
        return edit

    def change(self, item_id: str, fields: Fields) -> Edit:
        """`item_id` is a ServerId, or the ClientId of a new item that is not acknowledged yet."""
        waiting = self._waiting(item_id)
        if waiting is not None and waiting.data is not None:
            waiting.data = with_fields(waiting.data, fields)
            return waiting
        self.items[item_id] = with_fields(self.items[item_id], fields)
        if waiting is not None:
            waiting.fields.update(fields)
            return waiting
        edit = Edit(Op.CHANGE, item_id, dict(fields))
        self.edits.append(edit)
        return edit

    def delete(self, item_id: str) -> Edit:
        waiting = self._waiting(item_id)
        if waiting is not None and waiting.op is Op.ADD:
            # Once it may have reached the server, only its ServerId can take it back.
            waiting.is_unwanted = True
            if not waiting.is_sent:
                self.edits.remove(waiting)
            return waiting
        if waiting is not None:
            self.edits.remove(waiting)
        del self.items[item_id]
        edit = Edit(Op.DELETE, item_id)
        self.edits.append(edit)
        return edit

    def delete_occurrence(self, item_id: str, instance: str) -> Edit:
        """As phones do from 16.0 on; `instance` is where the series has it."""
        edit = Edit(Op.DELETE, item_id, instance=instance)
        self.edits.append(edit)
        return edit

    def give(self, item_id: str) -> Element:
        """The data of an item that was moved away from here."""
        self._gone.add(item_id)
        return self.items.pop(item_id)

    def receive(self, item_id: str, data: Element) -> None:
        """An item that was moved here, under its new id. A folder that was never synchronised gets it with everything else."""
        if item_id in self.items or item_id in self._gone:
            self._complain(f"an item that was moved here got an id that is taken: {item_id}")
        if self.key != FIRST_KEY:
            self.items[item_id] = data

    def _waiting(self, item_id: str) -> Edit | None:
        return next((edit for edit in self.edits if edit.id == item_id and not edit.instance), None)

    # The question

    def question(self, window: int, *, changes: bool, options: Element | None) -> Element:
        """The next question about this folder, its waiting edits included."""
        asked = Element(
            "AirSync:Collection",
            *([Element("AirSync:Class", text=self._class)] if self._class else []),
            Element("AirSync:SyncKey", text=self.key),
            Element("AirSync:CollectionId", text=self.id),
        )
        self._sent = []
        if self.key == FIRST_KEY:
            return asked
        asked.append(Element("AirSync:GetChanges", text="1" if changes else "0"))
        asked.append(Element("AirSync:WindowSize", text=str(window)))
        if options is not None:
            asked.append(options)
        self._sent = self.edits[:EDITS_IN_ONE_SYNC]
        if self._sent:
            asked.append(Element("AirSync:Commands", *(self._command(edit) for edit in self._sent)))
        return asked

    def _command(self, edit: Edit) -> Element:
        edit.is_sent = True
        if edit.op is Op.ADD:
            assert edit.data is not None
            return Element("AirSync:Add", Element("AirSync:ClientId", text=edit.id), _data(edit.data))
        name = Element("AirSync:ServerId", text=edit.id)
        if edit.op is Op.DELETE and edit.instance:
            return Element("AirSync:Delete", name, Element("AirSyncBase:InstanceId", text=edit.instance))
        if edit.op is Op.DELETE:
            return Element("AirSync:Delete", name)
        whole = self.items.get(edit.id)
        return Element(
            "AirSync:Change", name, self._typed(whole if whole is not None else with_fields(_data(), edit.fields))
        )

    def _typed(self, data: Element) -> Element:
        """An item as the phone says it: all that it has, but for what only servers say."""
        said = [child for child in data.children if child.name not in self._unsaid]
        return _data(
            Element(data.name, *(_body(child) if child.name == "AirSyncBase:Body" else child for child in said))
        )

    # The answer

    def start_anew(self) -> None:
        """The server does not know the key: everything is fetched again; edits are kept."""
        self.key = FIRST_KEY
        self.items = {}
        self._gone = set()

    def take(self, answer: Element) -> bool:
        """Take what the server says (a Collection with status 1); gives whether to ask again at once."""
        is_first = self.key == FIRST_KEY
        self._check_form(answer)
        self.key = answer.text_of("AirSync:SyncKey") or FIRST_KEY
        if self.key == FIRST_KEY:
            self._complain("an answer without a SyncKey")
        sent, self._sent = self._sent, []
        commands = [command for each in answer.path("AirSync:Commands") for command in each.children]
        given_back = {each.text_of("AirSync:ServerId") for each in commands if each.tag == "Add"}
        self._resolve(sent, answer.path("AirSync:Responses"), given_back)
        deleted = {edit.id for edit in sent if edit.op is Op.DELETE and not edit.instance}
        for command in commands:
            self._obey(command, deleted)
        has_more = answer.has("AirSync:MoreAvailable")
        if has_more and not commands and not sent:
            self._complain("MoreAvailable without any progress")
        return has_more or is_first or bool(self.edits)

    def not_answered(self) -> None:
        """The answer does not speak of this folder: nothing changed there."""
        if self._sent:
            self._complain("edits were sent and the answer does not speak of the folder")

    def _check_form(self, answer: Element) -> None:
        names = [child.tag for child in answer.children]
        if (answer.text_of("AirSync:Class") or "") != self._class:
            self._complain("the answer does not name the class as the question did")
        for container in ("Commands", "Responses"):
            if any(not found.children for found in answer.find_all(f"AirSync:{container}")):
                self._complain(f"an empty {container}")
        if "MoreAvailable" in names and "Commands" in names and names.index("MoreAvailable") > names.index("Commands"):
            self._complain("MoreAvailable comes after Commands")

    def _resolve(self, sent: list[Edit], responses: list[Element], given_back: set[str | None]) -> None:
        """What became of the edits that were sent. Only new items and refusals are answered by name; a deleted item that comes
        back in the same answer was changed by somebody else."""
        told: dict[tuple[str, str], Element] = {}
        for response in (each for group in responses for each in group.children):
            name = response.text_of("AirSync:ClientId" if response.tag == "Add" else "AirSync:ServerId") or ""
            told[(response.tag, name)] = response
        for edit in sent:
            response_to = told.pop((edit.op.value, edit.id), None)
            if edit.op is Op.ADD:
                self._resolve_add(edit, response_to)
                continue
            status = OK if response_to is None else response_to.text_of("AirSync:Status") or ""
            if edit.op is Op.DELETE and status in (OK, NOT_FOUND):
                status = CONFLICT if edit.id in given_back else OK
            self._settle(edit, status)
            if edit.op is Op.DELETE and edit.is_accepted:
                self._lose(edit)
        for tag, name in told:
            if tag != "Fetch":
                self._complain(f"a response to {tag} {name}, which was not asked for")

    def _lose(self, edit: Edit) -> None:
        """What the phone deleted is gone from its copy; of one occurrence it is not told again."""
        if not edit.instance:
            self._gone.add(edit.id)
        elif edit.id in self.items:
            self.items[edit.id] = without_occurrence(self.items[edit.id], edit.instance)

    def _resolve_add(self, edit: Edit, response: Element | None) -> None:
        if response is None:
            self._complain(f"no response to the new item {edit.id}")
            return
        self._settle(edit, response.text_of("AirSync:Status") or "")
        if not edit.is_accepted:
            return
        edit.server_id = response.text_of("AirSync:ServerId") or ""
        if not edit.server_id or edit.server_id in self.items or edit.server_id in self._gone:
            self._complain(f"the new item {edit.id} got an id that is missing or taken: {edit.server_id!r}")
        assert edit.data is not None
        self.items[edit.server_id] = edit.data
        if edit.is_unwanted:
            self.delete(edit.server_id)

    def _settle(self, edit: Edit, status: str) -> None:
        edit.status = status
        self.edits.remove(edit)
        if status != OK and status not in REFUSALS:
            self._complain(f"status {status} for {edit.op.value} {edit.id}")

    def _obey(self, command: Element, deleted: set[str]) -> None:
        server_id = command.text_of("AirSync:ServerId") or ""
        waiting = self._waiting(server_id)
        if command.tag in ("Delete", "SoftDelete"):
            self._forget(server_id, waiting, is_known=server_id in deleted)
            if command.tag == "SoftDelete":  # it is only out of sight, and may come back
                self._gone.discard(server_id)
            return
        data = command.find("AirSync:ApplicationData")
        if command.tag not in ("Add", "Change") or data is None:
            self._complain(f"{command.tag} of {server_id} makes no sense")
            return
        self._check_known(command.tag, server_id, waiting)
        self._gone.discard(server_id)
        if waiting is not None and waiting.op is Op.DELETE:
            return
        self.items[server_id] = with_fields(data, waiting.fields if waiting else {})

    def _check_known(self, tag: str, server_id: str, waiting: Edit | None) -> None:
        if tag == "Add" and server_id in self.items:
            self._complain(f"Add of {server_id}, which is here already")
        if tag == "Add" and server_id in self._gone:
            self._complain(f"Add of {server_id}, an id that was used before")
        if tag == "Change" and server_id not in self.items and waiting is None:
            self._complain(f"Change of {server_id}, which was never added")

    def _forget(self, server_id: str, waiting: Edit | None, *, is_known: bool) -> None:
        if self.items.pop(server_id, None) is None and waiting is None and not is_known:
            self._complain(f"Delete of {server_id}, which is not here")
        self._gone.add(server_id)
        if waiting is not None:
            waiting.status = NOT_FOUND  # also of a deletion: the item may have been moved, and what is moved stays
            self.edits.remove(waiting)


def with_fields(data: Element, fields: Fields) -> Element:
    """A copy of an item's data in which these elements are set; None removes one."""
    kept = [child for child in data.children if child.name not in fields]
    for name, value in fields.items():
        if value is not None:
            kept.append(value if isinstance(value, Element) else Element(name, text=value))
    return _data(Element(data.name, *kept))


def without_occurrence(data: Element, instance: str) -> Element:
    """A copy of a series in which this occurrence (`20261203T090000Z`) is an exception: deleted."""
    known = data.find("Calendar:Exceptions")
    others = [each for each in known.children if each.text_of(STARTED) != instance] if known is not None else []
    gone = Element("Calendar:Exception", Element("Calendar:Deleted", text="1"), Element(STARTED, text=instance))
    return with_fields(data, {"Calendar:Exceptions": Element("Calendar:Exceptions", *others, gone)})


def _body(heard: Element) -> Element:
    """A body as a phone says it: its type and its text, without the server's measures."""
    return Element(heard.name, *(part for part in heard.children if part.tag in ("Type", "Data")))


def _data(of: Element | None = None) -> Element:
    return Element("AirSync:ApplicationData", *(of.children if of is not None else ()))
