"""Which versions and commands a phone is offered, and how it hears of new ones."""

import pytest

from pimgate.errors import SettingsProblem
from pimgate.profiles import Profiles
from pimgate.settings import Devices
from pimgate_eas import offer, shelved
from pimgate_eas.commands import COMMANDS
from pimgate_eas.versions import VERSIONS, number
from plugins.eas.wire import Wire, folder_sync

PATH = "/Microsoft-Server-ActiveSync"
WINDOWS_PHONE = "MSFT-WP/8.10"


def versions_for(wire: Wire, query: str = "", agent: str = "Apple-iPhone14C2/2206.79") -> str:
    headers = {"Authorization": wire.authorization, "User-Agent": agent}
    answer = wire.client.options(f"{PATH}{query}", headers=headers)
    assert answer.status_code == 200
    return answer.headers["MS-ASProtocolVersions"]


def test_whoever_nothing_is_known_against_is_offered_everything(wire):
    assert versions_for(wire) == "12.1,14.0,14.1,16.0,16.1"


@pytest.mark.parametrize(
    ("query", "agent"),
    [
        ("", WINDOWS_PHONE),
        ("?DeviceType=WP8", "anything"),
        ("?User=anna&DeviceId=a&DEVICETYPE=WindowsOutlook15", ""),
        ("", "Outlook/16.0 (16.0.7167; C2R; x86)"),
    ],
)
def test_a_phone_with_a_cap_is_offered_what_is_below(wire, query, agent):
    assert versions_for(wire, query, agent) == "12.1,14.0,14.1"


@pytest.mark.parametrize("query", ["?DeviceType=%00", "?DeviceType=" + "a" * 65, "?&&&&", "?" + "a" * 5000, "?%ff=%fe"])
def test_a_hostile_question_is_answered_like_that_of_a_stranger(wire, query):
    assert versions_for(wire, query) == ",".join(VERSIONS)


def test_commands_are_announced_to_those_whose_versions_have_them():
    newest = offer.headers(VERSIONS)["MS-ASProtocolCommands"].split(",")
    assert newest == sorted(newest)
    assert set(newest) == set(COMMANDS)
    older = set(offer.headers(("12.1", "14.0", "14.1"))["MS-ASProtocolCommands"].split(","))
    assert older == {name for name, each in COMMANDS.items() if number(each.since) <= 14.1}


@pytest.mark.parametrize(("version", "said"), [("16.1", "138"), ("16.0", "138"), ("14.1", "1")])
def test_a_request_above_the_cap_is_refused_cleanly_and_told_what_would_do(wire, version, said):
    phone = wire.twin(device_type="WP8", version=version)
    answer = phone.ask("FolderSync", folder_sync("0"))
    assert answer is not None
    assert answer.text_of("FolderHierarchy:Status") == said
    if said == "138":
        assert phone.headers["ms-asprotocolversions"] == "12.1,14.0,14.1"


@pytest.mark.parametrize("version", ["2.5", "12.0"])
def test_a_version_that_nobody_is_offered_is_a_bad_request(wire, version):
    old = wire.twin(version=version)
    old.octets("FolderSync", folder_sync("0"))
    assert old.status == 400
    assert old.headers["ms-asprotocolversions"] == ",".join(VERSIONS)


def test_a_cap_that_is_no_version_is_a_mistake_of_the_file(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(
        '[[profile]]\nname = "odd"\nprotocol = "eas"\nclient_kind = "eas-other"\nmax_version = "newest"\n', "utf-8"
    )
    with pytest.raises(SettingsProblem, match=r"max_version must be a version"):
        Profiles(own)


# Telling


def told(wire: Wire) -> str | None:
    wire.ask("FolderSync", folder_sync("0"))
    return wire.headers.get("x-ms-rp")


def forget_what_was_offered(wire: Wire) -> None:
    """As a release that did not note it left the shelf."""
    with wire.core.database.write() as work:
        for device in work.devices.all():
            work.shelf.remove(device.id, shelved.OFFERED)


def test_a_new_phone_is_told_nothing_for_it_has_just_asked(wire):
    for version in VERSIONS:
        phone = wire.twin(device=f"Appl{version.replace('.', '')}", version=version)
        assert told(phone) is None
        assert told(phone) is None


@pytest.mark.parametrize(("version", "is_told"), [("14.1", True), ("12.1", True), ("16.1", False)])
def test_a_phone_of_an_older_release_is_told_once_unless_it_speaks_the_newest(make_core, version, is_told):
    core = make_core("eas")
    with Wire(core, version=version) as wire:
        told(wire)
        forget_what_was_offered(wire)
    with Wire(core, version=version) as after_the_update:
        assert told(after_the_update) == (",".join(VERSIONS) if is_told else None)
        assert told(after_the_update) is None


def test_a_cap_that_was_lifted_is_told(make_core, tmp_path):
    own = tmp_path / "own.toml"
    row = '[[profile]]\nname = "odd"\nprotocol = "eas"\ndevice_type = "odd"\nclient_kind = "eas-other"\n'
    own.write_text(row + 'max_version = "14.1"\n', "utf-8")
    core = make_core("eas", devices=Devices(profiles=str(own)))
    with Wire(core, device_type="Odd", version="14.1") as wire:
        assert told(wire) is None
        own.write_text(row, "utf-8")
        core.profiles = Profiles(own)
        assert told(wire) == ",".join(VERSIONS)
        assert wire.headers["ms-asprotocolversions"] == ",".join(VERSIONS)
        assert told(wire) is None
