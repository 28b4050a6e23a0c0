"""The doors: sockets that mail programs connect to, and how many may stand in them at once."""

import asyncio
import ipaddress
import logging
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from .peer import HANDSHAKE_SECONDS, Peer
from .session import House, Session

BACKLOG = 512

log = logging.getLogger("pimgate.imap")


@dataclass(frozen=True, slots=True)
class Door:
    """One address to listen on. `implicit_tls` protects it from the first octet; port 0 takes any free one."""

    host: str
    port: int
    implicit_tls: ssl.SSLContext | None = None


@asynccontextmanager
async def listening(doors: list[Door], house: House) -> AsyncIterator[list[tuple[str, int]]]:
    """Serve mail programs at `doors` while entered; gives the addresses. Leaving ends every session at once."""
    crowd = _Crowd(house)
    loop = asyncio.get_running_loop()
    servers: list[asyncio.Server] = []
    try:
        for door in doors:
            servers.append(
                await loop.create_server(crowd.newcomer, door.host, door.port, backlog=BACKLOG, **_tls(door))
            )
        yield [server.sockets[0].getsockname()[:2] for server in servers]
    finally:
        for server in servers:
            server.close()
        await crowd.leave()


def network_of(address: str) -> str:
    """What counts as one visitor's network: an IPv4 address, or the /64 an IPv6 address lies in."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, 64), strict=False))


class _Crowd:
    """Everybody who is connected now."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._sessions: set[asyncio.Task[None]] = set()
        self._per_network: Counter[str] = Counter()

    def newcomer(self) -> Peer:
        """A peer for a connection that arrives; its session begins as soon as octets can be exchanged."""
        return Peer(self._welcome)

    def _welcome(self, peer: Peer) -> None:
        """Begin a session for a peer that has just connected, or send it away when there are too many."""
        network = network_of(peer.address)
        limits = self._house.limits
        is_full = (
            len(self._sessions) >= limits.max_connections
            or self._per_network[network] >= limits.max_connections_per_network
        )
        if is_full:
            log.warning("too many connections, sent %s away", peer.address)
            peer.transport.write(b"* BYE [LIMIT] Too many connections.\r\n")
            peer.close()
            return
        self._per_network[network] += 1
        task = asyncio.get_running_loop().create_task(self._serve(peer))
        self._sessions.add(task)
        task.add_done_callback(lambda done: self._forget(done, network))

    async def leave(self) -> None:
        """End every session and wait until the last one is gone."""
        for task in list(self._sessions):
            task.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    async def _serve(self, peer: Peer) -> None:
        try:
            await Session(peer, self._house).run()
        except (OSError, TimeoutError):
            pass  # The program left in the middle of a handshake or an answer.
        except Exception:
            # The outermost door of one session: the others go on.
            log.exception("a session from %s ended by a fault of ours", peer.address)
        finally:
            peer.close()

    def _forget(self, task: asyncio.Task[None], network: str) -> None:
        self._sessions.discard(task)
        self._per_network[network] -= 1
        if self._per_network[network] <= 0:
            del self._per_network[network]


def _tls(door: Door) -> dict[str, Any]:
    """What `create_server` wants to hear about TLS; a handshake time may only be named together with it."""
    if door.implicit_tls is None:
        return {}
    return {"ssl": door.implicit_tls, "ssl_handshake_timeout": HANDSHAKE_SECONDS}
