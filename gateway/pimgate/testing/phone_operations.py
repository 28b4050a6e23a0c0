"""The questions of a simulated phone about folders and single items, as elements. Pure.

Source: MS-ASCMD, "FolderCreate", "FolderUpdate", "FolderDelete", "MoveItems", "GetItemEstimate", "ItemOperations", "ValidateCert".
"""

from __future__ import annotations

import base64
from collections.abc import Iterable

from pimgate_eas.wbxml.element import Element


def create_folder(key: str, name: str, type_: str) -> Element:
    return _folder_change("FolderCreate", SyncKey=key, ParentId="0", DisplayName=name, Type=type_)


def rename_folder(key: str, server_id: str, name: str) -> Element:
    return _folder_change("FolderUpdate", SyncKey=key, ServerId=server_id, ParentId="0", DisplayName=name)


def delete_folder(key: str, server_id: str) -> Element:
    return _folder_change("FolderDelete", SyncKey=key, ServerId=server_id)


def _folder_change(command: str, **parts: str) -> Element:
    return Element(
        f"FolderHierarchy:{command}", *(Element(f"FolderHierarchy:{tag}", text=text) for tag, text in parts.items())
    )


def move(item_ids: Iterable[str], source: str, target: str) -> Element:
    return Element(
        "Move:MoveItems",
        *(
            Element(
                "Move:Move",
                Element("Move:SrcMsgId", text=each),
                Element("Move:SrcFldId", text=source),
                Element("Move:DstFldId", text=target),
            )
            for each in item_ids
        ),
    )


def moved(answer: Element) -> dict[str, tuple[str, str]]:
    """What became of each item: status and new id."""
    return {
        each.text_of("Move:SrcMsgId") or "": (each.text_of("Move:Status") or "", each.text_of("Move:DstMsgId") or "")
        for each in answer.find_all("Move:Response")
    }


def estimate(collection_id: str, key: str, options: Element, class_name: str = "") -> Element:
    """`class_name` is said by devices of 12.1, which say the filter beside it."""
    folder, sync_key = Element("GetItemEstimate:CollectionId", text=collection_id), Element("AirSync:SyncKey", text=key)
    if class_name:
        window = options.text_of("AirSync:FilterType") or "0"
        class_ = Element("GetItemEstimate:Class", text=class_name)
        parts = [class_, folder, Element("AirSync:FilterType", text=window), sync_key]
    else:
        parts = [sync_key, folder, options]
    collection = Element("GetItemEstimate:Collection", *parts)
    return Element("GetItemEstimate:GetItemEstimate", Element("GetItemEstimate:Collections", collection))


def fetch_item(collection_id: str, item_id: str) -> Element:
    return _fetch(Element("AirSync:CollectionId", text=collection_id), Element("AirSync:ServerId", text=item_id))


def fetch_file(reference: str, span: tuple[int, int] | None) -> Element:
    """A file, or of it the octets from the first to the last."""
    named = Element("AirSyncBase:FileReference", text=reference)
    if span is None:
        return _fetch(named)
    wanted = Element("ItemOperations:Range", text=f"{span[0]}-{span[1]}")
    return _fetch(named, Element("ItemOperations:Options", wanted))


def _fetch(*about: Element) -> Element:
    store = Element("ItemOperations:Store", text="Mailbox")
    return Element("ItemOperations:ItemOperations", Element("ItemOperations:Fetch", store, *about))


def validate(certificates: Iterable[bytes], chain: Iterable[bytes]) -> Element:
    links = [_certificate(each) for each in chain]
    return Element(
        "ValidateCert:ValidateCert",
        *([Element("ValidateCert:CertificateChain", *links)] if links else []),
        Element("ValidateCert:Certificates", *(_certificate(each) for each in certificates)),
    )


def _certificate(octets: bytes) -> Element:
    return Element("ValidateCert:Certificate", text=base64.b64encode(octets).decode())
