"""What all pages of one gateway share: the core, the words, the templates, the sessions, and the files beside the pages."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request

from pimgate.api import Core
from pimgate_web.sessions import Sessions
from pimgate_web.settings import WebSettings
from pimgate_web.translation import Words, all_languages

HERE = Path(__file__).parent
SECONDS_A_DAY = 86_400
STATIC = {"style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file that is the same for everybody; `stamp` changes with its content."""

    content: bytes
    media_type: str
    stamp: str


class Site:
    """The pages of one gateway."""

    def __init__(self, core: Core) -> None:
        self.core = core
        self.settings = core.settings.plugin("web", WebSettings)
        self.languages: dict[str, Words] = all_languages()
        self.sessions = Sessions(self.settings.session_days * SECONDS_A_DAY, self.settings.sessions_per_person)
        self.files = {name: _static(name, media_type) for name, media_type in STATIC.items()}
        self.templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def address(self, request: Request) -> str:
        """Where clients reach this gateway: as the operator says, else as this request did."""
        return (self.core.settings.http.public_url or f"{request.url.scheme}://{request.url.netloc}").rstrip("/")


def _static(name: str, media_type: str) -> StaticFile:
    content = (HERE / "static" / name).read_bytes()
    return StaticFile(content, media_type, hashlib.sha256(content).hexdigest()[:12])
