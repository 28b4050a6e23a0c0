"""The questions of a simulated phone, other than Sync, as elements. Pure; the shapes are those that iPhones send.

Source: MS-ASCMD, "Provision", "FolderSync", "Ping", "Search"; MS-ASPROV, "Phase 1" to "Phase 4".
"""

from __future__ import annotations

from collections.abc import Iterable

from pimgate_eas.wbxml.element import Element

POLICY_TYPE = "MS-EAS-Provisioning-WBXML"


def ask_policy(model: str, agent: str) -> Element:
    """Provision, first half: what am I asked to keep?"""
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
    return Element("Provision:Provision", information, _policies(Element("Provision:PolicyType", text=POLICY_TYPE)))


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


def acknowledge_wipe() -> Element:
    return Element("Provision:Provision", Element("Provision:RemoteWipe", Element("Provision:Status", text="1")))


def _policies(*parts: Element) -> Element:
    return Element("Provision:Policies", Element("Provision:Policy", *parts))


def folders(key: str) -> Element:
    return Element("FolderHierarchy:FolderSync", Element("FolderHierarchy:SyncKey", text=key))


def sync(collections: Iterable[Element]) -> Element:
    return Element("AirSync:Sync", Element("AirSync:Collections", *collections))


def sync_options(folder_class: str) -> Element:
    """The Options of a folder: everything, bodies as plain text."""
    body = Element("AirSyncBase:BodyPreference", Element("AirSyncBase:Type", text="1"))
    window = [Element("AirSync:FilterType", text="0")] if folder_class == "Calendar" else []
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
