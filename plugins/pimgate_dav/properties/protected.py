"""Properties that no client may write: what we compute, and what decides what a resource is."""

from __future__ import annotations

from typing import Final

from pimgate_dav.names import caldav, carddav, dav
from pimgate_dav.properties import of_collections, of_items, of_people
from pimgate_dav.properties.writable import WRITERS

WRITABLE: Final = frozenset(WRITERS)

PROTECTED: Final = (
    frozenset(
        {
            *of_collections.TABLE,
            *of_items.TABLE,
            *of_people.OF_HOME,
            *(dav(name) for name in ("creationdate", "lockdiscovery", "supportedlock", "acl", "inherited-acl-set")),
            *(dav(name) for name in ("group", "group-member-set")),
            *(dav(name) for name in ("resource-id", "parent-set", "add-member", "supported-privilege-set")),
            *(caldav(name) for name in ("supported-collation-set", "min-date-time", "max-date-time")),
            *(caldav(name) for name in ("max-instances", "max-attendees-per-instance")),
            *(caldav("calendar-data"), carddav("address-data"), carddav("supported-collation-set")),
        }
    )
    - WRITABLE
)

MADE_WITH: Final = frozenset({dav("resourcetype"), caldav("supported-calendar-component-set")})
"""Protected later, but named when a collection is made."""
