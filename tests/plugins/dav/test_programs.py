"""Real programs, by what they call themselves: each gets its column of the table, and one device for all of its parts."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from pimgate.api import DeviceFacts
from pimgate.profiles import Profiles
from pimgate_dav.kinds import KINDS
from plugins.dav.stage import Stage


@pytest.fixture
def kind() -> str:
    """One data base: none of this depends on it."""
    return "sqlite"


@dataclass(frozen=True)
class Known:
    program: str
    agent: str
    profile: str
    kind: str


def known_programs() -> list[Known]:
    lines = Path(__file__).with_name("programs.csv").read_text(encoding="utf-8").splitlines()
    rows = [line.split(";") for line in lines if line and not line.startswith("#")]
    return [Known(row[0], ";".join(row[1:-2]), row[-2], row[-1]) for row in rows]


def test_programs_get_the_kind_and_profile_of_the_list() -> None:
    profiles = Profiles()
    programs = known_programs()
    found = [(each, profiles.match(DeviceFacts("dav", "", agent=each.agent))) for each in programs]
    wrong = [
        (each.program, profile.name, profile.client_kind)
        for each, profile in found
        if (profile.name, profile.client_kind) != (each.profile, each.kind)
    ]
    assert wrong == []
    assert {each.kind for each in programs} == {kind.name for kind in KINDS}


def test_calendar_and_address_book_of_one_program_are_one_device(stage: Stage) -> None:
    known = known_programs()
    for profile in ("apple", "thunderbird", "outlook-caldav"):
        for each in [each for each in known if each.profile == profile][:3]:
            stage.program(each.agent).propfind("/dav/", "D:current-user-principal")
    with stage.core.database.read() as work:
        seen = {device.profile: device.client_kind for device in stage.core.devices.of_person(work, stage.alice.id)}
    assert seen == {"apple": "dav", "thunderbird": "thunderbird", "outlook-caldav": "outlook"}


def test_way_in_is_found_with_any_method_and_without_a_password(stage: Stage) -> None:
    stranger = stage.program(password="wrong")
    for path in ("/.well-known/caldav", "/.well-known/carddav/"):
        for method in ("GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT", "POST", "MKCOL"):
            led = stranger.client.request(method, path, auth=lambda request: request)
            assert (method, led.status_code, led.headers["location"]) == (method, 301, "/dav/")
    assert stage.program().client.request("PROPFIND", "/", follow_redirects=False).headers["location"] == "/dav/"
