"""Two phones over bad networks and a desktop program edit the same book and calendar: at the end all have the same, and nothing
that anybody wrote is lost, doubled or reverted."""

from typing import Any

import pytest

from gateway.places import PASSWORD
from journeys.clients import ANNA, android, browser, collection_of, iphone, url_of
from journeys.walk import Place, Walk, first_writer, second_writer
from pimgate.core import Core
from pimgate.model.collections import CollectionKind
from pimgate.testing.desktop import DAVX5, Desktop
from pimgate.testing.network import Network
from pimgate.testing.running import Running

STEPS = 120
CROWD_SECONDS, CROWD_STEPS = 5, 20
SEEDS = [0, *(pytest.param(each, marks=pytest.mark.slow) for each in range(1, 6))]


@pytest.mark.parametrize("seed", SEEDS)
def test_all_have_the_same_after_a_random_walk(gateway: Running, seed: int) -> None:
    walk = a_walk(gateway, seed, loss=0.35)
    for _ in range(STEPS):
        walk.step()
    walk.finish()
    assert walk.findings() == []


@pytest.mark.parametrize("seed", SEEDS)
def test_all_have_the_same_when_switches_are_turned_meanwhile(gateway: Running, seed: int) -> None:
    pages = browser(gateway.url)
    walk = a_walk(gateway, seed, loss=0.2, turn=lambda collection_id, is_on: pages.turn(collection_id, is_on=is_on))
    for _ in range(STEPS):
        walk.step()
    walk.finish()
    assert walk.findings() == []


def test_all_have_the_same_when_everybody_writes_at_once(gateway: Running) -> None:
    walk = a_walk(gateway, 1, loss=0.1)
    for _ in range(20):
        walk.step()
    walk.crowd(CROWD_SECONDS)
    walk.finish()
    assert walk.findings() == []
    assert walk.steps.count("crowd") > CROWD_STEPS


def a_walk(gateway: Running, seed: int, loss: float, **more: Any) -> Walk:
    first = iphone(gateway.url, network=Network.lossy(seed, loss))
    second = android(gateway.url, network=Network.lossy(seed + 1000, loss))
    places = places_of(gateway.url, gateway.core)
    program = Desktop(gateway.url, ANNA, PASSWORD, DAVX5)
    return Walk(seed, [first_writer(first), second_writer(second)], program, places, **more)


def places_of(url: str, core: Core) -> list[Place]:
    found = [collection_of(core, kind) for kind in (CollectionKind.BOOK, CollectionKind.CALENDAR)]
    return [Place(each.id, url_of(url, core, each), each.kind.value) for each in found]
