"""Cards to edit, and the edits."""

from __future__ import annotations

from pimgate_eas.mapping import contacts
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.items import application_data, context, ghosted, plain, removed, with_changes


def card(*lines: str, version: str = "3.0") -> str:
    """A card of these lines; VERSION and UID are there already."""
    return "".join(f"{line}\r\n" for line in ("BEGIN:VCARD", f"VERSION:{version}", "UID:c-1", *lines, "END:VCARD"))


def field(tag: str, text: str) -> Element:
    """`field("FirstName", "Ann")`; Contacts2 where the name needs it."""
    second = ("NickName", "IMAddress", "IMAddress2", "IMAddress3", "ManagerName", "CompanyMainPhone")
    return Element(f"{'Contacts2' if tag in second else 'Contacts'}:{tag}", text=text)


def fields(**texts: str) -> list[Element]:
    return [field(tag, text) for tag, text in texts.items()]


def edited(text: str | None, *changes: Element) -> str:
    """The card after an edit of just these elements."""
    return contacts.patch(text, application_data(*changes), context(), ghosted=ghosted, uid="new-uid")


def rewritten(text: str, *changes: Element, without: tuple[str, ...] = ()) -> str:
    """The card after an edit by a device that sends all it has, these elements changed and those left out."""
    data = with_changes(
        contacts.render(text, context()), *changes, without=tuple(field(each, "").name for each in without)
    )
    return contacts.patch(text, data, context(), ghosted=removed, uid="new-uid")


def shown(text: str) -> dict[str, object]:
    return plain(contacts.render(text, context()))


def new_lines(before: str, after: str) -> list[str]:
    known = before.split("\r\n")
    return [line for line in after.split("\r\n") if line not in known]


def lost_lines(before: str, after: str) -> list[str]:
    return new_lines(after, before)
