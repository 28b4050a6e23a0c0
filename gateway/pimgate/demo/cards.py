"""Sample contacts, written the way different programs write them: what one protocol cannot say has to survive the others.

The names are invented; numbers and addresses are from the ranges kept for examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

BOOKS: Mapping[str, str] = {
    "Contacts": """\
Amara Diallo | Harbour Bakery;Sourdough | Head baker | amara.diallo@bakery.example | +33 1 99 00 11 22
Béla Szőke | Szőke & Daughters | Luthier | bela@szoke.example | +36 1 555 0101
Chidi Eze | Northern Ferries | Captain | chidi.eze@ferries.example | +47 99 95 90 01
Dagny Hjort | Hjort Architects | Partner | dagny@hjort.example | +46 8 465 004 10
Emre Yıldız | Print Shop Yıldız | Owner | emre@yildiz.example | +49 30 23125 001
Fiona O'Hara | Coastal Rescue | Coxswain | fiona.ohara@rescue.example | +353 20 911 0001
Giulia Conti | Conti Ceramics | Potter | giulia@conti.example | +39 06 5550 0101
Haruto Mori | Mori Bicycles | Frame builder | haruto@mori.example | +81 3 5550 0101""",
    "Choir": """\
Ines Pereira | Choir;Soprano | Section leader | ines@choir.example | +351 21 555 0101
Jakub Novák | Choir;Bass | Librarian | jakub@choir.example | +420 555 010 101
Katarina Zetterlund | Choir;Alto | Treasurer | katarina@choir.example | +46 8 465 004 20""",
    "Suppliers": """\
Lucía Ferrer | Ferrer Hardwoods | Sales | lucia@ferrer.example | +34 91 555 0101
Mikkel Storm | Storm Varnish | Chemist | mikkel@storm.example | +45 55 55 01 01
Nadia Haddad | Haddad Tools | Director | nadia@haddad.example | +216 71 555 010""",
}
"""By the name of the book: name, organisation and department, title, e-mail, telephone."""

EXTRAS: Mapping[str, str] = {
    "Amara Diallo": """\
item1.URL:https://bakery.example/
item1.X-ABLabel:_$!<HomePage>!$_
TEL;type=CELL;type=VOICE;type=pref:+33 6 99 00 11 33
ADR;TYPE=WORK:;;4 quai du Port;Marseille;;13002;France
BDAY:1984-03-09
NOTE:Closed on Mondays.\\nAsk for the rye.""",
    "Béla Szőke": """\
X-PHONETIC-FIRST-NAME:Baylah
X-PHONETIC-LAST-NAME:Sirkuh
EMAIL;TYPE=HOME:bela.szoke@home.example
CATEGORIES:music,repairs""",
    "Dagny Hjort": """\
ADR;TYPE=HOME:;;Fiskargatan 9;Stockholm;;116 20;Sverige
LABEL;TYPE=HOME:Fiskargatan 9\\n116 20 Stockholm
X-SPOUSE:Sven
ANNIVERSARY:20090620""",
    "Emre Yıldız": """\
TEL;TYPE=CELL:+49 170 23125 02
TEL;TYPE=CELL:+49 170 23125 03
TEL;TYPE=FAX,WORK:+49 30 23125 009
IMPP;X-SERVICE-TYPE=Jabber:xmpp:emre@yildiz.example""",
}


@dataclass(frozen=True, slots=True)
class SampleCard:
    """One contact: the name of its file, its full name, and the whole text."""

    name: str
    full_name: str
    text: str


def cards_of(book: str) -> list[SampleCard]:
    """The sample contacts of a book."""
    return [_card(*(part.strip() for part in row.split("|"))) for row in BOOKS[book].splitlines()]


def _card(full_name: str, organisation: str, title: str, email: str, telephone: str) -> SampleCard:
    given, _, family = full_name.rpartition(" ")
    uid = f"demo-{email.partition('@')[0].replace('.', '-')}"
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "PRODID:-//pimgate//demo//EN",
        f"UID:{uid}",
        f"FN:{full_name}",
        f"N:{family};{given};;;",
        f"ORG:{organisation}",
        f"TITLE:{title}",
        f"EMAIL;TYPE=INTERNET;TYPE=WORK:{email}",
        f"TEL;TYPE=WORK,VOICE:{telephone}",
        *EXTRAS.get(full_name, "").splitlines(),
        "END:VCARD",
        "",
    ]
    return SampleCard(f"{uid}.vcf", full_name, "\r\n".join(lines))
