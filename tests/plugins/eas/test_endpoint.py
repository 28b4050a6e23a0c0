"""The address of ActiveSync: who may ask, in which dialect, and what malformed requests get."""

import base64
import random

import pytest

from pimgate import errors
from pimgate.model.devices import DeviceState
from pimgate_eas.commands import COMMANDS
from pimgate_eas.errors import ERRORS, row_for
from pimgate_eas.versions import VERSIONS
from pimgate_eas.wbxml.codec import encode
from plugins.eas.wire import Wire, authorization, collection, folder_sync, sync

PATH = "/Microsoft-Server-ActiveSync"


def test_options_announce_what_is_served_and_nothing_else(wire):
    answer = wire.client.options(PATH, headers={"Authorization": wire.authorization})
    assert answer.status_code == 200
    assert answer.headers["MS-ASProtocolVersions"] == ",".join(VERSIONS)
    assert answer.headers["MS-ASProtocolCommands"].split(",") == sorted(COMMANDS)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PROPFIND"])
def test_another_method_is_not_allowed_and_no_failure(wire, method):
    for headers in ({}, {"Authorization": wire.authorization}):
        answer = wire.client.request(method, PATH, headers=headers)
        assert answer.status_code == 405
        assert set(answer.headers["Allow"].replace(" ", "").split(",")) == {"OPTIONS", "POST"}


def test_a_phone_with_a_password_of_its_own_may_ask_for_the_versions_before_it_says_which_it_is(wire):
    with wire.core.database.write() as work:
        anna = work.people.by_login("anna@example.org")
        assert anna
        secret, _ = wire.core.people.add_app_password(work, anna.id, "phone", protocol="eas", device_identifier="Appl1")
    own = wire.twin()
    own.authorization = authorization("anna@example.org", secret)
    assert wire.client.options(PATH, headers={"Authorization": own.authorization}).status_code == 200
    assert own.folders()


def test_a_password_of_one_phone_opens_nothing_to_another(wire, monkeypatch):
    monkeypatch.setattr("pimgate.guesses.DELAYS_SECONDS", (0,))
    with wire.core.database.write() as work:
        anna = work.people.by_login("anna@example.org")
        assert anna
        secret, _ = wire.core.people.add_app_password(work, anna.id, "phone", protocol="eas", device_identifier="Appl1")
    stranger = wire.twin(device="Appl2")
    stranger.authorization = authorization("anna@example.org", secret)
    assert wire.client.options(PATH, headers={"Authorization": stranger.authorization}).status_code == 200
    stranger.octets("FolderSync", folder_sync("0"))
    assert stranger.status == 401


def test_only_wrong_credentials_are_answered_401(wire, monkeypatch):
    monkeypatch.setattr("pimgate.guesses.DELAYS_SECONDS", (0,))
    wrong = wire.twin()
    wrong.authorization = "Basic " + base64.b64encode(b"anna@example.org:wrong").decode()
    wrong.octets("FolderSync", folder_sync("0"))
    assert wrong.status == 401
    assert "Basic" in wrong.headers["www-authenticate"]


@pytest.mark.parametrize("state", [DeviceState.PENDING, DeviceState.BLOCKED])
def test_a_device_that_may_not_come_in_gets_403_and_nothing_else(wire, state):
    wire.folders()
    with wire.core.database.write() as work:
        [device] = work.devices.all()
        wire.core.devices.decide(work, device.id, state)
    for command, body in (("FolderSync", folder_sync("0")), ("Sync", sync(collection("c", "0")))):
        wire.octets(command, body)
        assert wire.status == 403


def test_the_same_phone_under_another_account_is_another_device(wire):
    wire.folders()
    wire.twin(login="bert@example.org").folders()
    with wire.core.database.read() as work:
        assert len({device.account_id for device in work.devices.all()}) == 2


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("Cmd=Sync&User=a&DeviceId=&DeviceType=iPhone", 400),
        ("Cmd=Sync&User=a&DeviceId=a-b&DeviceType=iPhone", 400),
        ("Cmd=Sync&User=a&DeviceId=" + "a" * 33 + "&DeviceType=iPhone", 400),
        ("Cmd=Unheard&User=a&DeviceId=a&DeviceType=iPhone", 400),
        ("Cmd=CreateCollection&User=a&DeviceId=a&DeviceType=iPhone", 501),
        ("!!!!", 400),
    ],
)
def test_a_malformed_query_is_a_bad_request(wire, query, status):
    headers = {"Authorization": wire.authorization, "MS-ASProtocolVersion": "16.1"}
    assert wire.client.post(f"{PATH}?{query}", headers=headers).status_code == status
    with wire.core.database.read() as work:
        assert work.devices.all() == []


def test_the_packed_query_is_understood(wire):
    packed = bytes([161, 9, 0x09, 0x04, 5]) + b"Appl1" + bytes([0, 6]) + b"iPhone"
    answer = wire.client.post(
        f"{PATH}?{base64.b64encode(packed).decode()}",
        content=encode(folder_sync("0")),
        headers={"Authorization": wire.authorization},
    )
    assert answer.status_code == 200
    assert answer.headers["MS-Server-ActiveSync"] == "16.1"


ANSWERING = sorted(name for name, each in COMMANDS.items() if each.root)
"""Commands whose answers have a place for a status."""


@pytest.mark.parametrize("command", ANSWERING)
def test_malformed_wbxml_is_status_102_and_never_a_failure(wire, command):
    dice = random.Random(command)
    good = encode(folder_sync("0"))
    bodies = [
        b"\x03\x01\x6a\x00",
        b"\x00",
        b"<?xml version='1.0'?>",
        good[:-1],
        good + b"\x01",
        b"\x03\x01\x6a\x00" + b"\x05" * 30_000,
    ]
    bodies += [bytes(dice.randrange(256) for _ in range(dice.randrange(1, 60))) for _ in range(20)]
    for body in bodies:
        answer = wire.ask(command, body)
        assert answer is not None
        statuses = [child.text for child in answer.children if child.tag == "Status"]
        assert statuses == ["102"], f"{command}: {body[:20]!r}"


@pytest.mark.parametrize("command", ANSWERING)
def test_the_body_of_another_command_is_answered_with_a_status(wire, command):
    for body in (folder_sync("0"), sync(collection("c", "0"))):
        answer = wire.ask(command, body)
        assert answer is not None
        assert any(child.tag == "Status" for child in answer.children) or answer.name == "AirSync:Sync"


def test_a_body_beyond_the_cap_of_its_command_is_refused(wire):
    wire.octets("Ping", b"\x03\x01\x6a\x00" + b"\x00" * 70_000)
    assert wire.status == 413


def test_with_a_required_policy_a_phone_must_provision_first(make_core):
    from pimgate_eas.settings import EasSettings
    from plugins.eas.test_provision import provision

    with Wire(make_core("eas", **{"plugins.eas": EasSettings(require_policy=True)})) as wire:
        answer = wire.ask("FolderSync", folder_sync("0"))
        assert answer is not None
        assert answer.text_of("FolderHierarchy:Status") == "142"
        key = provision(wire)
        answer = wire.ask("FolderSync", folder_sync("0"), X_MS_PolicyKey="1")
        assert answer is not None
        assert answer.text_of("FolderHierarchy:Status") == "144"
        answer = wire.ask("FolderSync", folder_sync("0"), X_MS_PolicyKey=key)
        assert answer is not None
        assert answer.text_of("FolderHierarchy:Status") == "1"


def test_a_database_that_is_away_is_503_with_retry_after_and_never_an_empty_answer(wire, monkeypatch, caplog):
    wire.folders()

    def away(*_: object) -> None:
        raise errors.AwayNow("gone")

    monkeypatch.setattr(wire.core, "_reading", away)
    wire.octets("Sync", sync(collection("c", "0")))
    assert wire.status == 503
    assert int(wire.headers["retry-after"]) > 0
    assert "cannot be served now: gone" in caplog.text


def test_every_error_of_ours_has_a_row():
    classes = [
        each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.PimgateError)
    ]
    assert set(classes) - {errors.PimgateError} <= set(ERRORS)
    assert row_for(errors.BadItem()).item == 6


def test_the_access_log_tells_command_and_device_and_no_more(wire, caplog):
    with caplog.at_level("INFO", "pimgate.access"):
        wire.folders()
    with wire.core.database.read() as work:
        [device] = work.devices.all()
    [line] = [record.getMessage() for record in caplog.records if record.name == "pimgate.access"]
    assert f" FolderSync/{device.id} 200 " in line
    assert "anna" not in line


@pytest.mark.parametrize(
    "path", ["/microsoft-server-activesync", "/MICROSOFT-SERVER-ACTIVESYNC", PATH + "/", "/Microsoft-Server-Activesync"]
)
def test_the_address_is_the_same_in_any_case(wire, path):
    headers = {"Authorization": wire.authorization, "MS-ASProtocolVersion": "16.1"}
    assert wire.client.options(path, headers=headers).status_code == 200
    query = "cmd=foldersync&USER=anna%2540example.org&DEVICEID=Appl1&deviceType=iPhone"
    answer = wire.client.post(f"{path}?{query}", content=encode(folder_sync("0")), headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize("login", ["EXAMPLE\\anna@example.org", "example.org\\anna", "ANNA@example.org", "anna"])
def test_a_login_is_understood_as_phones_write_it(wire, login):
    phone = wire.twin(login=login)
    assert phone.folders()
    with wire.core.database.read() as work:
        assert len(work.devices.all()) == 1


@pytest.mark.parametrize("charset", ["utf-8", "latin-1"])
def test_a_password_is_understood_in_the_charset_of_old_programs_too(wire, charset):
    with wire.core.database.write() as work:
        anna = work.people.by_login("anna@example.org")
        assert anna
        wire.core.people.set_password(work, anna.id, "käsebrötchen")
    phone = wire.twin()
    phone.authorization = "Basic " + base64.b64encode("anna@example.org:käsebrötchen".encode(charset)).decode()
    assert phone.folders()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", ["validate", "VALIDATE"])
def test_an_account_is_tried_out_without_a_trace(wire, version, name):
    probe = wire.twin(device=name, device_type="Android", version=version)
    answer = probe.ask("FolderSync", folder_sync("0"))
    assert answer is not None
    assert answer.text_of("FolderHierarchy:Status") == "1"
    assert probe.ask("Provision", b"") is not None
    probe.octets("Sync", sync(collection("c", "0")))
    assert probe.status == 501
    with wire.core.database.read() as work:
        assert work.devices.all() == []
        assert work.shelf.get_many("validate", "") == {}


def test_an_account_is_not_tried_out_with_a_wrong_password(wire, monkeypatch):
    monkeypatch.setattr("pimgate.guesses.DELAYS_SECONDS", (0,))
    probe = wire.twin(device="validate")
    probe.authorization = authorization("anna@example.org", "wrong")
    probe.octets("FolderSync", folder_sync("0"))
    assert probe.status == 401


@pytest.mark.parametrize(
    "given",
    [
        {"DeviceId": None},
        {"DeviceType": None},
        {"DeviceType": "%0a"},
        {"DeviceType": "a" * 65},
        {"DeviceId": "..%2f..%2fetc"},
        {"DeviceId": "%00"},
        {"User": "a%0d%0ab"},
        {"Cmd": "Sync%00"},
    ],
)
@pytest.mark.parametrize("version", ["12.1", "16.1"])
def test_a_hostile_request_line_is_a_bad_request_and_makes_no_device(wire, given, version):
    fields = {"Cmd": "FolderSync", "User": "anna", "DeviceId": "Appl1", "DeviceType": "iPhone", **given}
    query = "&".join(f"{name}={value}" for name, value in fields.items() if value is not None)
    headers = {"Authorization": wire.authorization, "MS-ASProtocolVersion": version}
    answer = wire.client.post(f"{PATH}?{query}", content=encode(folder_sync("0")), headers=headers)
    assert answer.status_code == 400
    with wire.core.database.read() as work:
        assert work.devices.all() == []
