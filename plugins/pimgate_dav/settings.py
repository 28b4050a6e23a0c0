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
    export_bytes: int = setting(
        50_000_000, "Largest collection that GET gives as one text; larger ones are refused.", least=1_000_000
    )
    answer_bytes: int = setting(
        268_435_456,
        "Largest answer to a PROPFIND or a REPORT. What would be larger is refused, and never cut."
        " Programs may ask for less at a time.",
        least=1_000_000,
    )
    timezone_services: list[str] = setting(
        [],
        "Addresses of servers that hand out the rules of time zones (RFC 7808). Programs are then told that they may leave these"
        " rules out, and where to find them.",
    )
    push: bool = setting(
        True,
        "Tell programs that ask for it of changes at once, through the push services that they name (WebDAV-Push).",
    )
    push_contact: str = setting(
        "",
        "How push services reach whoever runs this: mailto:postmaster@example.org, or an https address. Some insist.",
    )
    push_pause_seconds: int = setting(
        5, "Least time between two messages about a collection to one program; what happens meanwhile is one.", least=1
    )
    push_days: int = setting(14, "Longest time that a subscription lasts before the program must renew it.", least=3)
    push_subscriptions: int = setting(500, "Most subscriptions of one person.", least=10)
    push_to_private_addresses: bool = setting(
        False,
        "Reach push services in private networks, too, and without TLS. Whoever subscribes may then reach into yours.",
    )
