"""E-mail addresses, instant messaging and the web page."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from pimgate.text.lines import escape, make_line
from pimgate_eas.mapping.contacts.card import Card
from pimgate_eas.mapping.rows import TEXT, Row, Shape, text_element
from pimgate_eas.mapping.words import clean
from pimgate_eas.wbxml.element import Element

EMAILS: Final = ("Contacts:Email1Address", "Contacts:Email2Address", "Contacts:Email3Address")
MESSENGERS: Final = ("Contacts2:IMAddress", "Contacts2:IMAddress2", "Contacts2:IMAddress3")
WEB_PAGE: Final = "Contacts:WebPage"

_MESSENGER_NAMES: Final = (
    *("IMPP", "X-MS-IMADDRESS", "X-JABBER", "X-AIM", "X-ICQ", "X-MSN", "X-YAHOO", "X-SKYPE", "X-SKYPE-USERNAME"),
    *("X-GTALK", "X-GOOGLE-TALK", "X-GADUGADU", "X-GROUPWISE", "X-QQ", "X-MATRIX", "X-KADDRESSBOOK-X-IMADDRESS"),
)
_NAMED: Final = re.compile(r"[^<>]*<\s*([^<>]*?)\s*>\s*\Z")
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+\Z")


def fill(card: Card) -> None:
    """Put addresses into slots, in the order of the card."""
    card.fill(EMAILS, [line for line in card.named("EMAIL") if line.value.strip()])
    card.fill(MESSENGERS, [line for line in card.named(*_MESSENGER_NAMES) if line.value.strip()])
    card.fill((WEB_PAGE,), card.named("URL"))


def bare_address(text: str) -> str:
    """`"Ann" <ann@example.org>` gives ann@example.org; anything else stays as it is."""
    text = clean(text)
    found = _NAMED.match(text)
    return clean(found.group(1)) if found else text


def _address_in(element: Element) -> str:
    return bare_address(element.text or "")


ADDRESS: Final = Shape("", _address_in, text_element)


def _email(slot: str, card: Card) -> str:
    text = card.text(slot)
    return bare_address(text[7:] if text[:7].lower() == "mailto:" else text)


def _put_email(slot: str, card: Card, text: str) -> None:
    card.put_text(slot, text, "EMAIL", (("TYPE", ("INTERNET",)),) if card.version != "4.0" else ())


def _messenger(slot: str, card: Card) -> str:
    return card.text(slot)


def _put_messenger(slot: str, card: Card, text: str) -> None:
    card.put_text(slot, text, "IMPP" if _URI.match(text) else "X-MS-IMADDRESS")


def _web_page(card: Card) -> str:
    return card.text(WEB_PAGE)


def _put_web_page(card: Card, text: str) -> None:
    value = text.replace("\\", "\\\\").replace("\n", " ")  # a URI is not escaped like text
    if not text:
        card.clear(WEB_PAGE)
    elif WEB_PAGE in card.slots:
        card.rewrite(WEB_PAGE, value)
    else:
        card.replace(WEB_PAGE, make_line("URL", value if _URI.match(text) else escape(text)))


ONLINE: Final[tuple[Row[Card, str], ...]] = (
    *(Row(slot, partial(_email, slot), partial(_put_email, slot), ADDRESS) for slot in EMAILS),
    *(Row(slot, partial(_messenger, slot), partial(_put_messenger, slot), TEXT) for slot in MESSENGERS),
    Row(WEB_PAGE, _web_page, _put_web_page, TEXT),
)
