"""Mail on phones, with a real mail server behind: folders, messages, what phones change of them, and what others do."""

import threading
import time
from collections.abc import Callable

import pytest

from gateway.mail.mailserver import MailServer
from pimgate.core import Core
from pimgate.settings import MailLogin
from pimgate.testing.network import ANSWER_LOST, Network
from pimgate.testing.phone_mail import flag_of
from pimgate_eas.wbxml.element import Element
from plugins.eas.mailroom import MailRoom, mail_room
from plugins.eas.wire import change, collection, delete, key_of, status_of, sync, window

DAY = 86_400
DUE = "2036-12-01T00:00:00.000Z"
DATA = "AirSync:ApplicationData"


@pytest.fixture
def kind() -> str:
    """What phones are told of mail does not depend on the database."""
    return "sqlite"


def test_folders_come_with_their_types_and_places_and_keep_their_ids(post: MailRoom) -> None:
    post.program(lambda line: [line.create(each) for each in ("Drafts", "Sent", "Trash", "Work", "Work/Boats", "Junk")])
    phone = post.phone()
    shown = {folder.name: folder for folder in phone.folders.values()}
    types = {"Inbox": "2", "Drafts": "3", "Trash": "4", "Sent": "5", "Work": "12", "Boats": "12", "Junk": "12"}
    assert {name: shown[name].type for name in types} == types
    ids = phone.mail_folders
    assert {shown[name].parent for name in types if name != "Boats"} == {"0"}
    assert shown["Boats"].parent == ids["Work"]
    post.program(lambda line: [line.rename("Work", "Play"), line.create("Attic"), line.delete("Junk")])
    assert sorted(phone.sync_folders()) == sorted(
        [("Update", ids["Work"]), ("Delete", ids["Junk"]), ("Add", phone.mail_folders["Attic"])]
    )
    assert phone.mail_folders["Play"] == ids["Work"]
    post.program(lambda line: line.rename("Play/Boats", "Attic/Ships"))
    assert phone.sync_folders() == [("Update", ids["Boats"])]
    assert phone.folders[ids["Boats"]].parent == phone.mail_folders["Attic"]
    post.program(lambda line: [line.delete("Attic/Ships"), line.delete("Attic")])
    phone.sync_folders()
    assert not {"Attic", "Ships"} & phone.mail_folders.keys()
    assert phone.complaints == []


def test_first_synchronisation_comes_in_windows_the_latest_first(post: MailRoom) -> None:
    post.put(*(f"m{number}" for number in range(25)))
    phone = post.phone()
    inbox = phone.folder_named("Inbox")
    wire = post.wire()
    wire.folders()
    key = wire.begin(inbox)
    part = wire.sync(collection(inbox, key, window(10)))[inbox]
    assert part.has("AirSync:MoreAvailable")
    adds = part.path("AirSync:Commands", "AirSync:Add", DATA)
    assert {each.text_of("Email:Subject") for each in adds} == {f"m{number}" for number in range(15, 25)}
    phone.sync(inbox, window=10)
    assert set(phone.subjects(inbox)) == {f"m{number}" for number in range(25)}
    body = phone.message(inbox, "m3").path("AirSyncBase:Body", "AirSyncBase:Data")
    assert [each.text for each in body] == ["Hello m3"]
    assert phone.estimate(inbox) == 0
    post.put("late")
    assert phone.estimate(inbox) == 1
    assert phone.sync_unchanged() is False
    assert "late" in phone.subjects(inbox)
    assert phone.complaints == []


def test_marks_go_both_ways_and_are_not_told_back(post: MailRoom) -> None:
    post.put("one", "two")
    phone, other = post.phone(), post.phone("ApplF0OTHER")
    inbox = phone.folder_named("Inbox")
    phone.sync(inbox)
    other.sync(inbox)
    one, two = phone.subjects(inbox)["one"], phone.subjects(inbox)["two"]
    phone.read(inbox, one)
    phone.flag(inbox, two, DueDate=DUE, StartDate=DUE)
    phone.change(inbox, two, {"Email:Categories": categories("Boats", "Über uns")})
    phone.sync(inbox)
    assert (post.flags("one"), post.flags("two")) == ({"\\Seen"}, {"\\Flagged", "Boats", "&ANw-ber&ACA-uns"})
    assert phone.estimate(inbox) == 0
    other.sync(inbox)
    told = flag_of(other.message(inbox, "two"))
    assert (told["Email:Status"], told["Tasks:DueDate"]) == ("2", DUE)
    assert other.is_read(inbox, "one")
    assert [each.text for each in other.message(inbox, "two").path("Email:Categories", "Email:Category")] == [
        "Boats",
        "Über uns",
    ]
    other.flag(inbox, two, DueDate="2037-01-01T00:00:00.000Z")  # the flag is there: only its date is new
    other.sync(inbox)
    phone.sync(inbox)
    assert flag_of(phone.message(inbox, "two"))["Tasks:DueDate"].startswith("2037")
    post.program(lambda line: line.flag("two", "\\Seen"))
    for each in (phone, other):
        each.sync(inbox)
        assert (each.is_read(inbox, "two"), flag_of(each.message(inbox, "two"))) == (True, {})
        assert each.complaints == []


def test_change_by_somebody_else_says_nothing_of_the_text(post: MailRoom) -> None:
    post.put("one")
    wire = post.wire()
    wire.folders()
    inbox = post.phone().folder_named("Inbox")
    part = wire.sync(collection(inbox, wire.begin(inbox)))[inbox]
    (added,) = part.path("AirSync:Commands", "AirSync:Add")
    post.program(lambda line: line.flag("one", "\\Flagged"))
    part = wire.sync(collection(inbox, key_of(part)))[inbox]
    (changed,) = part.path("AirSync:Commands", "AirSync:Change", DATA)
    assert {each.name for each in changed.children} == {"Email:Read", "Email:Flag", "Email:Categories"}
    name = added.text_of("AirSync:ServerId") or ""
    post.program(lambda line: line.flag("one", "Boats"))
    mine = change(name, Element("Email:Read", text="1"))
    part = wire.sync(collection(inbox, key_of(part), commands=(mine,)))[inbox]
    (changed,) = part.path("AirSync:Commands", "AirSync:Change", DATA)
    assert (changed.text_of("Email:Read"), len(changed.path("Email:Categories", "Email:Category"))) == ("1", 1)
    fetch = Element("AirSync:Fetch", Element("AirSync:ServerId", text=name))
    part = wire.sync(collection(inbox, key_of(part), commands=(fetch,)))[inbox]
    (fetched,) = part.path("AirSync:Responses", "AirSync:Fetch", DATA)
    assert fetched.has("AirSyncBase:Body")
    nonsense = change(name, Element("Email:Subject", text="Other"))
    part = wire.sync(collection(inbox, key_of(part), commands=(nonsense, change(f"{inbox}:999"))))[inbox]
    statuses = [each.text_of("AirSync:Status") for each in part.path("AirSync:Responses", "AirSync:Change")]
    assert statuses == ["6", "8"]


def test_deleted_messages_go_to_the_trash_unless_they_are_to_be_gone(post: MailRoom) -> None:
    post.program(lambda line: line.create("Trash"))
    post.put("one", "two", "three")
    phone, wire = post.phone(), post.wire()
    inbox = phone.folder_named("Inbox")
    phone.sync(inbox)
    phone.delete(inbox, phone.subjects(inbox)["one"])
    phone.sync(inbox)
    assert (post.names(), post.names("Trash")) == ({"two", "three"}, {"one"})
    trash = phone.folder_named("Trash")
    phone.sync(trash)
    assert set(phone.subjects(trash)) == {"one"}
    wire.folders()
    part = wire.sync(collection(inbox, wire.begin(inbox)))[inbox]
    for_good = Element("AirSync:DeletesAsMoves", text="0")
    gone = delete(phone.subjects(inbox)["two"])
    asked = collection(inbox, key_of(part), for_good, commands=(gone,))
    first = wire.octets("Sync", sync(asked))
    assert wire.octets("Sync", sync(asked)) == first
    assert (post.names(), post.names("Trash")) == ({"three"}, {"one"})
    phone.sync(inbox)
    assert set(phone.subjects(inbox)) == {"three"}
    assert phone.complaints == []


def test_messages_leave_the_phone_as_they_grow_old(post: MailRoom) -> None:
    now = time.time()
    post.put("old", at=now - 4 * DAY)
    post.put("middle", at=now - 2 * DAY)
    post.put("new")
    phone = post.phone()
    inbox = phone.folder_named("Inbox")
    phone.look_back("Email", "2")
    phone.sync(inbox)
    assert set(phone.subjects(inbox)) == {"middle", "new"}
    post.core.database.clock = lambda: time.time() + 1.5 * DAY
    phone.sync(inbox)
    assert set(phone.subjects(inbox)) == {"new"}
    post.core.database.clock = time.time
    phone.look_back("Email", "0")
    phone.sync(inbox)
    assert set(phone.subjects(inbox)) == {"old", "middle", "new"}
    phone.look_back("Email", "1")
    phone.sync(inbox)
    assert set(phone.subjects(inbox)) == {"new"}
    assert phone.complaints == []


def test_new_mail_wakes_who_waits(post: MailRoom) -> None:
    post.put("one")
    phone = post.phone()
    inbox = phone.folder_named("Inbox")
    phone.sync(inbox)
    for name, deed in (("two", lambda line: line.put("two")), ("one", lambda line: line.flag("one", "\\Seen"))):
        waiting = threading.Timer(1.0, lambda deed=deed: post.program(deed))  # type: ignore[misc]
        waiting.start()
        answer = phone.ping(60, [inbox])
        waiting.join()
        assert (answer.status, answer.folders) == (2, (inbox,)), name
        print(f"woken {answer.seconds - 1:.2f} s after {name}")
        phone.sync(inbox)
    assert phone.is_read(inbox, "one")
    creating = threading.Timer(1.0, lambda: post.program(lambda line: line.create("Work")))
    creating.start()
    assert phone.ping(60, [inbox]).status == 7
    creating.join()
    assert phone.complaints == []


def test_lost_answers_are_given_again(post: MailRoom) -> None:
    post.put("one", "two", "three")
    network = Network()
    phone = post.phone(network=network)
    inbox = phone.folder_named("Inbox")
    for _ in range(3):
        network.send_next(ANSWER_LOST)
        phone.sync(inbox, window=1)
    one, two = (phone.subjects(inbox)[each] for each in ("one", "two"))
    phone.read(inbox, one)
    phone.delete(inbox, two)
    phone.call_when_lost(lambda: post.program(lambda line: line.flag("one", "\\Flagged")))
    network.send_next(ANSWER_LOST)
    phone.sync(inbox)
    phone.sync(inbox)
    assert (phone.is_flagged(inbox, "one"), phone.is_read(inbox, "one")) == (True, False)
    assert set(phone.subjects(inbox)) == post.names() == {"one", "three"}
    assert phone.complaints == []


def test_folder_that_is_numbered_anew_changes_nothing_on_the_phone(post: MailRoom) -> None:
    post.put("one", "two", "three")
    phone = post.phone()
    inbox = phone.folder_named("Inbox")
    phone.sync(inbox)
    before = phone.subjects(inbox)
    phone.flag(inbox, before["three"], DueDate=DUE)
    phone.sync(inbox)
    post.server.number_anew(post.login)
    post.program(lambda line: [line.remove("two"), line.put("four")])
    phone.sync(inbox)
    assert set(phone.subjects(inbox)) == {"one", "three", "four"}
    assert {name: phone.subjects(inbox)[name] for name in ("one", "three")} == {
        name: before[name] for name in ("one", "three")
    }
    phone.read(inbox, before["one"])
    phone.sync(inbox)
    assert "\\Seen" in post.flags("one")
    other = post.phone("ApplF0OTHER")
    other.sync(inbox)
    assert flag_of(other.message(inbox, "three"))["Tasks:DueDate"] == DUE
    assert (phone.restarts, phone.complaints) == (0, [])


def test_mail_server_that_is_away_costs_nothing_but_mail(post: MailRoom) -> None:
    post.put("one", "two")
    phone, wire = post.phone(), post.wire()
    inbox, book = phone.folder_named("Inbox"), phone.folder_named("Contacts")
    phone.sync(inbox)
    wire.folders()
    keys = {each: wire.begin(each) for each in (inbox, book)}
    key = key_of(wire.sync(collection(inbox, keys[inbox]))[inbox])
    last = collection(inbox, keys[inbox])
    post.server.stop()
    try:
        assert phone.sync_folders() == []
        again = wire.sync(last)[inbox]
        assert key_of(again) == key
        edit = change(phone.subjects(inbox)["one"], Element("Email:Read", text="1"))
        mixed = wire.sync(collection(inbox, key, commands=(edit,)), collection(book, keys[book]))
        assert (status_of(mixed[inbox]), key_of(mixed[inbox]), status_of(mixed[book])) == ("16", key, "1")
        assert not mixed[inbox].has("AirSync:Commands")
        left = wire.sync(collection(inbox, key), collection(book, key_of(mixed[book])))
        assert inbox not in left
        assert wire.octets("Sync", sync(collection(inbox, key))).strip() is not None
        assert wire.status == 503
        assert int(wire.headers["retry-after"]) > 0
        assert len(phone.subjects(inbox)) == 2
    finally:
        post.server.start()
    deadline = time.monotonic() + 60
    while wire.status != 200 and time.monotonic() < deadline:
        wire.octets("Sync", sync(collection(inbox, key, commands=(edit,))))
        time.sleep(0.3)
    assert wire.status == 200
    assert post.flags("one") == {"\\Seen"}
    phone.sync(inbox)
    assert phone.is_read(inbox, "one")
    assert (set(phone.subjects(inbox)), phone.complaints) == ({"one", "two"}, [])


def test_whose_mailbox_cannot_be_opened_has_everything_else(
    server: MailServer, make_core: Callable[..., Core], request: pytest.FixtureRequest
) -> None:
    """The mail server does not know the password that the phone comes in with."""
    with mail_room(make_core, server, request.node.name, login=MailLogin.PASSTHROUGH) as post:
        phone = post.phone()
        assert {each.name for each in phone.folders.values()} == {"Calendar", "Contacts", "Notes", "Tasks", "Collected"}
        phone.sync()
        assert phone.complaints == []


def categories(*words: str) -> Element:
    return Element("Email:Categories", *(Element("Email:Category", text=each) for each in words))
