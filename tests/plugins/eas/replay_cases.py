"""The rows of the matrix of repetition: every command that changes something, made ready on a wire in its dialect.

Each function brings the device so far that it may ask, and gives the `Case`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.meetings import ANNA, BERT, guest, meeting
from gateway.texts import event
from pimgate import scheduling
from pimgate.api import absences, device_notes
from pimgate.model.collections import CollectionId
from pimgate_eas.versions import is_16
from pimgate_eas.wbxml.element import Element
from plugins.eas.replaying import Case, Effects
from plugins.eas.test_folder_changes import creation, deletion, renaming
from plugins.eas.test_folder_changes import key_of as folder_key
from plugins.eas.test_meetingresponse import request, responses, sent
from plugins.eas.test_move_items import card, fetched, made_collection, moving, put
from plugins.eas.test_provision import policy_of
from plugins.eas.test_provision import question as policy_question
from plugins.eas.test_settings_command import message, oof, s
from plugins.eas.wire import Wire, add, change, collection, contact, delete, folder_sync, key_of, sync

JOB = Element("Contacts:JobTitle", text="Pilot")


def book_of(wire: Wire) -> str:
    return wire.folders()["Contacts"]


def asked(wire: Wire, folder: str, key: str, *commands: Element, class_: str = "Contacts") -> Element:
    """A Sync of one folder, as the dialect writes it."""
    part = collection(folder, key, commands=commands)
    if wire.version == "12.1":
        part = Element(part.name, Element("AirSync:Class", text=class_), *part.children)
    return sync(part)


def with_next_key(wire: Wire, folder: str, class_: str = "Contacts") -> Callable[[Element], tuple[str, Element]]:
    """A further edit, under the key of the answer."""

    def onward(answer: Element) -> tuple[str, Element]:
        [part] = answer.path("AirSync:Collections", "AirSync:Collection")
        return "Sync", asked(wire, folder, key_of(part), add("c9", *contact("Next", "Edit")), class_=class_)

    return onward


def sync_add(wire: Wire) -> Case:
    book = book_of(wire)
    key, new = wire.begin(book), add("c1", *contact("Ann", "Alpha"))
    both = asked(wire, book, key, new, add("c2", *contact("Bea", "Beta")))
    one_more = Effects(items=1, lines=1)
    return Case("Sync", asked(wire, book, key, new), one_more, both, one_more, with_next_key(wire, book), outdated="3")


def sync_change(wire: Wire) -> Case:
    book = book_of(wire)
    item = card(wire, book, "ann")
    key, edit = fetched(wire, book), change(item, *contact("Ann", "Alpha"))
    both = asked(wire, book, key, change(item, *contact("Ann", "Alpha"), JOB))
    line = Effects(lines=1)
    return Case("Sync", asked(wire, book, key, edit), line, both, line, with_next_key(wire, book), outdated="3")


def sync_delete(wire: Wire) -> Case:
    book = book_of(wire)
    items = [card(wire, book, name) for name in ("ann", "bea")]
    key, gone = fetched(wire, book), Effects(items=-1, lines=1)
    question, both = asked(wire, book, key, delete(items[0])), asked(wire, book, key, *map(delete, items))
    return Case("Sync", question, gone, both, gone, with_next_key(wire, book), outdated="3")


def sync_first(wire: Wire) -> Case:
    book = book_of(wire)
    return Case("Sync", asked(wire, book, "0"), Effects())


def occurrence_deleted(wire: Wire) -> Case:
    """One occurrence of a series: named by InstanceId from 16.0 on, an exception within the series before."""
    calendar = wire.folders()["Calendar"]
    series = event("daily", "20261201T090000Z", "Daily", "RRULE:FREQ=DAILY;COUNT=9")
    item = put(wire, calendar, "daily.ics", series)
    key = fetched(wire, calendar)

    def gone(*days: int) -> Element:
        moments = [f"202612{day:02}T090000Z" for day in days]
        if is_16(wire.version):
            named = [Element("AirSyncBase:InstanceId", text=each) for each in moments]
            commands = [Element("AirSync:Delete", Element("AirSync:ServerId", text=item), each) for each in named]
        else:
            exceptions = [_deleted(each) for each in moments]
            commands = [change(item, *_series(), Element("Calendar:Exceptions", *exceptions))]
        return asked(wire, calendar, key, *commands, class_="Calendar")

    line = Effects(lines=1)
    return Case("Sync", gone(3), line, gone(3, 5), line)


def _deleted(moment: str) -> Element:
    deleted = Element("Calendar:Deleted", text="1")
    return Element("Calendar:Exception", deleted, Element("Calendar:ExceptionStartTime", text=moment))


def _series() -> list[Element]:
    rule = {"Type": "0", "Interval": "1", "Occurrences": "9"}
    return [
        Element("Calendar:StartTime", text="20261201T090000Z"),
        Element("Calendar:EndTime", text="20261201T100000Z"),
        Element("Calendar:Subject", text="Daily"),
        Element("Calendar:Recurrence", *(Element(f"Calendar:{tag}", text=text) for tag, text in rule.items())),
    ]


def move_items(wire: Wire) -> Case:
    book = book_of(wire)
    target = made_collection(wire, "Friends")
    items = [card(wire, book, name) for name in ("ann", "bea")]
    question = moving((items[0], book, target))
    both = moving(*((item, book, target) for item in items))
    return Case("MoveItems", question, Effects(lines=2), both, Effects(lines=2))


def folder_create(wire: Wire) -> Case:
    key = folder_key(wire)
    return Case(
        "FolderCreate",
        creation(key, "Work"),
        Effects(folders=1),
        creation(key, "Garden"),
        Effects(folders=1),
        _next_folder,
        outdated="9",
    )


def folder_update(wire: Wire) -> Case:
    made = made_collection(wire, "Work")
    key = folder_key(wire)
    question, other = renaming(key, made, "Office"), renaming(key, made, "Desk")
    return Case("FolderUpdate", question, Effects(), other, Effects(), _next_folder, outdated="9")


def folder_delete(wire: Wire) -> Case:
    made, other = made_collection(wire, "Work"), made_collection(wire, "Garden")
    key, gone = folder_key(wire), Effects(folders=-1)
    question, second = deletion(key, made), deletion(key, other)
    return Case("FolderDelete", question, gone, second, gone, _next_folder, outdated="9")


def _next_folder(answer: Element) -> tuple[str, Element]:
    return "FolderCreate", creation(answer.text_of("FolderHierarchy:SyncKey"), "Something else")


def accepted(wire: Wire) -> Case:
    return _response(wire, "1")


def declined(wire: Wire) -> Case:
    return _response(wire, "3")


def _response(wire: Wire, word: str) -> Case:
    """An invitation from Bert, who hears of the answer once."""
    calendar = wire.folders()["Calendar"]
    with wire.core.database.write() as work:
        anna = wire.core.people.get(work, ANNA)
        invitation = meeting(guest(ANNA)).replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST")
        invitation = invitation.replace(f"ORGANIZER;CN=Anna:mailto:{ANNA}", f"ORGANIZER;CN=Bert:mailto:{BERT}")
        invitation = invitation.replace(guest(ANNA, "ACCEPTED") + "\r\n", "")
        scheduling.receive(wire.core, work, anna, invitation, BERT)
        [item] = work.items.all(CollectionId(calendar))
    more = [sent()] if is_16(wire.version) else []
    question = responses(request(calendar, f"{calendar}:{item.id}", word, *more))
    return Case("MeetingResponse", question, Effects(items=-1 if word == "3" else 0, lines=1, mails=1))


def policy_acknowledged(wire: Wire) -> Case:
    offered = policy_of(wire.ask("Provision", policy_question())).text_of("Provision:PolicyKey")

    def key(wire: Wire) -> object:
        with wire.core.database.read() as work:
            return [each.policy_key for each in work.devices.all() if each.identifier.lower() == wire.device.lower()]

    return Case(
        "Provision",
        policy_question(offered),
        Effects(),
        policy_question(offered, status="2"),
        Effects(),
        lambda answer: ("Provision", policy_question()),
        outdated="5",
        holds=key,
    )


def absence_set(wire: Wire) -> Case:
    def absence(wire: Wire) -> object:
        with wire.core.database.read() as work:
            return absences.absence_of(work, wire.core.people.get(work, ANNA).id)

    question = s("Settings", oof("1", message("AppliesToInternal")))
    return Case("Settings", question, Effects(), holds=absence)


def device_described(wire: Wire) -> Case:
    facts = s("Set", s("Model", text="iPhone 17"), s("FriendlyName", text="Anna's"))

    def told(wire: Wire) -> object:
        with wire.core.database.read() as work:
            [device] = [each for each in work.devices.all() if each.identifier.lower() == wire.device.lower()]
            return device_notes.notes_of(work, device.id)

    wire.folders()
    return Case("Settings", s("Settings", s("DeviceInformation", facts)), Effects(), holds=told)


def item_fetched(wire: Wire) -> Case:
    book = book_of(wire)
    item = card(wire, book, "ann")
    about = (Element("AirSync:CollectionId", text=book), Element("AirSync:ServerId", text=item))
    fetch = Element("ItemOperations:Fetch", Element("ItemOperations:Store", text="Mailbox"), *about)
    return Case("ItemOperations", Element("ItemOperations:ItemOperations", fetch), Effects())


def folder_emptied(wire: Wire) -> Case:
    """Refused, however often it is asked."""
    book = book_of(wire)
    card(wire, book, "ann")
    empty = Element("ItemOperations:EmptyFolderContents", Element("AirSync:CollectionId", text=book))
    return Case("ItemOperations", Element("ItemOperations:ItemOperations", empty), Effects())


def folders_listed(wire: Wire) -> Case:
    return Case("FolderSync", folder_sync("0"), Effects())


CASES: Mapping[str, Callable[[Wire], Case]] = {
    "Sync Add": sync_add,
    "Sync Change": sync_change,
    "Sync Delete": sync_delete,
    "Sync with the first key": sync_first,
    "Sync Delete of one occurrence": occurrence_deleted,
    "MoveItems": move_items,
    "FolderSync": folders_listed,
    "FolderCreate": folder_create,
    "FolderUpdate": folder_update,
    "FolderDelete": folder_delete,
    "MeetingResponse: accepted": accepted,
    "MeetingResponse: declined": declined,
    "Provision, the acknowledgement": policy_acknowledged,
    "Settings: out of office": absence_set,
    "Settings: about the device": device_described,
    "ItemOperations: Fetch": item_fetched,
    "ItemOperations: EmptyFolderContents": folder_emptied,
}

WITH_MORE = (
    "Sync Add",
    "Sync Change",
    "Sync Delete",
    "Sync Delete of one occurrence",
    "MoveItems",
    "FolderCreate",
    "FolderUpdate",
    "FolderDelete",
    "Provision, the acknowledgement",
)
"""The questions that may be asked again with something more in them."""
