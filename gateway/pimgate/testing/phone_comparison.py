"""Does a phone have what the server has? Items are compared by what both protocols can say of them.

compare(phone, {collection_id: ["BEGIN:VCARD...", ...]}).differences == ()
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pimgate.testing.phone import Phone
from pimgate.text.component import Component, parse
from pimgate.text.lines import split_unescaped, unescape
from pimgate_eas.wbxml.element import Element

Facts = tuple[str, Mapping[str, str]]
"""Who or what an item is about, and what is said of it."""

CARD_FIELDS = {"Contacts:JobTitle": "TITLE", "Contacts:CompanyName": "ORG", "Contacts2:NickName": "NICKNAME"}
EVENT_FIELDS = {"Calendar:Location": "LOCATION"}
OVER = ("COMPLETED", "CANCELLED")
"""What a task is that nobody has to do any more."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """By name: `lost` is on the server and not on the phone, `doubled` more often on the phone than on the server (once too often
    is enough), `reverted` says something else on the phone: "name: field phone/server"."""

    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    reverted: tuple[str, ...] = ()

    @property
    def differences(self) -> tuple[str, ...]:
        return (
            *(f"lost: {each}" for each in self.lost),
            *(f"doubled: {each}" for each in self.doubled),
            *(f"reverted: {each}" for each in self.reverted),
        )


def compare(phone: Phone, server_items: Mapping[str, Iterable[str]]) -> Comparison:
    """The phone's copy of these collections against the server's texts (vCard or iCalendar), by collection id."""
    lost: list[str] = []
    doubled: list[str] = []
    reverted: list[str] = []
    for collection_id, texts in server_items.items():
        told = [facts_told(each) for each in phone.items.get(collection_id, {}).values()]
        kept = [facts_kept(each) for each in texts]
        on_phone, on_server = Counter(name for name, _ in told), Counter(name for name, _ in kept)
        lost += (on_server - on_phone).elements()
        doubled += (on_phone - on_server).elements()
        by_name = dict(kept)
        reverted += [
            each for name, facts in told if name in by_name for each in _said_otherwise(name, facts, by_name[name])
        ]
    return Comparison(tuple(lost), tuple(doubled), tuple(reverted))


def _said_otherwise(name: str, told: Mapping[str, str], kept: Mapping[str, str]) -> list[str]:
    return [
        f"{name}: {field} {told.get(field, '')!r}/{kept.get(field, '')!r}"
        for field in sorted(set(told) | set(kept))
        if told.get(field, "") != kept.get(field, "")
    ]


def facts_told(data: Element) -> Facts:
    """What a phone was told of an item."""
    task, note = data.text_of("Tasks:Subject"), data.text_of("Notes:Subject")
    if task is not None or data.has("Tasks:Complete"):
        return task or "", {"DESCRIPTION": _body(data), "STATUS": _text(data, "Tasks:Complete")}
    if note is not None or data.has("Notes:MessageClass"):
        return note or "", {"DESCRIPTION": _body(data)}
    subject = data.text_of("Calendar:Subject")
    if subject is not None:
        facts = {kept: _text(data, told) for told, kept in EVENT_FIELDS.items()}
        places = data.path("AirSyncBase:Location")
        if places:
            facts["LOCATION"] = _text(places[0], "AirSyncBase:DisplayName")
        return subject, facts
    name = " ".join(filter(None, (_text(data, "Contacts:FirstName"), _text(data, "Contacts:LastName"))))
    return name, {kept: _text(data, told) for told, kept in CARD_FIELDS.items()}


def facts_kept(text: str) -> Facts:
    """What the server keeps of an item."""
    whole = parse(text)
    if whole.name == "VCARD":
        family, given = [unescape(each).strip() for each in split_unescaped(_value(whole, "N"), ";")[:2]]
        name = " ".join(filter(None, (given, family)))
        return name, {field: _first(whole, field) for field in CARD_FIELDS.values()}
    entry = next(each for each in whole.children if each.name in ("VEVENT", "VTODO", "VJOURNAL"))
    if entry.name == "VEVENT":
        return _first(entry, "SUMMARY"), {field: _first(entry, field) for field in EVENT_FIELDS.values()}
    facts = {"DESCRIPTION": unescape(_value(entry, "DESCRIPTION")).strip()}
    if entry.name == "VTODO":
        facts["STATUS"] = "1" if _first(entry, "STATUS") in OVER else "0"
    return _first(entry, "SUMMARY"), facts


def _body(data: Element) -> str:
    body = data.find("AirSyncBase:Body")
    return _text(body, "AirSyncBase:Data").replace("\r\n", "\n") if body is not None else ""


def _text(data: Element, name: str) -> str:
    return data.text_of(name) or ""


def _value(component: Component, name: str) -> str:
    line = component.get(name)
    return line.decoded if line is not None else ""


def _first(component: Component, name: str) -> str:
    """The first part of a property's value, as text."""
    return unescape(split_unescaped(_value(component, name), ";")[0]).strip()
