"""The kinds of client that come by CalDAV and CardDAV."""

from __future__ import annotations

from typing import Final

from pimgate.api import ClientKind, CollectionKind

SHOWN: Final = frozenset({CollectionKind.BOOK, CollectionKind.CALENDAR, CollectionKind.TASKS, CollectionKind.NOTES})

KINDS: Final = (
    ClientKind("dav", "CalDAV and CardDAV programs", SHOWN),
    ClientKind("outlook", "Outlook with a CalDAV add-in", SHOWN),
    ClientKind("thunderbird", "Thunderbird", SHOWN),
)
