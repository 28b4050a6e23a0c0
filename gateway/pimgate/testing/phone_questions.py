"""The questions of a simulated phone, other than Sync, as elements. Pure; the shapes are those that iPhones send.

Source: MS-ASCMD, "Provision", "FolderSync", "Ping", "Search", "ResolveRecipients"; MS-ASPROV, "Phase 1" to "Phase 4".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pimgate_eas.wbxml.element import Element

POLICY_TYPE = "MS-EAS-Provisioning-WBXML"


def ask_policy(model: str, agent: str, version: str = "16.1") -> Element:
    """Provision, first half: what am I asked to keep? From 14.1 on a phone says what it is."""
    policies = _policies(Element("Provision:PolicyType", text=POLICY_TYPE))
    if version in ("12.1", "14.0"):
        return Element("Provision:Provision", policies)
    information = Element(
        "Settings:DeviceInformation",
        Element(
            "Settings:Set",
            Element("Settings:Model", text=model),
            Element("Settings:FriendlyName", text="A phone of glass"),
            Element("Settings:OS", text="simulated"),
            Element("Settings:UserAgent", text=agent),
        ),
    )
    return Element("Provision:Provision", information, policies)


def acknowledge_policy(key: str) -> Element:
    """Provision, second half: it is kept."""
    return Element(
        "Provision:Provision",
        _policies(
            Element("Provision:PolicyType", text=POLICY_TYPE),
            Element("Provision:PolicyKey", text=key),
            Element("Provision:Status", text="1"),
        ),
    )


WIPES = ("Provision:RemoteWipe", "Provision:AccountOnlyRemoteWipe")


def acknowledge_wipe(name: str) -> Element:
    """It is erased; `name` is the wipe that was asked for."""
    return Element("Provision:Provision", Element(name, Element("Provision:Status", text="1")))


def _policies(*parts: Element) -> Element:
    return Element("Provision:Policies", Element("Provision:Policy", *parts))


def folders(key: str) -> Element:
    return Element("FolderHierarchy:FolderSync", Element("FolderHierarchy:SyncKey", text=key))


def sync(collections: Iterable[Element]) -> Element:
    return Element("AirSync:Sync", Element("AirSync:Collections", *collections))


def sync_options(folder_class: str, filter_type: str = "0") -> Element:
    """The Options of a folder: how far back it goes (everything), bodies as plain text."""
    body = Element("AirSyncBase:BodyPreference", Element("AirSyncBase:Type", text="1"))
    has_filter = folder_class == "Calendar" or filter_type != "0"
    window = [Element("AirSync:FilterType", text=filter_type)] if has_filter else []
    return Element("AirSync:Options", *window, body)


def ping(heartbeat: int, folders_and_classes: Iterable[tuple[str, str]]) -> Element:
    watched = (
        Element("Ping:Folder", Element("Ping:Id", text=folder), Element("Ping:Class", text=class_))
        for folder, class_ in folders_and_classes
    )
    return Element(
        "Ping:Ping", Element("Ping:HeartbeatInterval", text=str(heartbeat)), Element("Ping:Folders", *watched)
    )


def search(query: str, most: int) -> Element:
    return Element(
        "Search:Search",
        Element(
            "Search:Store",
            Element("Search:Name", text="GAL"),
            Element("Search:Query", text=query),
            Element("Search:Options", Element("Search:Range", text=f"0-{most - 1}")),
        ),
    )


def free_busy(address: str, start: str, end: str) -> Element:
    """When has somebody time? The times are written as 2026-11-23T08:00:00.000Z."""
    times = (Element("ResolveRecipients:StartTime", text=start), Element("ResolveRecipients:EndTime", text=end))
    return Element(
        "ResolveRecipients:ResolveRecipients",
        Element("ResolveRecipients:To", text=address),
        Element("ResolveRecipients:Options", Element("ResolveRecipients:Availability", *times)),
    )


@dataclass(frozen=True, slots=True)
class Response:
    """An answer to an invitation: `word` is 1 for yes, 2 for perhaps, 3 for no; `instance` one occurrence. From 16.0 on the
    organizer hears of it if `tells`, with `comment`, and `proposed` (start and end) for another time."""

    folder: str
    item: str
    word: str
    instance: str = ""
    tells: bool = True
    comment: str = ""
    proposed: tuple[str, str] | None = None


def meeting_response(responses: Iterable[Response], version: str) -> Element:
    return Element("MeetingResponse:MeetingResponse", *(_request(each, version) for each in responses))


def _request(response: Response, version: str) -> Element:
    request = Element(
        "MeetingResponse:Request",
        Element("MeetingResponse:UserResponse", text=response.word),
        Element("MeetingResponse:CollectionId", text=response.folder),
        Element("MeetingResponse:RequestId", text=response.item),
    )
    if response.instance:
        request.append(Element("MeetingResponse:InstanceId", text=response.instance))
    if response.tells and version.startswith("16"):
        request.append(_for_the_organizer(response))
    return request


def _for_the_organizer(response: Response) -> Element:
    said = Element("MeetingResponse:SendResponse")
    if response.comment:
        body = (Element("AirSyncBase:Type", text="1"), Element("AirSyncBase:Data", text=response.comment))
        said.append(Element("AirSyncBase:Body", *body))
    if response.proposed:
        start, end = response.proposed
        said.append(Element("MeetingResponse:ProposedStartTime", text=start))
        said.append(Element("MeetingResponse:ProposedEndTime", text=end))
    return said
