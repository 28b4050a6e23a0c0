"""Limits on guessing passwords: so many a minute and a day, for a network and for an account, and growing delays.

A wrong password that is repeated unchanged (a phone with a stale one) is one guess. An account under attack stays open to
the networks from which its owner came in before, so nobody can be locked out by strangers.
Source: the penalties of Dovecot (2, 4, 8, 15 seconds) and the limits of mox (10 a minute, 50 a day).
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from functools import lru_cache

from pimgate.errors import Throttled
from pimgate.settings import Accounts
from pimgate.store.work import Work

MINUTE, DAY = 60, 86_400
DELAYS_SECONDS = (2, 4, 8, 15)
IPV6_PREFIX = 48
REMEMBERED = 10_000


@lru_cache(maxsize=REMEMBERED)
def network_of(address: str) -> str:
    """The network that guesses count against: one IPv4 address, or an IPv6 /48."""
    try:
        parsed = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return "local"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, IPV6_PREFIX), strict=False))
    return str(parsed)


class Guesses:
    """What counts against whom."""

    def __init__(self, limits: Accounts) -> None:
        self._limits = limits
        self._welcome: OrderedDict[tuple[str, str], None] = OrderedDict()

    def check(self, work: Work, login: str, network: str) -> None:
        """Throttled if this network, or this account from a network that it does not know, has guessed too often."""
        for subject in self._subjects(login, network):
            for seconds, most in ((MINUTE, self._limits.guesses_per_minute), (DAY, self._limits.guesses_per_day)):
                count, oldest = work.people.guesses(subject, seconds)
                if count >= most:
                    raise Throttled(max(1, int(oldest + seconds - work.now)), f"{count} guesses in {seconds} s")

    def note(self, work: Work, login: str, network: str) -> int:
        """Count one wrong password; gives the seconds that its answer should take."""
        work.people.note_guess([f"n:{network}", f"a:{login}"])
        work.people.forget_guesses(work.now - DAY)
        recent, _ = work.people.guesses(f"n:{network}", MINUTE)
        return DELAYS_SECONDS[min(recent, len(DELAYS_SECONDS)) - 1]

    def welcome(self, login: str, network: str) -> None:
        """The owner of this account came in from there."""
        self._welcome[login, network] = None
        self._welcome.move_to_end((login, network))
        while len(self._welcome) > REMEMBERED:
            self._welcome.popitem(last=False)

    def _subjects(self, login: str, network: str) -> list[str]:
        known = (login, network) in self._welcome
        return [f"n:{network}"] if known else [f"n:{network}", f"a:{login}"]
