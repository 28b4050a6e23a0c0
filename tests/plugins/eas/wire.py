"""A phone reduced to its wire: questions as elements, answers as elements, and the octets of both."""

from __future__ import annotations

import base64
from contextlib import ExitStack

import httpx

from gateway.places import PASSWORD
from pimgate.core import Core
from pimgate.testing.running import running
from pimgate_eas.wbxml.codec import decode, encode
from pimgate_eas.wbxml.element import Element

TYPE = "application/vnd.ms-sync.wbxml"


class Wire:
    """One device of one person on one gateway; used as a context manager, so that the gateway runs."""

    def __init__(
        self,
        core: Core,
        login: str = "anna@example.org",
        device: str = "Appl1",
        device_type: str = "iPhone",
        version: str = "16.1",
    ) -> None:
        self.core = core
        self.device, self.device_type, self.version = device, device_type, version
        self.authorization = authorization(login)
        self.status = 0
        self.headers: dict[str, str] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Wire:
        found = self._stack.enter_context(running(self.core))
        # Without the authorities of the system, which take longer to read than most tests.
        self.client = self._stack.enter_context(httpx.Client(base_url=found.url, verify=False, timeout=30))
        return self

    def __exit__(self, *how: object) -> None:
        self._stack.close()

    def twin(self, login: str = "", **other: str) -> Wire:
        """Another device on the same running gateway."""
        made = Wire.__new__(Wire)
        made.__dict__.update(self.__dict__)
        made.__dict__.update(other)
        if login:
            made.authorization = authorization(login)
        return made

    def octets(self, command: str, body: Element | bytes | None = None, **headers: str) -> bytes:
        """The answer as it came; `status` and `headers` are kept."""
        query = f"Cmd={command}&User=anna&DeviceId={self.device}&DeviceType={self.device_type}"
        content = encode(body) if isinstance(body, Element) else body or b""
        sent = {
            "Authorization": self.authorization,
            "MS-ASProtocolVersion": self.version,
            "Content-Type": TYPE,
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        answer = self.client.post(f"/Microsoft-Server-ActiveSync?{query}", content=content, headers=sent)
        self.status, self.headers = answer.status_code, dict(answer.headers)
        return answer.content

    def ask(self, command: str, body: Element | bytes | None = None, **headers: str) -> Element | None:
        octets = self.octets(command, body, **headers)
        assert self.status == 200, f"{command} was answered {self.status}"
        return decode(octets) if octets else None

    def folders(self, key: str = "0") -> dict[str, str]:
        """The added folders of a FolderSync: name -> id."""
        answer = self.ask("FolderSync", folder_sync(key))
        assert answer is not None
        adds = answer.path("FolderHierarchy:Changes", "FolderHierarchy:Add")
        return {
            each.text_of("FolderHierarchy:DisplayName") or "": each.text_of("FolderHierarchy:ServerId") or ""
            for each in adds
        }

    def sync(self, *collections: Element, **more: str) -> dict[str, Element]:
        """The answers of a Sync by collection; empty when nothing was said."""
        answer = self.ask("Sync", sync(*collections, **more))
        parts = answer.path("AirSync:Collections", "AirSync:Collection") if answer is not None else []
        return {part.text_of("AirSync:CollectionId") or "": part for part in parts}

    def begin(self, collection_id: str, *more: Element) -> str:
        """The first key of a collection."""
        return key_of(self.sync(collection(collection_id, "0", *more))[collection_id])


def authorization(login: str, password: str = PASSWORD) -> str:
    return "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode()


def folder_sync(key: str) -> Element:
    return Element("FolderHierarchy:FolderSync", Element("FolderHierarchy:SyncKey", text=key))


def sync(*collections: Element, **more: str) -> Element:
    wait = [Element(f"AirSync:{name}", text=value) for name, value in more.items()]
    return Element("AirSync:Sync", Element("AirSync:Collections", *collections), *wait)


def collection(collection_id: str, key: str, *more: Element, commands: tuple[Element, ...] = ()) -> Element:
    made = Element(
        "AirSync:Collection",
        Element("AirSync:SyncKey", text=key),
        Element("AirSync:CollectionId", text=collection_id),
        *more,
    )
    if commands:
        made.append(Element("AirSync:Commands", *commands))
    return made


def window(size: int) -> Element:
    return Element("AirSync:WindowSize", text=str(size))


def add(client_id: str, *data: Element) -> Element:
    return Element(
        "AirSync:Add",
        Element("AirSync:ClientId", text=client_id),
        Element("AirSync:ApplicationData", *data),
    )


def change(server_id: str, *data: Element) -> Element:
    return Element(
        "AirSync:Change", Element("AirSync:ServerId", text=server_id), Element("AirSync:ApplicationData", *data)
    )


def delete(server_id: str) -> Element:
    return Element("AirSync:Delete", Element("AirSync:ServerId", text=server_id))


def contact(first: str, last: str) -> tuple[Element, ...]:
    return Element("Contacts:FirstName", text=first), Element("Contacts:LastName", text=last)


def key_of(part: Element) -> str:
    return part.text_of("AirSync:SyncKey") or ""


def status_of(part: Element) -> str:
    return part.text_of("AirSync:Status") or ""


def commands_of(part: Element | None, kind: str) -> list[Element]:
    return part.path("AirSync:Commands", f"AirSync:{kind}") if part is not None else []


def responses_of(part: Element, kind: str) -> list[Element]:
    return part.path("AirSync:Responses", f"AirSync:{kind}")
