"""Passwords that people choose (argon2id) and app passwords that we make (random, kept as a digest).

Source: OWASP Password Storage Cheat Sheet, "Argon2id": 19 MiB, two passes, one lane. A check costs about 40 ms of a
core, so no more than two run at a time in a process.
"""

from __future__ import annotations

import hashlib
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from pimgate.names import opaque

MEMORY_KIB = 19 * 1024
PASSES = 2
AT_ONCE = 2
LONGEST = 1024
GROUPS, GROUP_LENGTH = 5, 5


class Hasher:
    """Hashes and checks passwords, two at a time."""

    def __init__(self) -> None:
        self._argon2 = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._nobodys: str | None = None

    def hash(self, password: str) -> str:
        with self._turns:
            return self._argon2.hash(_octets(password))

    def is_right(self, password_hash: str, password: str) -> bool:
        """Whether `password` belongs to `password_hash`. Without a hash the same work is done, and the answer is no: how long
        it takes does not tell whether a person exists."""
        if len(password) > LONGEST:
            return False
        with self._turns:
            if not password_hash and self._nobodys is None:
                self._nobodys = self._argon2.hash(opaque("", 24))
            try:
                return self._argon2.verify(password_hash or self._nobodys or "", _octets(password)) and bool(
                    password_hash
                )
            except (VerificationError, InvalidHashError):
                return False


def new_app_password() -> str:
    """Five groups of five letters and digits: 125 bits."""
    return "-".join(opaque("", GROUP_LENGTH) for _ in range(GROUPS))


def app_password_digest(secret: str) -> str:
    """What is kept of an app password. Its randomness makes a slow hash needless; dashes and spaces don't count."""
    return hashlib.sha256(_octets(secret.replace("-", "").replace(" ", "").lower())).hexdigest()


def _octets(secret: str) -> bytes:
    """Whatever was typed, even what is no Unicode: then it is a wrong password, and no fault."""
    return secret.encode(errors="surrogatepass")
