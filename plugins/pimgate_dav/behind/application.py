"""Radicale's Application over our store, and a request handed to it.

Its handlers (`do_REPORT` and so on) are called directly. The WSGI callable around them would look the person up once more on
every request, sleep, believe `X-Script-Name` from anybody, and write tracebacks with pieces of content to the root logger.
"""

from __future__ import annotations

import io
import logging
from typing import Any, Final

from radicale import config
from radicale.app import Application
from radicale.auth import BaseAuth

from pimgate.api import NotThere, Refused
from pimgate_dav.answer import Answer
from pimgate_dav.behind.rights import ViewRights
from pimgate_dav.behind.storage import ViewStorage
from pimgate_dav.errors import NOT_HERE, BadRequest
from pimgate_dav.layout import MOUNT
from pimgate_dav.visit import Visit, current

BOMS: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


class NobodyElse(BaseAuth):
    """Whoever gets here was let in by the core; Radicale's own way in is closed."""

    def _login_ext_with_groups(self, login: str, password: str, context: Any) -> tuple[str, set[str]]:
        return "", set()


class Behind:
    """One gateway's Radicale. Two of them in one process share nothing but Radicale's modules."""

    def __init__(self, item_bytes: int, body_bytes: int) -> None:
        logging.getLogger("radicale").setLevel(logging.CRITICAL)  # its warnings quote requests and items
        configuration = config.load()
        configuration.update(_settings(item_bytes, body_bytes), "pimgate", privileged=True)
        self._application: Any = Application(configuration)

    def answer(self, visit: Visit) -> Answer:
        """What Radicale answers to a visit's request. To be called in the visit's thread, inside its unit of work."""
        ask = visit.ask
        handler = getattr(self._application, f"do_{ask.method}")
        facts = {"method": ask.method, "login": "", "path": ask.place.path, "useragent": ask.agent, "host": ""}
        token = current.set(visit)
        try:
            status, headers, body, _ = handler(
                _environ(visit), MOUNT, ask.place.path, visit.viewer.account.id, set(), facts
            )
        finally:
            current.reset(token)
        return _answer(int(status), dict(headers), body)


def _settings(item_bytes: int, body_bytes: int) -> dict[str, dict[str, Any]]:
    """No delays: they would sleep in a worker thread, and guesses are slowed down before anything gets here."""
    return {
        "auth": {"type": NobodyElse, "delay": 0},
        "rights": {"type": ViewRights, "permit_delete_collection": True},
        "storage": {"type": ViewStorage, "predefined_collections": {}},
        "web": {"type": "none"},
        "hook": {"type": "none"},
        "server": {"max_resource_size": item_bytes, "max_content_length": body_bytes, "delay_on_error": 0},
    }


def _environ(visit: Visit) -> dict[str, Any]:
    """The little of WSGI's environment that the handlers look at."""
    ask = visit.ask
    charset = next((name for bom, name in BOMS if ask.body.startswith(bom)), "utf-8")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": ask.method,
        "PATH_INFO": ask.place.path,
        "SCRIPT_NAME": MOUNT,
        "CONTENT_LENGTH": str(len(ask.body)),
        "CONTENT_TYPE": f"text/xml; charset={charset}" if ask.xml is not None else f"text/plain; charset={charset}",
        "wsgi.input": io.BytesIO(ask.body),
    }
    for header in ("depth", "destination", "overwrite", "if-match", "if-none-match", "host"):
        if header in ask.headers:
            environ[f"HTTP_{header.upper().replace('-', '_')}"] = ask.headers[header]
    return environ


def _answer(status: int, headers: dict[str, str], body: str | bytes | None) -> Answer:
    """Radicale's answer as ours. What it says of missing things is said in our own words, so that nobody can tell from the
    words who said it."""
    octets = body.encode() if isinstance(body, str) else body or b""
    if status == 404:
        raise NotThere(NOT_HERE)
    if status == 400:
        raise BadRequest("The request makes no sense.")
    if status == 403 and not octets.startswith(b"<?xml"):
        raise Refused("refused by Radicale")
    if status >= 500:
        raise RuntimeError(f"Radicale answered {status}")
    kept = {name: value for name, value in headers.items() if name.lower() not in ("dav", "content-length")}
    if isinstance(body, str) and "Content-Type" in kept and "charset" not in kept["Content-Type"]:
        kept["Content-Type"] += "; charset=utf-8"
    return Answer(status, kept, octets)
