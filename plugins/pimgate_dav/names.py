"""The XML names that DAV programs use, in Clark notation, and the prefixes under which answers write them."""

from __future__ import annotations

from typing import Final

PREFIXES: Final[dict[str, str]] = {
    "DAV:": "D",
    "urn:ietf:params:xml:ns:caldav": "C",
    "urn:ietf:params:xml:ns:carddav": "A",
    "http://calendarserver.org/ns/": "CS",
    "http://apple.com/ns/ical/": "I",
    "https://pimgate.org/ns/dav": "P",
    "https://bitfire.at/webdav-push": "W",
}


def dav(name: str) -> str:
    return f"{{DAV:}}{name}"


def caldav(name: str) -> str:
    return f"{{urn:ietf:params:xml:ns:caldav}}{name}"


def carddav(name: str) -> str:
    return f"{{urn:ietf:params:xml:ns:carddav}}{name}"


def calendarserver(name: str) -> str:
    return f"{{http://calendarserver.org/ns/}}{name}"


def apple(name: str) -> str:
    return f"{{http://apple.com/ns/ical/}}{name}"


def webdav_push(name: str) -> str:
    return f"{{https://bitfire.at/webdav-push}}{name}"


def own(name: str) -> str:
    """A name of ours: `exposure` and `switch` say how a collection stands with this client."""
    return f"{{https://pimgate.org/ns/dav}}{name}"


def local(clark: str) -> str:
    """The name without its namespace."""
    return clark.rpartition("}")[2]


def namespace(clark: str) -> str:
    """The namespace of a name; empty if it has none."""
    return clark[1:].rpartition("}")[0] if clark.startswith("{") else ""
