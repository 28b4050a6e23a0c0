"""Bare clients, so that what is measured is the gateway: ActiveSync and DAV over one kept connection."""

from __future__ import annotations

import asyncio
import base64
import http.client

from benchmarks.gateway import LOGIN, PASSWORD, Running
from pimgate_eas.wbxml.codec import decode, encode
from pimgate_eas.wbxml.element import Element

AUTHORIZATION = "Basic " + base64.b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode()


def eas_path(command: str, device: str) -> str:
    return f"/Microsoft-Server-ActiveSync?Cmd={command}&User=bench&DeviceId={device}&DeviceType=iPhone"


class Client:
    """One connection."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self._connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=120)

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        self._connection.request(method, path, body, {"Authorization": AUTHORIZATION, **headers})
        response = self._connection.getresponse()
        return response.status, response.read()

    def eas(self, command: str, body: Element | bytes, device: str = "bench") -> Element | None:
        octets = body if isinstance(body, bytes) else encode(body)
        headers = {"Content-Type": "application/vnd.ms-sync.wbxml", "MS-ASProtocolVersion": "16.1"}
        status, answer = self.ask("POST", eas_path(command, device), octets, headers)
        assert status == 200, f"{command} was answered {status}"
        return decode(answer) if answer else None

    def dav(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, bytes]:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask(method, path, body.encode(), {"User-Agent": "Mozilla/5.0 Thunderbird/140.0", **sent})


def sync_body(collection: str, key: str, window: int = 512) -> Element:
    return Element(
        "AirSync:Sync",
        Element(
            "AirSync:Collections",
            Element(
                "AirSync:Collection",
                Element("AirSync:SyncKey", text=key),
                Element("AirSync:CollectionId", text=collection),
                *([] if key == "0" else [Element("AirSync:WindowSize", text=str(window))]),
            ),
        ),
    )


def folder_sync(client: Client, device: str = "bench") -> None:
    """Make the device acknowledge its folders."""
    client.eas(
        "FolderSync", Element("FolderHierarchy:FolderSync", Element("FolderHierarchy:SyncKey", text="0")), device
    )


def first_sync(client: Client, collection: str, window: int = 512, device: str = "bench") -> tuple[str, int]:
    """Everything of a collection; gives the key and the number of items."""
    key, count, has_more = "0", 0, True
    while has_more:
        answer = client.eas("Sync", sync_body(collection, key, window), device)
        if answer is None:
            break
        [part] = answer.path("AirSync:Collections", "AirSync:Collection")
        assert part.text_of("AirSync:Status") == "1", part.text_of("AirSync:Status")
        has_more = key == "0" or part.has("AirSync:MoreAvailable")
        key = part.text_of("AirSync:SyncKey") or ""
        count += len(part.path("AirSync:Commands", "AirSync:Add"))
    return key, count


async def ping(running: Running, collection: str, device: str, parked: asyncio.Event | None = None) -> bytes:
    """One Ping on a connection of its own; its answer's body."""
    body = encode(
        Element(
            "Ping:Ping",
            Element("Ping:HeartbeatInterval", text="900"),
            Element(
                "Ping:Folders",
                Element("Ping:Folder", Element("Ping:Id", text=collection), Element("Ping:Class", text="Contacts")),
            ),
        )
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port, limit=8192)
    head = (
        f"POST {eas_path('Ping', device)} HTTP/1.1\r\nHost: bench\r\nAuthorization: {AUTHORIZATION}\r\n"
        f"MS-ASProtocolVersion: 16.1\r\nContent-Type: application/vnd.ms-sync.wbxml\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    if parked is not None:
        parked.set()
    try:
        answer = await reader.readuntil(b"\r\n\r\n")
        return await reader.read(400) if b"200" in answer.split(b"\r\n", 1)[0] else answer
    finally:
        writer.close()
