"""If-Match and If-None-Match (RFC 9110, "Conditional Requests").

ETags here are strong: they come from the octets that are kept, and GET gives just those octets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pimgate.api import ItemHead, WrongVersion

_TAG = re.compile(r'(W/)?"([^"]*)"')


def quoted(etag: str) -> str:
    return f'"{etag}"'


def check_write(headers: Mapping[str, str], head: ItemHead | None) -> None:
    """WrongVersion unless the conditions of a request that writes hold for what is there (None: nothing)."""
    check_version(headers, head.etag if head is not None else None)


def check_version(headers: Mapping[str, str], etag: str | None) -> None:
    """The same for whatever has an ETag."""
    wanted = headers.get("if-match")
    if wanted is not None and (etag is None or not _names(wanted, etag, strong=True)):
        raise WrongVersion("If-Match")
    unwanted = headers.get("if-none-match")
    if unwanted is not None and etag is not None and _names(unwanted, etag, strong=False):
        raise WrongVersion("If-None-Match")


def is_known(headers: Mapping[str, str], etag: str) -> bool:
    """Whether a reader has this version already, so that 304 is the answer. WrongVersion if If-Match does not hold."""
    wanted = headers.get("if-match")
    if wanted is not None and not _names(wanted, etag, strong=True):
        raise WrongVersion("If-Match")
    unwanted = headers.get("if-none-match")
    return unwanted is not None and _names(unwanted, etag, strong=False)


def _names(header: str, etag: str, *, strong: bool) -> bool:
    """Whether a list of entity tags names this version. Some programs forget the quotation marks."""
    if header.strip() == "*":
        return True
    tags = _TAG.findall(header)
    if not tags:
        return header.strip() == etag
    return any(tag == etag and not (strong and weak) for weak, tag in tags)
