"""TLS as the proxy speaks it: towards mail programs with the operator's certificate, towards the mail server verified."""

import ssl
from pathlib import Path


def listening_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """What mail programs meet: TLS 1.2 or newer. Raises OSError (ssl.SSLError included) for files that do not serve."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


def connecting_context(ca_file: str = "") -> ssl.SSLContext:
    """What the mail server meets: its certificate and its name are verified, against `ca_file` when one is given."""
    context = ssl.create_default_context(cafile=ca_file or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
