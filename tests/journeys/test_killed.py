"""The gateway is killed in the middle of requests, several times: whatever was acknowledged is there afterwards, once."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from journeys.clients import android, iphone, thunderbird
from journeys.serving import Serving
from journeys.test_random_walk import places_of
from journeys.walk import Walk, first_writer, second_writer
from pimgate.testing.network import Network

STEPS, KILL_EVERY = 72, 12


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    found = Serving(tmp_path)
    yield found
    found.stop()


@pytest.mark.parametrize("seed", [7])
@pytest.mark.slow
def test_nothing_is_lost_doubled_or_reverted_when_the_gateway_is_killed(serving: Serving, seed: int) -> None:
    core = serving.furnish()
    serving.start()
    places = places_of(serving.url, core)
    core.close()
    first = iphone(serving.url, network=Network.lossy(seed, 0.2))
    second = android(serving.url, network=Network.lossy(seed + 1000, 0.2))
    walk = Walk(seed, [first_writer(first), second_writer(second)], thunderbird(serving.url), places, serving.start)
    for number in range(STEPS):
        killing = threading.Timer(walk.chance.uniform(0, 0.05), serving.kill)
        if number % KILL_EVERY == KILL_EVERY - 1:
            killing.start()
        walk.step()
        if killing.ident is not None:
            killing.join()
        serving.start()
    walk.finish()
    assert serving.kills == STEPS // KILL_EVERY
    assert walk.findings() == []
