"""A simulated phone: an ActiveSync client over real sockets that keeps its own model of what it was told.

    phone = Phone("http://127.0.0.1:8080", "alice@example.org", "a password", "ApplF0TEST", network=Network.lossy(7))
    phone.provision()
    phone.sync_folders()
    phone.sync()
    assert not phone.complaints

It behaves as phones do: what gets no answer is asked again with the same octets (or, if the person edited something meanwhile, with
the old key and more edits), edits wait until they are acknowledged, and an unknown key starts a folder anew. Whatever would
confuse a real phone is kept in `complaints`. One thread uses it at a time.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from pimgate.testing import phone_operations
from pimgate.testing import phone_questions as ask
from pimgate.testing.network import Network
from pimgate.testing.phone_copy import Edit, Fields, FolderCopy
from pimgate.testing.phone_folders import FIRST_KEY, Folder, FolderList
from pimgate.testing.phone_line import ANSWER_SECONDS, Facts, Line
from pimgate.testing.phone_memory import Memory
from pimgate_eas.wbxml.element import Element

IPHONE_AGENT = "Apple-iPhone14C2/2206.79"
MOST_ROUNDS = 500
UNSAID_FROM_16 = frozenset(
    f"Calendar:{name}" for name in ("UID", "DtStamp", "OrganizerName", "OrganizerEmail", "Exceptions")
)
"""What a phone leaves to the server from 16.0 on; exceptions it sends one by one. Source: MS-ASCAL, "UID", "DtStamp",
"OrganizerEmail", "Exceptions"."""


@dataclass(frozen=True, slots=True)
class PingAnswer:
    """`status` is ActiveSync's (1 nothing, 2 changes in `folders`, 7 folders changed; 0: a newer request took its place)."""

    status: int
    folders: tuple[str, ...] = ()
    seconds: float = 0.0


class Phone:
    """One device of one person."""

    def __init__(
        self,
        base_url: str,
        login: str,
        password: str,
        device_id: str,
        device_type: str = "iPhone",
        user_agent: str = IPHONE_AGENT,
        version: str = "16.1",
        network: Network | None = None,
        *,
        patience: int = 40,
    ) -> None:
        """`patience`: how often one question is asked before the phone gives up with Lost."""
        self.version = version
        self.device_id = device_id
        self.complaints: list[str] = []
        facts = Facts(login, password, device_id, device_type, user_agent, version)
        self._line = Line(base_url, facts, network or Network(), patience, self.complaints.append)
        self._list = FolderList(self.complaints.append)
        self._copies: dict[str, FolderCopy] = {}
        self._pinged: tuple[int, tuple[str, ...]] | None = None
        self._new_items = 0
        self._filters: dict[str, str] = {}
        self.restarts = 0
        """How often a folder was started anew because its key was unknown."""

    # What the phone has

    @property
    def folders(self) -> dict[str, Folder]:
        """The folders by ServerId."""
        return self._list.folders

    @property
    def items(self) -> dict[str, dict[str, Element]]:
        """The items by folder and ServerId, the phone's own edits included."""
        return {each.id: each.items for each in self._copies.values()}

    @property
    def waiting_edits(self) -> list[Edit]:
        """Edits that no answer has acknowledged."""
        return [edit for each in self._copies.values() for edit in each.edits]

    def waiting_edits_in(self, collection_id: str) -> list[Edit]:
        return self._copies[collection_id].edits if collection_id in self._copies else []

    @property
    def network(self) -> Network:
        return self._line.network

    @property
    def policy_key(self) -> str:
        return self._line.policy_key

    @property
    def is_wiped(self) -> bool:
        return self._line.is_wiped

    def folder_named(self, name: str, class_: str | None = None) -> str:
        """The ServerId of a folder. LookupError."""
        for server_id, folder in self.folders.items():
            if folder.name == name and class_ in (None, folder.class_):
                return server_id
        raise LookupError(f"the phone has no folder {name}")

    def call_when_lost(self, call: Callable[[], None]) -> None:
        """`call` is what the person does whenever an answer was lost, before the question is asked again."""
        self._line.when_lost = call

    def recall(self, memory: Memory) -> None:
        """Go on where another phone of this name stopped."""
        self._line.policy_key = memory.policy_key
        self._list.key, self._list.folders = memory.folder_key, dict(memory.folders)
        for collection_id, (key, items) in memory.copies.items():
            self._copy(collection_id).recall(key, items)

    # What the person does; it leaves with the next Sync

    def add(self, collection_id: str, data: Element) -> Edit:
        self._new_items += 1
        return self._copy(collection_id).add(f"{self.device_id[-8:]}{self._new_items}", data)

    def change(self, collection_id: str, item_id: str, fields: Fields) -> Edit:
        """Set these elements of an item (None removes one)."""
        return self._copy(collection_id).change(item_id, fields)

    def delete(self, collection_id: str, item_id: str) -> Edit:
        return self._copy(collection_id).delete(item_id)

    def delete_occurrence(self, collection_id: str, item_id: str, instance: str) -> Edit:
        """Delete one occurrence of a series, named by where the series has it (`20261203T090000Z`); from 16.0 on."""
        return self._copy(collection_id).delete_occurrence(item_id, instance)

    def look_back(self, class_: str, filter_type: str) -> None:
        """How far back the phone shows this class from now on: ActiveSync's FilterType."""
        self._filters[class_] = filter_type

    # Coming in

    def options(self) -> dict[str, list[str]]:
        """What the gateway offers: {"versions": [...], "commands": [...]}."""
        return self._line.options()

    def provision(self) -> None:
        """Both halves of the policy's exchange."""
        self._line.provision()

    def speak(self, version: str) -> None:
        """Speak another version of the protocol from now on, as a phone does after an update."""
        self.version = version
        self._line.facts = replace(self._line.facts, version=version)
        for copy in self._copies.values():
            copy.speak(*self._manner(copy.id))

    # Folders

    def sync_folders(self) -> list[tuple[str, str]]:
        """Ask until the list is current; gives what was told, as pairs ("Add", ServerId)."""
        told: list[tuple[str, str]] = []
        for _ in range(MOST_ROUNDS):
            before = self._list.key
            answer = self._line.ask("FolderSync", lambda: ask.folders(self._list.key))
            status = answer.text_of("FolderHierarchy:Status") if answer is not None else None
            if answer is not None and status == "9" and before != FIRST_KEY:
                self._list.key = FIRST_KEY
            elif answer is not None and status == "1":
                changes = self._list.take(answer)
                told += changes
                self._drop_copies({each for tag, each in changes if tag == "Delete"})
                if before != FIRST_KEY and not changes:
                    return told
            else:
                self._complain(f"FolderSync: status {status}")
                return told
        self._complain("FolderSync does not end")
        return told

    def create_folder(self, name: str, type_: str = "13") -> str:
        """Make a folder of the person's own: a calendar, or another by the number of its type. Gives ActiveSync's status."""
        question = partial(phone_operations.create_folder, name=name, type_=type_)
        return self._change_folder("FolderCreate", question, "", Folder(name, type_))

    def rename_folder(self, server_id: str, name: str) -> str:
        """Gives ActiveSync's status."""
        question = partial(phone_operations.rename_folder, server_id=server_id, name=name)
        return self._change_folder("FolderUpdate", question, server_id, replace(self.folders[server_id], name=name))

    def delete_folder(self, server_id: str) -> str:
        """Gives ActiveSync's status."""
        question = partial(phone_operations.delete_folder, server_id=server_id)
        return self._change_folder("FolderDelete", question, server_id, None)

    def _change_folder(
        self, command: str, question: Callable[[str], Element], server_id: str, folder: Folder | None
    ) -> str:
        answer = self._line.ask(command, lambda: question(self._list.key))
        status = answer.text_of("FolderHierarchy:Status") or "" if answer is not None else ""
        if answer is not None and status == "1":
            self._list.take_change(answer, server_id or answer.text_of("FolderHierarchy:ServerId") or "", folder)
            self._drop_copies(set())
        elif status in ("2", "4", "9"):
            self.sync_folders()
        return status

    def _drop_copies(self, deleted: set[str]) -> None:
        """A folder that went takes its items along, also if one of that name came back."""
        for gone in {each for each in self._copies if each in deleted or each not in self.folders}:
            for edit in self._copies.pop(gone).edits:
                edit.status = "12"

    def _copy(self, collection_id: str) -> FolderCopy:
        if collection_id not in self.folders:
            raise LookupError(f"the phone has no folder {collection_id}")
        if collection_id not in self._copies:
            self._copies[collection_id] = FolderCopy(collection_id, self._complain, *self._manner(collection_id))
        return self._copies[collection_id]

    def _manner(self, collection_id: str) -> tuple[frozenset[str], str]:
        """What this version leaves unsaid of a folder's items, and the class that it names beside the folder."""
        unsaid = UNSAID_FROM_16 if self.version.startswith("16") else frozenset()
        return unsaid, self.folders[collection_id].class_ if self.version == "12.1" else ""

    # Items

    def sync(self, collection_id: str | None = None, *, window: int = 100, changes: bool = True) -> None:
        """Send the waiting edits and fetch what is new, until there is nothing more; of all contacts, calendars, tasks and
        notes if no folder is named."""
        pending = [collection_id] if collection_id is not None else self._syncable()
        for _ in range(MOST_ROUNDS):
            if not pending:
                return
            pending = [each for each in self._sync_once(pending, window, changes=changes) if each in self.folders]
        self._complain(f"Sync does not end: {pending}")

    def sync_unchanged(self) -> bool:
        """An empty Sync, as phones send when nothing happened on their side; gives whether the gateway had nothing either. If
        it had, or wants the whole request, that follows."""
        answer = self._line.ask("Sync", lambda: None)
        if answer is None:
            return True
        if answer.text_of("AirSync:Status") != "13":
            self._take_answer(answer, list(self._copies.values()))
        self.sync()
        return False

    def _syncable(self) -> list[str]:
        return [server_id for server_id, folder in self.folders.items() if folder.class_ != "Email"]

    def _options(self, class_: str) -> Element:
        return ask.sync_options(class_, self._filters.get(class_, "0"))

    def _sync_once(self, collection_ids: Iterable[str], window: int, *, changes: bool) -> list[str]:
        """One question about these folders, and its answer; gives those to ask about again."""
        copies = [self._copy(each) for each in collection_ids]

        def question() -> Element:
            return ask.sync(
                copy.question(window, changes=changes, options=self._options(self.folders[copy.id].class_))
                for copy in copies
                if copy.id in self.folders
            )

        answer = self._line.ask("Sync", question)
        status = answer.text_of("AirSync:Status", "1") if answer is not None else "1"
        if status != "1":
            return self._sync_failed(status or "", [copy.id for copy in copies])
        return self._take_answer(answer, copies)

    def _take_answer(self, answer: Element | None, copies: list[FolderCopy]) -> list[str]:
        """Take the part of an answer that belongs to each folder; gives the folders to ask about again."""
        told = answer.path("AirSync:Collections", "AirSync:Collection") if answer is not None else []
        if answer is not None and answer.has("AirSync:Collections") and not told:
            self._complain("Sync: an empty Collections")
        parts = {part.text_of("AirSync:CollectionId") or "": part for part in told}
        again: list[str] = []
        for copy in copies:
            part = parts.pop(copy.id, None)
            if part is None:
                copy.not_answered()
            else:
                again += self._take_part(copy, part)
        for stranger in parts:
            self._complain(f"Sync: an answer about {stranger}, which was not asked for")
        return again

    def _take_part(self, copy: FolderCopy, part: Element) -> list[str]:
        status = part.text_of("AirSync:Status") or ""
        if status == "1":
            return [copy.id] if copy.take(part) else []
        return self._sync_failed(status, [copy.id])

    def _sync_failed(self, status: str, collection_ids: list[str]) -> list[str]:
        """What a phone does about a status that is not 1; gives the folders to ask about again."""
        if status == "3":
            self.restarts += len(collection_ids)
            for each in collection_ids:
                self._copy(each).start_anew()
        elif status in ("5", "16"):
            self._line.when_busy()
        elif status in ("8", "12"):
            if not self.sync_folders() and any(each in self.folders for each in collection_ids):
                self._complain(f"Sync: status {status}, and FolderSync tells nothing new")
                return []
        elif status != "13":
            self._complain(f"Sync: status {status}")
            return []
        return collection_ids

    def move(self, item_ids: Iterable[str], source: str, target: str) -> dict[str, str]:
        """Move items whose edits are acknowledged into another folder; gives ActiveSync's status of each (3: it was moved)."""
        asked = phone_operations.move(item_ids, source, target)
        answer = self._line.ask("MoveItems", lambda: asked)
        told = phone_operations.moved(answer) if answer is not None else {}
        if set(told) != {each.text_of("Move:SrcMsgId") for each in asked.children}:
            self._complain("MoveItems: the answer is about other items")
        for item_id, (status, new_id) in told.items():
            if status == "3" and item_id in self.items.get(source, {}):
                self._copy(target).receive(new_id, self._copy(source).give(item_id))
        return {item_id: status for item_id, (status, _) in told.items()}

    def estimate(self, collection_id: str) -> int:
        """How many items a Sync would bring, as the gateway says."""
        class_ = self.folders[collection_id].class_
        key, options = self._copy(collection_id).key, self._options(class_)
        said = class_ if self.version == "12.1" else ""
        answer = self._line.ask("GetItemEstimate", lambda: phone_operations.estimate(collection_id, key, options, said))
        responses = answer.find_all("GetItemEstimate:Response") if answer is not None else []
        status = responses[0].text_of("GetItemEstimate:Status") if responses else None
        if status != "1":
            self._complain(f"GetItemEstimate: status {status}")
            return 0
        return int(responses[0].path("GetItemEstimate:Collection")[0].text_of("GetItemEstimate:Estimate") or "0")

    def fetch(self, collection_id: str, item_id: str) -> Element | None:
        """The data of a single item, as the gateway has it now; None if it has no such item."""
        return self._fetched(phone_operations.fetch_item(collection_id, item_id))

    def fetch_file(self, reference: str, span: tuple[int, int] | None = None) -> bytes | None:
        """The octets of a file that an item speaks of, or some of them; None if there is no such file."""
        found = self._fetched(phone_operations.fetch_file(reference, span))
        return None if found is None else base64.b64decode(found.text_of("ItemOperations:Data") or "")

    def _fetched(self, asked: Element) -> Element | None:
        answer = self._line.ask("ItemOperations", lambda: asked)
        found = answer.path("ItemOperations:Response", "ItemOperations:Fetch") if answer is not None else []
        if len(found) != 1:
            self._complain(f"ItemOperations: {len(found)} answers to one question")
        return found[0].find("ItemOperations:Properties") if found else None

    def validate(self, certificates: Iterable[bytes], chain: Iterable[bytes] = ()) -> list[str]:
        """ActiveSync's status of each certificate (DER); 1 for one that may be believed."""
        asked = phone_operations.validate(certificates, chain)
        answer = self._line.ask("ValidateCert", lambda: asked)
        found = answer.find_all("ValidateCert:Certificate") if answer is not None else []
        return [each.text_of("ValidateCert:Status") or "" for each in found]

    # Waiting and searching

    def ping(self, heartbeat: int = 60, folders: Iterable[str] | None = None) -> PingAnswer:
        """Wait for news from these folders (all contacts, calendars, tasks and notes). The same question as last time is sent
        without a body, as phones do."""
        watched = tuple(self._syncable() if folders is None else folders)
        begun = time.monotonic()
        answer = self._ping_once(heartbeat, watched)
        if answer is not None and answer.text_of("Ping:Status") == "5":
            heartbeat = int(answer.text_of("Ping:HeartbeatInterval") or "0")
            answer = self._ping_once(heartbeat, watched)
        status = answer.text_of("Ping:Status") or "" if answer is not None else "0"
        if status in ("1", "2"):
            self._pinged = (heartbeat, watched)
        elif status not in ("0", "7"):
            self._complain(f"Ping: status {status}")
        named = [each.text or "" for each in answer.path("Ping:Folders", "Ping:Folder")] if answer is not None else []
        if (status == "2") != bool(named) or not set(named) <= set(watched):
            self._complain(f"Ping: status {status} names {named}")
        return PingAnswer(int(status or 0), tuple(named), time.monotonic() - begun)

    def _ping_once(self, heartbeat: int, watched: tuple[str, ...]) -> Element | None:
        seconds = heartbeat + ANSWER_SECONDS
        if self._pinged == (heartbeat, watched):
            answer = self._line.ask("Ping", lambda: None, seconds)
            if answer is None or answer.text_of("Ping:Status") != "3":
                return answer
        whole = ask.ping(heartbeat, [(each, self._class_of(each)) for each in watched])
        return self._line.ask("Ping", lambda: whole, seconds)

    def _class_of(self, folder: str) -> str:
        return self.folders[folder].class_ if folder in self.folders else "Email"

    def search(self, query: str, most: int = 100) -> list[dict[str, str]]:
        """Directory entries that fit, each by tag: {"DisplayName": ..., "EmailAddress": ...}."""
        answer = self._line.ask("Search", lambda: ask.search(query, most))
        stores = answer.path("Search:Response", "Search:Store") if answer is not None else []
        status = stores[0].text_of("Search:Status") if stores else None
        if status != "1":
            self._complain(f"Search: status {status}")
            return []
        found = stores[0].path("Search:Result", "Search:Properties")
        return [{each.tag: each.text or "" for each in properties.children} for properties in found]

    def free_busy(self, address: str, start: str, end: str) -> str:
        """A digit for each half hour of somebody's time: 0 free, 1 perhaps taken, 2 taken, 3 away, 4 not known."""
        asked = ask.free_busy(address, start, end)
        answer = self._line.ask("ResolveRecipients", lambda: asked)
        names = [f"ResolveRecipients:{each}" for each in ("Response", "Recipient", "Availability", "MergedFreeBusy")]
        return "".join(each.text or "" for each in answer.path(*names)) if answer is not None else ""

    def respond(self, responses: Iterable[ask.Response]) -> list[Element]:
        """Answer invitations; gives the Result of each."""
        asked = ask.meeting_response(responses, self.version)
        answer = self._line.ask("MeetingResponse", lambda: asked)
        return answer.find_all("MeetingResponse:Result") if answer is not None else []

    def _complain(self, words: str) -> None:
        self.complaints.append(words)
