"""The literal list of the pages."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from pimgate.api import Core
from pimgate_web.devices import ALL_DEVICES, DEVICES, all_devices, decide, my_devices
from pimgate_web.door import SIGN_IN, Page, endpoint
from pimgate_web.mail import (
    ALL_MAIL,
    MAIL_PASSWORD,
    all_mail,
    forget_mail_password,
    keep_mail_password,
    mail_password,
)
from pimgate_web.preferences import change_subscription, choose_language, preferences, turn_switch
from pimgate_web.signing import HOME, sign_in, sign_in_page, sign_out
from pimgate_web.site import Site

# method  path                                        page
PAGES: tuple[tuple[str, str, Page], ...] = (
    ("GET",  "/",                                       preferences),
    ("GET",  HOME,                                      preferences),
    ("POST", f"{HOME}/language",                        choose_language),
    ("POST", f"{HOME}/{{collection}}/switch",           turn_switch),
    ("POST", f"{HOME}/{{collection}}/subscription",     change_subscription),
    ("GET",  DEVICES,                                   my_devices),
    ("GET",  ALL_DEVICES,                               all_devices),
    ("POST", f"{ALL_DEVICES}/{{device}}/{{decision}}",  decide),
    ("GET",  MAIL_PASSWORD,                             mail_password),
    ("POST", MAIL_PASSWORD,                             keep_mail_password),
    ("POST", f"{MAIL_PASSWORD}/forget",                 forget_mail_password),
    ("GET",  ALL_MAIL,                                  all_mail),
    ("GET",  SIGN_IN,                                   sign_in_page),
    ("POST", SIGN_IN,                                   sign_in),
    ("POST", "/sign-out",                               sign_out),
)  # fmt: skip

STATIC = "/static/web"
A_YEAR_SECONDS = 31_536_000


def web_routes(core: Core) -> list[BaseRoute]:
    """All routes of the pages of one gateway."""
    site = Site(core)
    pages = [Route(path, endpoint(site, page), methods=[method]) for method, path, page in PAGES]
    return [*pages, *(_static(site, name) for name in site.files)]


def _static(site: Site, name: str) -> BaseRoute:
    """A file that browsers may keep: its address changes with its content."""
    file = site.files[name]

    async def answered(_request: Request) -> Response:
        headers = {"Cache-Control": f"public, max-age={A_YEAR_SECONDS}, immutable", "X-Content-Type-Options": "nosniff"}
        return Response(file.content, 200, headers, file.media_type)

    return Route(f"{STATIC}/{name}", answered)
