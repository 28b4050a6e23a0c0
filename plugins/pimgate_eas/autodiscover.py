"""Autodiscover: from an e-mail address and a password to the address of the gateway.

Phones ask by POST, in XML and with credentials; newer programs ask by GET, for JSON and before they have any. Neither answer
depends on whether a person exists: whoever has no right password learns the address that is no secret, and nothing else.

Source: MS-ASCMD, "Autodiscover"; MS-OXDSCLI, "Processing Rules" and "Error"; the JSON form as Exchange answers it.
"""

from __future__ import annotations

from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from pimgate.api import Account, Core, NotAllowedIn
from pimgate.web.authentication import basic_credentials, refusal
from pimgate.web.body import read_body
from pimgate_eas.address import AnyCase

XML_PATH: Final = "/autodiscover/autodiscover.xml"
JSON_PATH: Final = "/autodiscover/autodiscover.json"
MOBILE: Final = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"
ANSWER: Final = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"

MOST_BYTES: Final = 16_384
DEPTH: Final = 8
NODES: Final = 64
LONGEST: Final = 512
INVALID_REQUEST: Final = (600, "Invalid Request")
NO_SUCH_SCHEMA: Final = (601, "Provider is not available")


class NotAsked(ValueError):
    """The body is no request of Autodiscover."""


def routes(core: Core, address: str) -> list[BaseRoute]:
    """The routes that tell where `address`, the path of ActiveSync, is."""
    door = Autodiscover(core, address)
    return [
        AnyCase(XML_PATH, door.xml, ["GET", "POST"]),
        AnyCase(JSON_PATH, door.json, ["GET"]),
        AnyCase(JSON_PATH + "/v1.0/{person}", door.json, ["GET"]),
    ]


class Autodiscover:
    """Answers both forms for one gateway."""

    def __init__(self, core: Core, address: str) -> None:
        self._core = core
        self._address = address

    async def xml(self, request: Request) -> Response:
        """Where the person's phone finds ActiveSync; an error, with status 200, for what is no such question."""
        try:
            identity = await self._core.authenticate(basic_credentials(request, "eas"))
        except NotAllowedIn as error:
            return refusal(error)
        octets = await read_body(request, MOST_BYTES)
        try:
            schema = schema_asked_for(octets)
        except NotAsked:
            return _xml(_error(*INVALID_REQUEST))
        if schema.rstrip("a").lower() != MOBILE:
            return _xml(_error(*NO_SUCH_SCHEMA))
        return _xml(_found(identity.account, self._base(request) + self._address))

    async def json(self, request: Request) -> Response:
        """The address of the protocol that is asked for."""
        places = {"activesync": ("ActiveSync", self._address), "autodiscoverv1": ("AutodiscoverV1", XML_PATH)}
        asked = {name.lower(): value for name, value in request.query_params.items()}.get("protocol", "")
        if not asked:
            missing = "A valid value must be provided for the query parameter 'Protocol'."
            return JSONResponse({"ErrorCode": "MandatoryParameterMissing", "ErrorMessage": missing}, 400)
        if asked.lower() not in places:
            known = ", ".join(name for name, _ in places.values())
            unknown = f"The given protocol value is invalid. Supported values are '{known}'."
            return JSONResponse({"ErrorCode": "InvalidProtocol", "ErrorMessage": unknown}, 400)
        name, path = places[asked.lower()]
        return JSONResponse({"Protocol": name, "Url": self._base(request) + path})

    def _base(self, request: Request) -> str:
        return self._core.settings.http.public_url.rstrip("/") or f"{request.url.scheme}://{request.url.netloc}"


def schema_asked_for(octets: bytes) -> str:
    """The AcceptableResponseSchema of a request. NotAsked for what is none, or has a document type, or is too deep or too long."""
    reading = _Reading()
    try:
        reading.parser.Parse(octets, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise NotAsked from error
    if not reading.schema.strip():
        raise NotAsked
    return reading.schema.strip()


class _Reading:
    """One parse that keeps a single text."""

    def __init__(self) -> None:
        self.schema = ""
        self._open: list[str] = []
        self._nodes = 0
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = lambda _name: self._open.pop()
        self.parser.CharacterDataHandler = self._text

    def _refuse(self, *_parts: object) -> None:
        raise NotAsked

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        self._nodes += 1
        if self._nodes > NODES or len(self._open) >= DEPTH:
            raise NotAsked
        self._open.append(name.rpartition("}")[2])

    def _text(self, text: str) -> None:
        if self._open == ["Autodiscover", "Request", "AcceptableResponseSchema"]:
            self.schema += text
            if len(self.schema) > LONGEST:
                raise NotAsked


def _found(account: Account, url: str) -> str:
    return (
        f'<Response xmlns="{MOBILE}"><Culture>en:en</Culture>'
        f"<User><DisplayName>{escape(account.name)}</DisplayName>"
        f"<EMailAddress>{escape(account.login)}</EMailAddress></User>"
        "<Action><Settings><Server><Type>MobileSync</Type>"
        f"<Url>{escape(url)}</Url><Name>{escape(url)}</Name>"
        "</Server></Settings></Action></Response>"
    )


def _error(code: int, message: str) -> str:
    return (
        f'<Response><Error Time="00:00:00.0000000" Id="0"><ErrorCode>{code}</ErrorCode>'
        f"<Message>{message}</Message><DebugData/></Error></Response>"
    )


def _xml(response: str) -> Response:
    whole = f'<?xml version="1.0" encoding="utf-8"?>\n<Autodiscover xmlns="{ANSWER}">{response}</Autodiscover>\n'
    return Response(whole, media_type="text/xml", headers={"Cache-Control": "private"})
