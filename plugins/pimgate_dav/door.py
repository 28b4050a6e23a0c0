"""The way in: who are you, what do you ask, one hop to a worker thread, and the answer once everything is kept. Whoever was here a
moment ago is recognised in that same hop.

Nothing of the store is touched on the event loop, and nothing is sent before the commit. An answer that is an error undoes
whatever was written before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pimgate.api import (
    AwayNow,
    Core,
    Credentials,
    Device,
    DeviceFacts,
    Exposure,
    Identity,
    NotAllowedIn,
    PimgateError,
    Viewer,
    Work,
    check_allowed,
)
from pimgate.web.authentication import basic_credentials, refusal
from pimgate.web.body import read_body
from pimgate_dav.answer import Answer, plain
from pimgate_dav.asking import read_ask
from pimgate_dav.behind.application import Behind
from pimgate_dav.errors import FAILURES, answer_for
from pimgate_dav.lanes.table import METHODS, Lane, lanes, writes
from pimgate_dav.layout import Place
from pimgate_dav.push.registering import heed
from pimgate_dav.settings import DavSettings
from pimgate_dav.threads import Threads
from pimgate_dav.visit import Ask, Visit

CLASSES: Final = (
    "1, 3, extended-mkcol, access-control, calendar-access, addressbook, calendar-proxy, calendarserver-sharing,"
    " calendarserver-principal-property-search, calendarserver-principal-search, calendar-managed-attachments,"
    " inbox-availability"
)
"""What the DAV header claims; 2 would be LOCK, which is not answered."""

SCHEDULES: Final = "calendar-auto-schedule"
"""Claimed only where mail can leave: a program that reads it no longer tells people outside by itself."""

PUSHES: Final = "webdav-push"

WITHOUT_ZONES: Final = "calendar-no-timezone"
"""Claimed only where a service is named from which programs get the rules that are left out (RFC 7809, "Associated Time Zone Data
Distribution Service")."""

ALWAYS: Final[Mapping[str, str]] = {"DAV": CLASSES}
ALLOW: Final = ", ".join(METHODS)

SHORT_BYTES: Final = 65_536
"""A body of no more is read before its sender is known for certain."""

ATTEMPTS: Final = 3
"""So often somebody who changes while they are let in is let in anew."""

Entry = Callable[[Work], Viewer | None]
"""Who looks, through what, as a unit of work finds it; None for somebody who has to be let in first."""


class _Undo(Exception):
    """Ends a unit of work without keeping it; carries the answer out."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Door:
    """The ASGI application under `/dav`."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._settings = core.settings.plugin("dav", DavSettings)
        behind = Behind(core.settings.limits.item_bytes, self._settings.max_body_bytes)
        self._lanes: Mapping[str, Lane] = lanes(behind)
        self._threads = Threads(self._settings.threads)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self._response(request)
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return self._options()
        if request.method not in METHODS:
            return _http(plain(405, "This method is not known here.", {"Allow": ALLOW}), request.method)
        try:
            return _http(await self._answer(request), request.method)
        except NotAllowedIn as error:
            response = refusal(error)
            response.headers.update(ALWAYS)
            return response
        except PimgateError as error:
            return _http(answer_for(error, Place()), request.method)

    def _options(self) -> Response:
        response = _http(Answer(200, {"Allow": ALLOW}), "OPTIONS")
        claims = [CLASSES]
        if self._core.carrier() is not None:
            claims.append(SCHEDULES)
        if self._settings.push:
            claims.append(PUSHES)
        if self._settings.timezone_services:
            claims.append(WITHOUT_ZONES)
        response.headers["DAV"] = ", ".join(claims)
        return response

    async def _answer(self, request: Request) -> Answer:
        """Who was here a moment ago and asks in few words is recognised, and answered, in one unit of work; whoever else is let in
        first. NotAllowedIn and its kin."""
        credentials = basic_credentials(request, "dav")
        person = credentials.login.lower()
        body: bytes | None = None
        if self._core.remembers(credentials) and _is_short(request):
            body = await read_body(request, SHORT_BYTES)
            entry = self._recognised(request, credentials)
            answer = await self._threads.run(person, self._work, request, body, entry)
            if answer is not None:
                return answer
        for _ in range(ATTEMPTS):
            identity, device = await self._core.enter(credentials, _facts_of(self._core, request))
            check_allowed(device)
            if body is None:
                body = await read_body(request, self._settings.max_body_bytes)
            answer = await self._threads.run(person, self._work, request, body, self._let_in(identity, device))
            if answer is not None:
                return answer
        raise AwayNow(f"{device.id} is let in and changed at once")

    def _recognised(self, request: Request, credentials: Credentials) -> Entry:
        """Lets in whoever the core recognises."""

        def entry(work: Work) -> Viewer | None:
            known = self._core.recognise(work, credentials, _facts_of(self._core, request))
            if known is None:
                return None
            check_allowed(known[1])
            return self._core.viewer(*known)

        return entry

    def _let_in(self, identity: Identity, device: Device) -> Entry:
        """Whoever was let in before the body came, unless something changed about them while it came."""

        def entry(work: Work) -> Viewer | None:
            return self._core.viewer(identity, device) if self._core.still_holds(work, identity, device) else None

        return entry

    def _work(self, request: Request, body: bytes, entry: Entry) -> Answer | None:
        """One request as one unit of work, in a worker thread; None for somebody who is not let in."""
        ask: Ask | None = None
        visit: Visit | None = None
        try:
            ask = read_ask(request, body)
            with self._unit(ask) as work:
                viewer = entry(work)
                if viewer is None:
                    return None
                visit = Visit(self._core, self._settings, viewer, work, ask)
                visit.check_mine(ask.place)
                answer = self._lanes[ask.method](visit)
                if answer.is_error:
                    raise _Undo(answer)
                heed(visit)
                return answer.plus(_caching(visit))
        except _Undo as undo:
            return undo.answer
        except FAILURES as error:
            return answer_for(error, ask.place if ask else Place(), visit.kind_here() if visit else None)

    def _unit(self, ask: Ask) -> AbstractContextManager[Work]:
        database = self._core.database
        return database.write() if writes(ask) else database.read()


def _is_short(request: Request) -> bool:
    """Whether the body surely has no more than SHORT_BYTES."""
    length = request.headers.get("content-length", "0")
    return "transfer-encoding" not in request.headers and int(length) <= SHORT_BYTES


def _facts_of(core: Core, request: Request) -> Callable[[Identity], DeviceFacts]:
    """What is looked through. A device is an app password, or a person's programs of one family; its kind was settled when it was
    first seen, so a list never shrinks because a program changed its name."""
    agent = request.headers.get("user-agent", "")

    def facts(identity: Identity) -> DeviceFacts:
        if identity.app_password is not None:
            identifier = f"app:{identity.app_password.id}"
        else:
            identifier = f"ua:{core.profiles.match(DeviceFacts('dav', '', agent=agent)).name}"
        return DeviceFacts("dav", identifier[:64], agent=agent)

    return facts


def _caching(visit: Visit) -> Mapping[str, str]:
    """A collection that is used while connected only is never stored."""
    view = visit.opened()
    if view is not None and view.sight.verdict.exposure is Exposure.ONLINE:
        return {"Cache-Control": "no-store"}
    return {}


def _http(answer: Answer, method: str) -> Response:
    headers = {**answer.headers, **ALWAYS}
    if method == "HEAD":
        headers["Content-Length"] = str(len(answer.body))
        return Response(b"", answer.status, headers)
    return Response(answer.body, answer.status, headers)
