"""Signing in and out."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from pimgate.api import BadCredentials, Credentials, Throttled
from pimgate_web.door import SIGN_IN, give_cookie, take_cookie, token_of
from pimgate_web.errors import BadForm, retry_after_seconds, retry_words, row_of
from pimgate_web.overview import PROTOCOL
from pimgate_web.visit import Visit

HOME = "/preferences"
AGENT_LENGTH = 254


async def sign_in_page(visit: Visit) -> Response:
    """The form; whoever is signed in goes on."""
    if visit.session is not None:
        return RedirectResponse(HOME, 303)
    return visit.page("sign_in.html", login="", problem="", hint="")


async def sign_in(visit: Visit) -> Response:
    """Login and password in, a new session out. What goes wrong is said above the form, which keeps the login."""
    fields = await visit.form()
    login, password = fields.get("login", ""), fields.get("password", "")
    if not login or not password:
        raise BadForm("login or password missing")
    request = visit.request
    network = request.client.host if request.client else "127.0.0.1"
    agent = request.headers.get("user-agent", "")[:AGENT_LENGTH]
    try:
        identity = await visit.core.authenticate(Credentials(login, password, PROTOCOL, network, agent))
    except (BadCredentials, Throttled) as error:
        return _refused(visit, login, error)
    before = token_of(visit.site, request)
    token = await visit.core.write(lambda work: visit.site.sessions.begin(work, identity.account, before))
    response = visit.done(HOME, {"login": identity.account.login})
    give_cookie(visit.site, response, token)
    return response


def _refused(visit: Visit, login: str, error: BadCredentials | Throttled) -> Response:
    if visit.wants_json:
        return visit.problem(error)
    status, key = row_of(error)
    response = visit.page(
        "sign_in.html", status, login=login, problem=visit.words.say(key), hint=retry_words(visit.words, error)
    )
    retry = retry_after_seconds(error)
    if retry is not None:
        response.headers["Retry-After"] = str(retry)
    return response


async def sign_out(visit: Visit) -> Response:
    """End the session of this browser."""
    token = token_of(visit.site, visit.request)
    if token is not None:
        await visit.core.write(lambda work: visit.site.sessions.end(work, token))
    response = visit.done(SIGN_IN, {"signed_in": False})
    take_cookie(visit.site, response)
    return response
