"""Somebody looking through some client, without a device of their own."""

from pimgate.model.clients import ALL_KINDS, ClientKind, Profile, Viewer
from pimgate.model.collections import CollectionKind
from pimgate.model.people import Account


def through(
    account: Account,
    kind: str = "web",
    *,
    shows: frozenset[CollectionKind] = ALL_KINDS,
    always_show_default: bool = False,
) -> Viewer:
    """`account` looking through a client of this kind."""
    profile = Profile(kind, kind, always_show_default=always_show_default)
    return Viewer(account, ClientKind(kind, kind, shows), profile, f"d{kind}")
