"""How programs find the way in from the host's name alone (RFC 6764, "Client 'Bootstrapping' Procedures").

The well-known addresses lead to `/dav/` by a permanent redirect. Some programs ask `/` itself: PROPFIND there is led the same
way, and every other method of `/` stays free for whoever serves pages.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, NoMatchFound, Route
from starlette.types import Receive, Scope, Send

from pimgate_dav.layout import MOUNT

ASKED_WITH = ["GET", "HEAD", "OPTIONS", "PROPFIND", "PROPPATCH", "POST", "PUT", "REPORT"]


async def to_the_door(_request: Request) -> Response:
    return RedirectResponse(f"{MOUNT}/", 301)


def well_known() -> list[BaseRoute]:
    """`/.well-known/caldav` and `/.well-known/carddav`."""
    return [Route(f"/.well-known/{name}", to_the_door, methods=ASKED_WITH) for name in ("caldav", "carddav")]


class PropfindAtRoot(BaseRoute):
    """PROPFIND of `/`, and nothing else of it."""

    path = "PROPFIND /"
    """Not an address: what this plugin claims, should another one claim the same."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        is_it = scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "PROPFIND"
        return (Match.FULL if is_it else Match.NONE), {}

    def url_path_for(self, name: str, /, **path_params: object) -> NoMatchFound:  # type: ignore[override]
        raise NoMatchFound(name, dict(path_params))

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await to_the_door(Request(scope, receive))
        await response(scope, receive, send)
