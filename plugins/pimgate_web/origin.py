"""Does a change come from our own pages? Asked before every unsafe method.

A browser says where a request comes from in Sec-Fetch-Site, or at least in Origin; a page of another site can forge neither. A
request that says nothing is refused. The cookie's SameSite=Strict stands behind this, as a second wall.
Source: Fetch Metadata Request Headers (W3C), "Sec-Fetch-Site"; RFC 6454, "The HTTP Origin Header Field".
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.requests import Request

SAFE = frozenset(("GET", "HEAD"))
PORTS = {"http": 80, "https": 443}


def is_from_our_pages(request: Request, public_url: str) -> bool:
    """Whether the request only looks, or comes from a page of this very origin."""
    if request.method in SAFE:
        return True
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("origin", "")
    if public_url:
        return _place(origin) is not None and _place(origin) == _place(public_url)
    return _is_host(origin, request.headers.get("host", ""))


def _place(url: str) -> tuple[str, str, int] | None:
    """Scheme, host and port; None if it is not an address of the web."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname and port else None


def _is_host(origin: str, host: str) -> bool:
    """Without a public address the Host header says who we are; a proxy may have changed the scheme."""
    place = _place(origin)
    return place is not None and place == _place(f"{place[0]}://{host}")
