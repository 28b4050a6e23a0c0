"""Somebody who was found by a search, as a card under an address in the directory.

<name>.vcf         a card of one of the books that this client may search, octet for octet; nobody can guess its name (`names`)
~<key>.vcf         somebody of a plugin's directory: the card is made from what the plugin says of them, and the key (their
                   e-mail address, or else their name, in base64url) finds them again
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from pimgate.api import DirectoryEntry, ItemId, etag_of
from pimgate.api import directory as people
from pimgate.text.component import Component
from pimgate.text.lines import Line, escape, make_line
from pimgate_dav.searching.names import Names

END: Final = ".vcf"
LONGEST_KEY: Final = 320
NUMBERS: Final = {"tel-cell": "CELL", "tel-home": "HOME", "tel-work": "WORK", "tel-pager": "PAGER", "tel-fax": "FAX"}


@dataclass(frozen=True, slots=True)
class Person:
    """One entry of an answer."""

    name: str
    text: str

    @property
    def etag(self) -> str:
        return etag_of(self.text)


def persons(directory: people.Directory, entries: Sequence[DirectoryEntry], names: Names) -> list[Person]:
    """The cards of those who were found, in their order."""
    kept = directory.texts(entries)
    found = []
    for entry in entries:
        text = _written(entry) if entry.item_id is None else kept.get(entry.item_id, "")
        if text:
            found.append(Person(_name_of(entry, names), text))
    return found


def persons_named(directory: people.Directory, asked: Sequence[str], names: Names) -> dict[str, Person]:
    """Those of these addresses under which somebody stands whom this client may find."""
    numbers = [number for name in asked if (number := _number_in(name, names)) is not None]
    entries = directory.with_ids(numbers) if numbers else []
    for name in asked:
        key = _key_in(name)
        found = directory.search(key).entries if key else ()
        entries += [each for each in found if each.item_id is None and _name_of(each, names) == name][:1]
    return {person.name: person for person in persons(directory, entries, names)}


def _name_of(entry: DirectoryEntry, names: Names) -> str:
    if entry.item_id is not None:
        return f"{names.of(entry.item_id)}{END}"
    return f"~{urlsafe_b64encode(_key_of(entry).encode()).decode().rstrip('=')}{END}"


def _key_of(entry: DirectoryEntry) -> str:
    return (entry.email or entry.name)[:LONGEST_KEY]


def _number_in(name: str, names: Names) -> ItemId | None:
    return names.number_in(name.removesuffix(END)) if name.endswith(END) else None


def _key_in(name: str) -> str:
    if not name.startswith("~") or not name.endswith(END):
        return ""
    code = name[1 : -len(END)]
    try:
        key = urlsafe_b64decode(code + "=" * (-len(code) % 4)).decode()
    except (NotBase64, UnicodeDecodeError, ValueError):
        return ""
    return key if len(key) <= LONGEST_KEY else ""


def _written(entry: DirectoryEntry) -> str:
    """A card of what a plugin says of somebody. The same person always has the same UID."""
    fields = entry.fields
    uid = uuid5(NAMESPACE_URL, f"{entry.source}\n{_key_of(entry)}")
    family, given = fields.get("family", ""), fields.get("given", "")
    lines = [
        make_line("VERSION", "3.0"),
        make_line("UID", str(uid)),
        make_line("FN", escape(entry.name or entry.email)),
        make_line("N", f"{escape(family)};{escape(given)};;;"),
    ]
    return Component("VCARD", [*lines, *_details(entry)]).to_text()


def _details(entry: DirectoryEntry) -> list[Line]:
    fields = entry.fields
    addresses = dict.fromkeys(each for each in (entry.email, *entry.addresses) if each)
    lines = [make_line("EMAIL", escape(each), (("TYPE", ("INTERNET",)),)) for each in addresses]
    if org := [escape(fields[name]) for name in ("org", "department") if fields.get(name)]:
        lines.append(make_line("ORG", ";".join(org)))
    lines += [make_line(name.upper(), escape(fields[name])) for name in ("title", "nickname") if fields.get(name)]
    lines += [make_line("TEL", escape(fields[n]), (("TYPE", (kind,)),)) for n, kind in NUMBERS.items() if fields.get(n)]
    return lines
