"""ValidateCert: whether certificates that came with signed mail can be believed. Source: MS-ASCMD, "ValidateCert".

Nothing is fetched from the network for it: a phone that insists on knowing whether a certificate was revoked (CheckCRL) is told
that this is not known.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Sequence
from datetime import UTC, datetime

from cryptography.x509 import Certificate

from pimgate_eas.certificates import Trust, judged, read, trusted_authorities
from pimgate_eas.exchange import Exchange
from pimgate_eas.status import ValidateCert
from pimgate_eas.wbxml.element import Element

log = logging.getLogger("pimgate.eas")

MOST_CERTIFICATES = 100


async def serve(exchange: Exchange) -> Element:
    """A status for each certificate, in order."""
    body = exchange.body
    if body is None or body.name != "ValidateCert:ValidateCert":
        return _answer(ValidateCert.PROTOCOL)
    asked = body.path("ValidateCert:Certificates", "ValidateCert:Certificate")
    chain = body.path("ValidateCert:CertificateChain", "ValidateCert:Certificate")
    if not asked or len(asked) + len(chain) > MOST_CERTIFICATES:
        return _answer(ValidateCert.PROTOCOL)
    check_revoked = body.text_of("ValidateCert:CheckCrl") == "1"
    return await exchange.core.in_thread(_judge_all, exchange, asked, chain, check_revoked)


def _judge_all(exchange: Exchange, asked: list[Element], chain: list[Element], check_revoked: bool) -> Element:
    try:
        trust = trusted_authorities(exchange.settings.trusted_authorities)
    except (OSError, ValueError) as error:
        log.error("the trusted authorities cannot be read: %s", type(error).__name__)
        return _answer(ValidateCert.SERVER)
    links = [_certificate(each) for each in chain]
    statuses = [_status_of(_certificate(each), links, trust, check_revoked) for each in asked]
    return _answer(ValidateCert.OK, *(Element("ValidateCert:Certificate", _status(each)) for each in statuses))


def _status_of(
    certificate: Certificate | None, chain: Sequence[Certificate | None], trust: Trust, check_revoked: bool
) -> ValidateCert:
    if certificate is None:
        return ValidateCert.BAD_SIGNATURE
    links = [each for each in chain if each is not None]
    if len(links) < len(chain):
        return ValidateCert.BAD_CHAIN
    status = judged(certificate, links, trust, datetime.now(UTC))
    return ValidateCert.REVOCATION_UNKNOWN if status is ValidateCert.OK and check_revoked else status


def _certificate(element: Element) -> Certificate | None:
    """The certificate in an element, base64 as the protocol has it or the octets themselves; None for what is none."""
    if element.opaque:
        return read(element.opaque)
    try:
        return read(base64.b64decode("".join((element.text or "").split()), validate=True))
    except (binascii.Error, ValueError):
        return None


def _answer(status: ValidateCert, *certificates: Element) -> Element:
    return Element("ValidateCert:ValidateCert", _status(status), *certificates)


def _status(status: ValidateCert) -> Element:
    return Element("ValidateCert:Status", text=str(int(status)))
