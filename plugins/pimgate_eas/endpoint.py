"""The one address of ActiveSync: who asks, with which device, in which dialect; then the command.

Source: MS-ASHTTP, "HTTP OPTIONS Command", "Request Headers", "Response Headers"; MS-ASCMD, "Common Status Codes".
"""

from __future__ import annotations

import logging

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from pimgate.api import AwayNow, Core, Device, DeviceFacts, Identity, PimgateError, check_allowed
from pimgate.web.authentication import basic_credentials, refusal
from pimgate.web.body import read_body
from pimgate.web.guard import ABOUT, away_response
from pimgate_eas.commands import COMMANDS, Command
from pimgate_eas.errors import row_for
from pimgate_eas.exchange import Exchange
from pimgate_eas.query import BadQuery, Query, parse_query
from pimgate_eas.settings import EasSettings
from pimgate_eas.status import Common
from pimgate_eas.versions import VERSIONS
from pimgate_eas.waiting import Waiting
from pimgate_eas.wbxml.codec import Limits, WbxmlError, decode, encode
from pimgate_eas.wbxml.element import Element

log = logging.getLogger("pimgate.eas")

MEDIA_TYPE = "application/vnd.ms-sync.wbxml"
PATH = "/Microsoft-Server-ActiveSync"


class Endpoint:
    """Answers requests of phones for one gateway."""

    def __init__(self, core: Core, settings: EasSettings) -> None:
        self._core = core
        self._settings = settings
        self._waiting = Waiting(core.bell)

    async def __call__(self, request: Request) -> Response:
        """Whatever the request deserves; what we cannot do now is 503, never an empty answer."""
        try:
            if request.method == "OPTIONS":
                await self._core.authenticate(basic_credentials(request, "eas"))
                return _options()
            return await self._post(request)
        except BadQuery as error:
            return PlainTextResponse(f"{error.reason}\n", 400)
        except PimgateError as error:
            return _refused(error)

    async def _post(self, request: Request) -> Response:
        query = parse_query(request.scope["query_string"], request.headers)
        command = COMMANDS.get(query.command)
        if command is None:
            return PlainTextResponse("This command is not served.\n", 501)
        identity, device = await self._enter(request, query)
        request.scope[ABOUT] = f"{query.command}/{device.id}"
        octets = await read_body(request, command.most_bytes)
        if query.protocol_version not in VERSIONS:
            return _answer(query, _status(command, Common.VERSION_NOT_SUPPORTED))
        problem = self._policy_problem(command, query, device)
        if problem is not None:
            return _answer(query, _status(command, problem))
        try:
            body = decode(octets, Limits(size_bytes=command.most_bytes)) if octets else None
        except WbxmlError as error:
            log.warning("%s from device %s: %s", query.command, device.id, error)
            return _answer(query, _status(command, Common.INVALID_WBXML))
        if body is None and not command.may_be_empty:
            return _answer(query, _status(command, Common.INVALID_WBXML))
        viewer = self._core.viewer(identity, device)
        exchange = Exchange(
            self._core, self._settings, self._waiting, request, query, identity, device, viewer, body, octets
        )
        return await self._serve(command, exchange)

    async def _serve(self, command: Command, exchange: Exchange) -> Response:
        try:
            answer = await command.serve(exchange)
        except ClientDisconnect:
            return Response()
        return _answer(exchange.query, answer)

    async def _enter(self, request: Request, query: Query) -> tuple[Identity, Device]:
        """Person and device; whoever is known and may not be served learns no more than that."""
        credentials = basic_credentials(request, "eas", query.device_id)
        facts = DeviceFacts(
            "eas", query.device_id, query.device_type, request.headers.get("user-agent", ""), query.protocol_version
        )
        identity, device = await self._core.enter(credentials, facts)
        check_allowed(device)
        return identity, device

    def _policy_problem(self, command: Command, query: Query, device: Device) -> Common | None:
        """What keeps a device from being served until it has the policy, if the operator wants it so."""
        if command.is_free or not self._settings.require_policy:
            return None
        if not query.policy_key or not device.policy_key:
            return Common.NOT_PROVISIONED
        return None if query.policy_key == device.policy_key else Common.INVALID_POLICY_KEY


def _options() -> Response:
    headers = {
        "MS-Server-ActiveSync": VERSIONS[-1],
        "MS-ASProtocolVersions": ",".join(VERSIONS),
        "MS-ASProtocolCommands": ",".join(sorted(COMMANDS)),
        "Allow": "OPTIONS,POST",
        "Public": "OPTIONS,POST",
        "Cache-Control": "private",
    }
    return Response(headers=headers)


def _answer(query: Query, answer: Element | None) -> Response:
    """The answer as WBXML; None is an empty body, which says that nothing changed."""
    version = query.protocol_version if query.protocol_version in VERSIONS else VERSIONS[-1]
    headers = {"MS-Server-ActiveSync": version, "Cache-Control": "private"}
    if answer is None:
        return Response(b"", headers=headers)
    return Response(encode(answer), headers=headers, media_type=MEDIA_TYPE)


def _status(command: Command, status: Common) -> Element:
    namespace = command.root.partition(":")[0]
    return Element(command.root, Element(f"{namespace}:Status", text=str(int(status))))


def _refused(error: PimgateError) -> Response:
    http = row_for(error).http
    if http == 503:
        log.error("cannot be served now: %s", error.detail)
        return away_response(getattr(error, "retry_after_seconds", AwayNow.retry_after_seconds))
    if http in (401, 403):
        return refusal(error)
    return PlainTextResponse(f"{error.public}\n", 400)
