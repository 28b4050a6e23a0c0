"""Certificates made for tests: authorities, and what they issued."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)

USES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
MORE_USES = ("key_cert_sign", "crl_sign", "encipher_only", "decipher_only")


@dataclass(frozen=True, slots=True)
class Made:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def usage(*names: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{each: each in names for each in (*USES, *MORE_USES)})


def purposes(*names: x509.ObjectIdentifier) -> x509.ExtendedKeyUsage:
    return x509.ExtendedKeyUsage(names)


MAIL = purposes(ExtendedKeyUsageOID.EMAIL_PROTECTION)
WEB = purposes(ExtendedKeyUsageOID.SERVER_AUTH)
CA = (x509.BasicConstraints(ca=True, path_length=None), usage("key_cert_sign", "crl_sign"))


def made(
    name: str,
    by: Made | None = None,
    *extensions: x509.ExtensionType,
    since: datetime = NOW - DAY,
    until: datetime = NOW + DAY,
    named_issuer: str | None = None,
) -> Made:
    """A certificate issued by `by`, or by itself; `named_issuer` is whom it says it is from, if that is a lie."""
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = named(named_issuer) if named_issuer else by.certificate.subject if by else named(name)
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )
    for each in extensions:
        builder = builder.add_extension(each, critical=isinstance(each, (x509.BasicConstraints, x509.KeyUsage)))
    return Made(builder.sign(by.key if by else key, hashes.SHA256()), key)


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
