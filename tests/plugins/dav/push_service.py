"""A push service as a program with push has one, and the program behind it: it takes messages, and can read them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pimgate_dav.push.keys import in_base64

PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Received:
    """One message as it came: where to, and what the push service could see of it."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Receiver:
    """The client: its keys, and what only it can read."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"sixteen octets.."

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def read(self, body: bytes) -> bytes:
        """What the message says, in the way that RFC 8291 describes it for the receiver."""
        salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        assert size == 4096
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self.private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        keying = derived(shared, self.auth, b"WebPush: info\0" + self.public + sender, 32)
        key = derived(keying, salt, b"Content-Encoding: aes128gcm\0", 16)
        plain = AESGCM(key).decrypt(derived(keying, salt, b"Content-Encoding: nonce\0", 12), sealed, None)
        assert plain.endswith(b"\x02")
        return plain[:-1]

    def subscription(self, resource: str, more: str = "", key_name: str = "subscription-public-key") -> str:
        """The body with which DAVx5 subscribes."""
        return (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
            '<push-register xmlns="https://bitfire.at/webdav-push" xmlns:D="DAV:"><subscription><web-push-subscription>'
            f"<push-resource>{resource}</push-resource><content-encoding>aes128gcm</content-encoding>"
            f'<{key_name} type="p256dh">{in_base64(self.public)}</{key_name}>'
            f"<auth-secret>{in_base64(self.auth)}</auth-secret>"
            f"</web-push-subscription></subscription>{more}</push-register>"
        )


def derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(secret)


class PushService:
    """Where messages arrive. `status` is what it answers, by path; 201 if nothing else is said."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.status: dict[str, int] = {}
        self.received: Queue[Received] = Queue()

    def next(self) -> Received:
        return self.received.get(timeout=PATIENCE_SECONDS)


@contextmanager
def push_service() -> Iterator[PushService]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            service.received.put(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(service.status.get(self.path, 201))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    service = PushService(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield service
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
