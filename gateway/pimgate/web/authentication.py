"""Basic credentials in, for wings whose clients can do no better."""

from __future__ import annotations

import base64
import binascii

from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, Response

from pimgate.errors import BadCredentials, PimgateError, Throttled
from pimgate.model.people import Credentials

HEADER_LENGTH = 4096


def basic_credentials(connection: HTTPConnection, protocol: str, device_identifier: str | None = None) -> Credentials:
    """What the Authorization header says. BadCredentials if it says nothing that can be understood.

    The text is UTF-8 (RFC 7617, "The 'charset' auth-param"), or Latin-1 from older programs."""
    scheme, _, encoded = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic" or len(encoded) > HEADER_LENGTH:
        raise BadCredentials("no Basic credentials")
    try:
        octets = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadCredentials("not base64") from error
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        text = octets.decode("latin-1")
    login, colon, secret = text.partition(":")
    if not colon:
        raise BadCredentials("no password")
    peer = connection.client.host if connection.client else "127.0.0.1"
    agent = connection.headers.get("user-agent", "")
    return Credentials(login, secret, protocol, peer, agent, device_identifier)


def refusal(error: PimgateError, realm: str = "pimgate") -> Response:
    """401 for wrong credentials alone; 429 while somebody guesses; 403 for whoever is known and not let in."""
    if isinstance(error, BadCredentials):
        challenge = {"WWW-Authenticate": f'Basic realm="{realm}", charset="UTF-8"'}
        return PlainTextResponse(f"{error.public}\n", 401, challenge)
    if isinstance(error, Throttled):
        return PlainTextResponse(f"{error.public}\n", 429, {"Retry-After": str(error.retry_after_seconds)})
    return PlainTextResponse(f"{error.public}\n", 403)
