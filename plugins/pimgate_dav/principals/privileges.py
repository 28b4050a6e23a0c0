"""What may be done with a collection, in the words of RFC 3744. Rights are given by sharing; nothing here is edited.

of_collection(owner, [Grant(..., bert, Right.WRITE)])  ->  an ace for the owner, and one for Bert
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from pimgate.api import Grant, Right
from pimgate_dav.layout import Place
from pimgate_dav.names import caldav, dav
from pimgate_dav.xml_out import element, escaped, href

GRANTED: Final[Mapping[Right, tuple[str, ...]]] = {
    Right.READ: ("read",),
    Right.WRITE: ("read", "write-content", "bind", "unbind"),
    Right.MANAGE: ("all",),
}

RESTRICTIONS: Final = "<D:grant-only/><D:no-invert/>"


def _supported(name: str, words: str, *inside: str) -> str:
    description = f'<D:description xml:lang="en">{escaped(words)}</D:description>'
    return element(dav("supported-privilege"), element(dav("privilege"), element(name)) + description + "".join(inside))


@lru_cache(maxsize=1)
def supported() -> str:
    """The tree of all privileges, with words for people."""
    return _supported(
        dav("all"),
        "Everything",
        _supported(dav("read"), "See it", _supported(caldav("read-free-busy"), "See when time is taken")),
        _supported(
            dav("write"),
            "Change it",
            _supported(dav("write-properties"), "Change its name and colour"),
            _supported(dav("write-content"), "Change what is in it"),
            _supported(dav("bind"), "Put something into it"),
            _supported(dav("unbind"), "Take something out of it"),
        ),
        _supported(dav("read-acl"), "See who may do what"),
        _supported(dav("read-current-user-privilege-set"), "See what one may do oneself"),
    )


def of_owner() -> str:
    """The owner may do everything."""
    return _ace(element(dav("property"), element(dav("owner"))), ("all",))


def of_collection(grants: Iterable[Grant]) -> str:
    """Who may do what: the owner, and everybody to whom something was granted."""
    return of_owner() + "".join(_ace(_principal(each), GRANTED[each.right]) for each in grants if each.right in GRANTED)


def _principal(given: Grant) -> str:
    return element(dav("authenticated")) if given.account_id is None else href(Place(given.account_id).href)


def _ace(principal: str, names: Iterable[str]) -> str:
    granted = "".join(element(dav("privilege"), element(dav(name))) for name in names)
    who = element(dav("principal"), principal)
    return element(dav("ace"), who + element(dav("grant"), granted) + element(dav("protected")))
