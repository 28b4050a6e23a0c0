"""Whether a certificate can be believed when it signs a mail: its own dates and purpose, and the chain up to an authority that the
operator trusts. Nothing is fetched from the network. Source: RFC 5280, "Certification Path Validation"; RFC 8550, "Certificates".
"""

from __future__ import annotations

import re
import ssl
import warnings
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID

from pimgate_eas.status import ValidateCert

LONGEST_CHAIN = 10
MOST_OF_A_NAME = 4
"""Of certificates with the same name (renewed ones, for example) so many are tried: verifying costs time."""
MAIL_PURPOSES = frozenset((ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE))
PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----")
WEAK_HASHES = frozenset(("md5", "md2"))

Extension = TypeVar("Extension", bound=x509.ExtensionType)


class Trust:
    """The authorities that are believed by themselves."""

    def __init__(self, authorities: Iterable[x509.Certificate]) -> None:
        self._by_name: dict[bytes, list[x509.Certificate]] = {}
        for each in authorities:
            self._by_name.setdefault(_name(each), []).append(each)

    def __contains__(self, certificate: x509.Certificate) -> bool:
        return certificate in self._by_name.get(_name(certificate), ())

    def named(self, name: bytes) -> list[x509.Certificate]:
        """The authorities of that name."""
        return self._by_name.get(name, [])


def trusted_authorities(file: str) -> Trust:
    """Those in a PEM file; with an empty name those of the operating system. OSError; ValueError if there are none in the file."""
    if file:
        known = [ssl.PEM_cert_to_DER_cert(each) for each in PEM.findall(Path(file).read_text("ascii", "replace"))]
    else:
        known = ssl.create_default_context().get_ca_certs(binary_form=True)
    found = [authority for each in known if (authority := read(each)) is not None]
    if file and not found:
        raise ValueError(f"no certificate in {file}")
    return Trust(found)


def read(octets: bytes) -> x509.Certificate | None:
    """A certificate in DER; None for what is none, or what breaks the rules for certificates. Everything that is asked of it later
    is read here once, since it is parsed only when asked for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", CryptographyDeprecationWarning)  # what the library will refuse one day
        try:
            found = x509.load_der_x509_certificate(octets)
            _ = (found.subject, found.issuer, list(found.extensions), found.public_key())
        except (ValueError, TypeError, UnsupportedAlgorithm, CryptographyDeprecationWarning):
            return None
        except (x509.DuplicateExtension, x509.InvalidVersion, x509.UnsupportedGeneralNameType):
            return None
    return found


def judged(
    certificate: x509.Certificate, chain: Sequence[x509.Certificate], trust: Trust, now: datetime
) -> ValidateCert:
    """OK for a certificate that may sign mail now; else the first thing that is wrong with it, from itself upwards. `chain`: the
    certificates between it and an authority, in any order."""
    if not _holds(certificate, now):
        return ValidateCert.NOT_VALID_NOW
    if not _may_sign_mail(certificate):
        return ValidateCert.NOT_FOR_SIGNING
    child, depth = certificate, 0
    while child not in trust:
        if depth == LONGEST_CHAIN:
            return ValidateCert.BAD_CHAIN
        issuer = _issuer(child, trust, chain)
        if isinstance(issuer, ValidateCert):
            return issuer
        problem = _problem_of(issuer, depth, now)
        if problem is not None:
            return problem
        child, depth = issuer, depth + 1
    return ValidateCert.OK


def _issuer(
    child: x509.Certificate, trust: Trust, chain: Iterable[x509.Certificate]
) -> x509.Certificate | ValidateCert:
    """Who signed it; or why nobody is found who did."""
    name = child.issuer.public_bytes()
    named = [*trust.named(name), *(each for each in chain if _name(each) == name and each != child)]
    if not named:
        return ValidateCert.UNTRUSTED
    return next((each for each in named[:MOST_OF_A_NAME] if _is_signed_by(child, each)), ValidateCert.BAD_SIGNATURE)


def _name(certificate: x509.Certificate) -> bytes:
    return certificate.subject.public_bytes()


def _is_signed_by(child: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        algorithm = child.signature_hash_algorithm
        if algorithm is not None and algorithm.name in WEAK_HASHES:
            return False
        child.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _problem_of(authority: x509.Certificate, depth: int, now: datetime) -> ValidateCert | None:
    """What keeps a certificate from vouching for another, with `depth` others in between."""
    if not _holds(authority, now):
        return ValidateCert.CHAIN_NOT_VALID_NOW
    basics = _extension(authority, x509.BasicConstraints)
    if basics is None or not basics.ca:
        return ValidateCert.CHAIN_USED_INCORRECTLY
    usage = _extension(authority, x509.KeyUsage)
    if usage is not None and not usage.key_cert_sign:
        return ValidateCert.CHAIN_USED_INCORRECTLY
    if basics.path_length is not None and basics.path_length < depth:
        return ValidateCert.BAD_CHAIN
    return None


def _holds(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc


def _may_sign_mail(certificate: x509.Certificate) -> bool:
    """Without a word on its use a certificate may be used for everything."""
    usage = _extension(certificate, x509.KeyUsage)
    if usage is not None and not (usage.digital_signature or usage.content_commitment):
        return False
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    return purposes is None or bool(MAIL_PURPOSES & set(purposes))


def _extension(certificate: x509.Certificate, kind: type[Extension]) -> Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
