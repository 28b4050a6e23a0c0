"""The keys of a deployment: one by which push services know it, and one that makes topics which nobody can guess.

Made at the first start and kept in the database, so that all processes and all starts have the same.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pimgate.api import CollectionId, Document, Work

OWNER: Final = "dav-push"
KEY: Final = "keys"
TOPIC_OCTETS: Final = 16
TOKEN_SECONDS: Final = 12 * 3600


@dataclass(frozen=True, slots=True)
class Keys:
    """`secret` is the private key (a number on P-256); `topics` goes into topics."""

    secret: int
    topics: bytes

    @property
    def _private(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(self.secret, ec.SECP256R1())

    @property
    def public(self) -> str:
        """The public key as clients and push services want it: uncompressed, in base64url."""
        point = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return in_base64(point)

    def topic(self, collection_id: CollectionId) -> str:
        """What a collection is called towards push services, which learn nothing else of it."""
        return in_base64(hmac.digest(self.topics, collection_id.encode(), hashlib.sha256)[:TOPIC_OCTETS])

    def authorization(self, audience: str, contact: str, now: float) -> str:
        """The header that proves to the push service at `audience` who asks (RFC 8292, "Public Key Parameter")."""
        claims: dict[str, object] = {"aud": audience, "exp": int(now) + TOKEN_SECONDS}
        if contact:
            claims["sub"] = contact
        signed = f"{_part({'typ': 'JWT', 'alg': 'ES256'})}.{_part(claims)}"
        r, s = decode_dss_signature(self._private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        signature = in_base64(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
        return f"vapid t={signed}.{signature}, k={self.public}"


def keys_in(work: Work) -> Keys | None:
    """The keys of this deployment; None before its first start."""
    found = work.shelf.peek(OWNER, KEY)
    return None if found is None else Keys(int(found["secret"], 16), bytes.fromhex(found["topics"]))


def make_keys(work: Work) -> None:
    """Make the keys unless they are there."""
    work.lock_all()
    if keys_in(work) is None:
        secret = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
        content = {"secret": f"{secret:064x}", "topics": secrets.token_bytes(32).hex()}
        work.shelf.put(OWNER, KEY, Document(content))


def in_base64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")


def from_base64(text: str) -> bytes:
    """ValueError for what is none."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _part(claims: dict[str, object]) -> str:
    return in_base64(json.dumps(claims, separators=(",", ":")).encode())
