"""The request to a push service. Its address comes from whoever subscribes, so it is believed only as far as the open Internet:
over HTTPS, at public addresses alone, and the connection goes to the very address that was looked at. Redirects are not followed.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

SECONDS: Final = 10.0
PORTS: Final = {"https": 443, "http": 80}
TRANSLATED: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""IPv4 addresses in IPv6 clothes, which a network may translate back."""
UNICAST: Final = IPv6Network("2000::/3")
"""All of IPv6 that is given out to the Internet; what lies outside of it is local, or old clothes of IPv4."""


class NotReached(Exception):
    """The push service could not be asked; the reason holds no address."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a push service said: a status, and for how many seconds it wants to be left alone."""

    status: int
    pause_seconds: int = 0

    @property
    def has_arrived(self) -> bool:
        return 200 <= self.status < 300


def is_acceptable(resource: str, may_be_private: bool) -> bool:
    """Whether this can be the address of a push service at all, as far as that is seen without looking it up."""
    parts = _parts(resource)
    if parts is None or (parts.scheme != "https" and not (may_be_private and parts.scheme == "http")):
        return False
    try:
        address = ip_address(str(parts.hostname))
    except ValueError:
        return True
    return may_be_private or is_public(address)


def audience_of(resource: str) -> str:
    """The origin of a push resource, as the token for its service names it."""
    parts = urlsplit(resource)
    return f"{parts.scheme}://{parts.netloc}"


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the open Internet, also within what it wraps."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None and not is_public(inner):
            return False
        if address not in UNICAST or any(address in network for network in TRANSLATED):
            return False
    return address.is_global and not address.is_multicast


def post(
    resource: str, headers: Mapping[str, str], body: bytes, *, may_be_private: bool, seconds: float = SECONDS
) -> Reply:
    """Hand a message to a push service. Blocks, for no longer than it takes to look up the name and `seconds`. NotReached."""
    parts = _parts(resource)
    if parts is None or not is_acceptable(resource, may_be_private):
        raise NotReached("the address is not acceptable")
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    connection = _Connection(parts, may_be_private, seconds)
    try:
        answer = connection.asked(path, headers, body)
        pause = answer.getheader("Retry-After", "")
        return Reply(answer.status, int(pause) if pause.isascii() and pause.isdigit() and len(pause) < 6 else 0)
    except (OSError, HTTPException, ValueError) as error:
        raise NotReached(type(error).__name__) from error
    finally:
        connection.close()


class _Connection(HTTPConnection):
    """A connection to an address that was looked at, and to no other."""

    def __init__(self, parts: SplitResult, may_be_private: bool, seconds: float) -> None:
        super().__init__(str(parts.hostname), parts.port or PORTS[parts.scheme], timeout=seconds)
        self._seconds = seconds
        self._is_secure = parts.scheme == "https"
        self._may_be_private = may_be_private
        self._is_over = False

    def asked(self, path: str, headers: Mapping[str, str], body: bytes) -> HTTPResponse:
        """The answer, as far as it comes within the time: each octet of it resets the clock of the socket, but not this one."""
        ending = threading.Timer(self._seconds, self._end)
        ending.start()
        try:
            self.request("POST", path, body, dict(headers))
            return self.getresponse()
        finally:
            ending.cancel()

    def _end(self) -> None:
        self._is_over = True
        with suppress(OSError, AttributeError):
            self.sock.shutdown(socket.SHUT_RDWR)

    def connect(self) -> None:
        self.sock = self._opened(_address_of(self.host, self.port, self._may_be_private))
        if self._is_over:
            raise TimeoutError  # until here there was nothing that could be shut down

    def _opened(self, address: str) -> socket.socket:
        plain = socket.create_connection((address, self.port), self._seconds)
        if not self._is_secure:
            return plain
        try:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=self.host)
        except BaseException:
            plain.close()
            raise


def _address_of(host: str, port: int, may_be_private: bool) -> str:
    """An address of a host. NotReached if any of them leads into a private network: a name that means two things is not trusted."""
    found = [str(each[4][0]) for each in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not found or (not may_be_private and not all(is_public(ip_address(each.split("%")[0])) for each in found)):
        raise NotReached("the push service is not at a public address")
    return found[0]


def _parts(resource: str) -> SplitResult | None:
    """The parts of an address; None for what is none, or holds a password."""
    try:
        parts = urlsplit(resource)
        is_whole = parts.scheme in PORTS and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    is_plain = resource.isascii() and resource.isprintable() and " " not in resource
    return parts if is_whole and is_plain and parts.username is None and parts.password is None else None
