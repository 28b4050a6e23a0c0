"""The way in: who are you, what do you ask, one hop to a worker thread, and the answer once everything is kept.

Nothing of the store is touched on the event loop, and nothing is sent before the commit. An answer that is an error undoes
whatever was written before it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Final

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pimgate.api import Core, DeviceFacts, Exposure, NoSuchItem, NotAllowedIn, PimgateError, Viewer, Work, check_allowed
from pimgate.web.authentication import basic_credentials, refusal
from pimgate.web.body import read_body
from pimgate_dav.answer import Answer, plain
from pimgate_dav.behind.application import Behind
from pimgate_dav.errors import FAILURES, BadRequest, Failure, Precondition, answer_for
from pimgate_dav.lanes.table import METHODS, WITH_XML, Lane, lanes, writes
from pimgate_dav.layout import Place, place_of
from pimgate_dav.names import dav
from pimgate_dav.push.registering import heed
from pimgate_dav.settings import DavSettings
from pimgate_dav.visit import Ask, Visit
from pimgate_dav.xml_in import BadXml, read_xml

CLASSES: Final = (
    "1, 3, extended-mkcol, access-control, calendar-access, addressbook, calendar-proxy, calendarserver-sharing,"
    " calendarserver-principal-property-search, calendarserver-principal-search, calendar-managed-attachments"
)
"""What the DAV header claims; 2 would be LOCK, which is not answered."""

SCHEDULES: Final = "calendar-auto-schedule"
"""Claimed only where mail can leave: a program that reads it no longer tells people outside by itself."""

PUSHES: Final = "webdav-push"

ALWAYS: Final[Mapping[str, str]] = {"DAV": CLASSES}
ALLOW: Final = ", ".join(METHODS)


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
        self._threads: CapacityLimiter | None = None

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
            viewer = await self._viewer(request)
        except NotAllowedIn as error:
            response = refusal(error)
            response.headers.update(ALWAYS)
            return response
        except PimgateError as error:
            return _http(answer_for(error, Place()), request.method)
        return _http(await self._answer(request, viewer), request.method)

    def _options(self) -> Response:
        response = _http(Answer(200, {"Allow": ALLOW}), "OPTIONS")
        claims = [CLASSES]
        if self._core.carrier() is not None:
            claims.append(SCHEDULES)
        if self._settings.push:
            claims.append(PUSHES)
        response.headers["DAV"] = ", ".join(claims)
        return response

    async def _viewer(self, request: Request) -> Viewer:
        """Who looks, through what. A device is an app password, or a person's programs of one family; its kind was settled
        when it was first seen, so a list never shrinks because a program changed its name."""
        identity = await self._core.authenticate(basic_credentials(request, "dav"))
        agent = request.headers.get("user-agent", "")
        if identity.app_password is not None:
            identifier = f"app:{identity.app_password.id}"
        else:
            identifier = f"ua:{self._core.profiles.match(DeviceFacts('dav', '', agent=agent)).name}"
        device = await self._core.admit(identity, DeviceFacts("dav", identifier[:64], agent=agent))
        check_allowed(device)
        return self._core.viewer(identity, device)

    async def _answer(self, request: Request, viewer: Viewer) -> Answer:
        try:
            ask = await self._ask(request)
        except FAILURES as error:
            return answer_for(error, Place())
        if self._threads is None:
            self._threads = CapacityLimiter(self._settings.threads)
        return await run_sync(self._work, ask, viewer, limiter=self._threads)

    async def _ask(self, request: Request) -> Ask:
        """The request, read and checked as far as that can be done without the store."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        _check_depth(request.method, headers.get("depth"))
        body = await read_body(request, self._settings.max_body_bytes)
        _check_type(request.method, headers.get("content-type", ""), body)
        place = _place(request)
        host, scheme = headers.get("host", ""), request.url.scheme
        return Ask(request.method, place, headers, body, None, host, scheme, dict(request.query_params))

    def _work(self, ask: Ask, viewer: Viewer) -> Answer:
        """One request as one unit of work, in a worker thread."""
        visit: Visit | None = None
        try:
            ask = _with_xml(ask)
            with self._unit(ask) as work:
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
            return _failed(error, ask, visit)

    def _unit(self, ask: Ask) -> AbstractContextManager[Work]:
        database = self._core.database
        return database.write() if writes(ask) else database.read()


def _with_xml(ask: Ask) -> Ask:
    """The request with its XML read: in the thread, because a hundred thousand elements take their time."""
    try:
        return replace(ask, xml=read_xml(ask.body)) if ask.method in WITH_XML else ask
    except BadXml as error:
        raise BadRequest(error.public) from error


def _failed(error: Failure, ask: Ask, visit: Visit | None) -> Answer:
    return answer_for(error, ask.place, visit.kind_here() if visit else None)


def _caching(visit: Visit) -> Mapping[str, str]:
    """A collection that is used while connected only is never stored."""
    view = visit.opened()
    if view is not None and view.sight.verdict.exposure is Exposure.ONLINE:
        return {"Cache-Control": "no-store"}
    return {}


def _place(request: Request) -> Place:
    """Where a request goes. NoSuchItem; BadRequest for a collection that is to be made where nothing can be."""
    try:
        return place_of(request.scope["raw_path"].decode("ascii", "replace"))
    except NoSuchItem as error:
        if request.method in ("MKCOL", "MKCALENDAR"):
            raise BadRequest("What this is to stand in does not exist.", 409) from error
        raise


def _check_depth(method: str, depth: str | None) -> None:
    """Precondition for a PROPFIND without bounds; BadRequest for a depth that is none. Without the header, the resource
    alone is meant: programs that leave it out want that, whatever RFC 4918 says."""
    if depth is None:
        return
    depth = depth.strip().lower()
    if depth not in ("0", "1", "infinity"):
        raise BadRequest("The depth must be 0, 1 or infinity.")
    if method == "PROPFIND" and depth == "infinity":
        raise Precondition(403, dav("propfind-finite-depth"))


def _check_type(method: str, content_type: str, body: bytes) -> None:
    """BadRequest for a collection that is to be made from something else than XML (RFC 4918, "MKCOL Method")."""
    if method in ("MKCOL", "MKCALENDAR") and body and content_type and "xml" not in content_type.lower():
        raise BadRequest("A collection is described in XML.", 415)


def _http(answer: Answer, method: str) -> Response:
    headers = {**answer.headers, **ALWAYS}
    if method == "HEAD":
        headers["Content-Length"] = str(len(answer.body))
        return Response(b"", answer.status, headers)
    return Response(answer.body, answer.status, headers)
