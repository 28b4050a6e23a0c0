"""A stranger's plugin comes in through the same door as ours: every hook is answered when it is on, nothing is there when it is
off."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result

from pimgate.api import AccountState, Core, DeviceFacts, Identity, OutOfOffice, directory
from pimgate.app import build_app, open_core
from pimgate.hookspecs import Hooks
from pimgate.testing.contract import check_plugin
from plugins.sample.installed import sample_home, sample_on_path

__all__ = ["sample_home", "sample_on_path"]

SETTINGS = """
[plugins]
enabled = ["sample"]
[plugins.sample]
greeting = "Good morning."
rooms = ["Library", "Winter garden"]
guest_password = "tea and biscuits"
"""
ANNA = ("anna@example.org", "correct horse")
GUEST = ("guest@rooms.example", "tea and biscuits")


@pytest.fixture
def core(sample_on_path: None, tmp_path: Path) -> Iterator[Core]:
    """A gateway with the sample plugin and one person, Anna."""
    place = tmp_path / "pimgate.toml"
    place.write_text(SETTINGS)
    with closing(open_core(place)) as core:
        with core.database.write() as work:
            core.people.create(work, *ANNA, name="Anna Berg")
        yield core


def ask(core: Core, *people: tuple[str, str]) -> list[httpx.Response]:
    """What the plugin's page answers to each of these people, one after the other."""

    async def asking() -> list[httpx.Response]:
        way_in = httpx.ASGITransport(build_app(core))
        headers = {"User-Agent": "Rooms/1.0"}
        async with httpx.AsyncClient(transport=way_in, base_url="http://gateway", headers=headers) as client:
            return [await client.get("/sample/collections", auth=each) for each in people]

    return asyncio.run(asking())


def identity_of(core: Core, login: str) -> Identity:
    with core.database.read() as work:
        return Identity(core.people.get(work, login))


def test_the_plugin_keeps_the_contract(sample_on_path: None) -> None:
    assert [str(each) for each in check_plugin("sample")] == []


def test_operator_sees_the_plugin_on_with_every_hook(core: Core) -> None:
    (listed,) = [each for each in core.plugins.installed() if each.name == "sample"]
    assert (listed.distribution, listed.version, listed.is_on) == ("pimgate-sample", "1.0.0", True)
    assert set(listed.hooks) == {name for name in vars(Hooks) if name.startswith("pimgate_")}


def test_plugin_hears_who_is_away_and_who_came_back(core: Core) -> None:
    from pimgate_sample.today import Today

    account = identity_of(core, ANNA[0]).account
    core.plugins.out_of_office(core, account, OutOfOffice(is_on=True))
    assert core.belonging(Today).away == {ANNA[0]}
    core.plugins.out_of_office(core, account, OutOfOffice(is_on=False))
    assert core.belonging(Today).away == set()


def test_person_sees_what_their_client_sees(core: Core) -> None:
    answer = ask(core, ANNA)[0].json()
    assert answer["person"] == "anna@example.org"
    seen = {(each["name"], each["kind"]): each["exposure"] for each in answer["collections"]}
    assert seen == {
        ("Contacts", "book"): "full",
        ("Collected", "book"): "full",
        ("Directory", "book"): "online",
        ("Calendar", "calendar"): "full",
    }


def test_wrong_password_is_asked_for_again(core: Core) -> None:
    (answer,) = ask(core, (ANNA[0], "wrong"))
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic ")


def test_guest_comes_in_again_and_again_with_the_password_that_only_the_plugin_knows(core: Core) -> None:
    assert [each.json()["person"] for each in ask(core, GUEST, GUEST)] == [GUEST[0], GUEST[0]]


def test_guest_with_another_password_stays_outside(core: Core) -> None:
    assert ask(core, (GUEST[0], "coffee"))[0].status_code == 401


def test_guest_disabled_by_the_operator_stays_outside(core: Core) -> None:
    assert ask(core, GUEST)[0].status_code == 200
    guest = identity_of(core, GUEST[0]).account
    with core.database.write() as work:
        core.people.set_state(work, guest.id, AccountState.DISABLED)
    assert ask(core, GUEST)[0].status_code == 401


def test_rooms_are_found_by_every_directory_search(core: Core) -> None:
    anna = identity_of(core, ANNA[0])
    with core.database.write() as work:
        device = core.devices.admit(work, anna, DeviceFacts("sample", "Rooms"))
        found = directory.search(core, work, core.viewer(anna, device), "garden", 10)
    assert [(each.name, each.email, each.source) for each in found] == [
        ("Winter garden", "winter-garden@rooms.example", "Meeting rooms")
    ]


def test_changes_are_counted_on_the_persons_page(core: Core) -> None:
    anna = identity_of(core, ANNA[0]).account
    (before,) = core.plugins.panels(core, anna)
    with core.database.write() as work:
        core.people.set_state(work, anna.id, AccountState.ACTIVE)
    (after,) = core.plugins.panels(core, anna)
    assert before.title == "Meeting rooms"
    assert before.lines[:2] == ("Library", "Winter garden")
    assert int(after.lines[2].split()[0]) == int(before.lines[2].split()[0]) + 1


def test_porter_is_asked_from_the_command_line(core: Core) -> None:
    from pimgate_sample.today import Today

    (command,) = core.plugins.commands()

    async def asking() -> Result:
        async with core.running():
            porter = core.belonging(Today).porter
            assert porter is not None
            return await asyncio.to_thread(CliRunner().invoke, command, ["--port", str(porter[1]), "garden"])

    answer = asyncio.run(asking())
    assert (answer.exit_code, answer.output) == (0, "Winter garden <winter-garden@rooms.example>\n")


def test_plugin_that_is_off_is_not_imported_and_leaves_nothing_behind(sample_home: Path, tmp_path: Path) -> None:
    (tmp_path / "pimgate.toml").write_text("[plugins]\nenabled = []\n")
    script = """
import json, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from pimgate.app import build_app, open_core
core = open_core(Path(sys.argv[2]))
(listed,) = [each for each in core.plugins.installed() if each.name == "sample"]
print(json.dumps({
    "is_on": listed.is_on,
    "imported": [each for each in sys.modules if each.startswith("pimgate_")],
    "paths": [route.path for route in build_app(core).routes if not route.path.endswith("z")],
    "kinds": list(core.client_kinds),
    "services": [each.name for each in core.plugins.services(core)],
    "commands": [each.name for each in core.plugins.commands()],
}))
core.close()
"""
    call = [sys.executable, "-c", script, str(sample_home), str(tmp_path / "pimgate.toml")]
    answer = json.loads(subprocess.run(call, check=True, capture_output=True, timeout=60).stdout)
    assert answer == {"is_on": False, "imported": [], "paths": [], "kinds": [], "services": [], "commands": []}
