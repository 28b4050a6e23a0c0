"""The pages about devices: what a person sees of their own, and what only an operator sees and decides."""

import html
import re
from collections.abc import Callable

import pytest

from gateway.places import PASSWORD
from pimgate.api import Account, Core, Device, DeviceFacts, DeviceState, Identity, WipeScope, device_notes, wipes
from pimgate.settings import Devices
from plugins.web.stage import JSON, Browser

HOSTILE = "<script>alert(1)</script>"
PAGE = "/operator/devices"


@pytest.fixture
def core(make_pages: Callable[..., Core]) -> Core:
    return make_pages(devices=Devices(allow_device_wipe=True))


@pytest.fixture
def phone(core: Core, anna: Account) -> Device:
    """Anna's iPhone, with a hostile name, one refused item, and in a loop."""
    with core.database.write() as work:
        seen = core.devices.admit(work, Identity(anna), DeviceFacts("eas", "APPL1", "iPhone", "Apple-iPhone", "16.1"))
        device_notes.set_information(work, seen.id, {"friendly_name": HOSTILE, "imei": "356938035643809"})
        book = next(
            each.collection for each in work.collections.standings(anna.id) if each.collection.name == "Contacts"
        )
        device_notes.add_refusals(work, seen.id, [(book.id, "7", "A birthday or anniversary is no date.")])
        device_notes.add_slowing(work, seen.id, "asks the same again and again")
        return seen


@pytest.fixture
def operator(core: Core, open_browser: Callable[..., Browser]) -> Browser:
    with core.database.write() as work:
        core.people.create(work, "op@example.org", PASSWORD, is_operator=True)
    made = open_browser()
    assert made.sign_in("op@example.org", PASSWORD).status_code == 303
    return made


def words(text: str) -> str:
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", text).split()))


def state(core: Core, device: Device) -> DeviceState:
    with core.database.read() as work:
        return core.devices.get(work, device.id).state


def test_person_sees_what_their_device_says_and_what_was_refused(browser: Browser, phone: Device) -> None:
    page = browser.get("/devices").text
    assert HOSTILE not in page
    assert "356938035643809" in page
    assert "in “Contacts”: A birthday or anniversary is no date." in words(page)
    assert "made to wait" in words(page)
    assert '<form method="post" action="/operator' not in page


def test_nobody_but_an_operator_finds_the_page_of_all_devices(browser: Browser, phone: Device, core: Core) -> None:
    assert browser.get(PAGE).status_code == browser.get("/nothing-here").status_code == 404
    for decision in ("block", "forget", "wipe"):
        fields = {"confirm": "APPL1", "scope": "account"}
        assert browser.post(f"{PAGE}/{phone.id}/{decision}", fields).status_code == 404
    assert state(core, phone) is DeviceState.ALLOWED


def test_page_of_all_devices_tells_no_name_of_a_persons_collections(operator: Browser, phone: Device) -> None:
    page = words(operator.get(PAGE).text)
    assert "anna@example.org" in page
    assert "“Contacts”" not in page


def test_operator_allows_blocks_and_forgets(operator: Browser, phone: Device, core: Core) -> None:
    named = f"{html.escape(HOSTILE)} of anna@example.org"
    page = operator.press(operator.get(PAGE), f"Block {named}")
    assert state(core, phone) is DeviceState.BLOCKED
    page = operator.press(page, f"Allow {named}")
    assert state(core, phone) is DeviceState.ALLOWED
    operator.press(page, f"Forget {named}")
    assert operator.get(PAGE, accept="application/json").json()["devices"] == []


def test_operator_wipes_with_the_identifier_typed_and_cancels(operator: Browser, phone: Device, core: Core) -> None:
    wrong = operator.post(f"{PAGE}/{phone.id}/wipe", {"confirm": "APPL2", "scope": "account"})
    assert wrong.status_code == 409
    assert "not the identifier" in wrong.text
    assert operator.post(f"{PAGE}/{phone.id}/wipe", {"confirm": "APPL1", "scope": "moon"}).status_code == 400
    assert state(core, phone) is DeviceState.ALLOWED
    assert operator.post(f"{PAGE}/{phone.id}/wipe", {"confirm": " APPL1 ", "scope": "account"}).status_code == 303
    assert state(core, phone) is DeviceState.WIPING
    with core.database.read() as work:
        kept = device_notes.wipe_of(work, phone.id)
    assert kept is not None
    assert (kept.scope, kept.by) == (WipeScope.ACCOUNT, "op@example.org")
    page = operator.get(PAGE)
    assert "asked to erase this account" in words(page.text)
    operator.press(page, f"Cancel the wipe of {html.escape(HOSTILE)} of anna@example.org")
    assert state(core, phone) is DeviceState.ALLOWED


def test_wiped_device_says_so(operator: Browser, phone: Device, core: Core) -> None:
    with core.database.write() as work:
        wipes.begin(work, core.devices, core.settings.devices, phone.id, WipeScope.DEVICE, "APPL1")
        wipes.acknowledge(work, core.devices, phone.id, WipeScope.DEVICE, has_succeeded=True)
    assert "that it is erased" in words(operator.get(PAGE).text)


def test_unknown_decisions_and_devices_are_not_there(operator: Browser, phone: Device) -> None:
    assert operator.post(f"{PAGE}/{phone.id}/explode", {}).status_code == 404
    assert (
        operator.post(f"{PAGE}/nothing/block", {"x": ""}, headers={**JSON, "Sec-Fetch-Site": "same-origin"}).status_code
        == 404
    )


@pytest.mark.parametrize(("language", "title"), [("en", "My devices"), ("de", "Meine Geräte"), ("fr", "Mes appareils")])
def test_page_speaks_each_language(
    open_browser: Callable[..., Browser], phone: Device, anna: Account, language: str, title: str
) -> None:
    made = open_browser(language=language)
    made.sign_in(anna.login, PASSWORD)
    assert f"<h1>{title}</h1>" in made.get("/devices").text
