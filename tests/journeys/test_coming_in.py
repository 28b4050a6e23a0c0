"""How phones come in: what is offered, the policy, refusals, and the questions without a body."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.places import PASSWORD
from journeys.clients import ANNA, android, collection_of, iphone, thunderbird, up_to_date, url_of
from journeys.texts import card
from pimgate.core import Core
from pimgate.model.collections import CollectionKind
from pimgate.model.devices import DeviceState
from pimgate.plugins import PluginHost
from pimgate.settings import Log
from pimgate.testing.phone import Phone
from pimgate.testing.phone_line import PhoneRefused
from pimgate.testing.running import Running, running

CLIENTS = {"iphone": iphone, "android": android}


def test_gateway_offers_its_versions_and_commands(gateway: Running) -> None:
    offered = Phone(gateway.url, ANNA, PASSWORD, "ApplF0ANNA").options()
    assert {"14.1", "16.1"} <= set(offered["versions"])
    assert {"FolderSync", "Ping", "Provision", "Search", "Sync"} <= set(offered["commands"])


@pytest.mark.parametrize("client", CLIENTS)
def test_phone_that_never_asked_for_the_policy_is_led_to_it(make_core: Callable[..., Core], client: str) -> None:
    eas = PluginHost(["eas"]).settings_classes()["eas"]()
    core = make_core("eas", log=Log(requests=False), **{"plugins.eas": replace(eas, require_policy=True)})
    with running(core) as gateway:
        phone = CLIENTS[client](gateway.url)
        known = phone.policy_key
        assert int(known) > 0
        forgetful = Phone(gateway.url, ANNA, PASSWORD, phone.device_id, version=phone.version)
        forgetful.sync_folders()
        assert len(forgetful.folders) == len(phone.folders) > 0
        assert int(forgetful.policy_key) > 0
        phone.sync_folders()
        assert phone.complaints == forgetful.complaints == []


def test_blocked_phone_is_turned_away_and_not_asked_for_its_password(gateway: Running) -> None:
    phone = iphone(gateway.url)
    with gateway.core.database.write() as work:
        account = gateway.core.people.get(work, ANNA)
        (device,) = work.devices.of_person(account.id)
        gateway.core.devices.decide(work, device.id, DeviceState.BLOCKED)
    with pytest.raises(PhoneRefused) as refused:
        phone.sync()
    assert refused.value.status == 403


def test_heartbeat_out_of_range_is_mended_by_the_phone(gateway: Running) -> None:
    phone, program = iphone(gateway.url), thunderbird(gateway.url)
    url = url_of(gateway.url, gateway.core, collection_of(gateway.core, CollectionKind.BOOK))
    program.put(f"{url}oda.vcf", card("oda", "Oda", "Travelling"), is_new=True)
    assert phone.ping(5).status == 2
    assert phone.ping(60).status == 2, "the same question again has no body"
    assert phone.complaints == []


def test_empty_sync_leads_to_what_is_new(gateway: Running) -> None:
    phone, program = iphone(gateway.url), thunderbird(gateway.url)
    book = collection_of(gateway.core, CollectionKind.BOOK)
    url = url_of(gateway.url, gateway.core, book)
    program.put(f"{url}oda.vcf", card("oda", "Oda", "Travelling"), is_new=True)
    phone.sync_unchanged()
    assert len(phone.items[book.id]) == 1
    assert phone.complaints == []


@pytest.mark.parametrize("window", [1, 2, 7])
def test_large_book_comes_in_windows_and_whole(gateway: Running, window: int) -> None:
    program = thunderbird(gateway.url)
    book = collection_of(gateway.core, CollectionKind.BOOK)
    url = url_of(gateway.url, gateway.core, book)
    for number in range(9):
        assert program.put(f"{url}{number}.vcf", card(f"u{number}", f"N{number}", "Walker"), is_new=True).status == 201
    phone = Phone(gateway.url, ANNA, PASSWORD, "ApplF0ANNA")
    phone.sync_folders()
    phone.sync(book.id, window=window)
    assert len(phone.items[book.id]) == 9
    assert phone.complaints == []


def test_phone_whose_state_is_unknown_starts_anew_and_keeps_its_edits(gateway: Running) -> None:
    phone = iphone(gateway.url)
    book = collection_of(gateway.core, CollectionKind.BOOK)
    url = url_of(gateway.url, gateway.core, book)
    thunderbird(gateway.url).put(f"{url}oda.vcf", card("oda", "Oda", "Travelling"), is_new=True)
    phone.sync()
    (server_id,) = phone.items[book.id]
    edit = phone.change(book.id, server_id, {"Contacts:JobTitle": "Pilot"})
    with gateway.core.database.write() as work:
        account = gateway.core.people.get(work, ANNA)
        for device in work.devices.of_person(account.id):
            work.shelf.remove(device.id)
    up_to_date(phone)
    assert edit.is_accepted
    assert phone.items[book.id][server_id].text_of("Contacts:JobTitle") == "Pilot"
    assert phone.complaints == []
