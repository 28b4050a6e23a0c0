"""A simulated browser without script: signs in by the form, reads the pages or their twins in JSON, and presses buttons."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from pimgate.testing.network import Network, Reply, http_request

AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:156.0) Gecko/20100101 Firefox/156.0"
SECONDS = 30.0


class NotSignedIn(Exception):
    """The form was answered with something other than a session: the HTTP status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class Browser:
    """One browser of one person; cookies are kept as browsers keep them."""

    def __init__(self, base_url: str, network: Network | None = None) -> None:
        self.network = network or Network()
        self._base_url = base_url
        self._cookies: dict[str, str] = {}

    def sign_in(self, login: str, password: str) -> None:
        """NotSignedIn with the status of the answer."""
        reply = self.post("/sign-in", login=login, password=password)
        if reply.status != 303 or not self._cookies:
            raise NotSignedIn(reply.status)

    def get(self, path: str, accept: str = "text/html") -> Reply:
        return self._ask("GET", path, b"", {"Accept": accept})

    def get_json(self, path: str) -> Any:
        """The twin of a page, for programs. NotSignedIn for any other answer."""
        reply = self.get(path, "application/json")
        if reply.status != 200:
            raise NotSignedIn(reply.status)
        return json.loads(reply.body)

    def post(self, path: str, **fields: str) -> Reply:
        """Press the button of a form on one of our own pages."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": self._base_url,
            "Sec-Fetch-Site": "same-origin",
            "Accept": "text/html",
        }
        return self._ask("POST", path, urlencode(fields).encode(), headers)

    def turn(self, collection_id: str, *, is_on: bool) -> None:
        """Press the switch of a collection. NotSignedIn if the page does not want that."""
        reply = self.post(f"/preferences/{collection_id}/switch", turn="on" if is_on else "off")
        if reply.status != 303:
            raise NotSignedIn(reply.status)

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Reply:
        headers = {"User-Agent": AGENT, **headers}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        request = http_request(method, self._base_url, path, headers, body)
        reply = self.network.carry(self._base_url, request, SECONDS)
        name, equals, rest = reply.headers.get("set-cookie", "").partition("=")
        if equals:
            self._cookies[name] = rest.partition(";")[0]
        return reply
