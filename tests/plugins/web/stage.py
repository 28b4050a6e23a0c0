"""A gateway with the pages, the clients that other plugins would serve, and a browser without script."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

import httpx

from pimgate.app import build_app
from pimgate.core import Core
from pimgate.errors import PimgateError

T = TypeVar("T")

ORIGIN = "http://pimgate.test"
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}
JSON = {"Accept": "application/json"}

CLIENTS = """
from pimgate.api import ClientKind, CollectionKind, Panel, hookimpl

DATED = frozenset({CollectionKind.CALENDAR, CollectionKind.TASKS})
BOOKS = frozenset({CollectionKind.BOOK})

@hookimpl
def pimgate_client_kinds():
    return [
        ClientKind("eas-ios", "Apple phones", BOOKS | DATED),
        ClientKind("eas-other", "Other phones", BOOKS | DATED),
        ClientKind("thunderbird", "Thunderbird", BOOKS | DATED),
        ClientKind("outlook", "Outlook", BOOKS | DATED),
        ClientKind("dav", "DAV programs", BOOKS | DATED),
    ]

@hookimpl
def pimgate_panels(core, account):
    return [Panel("Holiday <b>greetings</b>", (f"Hello {account.name}.",))]
"""


def install_clients(directory: Path) -> None:
    """Lay a plugin `clients` into `directory`, as pip would; it declares what the wings for phones and desktops declare."""
    metadata = directory / "pimgate_clients-1.dist-info"
    metadata.mkdir()
    (directory / "pimgate_clients.py").write_text(CLIENTS)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: pimgate-clients\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[pimgate]\nclients = pimgate_clients\n")


class Browser:
    """What a browser without script does: gets pages, follows redirects, posts forms, keeps cookies."""

    def __init__(self, core: Core, *, language: str = "en", origin: str = ORIGIN) -> None:
        self.came_back_to = ""
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(build_app(core), raise_app_exceptions=False)
        headers = {"Accept": "text/html", "Accept-Language": language}
        self._client = httpx.AsyncClient(transport=transport, base_url=origin, headers=headers)

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._run(self._client.get(path, headers=_named(headers), follow_redirects=True))

    def post(
        self, path: str, fields: Mapping[str, str], headers: Mapping[str, str] = FROM_OUR_PAGE, **more: Any
    ) -> httpx.Response:
        """Post a form as our own page does, without following the answer."""
        given: dict[str, Any] = {"data": dict(fields), **more}
        return self._run(self._client.post(path, headers=dict(headers), **given))

    def request(self, method: str, path: str, headers: Mapping[str, str]) -> httpx.Response:
        return self._run(self._client.request(method, path, headers=dict(headers)))

    def sign_in(self, login: str, password: str) -> httpx.Response:
        return self.post("/sign-in", {"login": login, "password": password})

    def overview(self) -> Any:
        """The page's twin in JSON."""
        return self.get("/preferences", accept="application/json").json()

    def collection(self, name: str) -> Any:
        """A collection of the twin, by its name."""
        sections = self.overview()["sections"]
        return next(each for section in sections for each in section["collections"] if each["name"] == name)

    def press(self, page: httpx.Response, label: str) -> httpx.Response:
        """Press the one button of this label: post its form, and follow to the page that comes back."""
        forms = [
            each for each in FORM.findall(page.text) if f'aria-label="{label}"' in each[1] or f">{label}<" in each[1]
        ]
        assert len(forms) == 1, f"{len(forms)} buttons are labelled {label}"
        action, content = forms[0]
        answer = self.post(action, dict(HIDDEN.findall(content)))
        assert answer.status_code == 303, answer.text
        self.came_back_to = answer.headers["location"]
        return self.get(self.came_back_to)

    def close(self) -> None:
        self._run(self._client.aclose())
        self._runner.close()

    def _run(self, answer: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(answer)


FORM = re.compile(r'<form[^>]*action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]+)">')


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def all_errors(of: type[PimgateError] = PimgateError) -> set[type[PimgateError]]:
    """`of` and everything below it that `pimgate.errors` declares."""
    below = {each for child in of.__subclasses__() for each in all_errors(child)}
    return {each for each in {of, *below} if each.__module__ == "pimgate.errors"}
