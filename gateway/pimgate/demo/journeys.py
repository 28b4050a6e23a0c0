"""Items, mail, passwords and a waiting phone, tried on a running gateway from outside. What is made is taken away again."""

from __future__ import annotations

import imaplib
import secrets
import smtplib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pimgate.demo import letters
from pimgate.demo.household import Exhibit
from pimgate.demo.people import Person
from pimgate.demo.stage import Access, Addresses
from pimgate.model.collections import Ownership
from pimgate.testing.browser import Browser, NotSignedIn
from pimgate.testing.desktop import THUNDERBIRD, Desktop
from pimgate.testing.network import Lost
from pimgate.testing.phone import Phone, PingAnswer
from pimgate.testing.phone_comparison import facts_kept, facts_told
from pimgate.testing.phone_forms import contact
from pimgate.testing.phone_line import PhoneRefused
from pimgate.testing.phone_mail import MailPhone

INBOX_TYPE = "2"
WRONG = "not-the-password"
MAIL_SECONDS = 10.0
LATE_SECONDS = 60.0
"""A wrong password is answered late."""

PING_SECONDS = 2.0
REGISTER_SECONDS = 1.0
"""A Ping is given this long to reach the gateway before something happens."""


class Failed(Exception):
    """What was not as it should be, in words."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One journey: what should be so, and what was not; "" when all is well."""

    claim: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class World:
    """Where everything is, and who acts."""

    addresses: Addresses
    people: Sequence[Person]
    exhibits: Sequence[Exhibit]
    browser: Browser

    @property
    def alice(self) -> Access:
        return self.addresses.people[0]

    @property
    def imap(self) -> tuple[str, int]:
        return _host_and_port(self.addresses.imap)

    @property
    def smtp(self) -> tuple[str, int]:
        return _host_and_port(self.addresses.smtp)

    def phone(self) -> Phone:
        """Alice's iPhone, up to date."""
        phone = Phone(self.addresses.http, self.alice.login, self.alice.password, "ApplF0DEMOIPHONE2")
        phone.provision()
        phone.sync_folders()
        phone.sync()
        return phone

    def thunderbird(self) -> Desktop:
        return Desktop(self.addresses.http, self.alice.login, self.alice.password, THUNDERBIRD)

    @property
    def book_id(self) -> str:
        """Alice's default book."""
        return next(each.id for each in self.exhibits if each.class_ == "book" and each.ownership is Ownership.DEFAULT)


def try_all(world: World, say: Callable[[str], None]) -> list[Outcome]:
    """Every journey; what one of them breaks is its own outcome."""
    outcomes = []
    for claim, journey in JOURNEYS:
        say(claim)
        try:
            journey(world)
            outcomes.append(Outcome(claim))
        except (Failed, Lost, PhoneRefused, OSError, imaplib.IMAP4.error, smtplib.SMTPException, LookupError) as error:
            outcomes.append(Outcome(claim, f"{type(error).__name__}: {error}" if str(error) else type(error).__name__))
    return outcomes


def wrong_password_is_refused(world: World) -> None:
    """At all five doors at once: each wrong password is answered later than the one before."""
    with ThreadPoolExecutor(len(DOORS)) as threads:
        told = dict(zip(DOORS, threads.map(lambda door: DOORS[door](world), DOORS), strict=True))
    _check(set(told.values()) == {"refused"}, f"the doors say {told}")


def _phone_door(world: World) -> str:
    try:
        Phone(world.addresses.http, world.alice.login, WRONG, "ApplF0DEMOWRONG").sync_folders()
    except PhoneRefused as refused:
        return "refused" if refused.status == 401 else str(refused)
    return "open"


def _desktop_door(world: World) -> str:
    program = Desktop(world.addresses.http, world.alice.login, WRONG, THUNDERBIRD)
    status = program.ask("PROPFIND", world.alice.carddav).status
    return "refused" if status == 401 else f"HTTP {status}"


def _browser_door(world: World) -> str:
    try:
        Browser(world.addresses.http).sign_in(world.alice.login, WRONG)
    except NotSignedIn as refused:
        return "refused" if 400 <= refused.status < 500 else str(refused)
    return "open"


def _imap_door(world: World) -> str:
    with imaplib.IMAP4(*world.imap, timeout=LATE_SECONDS) as line:
        try:
            line.login(world.alice.login, WRONG)
        except imaplib.IMAP4.error:
            return "refused"
    return "open"


def _smtp_door(world: World) -> str:
    with smtplib.SMTP(*world.smtp, timeout=LATE_SECONDS) as line:
        line.ehlo()
        line.user, line.password = world.alice.login, WRONG
        try:
            line.auth("PLAIN", line.auth_plain)
        except smtplib.SMTPAuthenticationError:
            return "refused"
    return "open"


DOORS: Mapping[str, Callable[[World], str]] = {
    "phone": _phone_door,
    "desktop": _desktop_door,
    "browser": _browser_door,
    "IMAP": _imap_door,
    "SMTP": _smtp_door,
}


def mail_arrives(world: World) -> None:
    alice, bob = world.people[:2]
    subject = f"Round trip {secrets.token_hex(4)}"
    letters.send(world.smtp, bob, alice, subject, "Are you there?\n")
    with imaplib.IMAP4(*world.imap, timeout=MAIL_SECONDS) as line:
        line.login(alice.login, alice.password)
        until = time.monotonic() + MAIL_SECONDS
        while not (numbers := _numbers(line, subject)):
            _check(time.monotonic() < until, f"not there after {MAIL_SECONDS:.0f} s")
            time.sleep(0.1)
        parts = line.fetch(numbers[0], "(BODY[])")[1]
        text = b"".join(part[1] for part in parts if isinstance(part, tuple))
        _check(b"Are you there?" in text, "the text of the letter is another one")
        line.store(numbers[0], "+FLAGS", r"(\Deleted)")
        line.expunge()


def _numbers(line: imaplib.IMAP4, subject: str) -> list[str]:
    """The messages of that subject in the inbox."""
    line.select("INBOX")
    found = line.search(None, "SUBJECT", f'"{subject}"')[1][0]
    return found.decode().split() if isinstance(found, bytes) else []


def contact_travels_from_phone_to_desktop(world: World) -> None:
    phone, program = world.phone(), world.thunderbird()
    token, _ = program.changes(world.alice.carddav)
    edit = phone.add(world.book_id, contact("Rosa", "Travelling", "rosa@example.com", JobTitle="Pilot"))
    phone.sync(world.book_id)
    _check(edit.is_accepted, f"the phone is told {edit.status}")
    _, changed = program.changes(world.alice.carddav, token)
    (url,) = changed or {"": None}
    text, etag = program.get(url)
    _check(changed[url] == text, "the report and the item differ")
    _check(facts_kept(text)[0] == "Rosa Travelling" and "rosa@example.com" in text, f"it reads {text!r}")
    _check(text.startswith("BEGIN:VCARD\r\n") and text.endswith("END:VCARD\r\n"), "it is no vCard")
    reply = program.delete(url, if_match=etag)
    phone.sync(world.book_id)
    _check(reply.status in (200, 204), f"deleting it is answered with {reply.status}")
    _check(edit.server_id not in phone.items[world.book_id], "it was deleted, and the phone keeps it")
    _check(not phone.complaints, f"the phone complains: {phone.complaints}")


def contact_travels_from_desktop_to_phone(world: World) -> None:
    phone, program = world.phone(), world.thunderbird()
    url = f"{world.alice.carddav}demo-oda-travelling.vcf"
    reply = program.put(url, ODD_CARD, is_new=True)
    _check(reply.status == 201, f"writing it is answered with {reply.status}")
    text, etag = program.get(url)
    _check(text == ODD_CARD, "the server gives other octets than it got")
    phone.sync(world.book_id)
    items = phone.items[world.book_id].items()
    found = [server_id for server_id, data in items if facts_told(data)[0] == "Oda Travelling"]
    _check(len(found) == 1, f"the phone has it {len(found)} times")
    phone.change(world.book_id, found[0], {"Contacts:JobTitle": "Navigator"})
    phone.sync(world.book_id)
    text, etag = program.get(url)
    kept = [line for line in ODD_CARD.split("\r\n") if not line.startswith("TITLE")]
    _check([line for line in kept if line not in text.split("\r\n")] == [], "an edit on the phone touched other lines")
    _check("TITLE:Navigator" in text, "the edit on the phone did not arrive")
    program.delete(url, if_match=etag)
    phone.sync(world.book_id)
    _check(found[0] not in phone.items[world.book_id], "it was deleted, and the phone keeps it")
    _check(not phone.complaints, f"the phone complains: {phone.complaints}")


def switch_ends_a_ping(world: World) -> None:
    choir = next(each for each in world.exhibits if each.class_ == "book" and each.ownership is Ownership.OWN)
    world.browser.turn(choir.id, is_on=True)
    phone = world.phone()
    answers: list[tuple[PingAnswer, float]] = []
    waiting = threading.Thread(target=lambda: answers.append((phone.ping(), time.monotonic())))
    waiting.start()
    time.sleep(REGISTER_SECONDS)
    _check(not answers, f"the Ping did not wait: {answers[:1]}")
    turned_at = time.monotonic()
    world.browser.turn(choir.id, is_on=False)
    waiting.join(PING_SECONDS + REGISTER_SECONDS)
    _check(bool(answers), f"the Ping still waits after {PING_SECONDS:.0f} s")
    answer, answered_at = answers[0]
    _check(answer.status == 7, f"the Ping is answered with {answer.status}")
    _check(answered_at - turned_at < PING_SECONDS, f"it took {answered_at - turned_at:.1f} s")
    told = phone.sync_folders()
    _check(told == [("Delete", choir.id)], f"the phone is told {told}")


def mail_travels_to_the_phone_and_back(world: World) -> None:
    alice, bob = world.people[:2]
    phone = MailPhone(world.addresses.http, world.alice.login, world.alice.password, "ApplF0DEMOMAIL1")
    phone.provision()
    phone.sync_folders()
    inbox = next((server_id for server_id, each in phone.folders.items() if each.type == INBOX_TYPE), "")
    _check(bool(inbox), "the phone has no inbox")
    phone.sync(inbox)
    subject = f"To the phone {secrets.token_hex(4)}"
    answers: list[PingAnswer] = []
    waiting = threading.Thread(target=lambda: answers.append(phone.ping(60, [inbox])))
    waiting.start()
    time.sleep(REGISTER_SECONDS)
    letters.send(world.smtp, bob, alice, subject, "Are you there?\n")
    waiting.join(MAIL_SECONDS + REGISTER_SECONDS)
    _check([each.status for each in answers] == [2], f"the Ping is answered with {answers}")
    phone.sync(inbox)
    _check(subject in phone.subjects(inbox), "the phone does not have the letter")
    body = phone.message(inbox, subject).find("AirSyncBase:Body")
    text = body.text_of("AirSyncBase:Data") if body is not None else ""
    _check("Are you there?" in (text or ""), f"the phone reads {text!r}")
    edit = phone.read(inbox, phone.subjects(inbox)[subject])
    phone.sync(inbox)
    _check(edit.is_accepted, f"the phone is told {edit.status}")
    with imaplib.IMAP4(*world.imap, timeout=MAIL_SECONDS) as line:
        line.login(alice.login, alice.password)
        numbers = _numbers(line, subject)
        seen = line.search(None, "SEEN", "SUBJECT", f'"{subject}"')[1][0]
        _check(bool(seen), "it was read on the phone, and a mail program shows it as new")
        line.store(",".join(numbers), "+FLAGS", r"(\Deleted)")
        line.expunge()
    until = time.monotonic() + MAIL_SECONDS
    while subject in phone.subjects(inbox) and time.monotonic() < until:
        time.sleep(0.2)
        phone.sync(inbox)
    _check(subject not in phone.subjects(inbox), "it was deleted by a mail program, and the phone keeps it")
    _check(not phone.complaints, f"the phone complains: {phone.complaints}")


JOURNEYS: tuple[tuple[str, Callable[[World], None]], ...] = (
    ("a wrong password is refused everywhere", wrong_password_is_refused),
    ("mail from Bob reaches Alice through the proxy", mail_arrives),
    ("a contact typed on the phone reaches Thunderbird", contact_travels_from_phone_to_desktop),
    ("a card from Thunderbird reaches the phone, and an edit there leaves the rest alone", contact_travels_from_desktop_to_phone),
    ("mail reaches a phone that waits, and what is read there is read everywhere", mail_travels_to_the_phone_and_back),
    ("a switch that is turned ends a waiting Ping with 7", switch_ends_a_ping),
)  # fmt: skip

ODD_CARD = "\r\n".join(
    (
        "BEGIN:VCARD",
        "VERSION:3.0",
        "UID:demo-oda-travelling",
        "FN:Oda Travelling",
        "N:Travelling;Oda;;;",
        "item1.EMAIL;TYPE=INTERNET:oda@example.com",
        "item1.X-ABLabel:boat",
        "X-SHOE-SIZE:39",
        "TITLE:Skipper",
        "NOTE:Says hello in three\\nlanguages\\, or four",
        "CATEGORIES:sea,friends",
        "END:VCARD",
        "",
    )
)
"""A card with things that a phone cannot express."""


def _check(is_so: bool, problem: str) -> None:
    if not is_so:
        raise Failed(problem)


def _host_and_port(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return host, int(port)
