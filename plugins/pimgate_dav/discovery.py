"""How programs find the way in from the host's name alone (RFC 6764, "Client 'Bootstrapping' Procedures").

The well-known addresses lead to `/dav/` by a permanent redirect, whatever the method and whether or not a password comes along:
programs try PROPFIND, OPTIONS, GET or REPORT there, some with a slash at the end. Some ask `/` itself: PROPFIND there is led the
same way, and every other method of `/` stays free for whoever serves pages.
"""

from __future__ import annotations

from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Match, NoMatchFound, Route
from starlette.types import Receive, Scope, Send

from pimgate_dav.layout import MOUNT

WELL_KNOWN = ("/.well-known/caldav", "/.well-known/carddav")


class ToTheDoor:
    """Leads every request to the root of DAV. Being no plain function, it is given all methods."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await RedirectResponse(f"{MOUNT}/", 301)(scope, receive, send)


def well_known() -> list[BaseRoute]:
    """`/.well-known/caldav` and `/.well-known/carddav`, each with and without a slash."""
    return [Route(f"{path}{end}", ToTheDoor()) for path in WELL_KNOWN for end in ("", "/")]


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
        await ToTheDoor()(scope, receive, send)
