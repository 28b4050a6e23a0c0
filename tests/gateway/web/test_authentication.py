"""Basic credentials: what clients send, and what is answered."""

import base64

import pytest
from starlette.requests import HTTPConnection

from pimgate.errors import BadCredentials, DeviceBlocked, DevicePending, NotAllowedIn, Throttled
from pimgate.web.authentication import basic_credentials, refusal


def connection(authorization: str | None) -> HTTPConnection:
    headers = [(b"user-agent", b"Phone/1")]
    if authorization is not None:
        headers.append((b"authorization", authorization.encode("latin-1")))
    return HTTPConnection({"type": "http", "headers": headers, "client": ("192.0.2.1", 0)})


def basic(octets: bytes) -> str:
    return "Basic " + base64.b64encode(octets).decode()


@pytest.mark.parametrize(
    ("octets", "login", "secret"),
    [
        (b"anna:pass", "anna", "pass"),
        (b"anna@example.org:pa:ss:", "anna@example.org", "pa:ss:"),
        (b"EXAMPLE\\anna:", "EXAMPLE\\anna", ""),
        ("änna:gürtel".encode(), "änna", "gürtel"),
        ("änna:gürtel".encode("latin-1"), "änna", "gürtel"),
    ],
)
def test_what_was_typed_is_what_is_understood(octets: bytes, login: str, secret: str) -> None:
    for scheme in ("Basic", "basic", "BASIC"):
        found = basic_credentials(connection(basic(octets).replace("Basic", scheme)), "eas", "APPL1")
        assert (found.login, found.secret, found.protocol) == (login, secret, "eas")
        assert (found.network, found.agent, found.device_identifier) == ("192.0.2.1", "Phone/1", "APPL1")


@pytest.mark.parametrize(
    "authorization",
    [
        None, "", "Basic", "Basic ", "Bearer abc", "Basic !!!", "Basic YW5uYQ==", "Basic YW5uYTp4=x", "BasicYTpi",
        "Basic " + "A" * 5000, "Digest username=anna", "Basic \xff",
    ],
)  # fmt: skip
def test_header_that_cannot_be_understood_is_bad_credentials(authorization: str | None) -> None:
    with pytest.raises(BadCredentials):
        basic_credentials(connection(authorization), "dav")


@pytest.mark.parametrize(
    ("error", "status", "header"),
    [
        (BadCredentials(), 401, ("www-authenticate", 'Basic realm="pimgate", charset="UTF-8"')),
        (Throttled(17), 429, ("retry-after", "17")),
        (DevicePending(), 403, None),
        (DeviceBlocked(), 403, None),
        (NotAllowedIn(), 403, None),
    ],
)
def test_only_wrong_credentials_make_a_client_ask_for_the_password_again(
    error: NotAllowedIn, status: int, header: tuple[str, str] | None
) -> None:
    answer = refusal(error)
    assert answer.status_code == status
    assert bytes(answer.body).decode().strip() == error.public
    assert ("www-authenticate" in answer.headers) is (status == 401)
    if header:
        assert answer.headers[header[0]] == header[1]
