"""A simulated phone rearranges its mail on a line that loses answers, in every dialect: each thing is done once, and told once."""

from collections.abc import Callable, Iterator

import pytest

from gateway.places import PASSWORD
from pimgate.testing.network import Network
from pimgate.testing.phone import Phone
from pimgate_eas.versions import VERSIONS
from plugins.eas.mail_house import ANNA, MailHouse, mail_house


@pytest.fixture(scope="module")
def house(_templates: Callable[[str], str]) -> Iterator[MailHouse]:
    with mail_house(_templates) as made:
        with made.program() as line:
            for version in VERSIONS:
                line.done(line.create(old(version)))
                for number in range(5):
                    line.put(f"m{number}", folder=old(version))
        yield made


def old(version: str) -> str:
    return "Old" + version.replace(".", "")


def new(version: str) -> str:
    return "New" + version.replace(".", "")


def later(version: str) -> str:
    return "Later" + version.replace(".", "")


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_phone_rearranges_its_mail(house: MailHouse, version: str) -> None:
    device, network = f"Appl{version.replace('.', '')}", Network.lossy(int(version.replace(".", "")))
    url = str(house.wire.client.base_url).rstrip("/")
    phone = Phone(url, ANNA, PASSWORD, device, version=version, network=network)
    phone.sync_folders()
    assert phone.create_folder(new(version), "12") == "1"
    source, target = phone.folder_named(old(version)), phone.folder_named(new(version))
    phone.sync(source)
    phone.sync(target)
    items = sorted(phone.items[source])
    assert len(items) == 5
    assert set(phone.move(items[:3], source, target).values()) == {"3"}
    assert phone.rename_folder(target, later(version)) == "1"
    for folder in (source, target):
        phone.sync(folder)
    assert (len(phone.items[source]), len(phone.items[target])) == (2, 3)
    with house.program() as line:
        assert (line.count(old(version)), line.count(later(version))) == (2, 3)
    assert phone.sync_folders() == []
    assert phone.delete_folder(target) == "1"
    assert phone.sync_folders() == []
    assert not {new(version), later(version)} & {each.path for each in house.mailboxes()}
    assert phone.complaints == []
    assert network.faults
