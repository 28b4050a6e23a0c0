"""What several programs do at the same moment, on the database on which they really do."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from pimgate.api import CollectionKind
from plugins.dav.stage import BOB, SPACES, Program, Stage, parsed
from plugins.dav.test_collections import mkcalendar, update

pytestmark = [pytest.mark.both_databases, pytest.mark.parametrize("kind", ["postgresql"])]

PROGRAMS = 6


@pytest.fixture
def programs(stage: Stage) -> list[Program]:
    """Programs that are known already, so that nothing stands between them and what they ask at once."""
    found = [stage.program() for _ in range(PROGRAMS)]
    for each in found:
        each.listed()
    return found


Request = tuple[Program, str, str, str]
"""Who asks, by which method, where, and with which words."""


def at_once(*requests: Request) -> list[int]:
    """The statuses of requests that leave together."""
    start = threading.Barrier(len(requests))

    def begin(request: Request) -> int:
        program, method, path, body = request
        start.wait()
        return program.ask(method, path, body, content_type="application/xml").status_code

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(begin, requests))


def test_an_address_is_taken_once(programs: list[Program]) -> None:
    home = programs[0].home
    for number in range(3):
        path = f"{home}trip-{number}/"
        statuses = at_once(*((each, "MKCALENDAR", path, mkcalendar()) for each in programs))
        assert Counter(statuses) == {201: 1, 405: PROGRAMS - 1}
        assert programs[0].propfind(home, "D:displayname", depth="1").hrefs.count(path) == 1


def test_no_program_takes_away_what_another_keeps_with_a_calendar(stage: Stage, programs: list[Program]) -> None:
    path = stage.path(stage.owned(CollectionKind.CALENDAR))
    for number in range(3):
        names = [f"p{number}-{each}" for each in range(PROGRAMS)]
        bodies = [update(f'<x:{name} xmlns:x="urn:x">v</x:{name}>') for name in names]
        at_once(*((each, "PROPPATCH", path, body) for each, body in zip(programs, bodies, strict=True)))
    everything = f"<D:propfind {SPACES}><D:allprop/></D:propfind>"
    kept = parsed(programs[0].ask("PROPFIND", path, everything, depth="0")).of(path)
    assert sum(name.startswith("{urn:x}p") for name in kept) == 3 * PROGRAMS


def test_calendar_that_goes_while_it_is_shared_and_renamed_is_gone_and_nobody_waits_for_another(
    programs: list[Program],
) -> None:
    sharing = f"<CS:share {SPACES}><CS:set><D:href>mailto:{BOB}</D:href><CS:read/></CS:set></CS:share>"
    naming = update("<D:displayname>Chess</D:displayname>")
    for number in range(6):
        path = f"{programs[0].home}club-{number}/"
        assert programs[0].ask("MKCALENDAR", path, mkcalendar()).status_code == 201
        words = [("POST", sharing), ("DELETE", ""), ("POST", sharing), ("PROPPATCH", naming)]
        requests = [(each, method, path, body) for each, (method, body) in zip(programs, words, strict=False)]
        statuses = at_once(*requests)
        assert statuses[1] == 204
        assert set(statuses) <= {200, 204, 207, 404}
