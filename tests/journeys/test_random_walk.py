"""Two phones over bad networks and a desktop program edit the same book and calendar: at the end all have the same, and nothing
that anybody wrote is lost, doubled or reverted."""

import pytest

from journeys.clients import android, collection_of, iphone, thunderbird, url_of
from journeys.walk import Place, Walk, first_writer, second_writer
from pimgate.core import Core
from pimgate.model.collections import CollectionKind
from pimgate.testing.network import Network
from pimgate.testing.running import Running

STEPS = 120
SEEDS = range(4)


@pytest.mark.parametrize("seed", SEEDS)
def test_all_have_the_same_after_a_random_walk(gateway: Running, seed: int) -> None:
    walk = a_walk(gateway, seed, loss=0.35)
    for _ in range(STEPS):
        walk.step()
    walk.finish()
    assert walk.findings() == []


def a_walk(gateway: Running, seed: int, loss: float) -> Walk:
    first = iphone(gateway.url, network=Network.lossy(seed, loss))
    second = android(gateway.url, network=Network.lossy(seed + 1000, loss))
    places = places_of(gateway.url, gateway.core)
    return Walk(seed, [first_writer(first), second_writer(second)], thunderbird(gateway.url), places)


def places_of(url: str, core: Core) -> list[Place]:
    found = [collection_of(core, kind) for kind in (CollectionKind.BOOK, CollectionKind.CALENDAR)]
    return [Place(each.id, url_of(url, core, each), each.kind.value) for each in found]
