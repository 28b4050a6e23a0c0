"""The one address of ActiveSync: who asks, with which device, in which dialect; then the command.

Source: MS-ASHTTP, "HTTP OPTIONS Command", "Request Headers", "Response Headers"; MS-ASCMD, "Common Status Codes".
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from pimgate.api import (
    AwayNow,
    Core,
    Device,
    DeviceFacts,
    DeviceState,
    Identity,
    PimgateError,
    TooManyDevices,
    Viewer,
    check_allowed,
)
from pimgate.web.authentication import basic_credentials, refusal
from pimgate.web.body import read_body
from pimgate.web.guard import ABOUT, away_response
from pimgate_eas import gate, loops, offer, probe
from pimgate_eas.answer import LEAST_COMPRESSED_BYTES, Answer, Streamed, accepts_gzip, compressed, rendered
from pimgate_eas.classes import in_dialect
from pimgate_eas.commands import COMMANDS, Command
from pimgate_eas.dialect import Ending, ending
from pimgate_eas.errors import row_for
from pimgate_eas.exchange import Exchange
from pimgate_eas.loops import GoSlower
from pimgate_eas.places import RETRY_AFTER_SECONDS, Crowded, Places
from pimgate_eas.query import BadQuery, Query, device_type_in, parse_query
from pimgate_eas.settings import EasSettings
from pimgate_eas.status import Common
from pimgate_eas.versions import VERSIONS, has_common_statuses
from pimgate_eas.waiting import Waiting
from pimgate_eas.wbxml.codec import Limits, WbxmlError, decode
from pimgate_eas.wbxml.element import Element

log = logging.getLogger("pimgate.eas")

PATH = "/Microsoft-Server-ActiveSync"
POLICY_PROBLEMS = frozenset(
    {Common.REMOTE_WIPE, Common.NOT_PROVISIONED, Common.POLICY_REFRESH, Common.INVALID_POLICY_KEY}
)


class Endpoint:
    """Answers requests of phones for one gateway."""

    def __init__(self, core: Core, settings: EasSettings) -> None:
        self._core = core
        self._settings = settings
        self._waiting = Waiting(core.bell)
        self._places = Places(settings.most_at_once, self._waiting)
        self._announcing = offer.Announcing(core)

    async def __call__(self, request: Request) -> Response:
        """Whatever the request deserves; what we cannot do now is 503, never an empty answer."""
        try:
            return await (self._options(request) if request.method == "OPTIONS" else self._post(request))
        except BadQuery as error:
            return PlainTextResponse(f"{error.reason}\n", 400)
        except Crowded:
            return away_response(RETRY_AFTER_SECONDS)
        except GoSlower as error:
            return away_response(error.retry_after_seconds)
        except PimgateError as error:
            return _refused(error)

    async def _options(self, request: Request) -> Response:
        await self._core.authenticate(basic_credentials(request, "eas"))
        device_type = device_type_in(request.scope["query_string"])
        versions = offer.for_stranger(self._core, device_type, request.headers.get("user-agent", ""))
        headers = {
            "MS-Server-ActiveSync": versions[-1],
            "Allow": "OPTIONS,POST",
            "Public": "OPTIONS,POST",
            "Cache-Control": "private",
            **offer.headers(versions),
        }
        return Response(headers=headers)

    async def _post(self, request: Request) -> Response:
        query = parse_query(request.scope["query_string"], request.headers)
        command = COMMANDS.get(query.command)
        if command is None:
            return PlainTextResponse("This command is not served.\n", 501)
        if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            return PlainTextResponse("A body is sent as it is.\n", 415, {"Accept-Encoding": "identity"})
        if probe.is_probe(query):
            return await self._probed(request, query)
        try:
            identity, device = await self._enter(request, query)
        except TooManyDevices:
            return await self._respond(request, query, _status(command, Common.TOO_MANY_DEVICES), {})
        request.scope[ABOUT] = f"{query.command}/{device.id}"
        with self._places.taken(request, identity.account.id, device.id):
            return await self._serve(request, query, command, identity, device)

    async def _probed(self, request: Request, query: Query) -> Response:
        """An account that is tried out: its password is checked, and nothing is kept."""
        await self._core.authenticate(basic_credentials(request, "eas", query.device_id))
        answer = probe.answer(query)
        if answer is None:
            return PlainTextResponse("This is not served to a device that is only tried out.\n", 501)
        return await self._respond(request, query, answer, {})

    async def _enter(self, request: Request, query: Query) -> tuple[Identity, Device]:
        """Person and device; whoever is known and may not be served learns no more than that."""
        credentials = basic_credentials(request, "eas", query.device_id)
        facts = DeviceFacts(
            "eas", query.device_id, query.device_type, request.headers.get("user-agent", ""), query.protocol_version
        )
        identity, device = await self._core.enter(credentials, lambda _: facts)
        check_allowed(device)
        if self._core.mail is not None:
            self._core.mail.came_in(identity, credentials.secret)
        return identity, device

    async def _serve(
        self, request: Request, query: Query, command: Command, identity: Identity, device: Device
    ) -> Response:
        octets = await read_body(request, command.most_bytes)
        if device.state is not DeviceState.WIPING:
            question = query.command.encode() + octets
            await loops.check(self._core, device.id, question, self._settings.repeats_per_minute)
        viewer = self._core.viewer(identity, device)
        versions = offer.for_viewer(viewer)
        if query.protocol_version not in versions:
            answer = _status(command, Common.VERSION_NOT_SUPPORTED)
            return await self._respond(request, query, answer, offer.headers(versions))
        news = await self._announcing.due(device, query.protocol_version, versions)
        obstacle = await self._obstacle(query, command, device, viewer)
        if obstacle is not None:
            return await self._respond(request, query, obstacle, news)
        body = _body(query, command, device, octets)
        if isinstance(body, Common):
            return await self._respond(request, query, _status(command, body), news)
        viewer = in_dialect(viewer, query.protocol_version)
        exchange = Exchange(
            self._core, self._settings, self._waiting, request, query, identity, device, viewer, body, octets
        )
        return await self._respond(request, query, await _answered(command, exchange), news)

    async def _obstacle(
        self, query: Query, command: Command, device: Device, viewer: Viewer
    ) -> Element | Ending | None:
        """What the device hears instead of an answer, because something else comes first; None, mostly."""
        if command.is_free:
            return None
        problem = await gate.problem(self._core, self._settings, query, device, viewer.profile)
        if problem is None:
            return None
        if problem in POLICY_PROBLEMS and viewer.profile.needs_449:
            return ending(problem)
        return _status(command, problem)

    async def _respond(
        self, request: Request, query: Query, answer: Answer | Ending, news: Mapping[str, str]
    ) -> Response:
        said = answer if isinstance(answer, Ending) else rendered(answer, query.protocol_version)
        headers = {"MS-Server-ActiveSync": VERSIONS[-1], "Cache-Control": "private", **news}
        if isinstance(said, Ending):
            return _ended(said, headers)
        if isinstance(said, Streamed):
            headers["Content-Length"] = str(said.size_bytes)
            return StreamingResponse(said.pieces(), headers=headers, media_type=said.media_type)
        content = said.content
        if len(content) >= LEAST_COMPRESSED_BYTES and accepts_gzip(request.headers.get("accept-encoding", "")):
            content = await self._core.in_thread(compressed, content)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return Response(content, headers=headers, media_type=said.media_type or None)


def _body(query: Query, command: Command, device: Device, octets: bytes) -> Element | Common | None:
    """The body as the command gets it; or what is wrong with it."""
    if command.is_mail_below_14 and not has_common_statuses(query.protocol_version):
        return None
    if not octets:
        return None if command.may_be_empty else Common.INVALID_CONTENT
    try:
        return decode(octets, Limits(size_bytes=command.most_bytes))
    except WbxmlError as error:
        log.warning("%s from device %s: %s", query.command, device.id, error)
        return Common.INVALID_WBXML


async def _answered(command: Command, exchange: Exchange) -> Answer | Ending:
    """The command's answer. An error that is about the request, and not about who sent it, is a status of the whole."""
    try:
        return await command.serve(exchange)
    except ClientDisconnect:
        return None
    except PimgateError as error:
        row = row_for(error)
        if row.http != 200:
            raise
        return _status(command, row.common)


def _status(command: Command, status: int) -> Element | Ending:
    """A status of the whole; by HTTP where the command has no answer to put it in."""
    namespace = command.root.partition(":")[0]
    if not namespace:
        return ending(status)
    return Element(command.root, Element(f"{namespace}:Status", text=str(int(status))))


def _ended(end: Ending, headers: Mapping[str, str]) -> Response:
    if end.http == 503:
        return away_response()
    if end.http == 200:
        return Response(b"", headers=headers)
    return PlainTextResponse("This cannot be answered otherwise in the version that was asked in.\n", end.http, headers)


def _refused(error: PimgateError) -> Response:
    http = row_for(error).http
    if http == 503:
        log.error("cannot be served now: %s", error.detail)
        return away_response(getattr(error, "retry_after_seconds", AwayNow.retry_after_seconds))
    if http in (401, 403):
        return refusal(error)
    return PlainTextResponse(f"{error.public}\n", 400)
