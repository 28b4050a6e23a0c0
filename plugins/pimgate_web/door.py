"""The door of every page: who is it, does the request come from our own pages, and what is said when something goes wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pimgate.api import PimgateError
from pimgate_web.errors import ForeignRequest, SignInFirst
from pimgate_web.origin import is_from_our_pages
from pimgate_web.sessions import Session
from pimgate_web.site import Site
from pimgate_web.visit import HEADERS, Visit

Page = Callable[[Visit], Awaitable[Response]]

SIGN_IN = "/sign-in"
COOKIE = "pimgate"
SECURE_COOKIE = "__Host-pimgate"
"""Browsers take a cookie of this prefix only over TLS, for the whole host and from nobody else."""


def endpoint(site: Site, page: Page) -> Callable[[Request], Awaitable[Response]]:
    """`page` behind the door, as a route wants it."""

    async def answered(request: Request) -> Response:
        visit = Visit(site, request, None)
        try:
            visit.session = await _session(site, request)
            if not is_from_our_pages(request, site.core.settings.http.public_url):
                raise ForeignRequest(f"{request.method} {request.url.path}")
            response = await page(visit)
            if visit.session is not None and visit.session.is_due:
                await _renew(site, visit.session, response)
        except SignInFirst as error:
            response = visit.problem(error) if visit.wants_json else RedirectResponse(SIGN_IN, 303)
        except PimgateError as error:
            response = visit.problem(error)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return answered


def token_of(site: Site, request: Request) -> str | None:
    """The token that the browser shows, whether it holds or not."""
    return request.cookies.get(_cookie_name(site))


def give_cookie(site: Site, response: Response, token: str) -> None:
    """Hand a browser its token."""
    response.set_cookie(
        _cookie_name(site),
        token,
        max_age=site.sessions.lifetime_seconds,
        path="/",
        secure=_is_secure(site),
        httponly=True,
        samesite="strict",
    )


def take_cookie(site: Site, response: Response) -> None:
    """Have a browser forget its token."""
    response.delete_cookie(_cookie_name(site), path="/", secure=_is_secure(site), httponly=True, samesite="strict")


async def _session(site: Site, request: Request) -> Session | None:
    token = token_of(site, request)
    return await site.core.read(lambda work: site.sessions.find(work, site.core.people, token)) if token else None


async def _renew(site: Site, session: Session, response: Response) -> None:
    """Move the end of the session, unless the page itself ended or changed it."""
    if "set-cookie" not in response.headers:
        await site.core.write(lambda work: site.sessions.renew(work, session))
        give_cookie(site, response, session.token)


def _is_secure(site: Site) -> bool:
    return site.core.settings.http.public_url.startswith("https:")


def _cookie_name(site: Site) -> str:
    return SECURE_COOKIE if _is_secure(site) else COOKIE
