"""The elements in which sharing is spoken of (caldav-sharing, "XML Element Definitions")."""

from __future__ import annotations

from typing import Final

from pimgate.api import Account, Right
from pimgate_dav.names import calendarserver
from pimgate_dav.xml_out import element, escaped, href

CS = calendarserver
ACCEPTED: Final = CS("invite-accepted")
OPEN: Final = CS("invite-noresponse")
DECLINED: Final = CS("invite-declined")


def address_of(person: Account) -> str:
    return f"mailto:{person.login}"


def access(right: Right) -> str:
    return element(CS("access"), element(CS("read-write" if right >= Right.WRITE else "read")))


def organizer(person: Account) -> str:
    return element(CS("organizer"), href(address_of(person)) + element(CS("common-name"), escaped(person.name)))


def invited(person: Account, right: Right, state: str) -> str:
    """One person with whom something is shared."""
    name = element(CS("common-name"), escaped(person.name))
    return element(CS("user"), href(address_of(person)) + name + element(state) + access(right))


SHARED: Final = "<CS:shared/>"
SHARED_BY_ME: Final = "<CS:shared-owner/>"
MODES: Final = "<CS:can-be-shared/>"
