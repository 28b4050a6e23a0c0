"""What a card is called in the directory: its number, under a key of this deployment. Whoever counts finds nobody, because only
what the gateway named itself means somebody; and no name tells how many cards there are.

The key is made at the first start and kept in the database, so that all processes and all starts give the same names.
"""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from pimgate.api import AwayNow, Core, Document, ItemId, Work

OWNER: Final = "dav-directory"
KEY: Final = "key"
NUMBER_OCTETS: Final = 8
REST: Final = bytes(AES.block_size // 8 - NUMBER_OCTETS)
"""What fills a block behind a number. A name that was made up leads to something else."""


class Names:
    """Names of cards, and back. Each is one block of AES, which is all that the mode without chaining may encrypt."""

    def __init__(self, key: bytes) -> None:
        self._cipher = Cipher(AES(key), ECB())

    def of(self, number: ItemId) -> str:
        block = self._cipher.encryptor().update(number.to_bytes(NUMBER_OCTETS, "big") + REST)
        return urlsafe_b64encode(block).decode().rstrip("=")

    def number_in(self, name: str) -> ItemId | None:
        """The card of a name; None for one that this deployment did not make."""
        try:
            block = urlsafe_b64decode(name + "=" * (-len(name) % 4))
        except (NotBase64, ValueError):
            return None
        if len(block) != NUMBER_OCTETS + len(REST):
            return None
        plain = self._cipher.decryptor().update(block)
        number = ItemId(int.from_bytes(plain[:NUMBER_OCTETS], "big"))
        return number if plain.endswith(REST) and self.of(number) == name else None


def names_in(work: Work) -> Names:
    """The names of this deployment. AwayNow before its first start is over."""
    found = work.shelf.peek(OWNER, KEY)
    if found is None:
        raise AwayNow("no key for names in the directory")
    return Names(bytes.fromhex(found["key"]))


def make_key(work: Work) -> None:
    """Make the key unless it is there."""
    work.lock_all()
    if work.shelf.peek(OWNER, KEY) is None:
        work.shelf.put(OWNER, KEY, Document({"key": secrets.token_hex(16)}))


@asynccontextmanager
async def with_key(core: Core) -> AsyncIterator[None]:
    """Sees to it at each start that there is a key."""
    await core.write(make_key)
    yield
