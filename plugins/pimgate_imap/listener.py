"""The doors: sockets that mail programs connect to, and how many may stand in them at once."""

import asyncio
import ipaddress
import logging
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from .peer import Peer
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
            servers.append(await loop.create_server(crowd.doorkeeper(door), door.host, door.port, backlog=BACKLOG))
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

    def doorkeeper(self, door: Door) -> "_Doorkeeper":
        return _Doorkeeper(self, door)

    def welcome(self, peer: Peer, door: Door) -> None:
        """Begin a session for a peer that has just connected, or send it away when there are too many."""
        network = network_of(peer.address)
        settings = self._house.settings
        is_full = (
            len(self._sessions) >= settings.max_connections
            or self._per_network[network] >= settings.max_connections_per_network
        )
        if is_full:
            log.warning("too many connections, sent %s away", peer.address)
            if door.implicit_tls is None:
                peer.transport.write(b"* BYE [LIMIT] Too many connections.\r\n")
            peer.close()
            return
        if door.implicit_tls is not None:
            # The handshake must find the first octets where they are: in the socket.
            peer.transport.pause_reading()
        self._per_network[network] += 1
        task = asyncio.get_running_loop().create_task(self._serve(peer, door))
        self._sessions.add(task)
        task.add_done_callback(lambda done: self._forget(done, network))

    async def leave(self) -> None:
        """End every session and wait until the last one is gone."""
        for task in list(self._sessions):
            task.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    async def _serve(self, peer: Peer, door: Door) -> None:
        try:
            if door.implicit_tls is not None:
                await peer.start_tls(door.implicit_tls, server_side=True)
            await Session(peer, self._house).run()
        except (OSError, TimeoutError):
            pass  # The handshake failed or the program left in the middle of it.
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


@dataclass(frozen=True, slots=True)
class _Doorkeeper:
    """Makes a peer for each connection that arrives at one door."""

    crowd: _Crowd
    door: Door

    def __call__(self) -> Peer:
        return Peer(self._arrived)

    def _arrived(self, peer: Peer) -> None:
        self.crowd.welcome(peer, self.door)
