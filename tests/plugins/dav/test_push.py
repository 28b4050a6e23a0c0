"""WebDAV-Push: a program subscribes as DAVx5 does, and hears of changes through a push service that can't read them."""

import json
import socket
import threading
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from xml.etree import ElementTree

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from pimgate.api import AccountId, CollectionKind, DeviceId, DeviceState, Ownership, Right, Work
from pimgate.core import Core
from pimgate.items import keep
from pimgate.settings import Accounts, Log
from pimgate_dav.push import reaching, ringing
from pimgate_dav.push import table as table_room
from pimgate_dav.push.keys import from_base64, in_base64
from pimgate_dav.push.message import encrypted
from pimgate_dav.push.subscriptions import BELL, Subscription, everybody, id_of, of_person, one, put
from pimgate_dav.push.table import Table, look
from pimgate_dav.settings import DavSettings
from plugins.dav.push_service import PushService, Receiver, push_service
from plugins.dav.stage import ALICE, DAVX5, THUNDERBIRD, D, Program, Stage, card, event, parsed, staged

W = "{https://bitfire.at/webdav-push}"
PUSH_SPACE = 'xmlns:W="https://bitfire.at/webdav-push"'
BOB = "bert@example.org"
EXPIRES = "<expires>Wed, 20 Dec 2023 10:03:31 GMT</expires>"


@pytest.fixture
def kind() -> str:
    return "sqlite"


@pytest.fixture
def stage(make_core: Callable[..., Core]) -> Iterator[Stage]:
    accounts = Accounts(guesses_per_minute=1000, guesses_per_day=10_000)
    settings = DavSettings(push_to_private_addresses=True, push_pause_seconds=1, push_contact="mailto:post@example.org")
    with staged(make_core("dav", accounts=accounts, log=Log(requests=False), **{"plugins.dav": settings})) as found:
        yield found


@pytest.fixture
def service() -> Iterator[PushService]:
    with push_service() as found:
        yield found


def pushed(program: Program, path: str) -> dict[str, str]:
    """What a collection says of push."""
    body = f'<D:propfind xmlns:D="DAV:" {PUSH_SPACE}><D:prop><W:transports/><W:topic/><W:supported-triggers/></D:prop></D:propfind>'
    found = parsed(program.ask("PROPFIND", path, body, depth="0")).of(path)
    return {
        "topic": found[f"{W}topic"].text or "",
        "key": found[f"{W}transports"].findtext(f"{W}web-push/{W}vapid-public-key") or "",
        "triggers": " ".join(each.tag for each in found[f"{W}supported-triggers"]),
    }


def subscribe(program: Program, path: str, body: str) -> str:
    answer = program.ask("POST", path, body, content_type="application/xml; charset=utf-8")
    assert answer.status_code in (201, 204), answer.text
    return answer.headers["location"]


def local_path(location: str) -> str:
    return "/" + location.split("/", 3)[3]


def kept(stage: Stage) -> int:
    with stage.core.database.read() as work:
        return len(everybody(work))


def until_kept(stage: Stage, number: int) -> None:
    end = time.monotonic() + 60
    while kept(stage) != number:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_message_is_encrypted_as_the_example_of_the_rfc() -> None:
    own = ec.derive_private_key(
        int.from_bytes(from_base64("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), "big"), ec.SECP256R1()
    )
    client = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    plain = b"When I grow up, I want to be a watermelon"
    found = encrypted(
        plain,
        from_base64(client),
        from_base64("BTBZMqHH6r4Tts7J_aSIgg"),
        salt=from_base64("DGv6ra1nlYgDCS1FRnbzlw"),
        own=own,
    )
    assert in_base64(found) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_y"
        "l95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_program_hears_of_a_change_and_nobody_between_reads_it(stage: Stage, service: PushService) -> None:
    program, other, receiver = stage.program(DAVX5), stage.program(THUNDERBIRD), Receiver()
    path = stage.path(stage.owned(CollectionKind.CALENDAR))
    assert "webdav-push" in program.ask("OPTIONS", path).headers["dav"]
    said = pushed(program, path)
    assert said["triggers"] == f"{W}content-update"
    location = subscribe(program, path, receiver.subscription(f"{service.url}/up?token=1"))
    assert location.startswith("https://"), "programs keep it as it stands"
    assert other.ask("PUT", f"{path}1.ics", event("1")).status_code == 201

    received = service.next()
    assert received.path == "/up?token=1"
    assert b"webdav-push" not in received.body
    assert received.headers["content-encoding"] == "aes128gcm"
    assert received.headers["topic"] == said["topic"]
    assert int(received.headers["ttl"]) > 0
    check_vapid(received.headers["authorization"], said["key"], service.url)
    message = read(receiver, received.body)
    assert message["topic"] == said["topic"]
    token = other.propfind(path, "D:sync-token").of(path)[f"{D}sync-token"].text
    assert message["token"] == token, "who knows this token already need not look"


def read(receiver: Receiver, body: bytes) -> dict[str, str]:
    root = ElementTree.fromstring(receiver.read(body))
    assert root.tag == f"{W}push-message"
    return {
        "topic": root.findtext(f"{W}topic") or "",
        "token": root.findtext(f"{W}content-update/{D}sync-token") or "",
    }


def check_vapid(header: str, public: str, url: str) -> None:
    """As a push service does it: the token is signed by the key that the collection names, and made for this service."""
    scheme, _, rest = header.partition(" ")
    parts = dict(each.strip().split("=", 1) for each in rest.split(","))
    assert (scheme, parts["k"]) == ("vapid", public)
    signed, _, signature = parts["t"].rpartition(".")
    claims = json.loads(urlsafe_b64decode(signed.split(".")[1] + "=="))
    assert (claims["aud"], claims["sub"]) == (url, "mailto:post@example.org")
    assert 0 < claims["exp"] - time.time() <= 24 * 3600
    octets = from_base64(signature)
    r, s = int.from_bytes(octets[:32], "big"), int.from_bytes(octets[32:], "big")
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64(public))
    key.verify(encode_dss_signature(r, s), signed.encode(), ec.ECDSA(hashes.SHA256()))


def test_many_changes_are_few_messages_and_the_last_says_where_it_ended(stage: Stage, service: PushService) -> None:
    program, receiver = stage.program(DAVX5), Receiver()
    book = stage.owned(CollectionKind.BOOK)
    subscribe(program, stage.path(book), receiver.subscription(f"{service.url}/up"))
    for number in range(30):
        stage.put(book, f"{number}.vcf", card(f"uid-{number}"))
    with stage.core.database.read() as work:
        end = work.journal.head(book.id)
    messages = 0
    while True:
        messages += 1
        if read(receiver, service.next().body)["token"].endswith(f"/{end}"):
            break
    assert messages < 10


def test_program_is_not_told_of_what_it_did_itself(stage: Stage, service: PushService) -> None:
    program, other, receiver = stage.program(DAVX5), stage.program(THUNDERBIRD), Receiver()
    path = stage.path(stage.owned(CollectionKind.CALENDAR))
    location = subscribe(program, path, receiver.subscription(f"{service.url}/own"))
    subscribe(other, path, receiver.subscription(f"{service.url}/other"))
    assert program.ask("PUT", f"{path}1.ics", event("1"), push_dont_notify=f'"{location}"').status_code == 201
    assert service.next().path == "/other"
    looked = program.ask("PROPFIND", path, depth="0", push_dont_notify=f'"{location}", "*", nonsense,')
    assert looked.status_code == 207, "some programs send it with everything"
    assert program.ask("PUT", f"{path}3.ics", event("3"), push_dont_notify="*").status_code == 201
    assert service.next().path == "/other"
    other.ask("PUT", f"{path}2.ics", event("2"), push_dont_notify=f'"{location}"')
    assert {service.next().path, service.next().path} == {"/own", "/other"}, (
        "one names only subscriptions for one's own deeds"
    )


def test_subscription_ends_when_it_is_left_or_nobody_is_there(stage: Stage, service: PushService) -> None:
    program, receiver = stage.program(DAVX5), Receiver()
    calendar = stage.owned(CollectionKind.CALENDAR)
    path = stage.path(calendar)
    body = receiver.subscription(f"{service.url}/up", EXPIRES)
    first = program.ask("POST", path, body, content_type="application/xml")
    assert parsedate_to_datetime(first.headers["expires"]).timestamp() > time.time() + 2.9 * 86_400, (
        "three days at least"
    )
    again = program.ask("POST", path, body, content_type="application/xml")
    assert (first.status_code, again.status_code) == (201, 204)
    assert (first.headers["location"], kept(stage)) == (again.headers["location"], 1)
    where = local_path(first.headers["location"])
    assert stage.program(DAVX5, BOB).ask("DELETE", where).status_code == 404
    assert program.ask("DELETE", where).status_code == 204
    assert program.ask("DELETE", where).status_code == 404

    service.status = {"/gone": 410, "/lost": 404}
    for name in ("gone", "lost"):
        subscribe(program, path, receiver.subscription(f"{service.url}/{name}"))
    stage.put(calendar, "1.ics", event("1"))
    assert {service.next().path, service.next().path} == {"/gone", "/lost"}
    until_kept(stage, 0)


def test_who_may_no_longer_read_or_come_in_hears_nothing(stage: Stage, service: PushService) -> None:
    book = stage.make(CollectionKind.BOOK, Ownership.OWN)
    mine = stage.owned(CollectionKind.CALENDAR)
    stage.share(book, Right.READ)
    friend, program, receiver = stage.program(THUNDERBIRD, BOB), stage.program(DAVX5), Receiver()
    subscribe(friend, stage.path(book, stage.bob), receiver.subscription(f"{service.url}/friend"))
    subscribe(program, stage.path(mine), receiver.subscription(f"{service.url}/phone"))
    stage.share(book, Right.NONE)
    with stage.core.database.write() as work:
        (device,) = stage.core.devices.of_person(work, stage.alice.id)
        stage.core.devices.decide(work, device.id, DeviceState.BLOCKED)
    stage.put(book, "ada.vcf", card("ada"))
    stage.put(mine, "1.ics", event("1"))
    until_kept(stage, 0)
    assert service.received.empty()


def test_lost_phone_hears_nothing_once_its_app_password_is_revoked(stage: Stage, service: PushService) -> None:
    mine, receiver = stage.owned(CollectionKind.CALENDAR), Receiver()
    with stage.core.database.write() as work:
        made = [stage.core.people.add_app_password(work, stage.alice.id, each) for each in ("lost", "kept")]
    for secret, row in made:
        phone = stage.program(DAVX5, password=secret)
        subscribe(phone, stage.path(mine), receiver.subscription(f"{service.url}/{row.label}"))
    with stage.core.database.write() as work:
        assert stage.core.people.remove_app_password(work, stage.alice.id, made[0][1].id)
        assert len(stage.core.devices.of_person(work, stage.alice.id)) == 1
    stage.put(mine, "1.ics", event("1"))
    assert service.next().path == "/kept"
    until_kept(stage, 1)
    assert service.received.empty()


def test_change_costs_a_look_at_the_subscriptions_of_its_collection_alone(
    make_core: Callable[..., Core], monkeypatch: pytest.MonkeyPatch
) -> None:
    core = make_core("dav")
    with core.database.read() as work:
        alice, bert = (core.people.get(work, login) for login in (ALICE, BOB))
    stage = Stage(core, "", alice, bert, ExitStack())
    calendar, book = stage.owned(CollectionKind.CALENDAR), stage.owned(CollectionKind.BOOK)
    stage.put(book, "1.vcf", card("1"))
    read: list[str] = []

    def counted(work: Work, subscription_id: str) -> Subscription | None:
        read.append(subscription_id)
        return one(work, subscription_id)

    with core.database.write() as work:
        end, pause = work.now + 100, work.now + 50
        for number in range(40):
            of = book if number % 20 == 0 else calendar
            account = AccountId(f"p{number}")
            id_ = id_of(account, of.id, "/up")
            put(
                work,
                Subscription(id_, account, DeviceId("d"), of.id, "/up", "", "", end, work.journal.head(of.id), pause),
            )
        first = look(work, Table(), {BELL})
        assert (len(first.table.times), list(first.due)) == (40, [])
        assert [each.account for each in of_person(work, AccountId("p1"))] == ["p1"]
    monkeypatch.setattr(table_room, "one", counted)
    monkeypatch.setattr(table_room, "everybody", None)
    stage.put(book, "2.vcf", card("2"))
    with core.database.read() as work:
        second = look(work, first.table, {book.id})
        assert sorted(read) == sorted(first.table.of_collections[book.id])
        assert len(read) == 2
        assert sorted(set(second.table.times.values())) == [pause, end], "not before the pause is over"
        work.now += 55
        assert sorted(look(work, second.table, ()).due) == sorted(read[:2]), "whose time has come"


def test_message_that_did_not_arrive_is_said_again_after_a_pause(
    stage: Stage, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ringing, "FIRST_PAUSE_SECONDS", 1)
    monkeypatch.setattr(table_room, "READ_SECONDS", 10_000)
    program, receiver, book = stage.program(DAVX5), Receiver(), stage.owned(CollectionKind.BOOK)
    subscribe(program, stage.path(book), receiver.subscription(f"{service.url}/up"))
    service.status = {"/up": 500}
    stage.put(book, "1.vcf", card("1"))
    first = service.next()
    service.status = {}
    assert read(receiver, service.next().body)["token"] == read(receiver, first.body)["token"]


def test_bad_subscriptions_are_refused_with_the_reason(stage: Stage, service: PushService) -> None:
    program, receiver = stage.program(DAVX5), Receiver()
    path = stage.path(stage.owned(CollectionKind.CALENDAR))
    good = receiver.subscription(f"{service.url}/up")
    update = "<trigger><property-update><D:depth>0</D:depth></property-update></trigger>"
    bad = {
        good.replace(in_base64(receiver.public), "AAAA"): "invalid-subscription",
        good.replace(in_base64(receiver.auth), "AAAA"): "invalid-subscription",
        good.replace("aes128gcm", "aesgcm"): "invalid-subscription",
        good.replace(service.url, "file:///etc"): "invalid-subscription",
        good.replace("web-push-subscription", "other"): "invalid-subscription",
        receiver.subscription(f"{service.url}/up", update): "no-supported-trigger",
    }
    for body, reason in bad.items():
        answer = program.ask("POST", path, body, content_type="application/xml")
        assert (answer.status_code, reason in answer.text) == (403, True), body
    remote = stage.make(CollectionKind.BOOK, Ownership.OWN, is_on=False)
    answer = stage.program(THUNDERBIRD).ask("POST", stage.path(remote), good, content_type="application/xml")
    assert (answer.status_code, "push-not-available" in answer.text) == (403, True)
    stranger = stage.program(DAVX5, BOB).ask("POST", path, good, content_type="application/xml")
    assert stranger.status_code == 404
    named_otherwise = receiver.subscription(f"{service.url}/up", key_name="client-public-key")
    assert program.ask("POST", path, named_otherwise, content_type="application/xml").status_code == 201


def test_change_that_came_while_the_gateway_was_down_is_told_at_its_start(
    make_core: Callable[..., Core], service: PushService
) -> None:
    settings = {"plugins.dav": DavSettings(push_to_private_addresses=True), "log": Log(requests=False)}
    receiver = Receiver()
    with staged(make_core("dav", **settings)) as stage:
        calendar = stage.owned(CollectionKind.CALENDAR)
        program = stage.program(DAVX5)
        before = pushed(program, stage.path(calendar))
        subscribe(program, stage.path(calendar), receiver.subscription(f"{service.url}/up"))
    core = make_core("dav", **settings)
    with core.database.write() as work:
        keep(work, core.settings.limits, calendar, "1.ics", event("1"))
    with staged(core) as stage:
        assert read(receiver, service.next().body)["topic"] == before["topic"]
        assert pushed(stage.program(DAVX5), stage.path(calendar)) == before, "programs keep key and topic"


def test_operator_who_wants_no_push_has_none(make_core: Callable[..., Core]) -> None:
    core = make_core("dav", log=Log(requests=False), **{"plugins.dav": DavSettings(push=False)})
    with staged(core) as stage:
        program = stage.program(DAVX5)
        path = stage.path(stage.owned(CollectionKind.CALENDAR))
        assert "webdav-push" not in program.ask("OPTIONS", path).headers["dav"]
        body = f'<D:propfind xmlns:D="DAV:" {PUSH_SPACE}><D:prop><W:transports/><W:topic/></D:prop></D:propfind>'
        assert parsed(program.ask("PROPFIND", path, body, depth="0")).missing(path) == {f"{W}transports", f"{W}topic"}
        wanted = Receiver().subscription("https://push.example.org/up")
        answer = program.ask("POST", path, wanted, content_type="application/xml")
        assert (answer.status_code, "push-not-available" in answer.text) == (403, True)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "::1", "fe80::1", "fd00::1",
     "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::a00:1", "ff02::1", "2001:0:4136:e378:8000:63bf:f5ff:fffe",
     "::10.0.0.1", "::ffff:0:10.0.0.1", "fec0::1"],
)  # fmt: skip
def test_request_never_leads_into_a_private_network(address: str) -> None:
    assert not reaching.is_public(ip_address(address))
    host = f"[{address}]" if ":" in address else address
    assert not reaching.is_acceptable(f"https://{host}/up", may_be_private=False)
    with pytest.raises(reaching.NotReached):
        reaching.post(f"https://{host}/up", {}, b"", may_be_private=False)


def test_push_service_that_answers_octet_by_octet_is_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            connection, _ = server.accept()
            with connection, suppress(OSError):
                connection.sendall(b"HTTP/1.1 201 Created\r\nX-Slow: ")
                for _ in range(600):
                    connection.sendall(b"x")
                    time.sleep(0.1)

        slow = threading.Thread(target=drip)
        slow.start()
        with suppress(reaching.NotReached):
            reaching.post(f"http://127.0.0.1:{server.getsockname()[1]}/", {}, b"", may_be_private=True, seconds=0.5)
        slow.join(30)
        assert not slow.is_alive(), "it was hung up on, long before it had said everything"


def test_push_service_whose_name_takes_all_the_time_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(*_asked: object) -> str:
        time.sleep(0.5)
        return "127.0.0.1"

    monkeypatch.setattr(reaching, "_address_of", slowly)
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(reaching.NotReached, match="Timeout"):
        server.settimeout(1)
        resource = f"http://name.example:{server.getsockname()[1]}/"
        reaching.post(resource, {}, b"", may_be_private=True, seconds=0.1)


def test_name_that_leads_into_a_private_network_is_not_followed(service: PushService) -> None:
    assert reaching.is_acceptable("https://localhost/up", may_be_private=False), "only a look-up shows it"
    with pytest.raises(reaching.NotReached, match="public address"):
        reaching.post("https://localhost/up", {}, b"", may_be_private=False)
    for resource in (
        service.url,
        "https://user:pass@example.org/",
        "https://example.org:99999/",
        "https://",
        "https://a b/",
    ):
        assert not reaching.is_acceptable(resource, may_be_private=False)
    assert reaching.is_public(ip_address("9.9.9.9"))
    assert reaching.is_public(ip_address("2620:fe::fe"))
    assert service.received.empty()
