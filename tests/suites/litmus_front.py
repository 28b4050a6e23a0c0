"""What litmus needs to speak to a gateway that keeps contacts and nothing else.

litmus makes a plain collection and puts arbitrary octets into it. Here its collection becomes an address book, and each file a
contact with the octets in its note; everything else, headers and conditions above all, passes as it is. So what is tested is the
gateway, and what a house for contacts cannot do (collections in collections, two copies of one contact) fails as it does there.
"""

from __future__ import annotations

import base64
import http.client
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MADE = (
    '<mkcol xmlns="DAV:"><set><prop><resourcetype><collection/>'
    '<addressbook xmlns="urn:ietf:params:xml:ns:carddav"/></resourcetype></prop></set></mkcol>'
)
NOTE = b"NOTE;ENCODING=b:"
METHODS = (
    "OPTIONS",
    "GET",
    "HEAD",
    "PUT",
    "DELETE",
    "MKCOL",
    "COPY",
    "MOVE",
    "PROPFIND",
    "PROPPATCH",
    "LOCK",
    "UNLOCK",
)
OF_CONNECTION = frozenset({"connection", "host", "content-length", "transfer-encoding", "te", "expect"})


def as_contact(octets: bytes) -> bytes:
    """A contact that is no other, as a program makes it: what was moved away keeps its UID."""
    uid = uuid.uuid4().hex
    note = NOTE + base64.b64encode(octets)
    return b"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:%s\r\nFN:litmus\r\n%s\r\nEND:VCARD\r\n" % (uid.encode(), note)


def from_contact(text: bytes) -> bytes:
    line = next((each for each in text.split(b"\r\n") if each.startswith(NOTE)), None)
    return base64.b64decode(line.removeprefix(NOTE)) if line is not None else text


@contextmanager
def in_front_of(port: int, home: str) -> Iterator[int]:
    """Listens until the block ends, for the home of one person of the gateway on `port`; gives the port."""

    class Front(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            octets = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path = home.rstrip("/") + self.path
            headers = {name: value for name, value in self.headers.items() if name.lower() not in OF_CONNECTION}
            if "Destination" in headers:
                server, _, there = headers["Destination"].partition("//")[2].partition("/")
                host = f"127.0.0.1:{port}" if server == self.headers.get("Host") else server
                headers["Destination"] = f"http://{host}{home.rstrip('/')}/{there}"
            if self.command == "PUT":
                octets = as_contact(octets)
            if self.command == "MKCOL" and not octets and path.rstrip("/").count("/") == 3:
                octets, headers["Content-Type"] = MADE.encode(), "application/xml"
            self._answer(path, octets, headers)

        def _answer(self, path: str, octets: bytes, headers: dict[str, str]) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request(self.command, path.partition("#")[0] if "#" not in path else path, octets, headers)
            answer = connection.getresponse()
            body = answer.read()
            connection.close()
            if self.command == "GET" and answer.status == 200:
                body = from_contact(body)
            body = body.replace(home.rstrip("/").encode() + b"/", b"/")
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in OF_CONNECTION:
                    self.send_header(name, value)
            if answer.status not in (204, 304):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD" and answer.status not in (204, 304):
                with suppress(BrokenPipeError):  # litmus hangs up where it expects no body
                    self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Nothing: litmus says what happened."""

    for method in METHODS:
        setattr(Front, f"do_{method}", Front._pass_on)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Front)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
