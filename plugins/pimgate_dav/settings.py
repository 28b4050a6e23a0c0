"""The section `[plugins.dav]`."""

from __future__ import annotations

from dataclasses import dataclass

from pimgate.api import setting


@dataclass(frozen=True, slots=True)
class DavSettings:
    """CalDAV and CardDAV."""

    threads: int = setting(
        4, "DAV requests that work on the database at the same time; others wait their turn.", least=1, most=64
    )
    max_body_bytes: int = setting(4_194_304, "Largest request body.", least=65_536)
    search_results: int = setting(
        50, "Most entries that a search in a book without download answers at once.", least=1, most=1000
    )
    multiget_items: int = setting(5_000, "Most items that one request may name.", least=100, most=100_000)
