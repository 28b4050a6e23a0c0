"""What a push message says, and its encryption for the one client that may read it.

Sources: WebDAV-Push, "Push Message"; RFC 8291, "Encryption Summary"; RFC 8188, "The aes128gcm HTTP Content Coding".
"""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pimgate_dav.names import dav, webdav_push
from pimgate_dav.xml_out import document, element, escaped

RECORD_SIZE: Final = 4096
LAST_RECORD: Final = b"\x02"
CURVE: Final = ec.SECP256R1()


def message(topic: str, sync_token: str) -> bytes:
    """Something in the collection of this topic changed; `sync_token` is where it stands now."""
    update = element(webdav_push("content-update"), element(dav("sync-token"), escaped(sync_token)))
    return document(webdav_push("push-message"), element(webdav_push("topic"), escaped(topic)) + update)


def encrypted(
    plain: bytes,
    client_key: bytes,
    auth: bytes,
    *,
    salt: bytes | None = None,
    own: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:
    """`plain` for the client with this public key (a point of P-256) and secret. Salt and own key are new for each message."""
    salt = secrets.token_bytes(16) if salt is None else salt
    own = ec.generate_private_key(CURVE) if own is None else own
    own_key = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = own.exchange(ec.ECDH(), client_point(client_key))
    keying = _derived(shared, auth, b"WebPush: info\0" + client_key + own_key, 32)
    key = _derived(keying, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(keying, salt, b"Content-Encoding: nonce\0", 12)
    head = salt + RECORD_SIZE.to_bytes(4, "big") + bytes([len(own_key)]) + own_key
    return head + AESGCM(key).encrypt(nonce, plain + LAST_RECORD, None)


def client_point(client_key: bytes) -> ec.EllipticCurvePublicKey:
    """The public key of a client. ValueError if it is none."""
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, client_key)


def _derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)
