"""How many edits are lost, doubled or reverted: households on bad lines, one after the other.

    cd tests && ../.venv/bin/python -m journeys.measure_losses [EDITS] [--loss SHARE]

Each household has an iPhone (16.1), an Android phone (14.1 or 12.1) with two weeks of calendar, and a desktop program. They make
two hundred edits of contacts, events, series, tasks and notes, and keep folders, while `SHARE` (0.3) of the phones' exchanges are
lost, cut at any byte, broken off or repeated. Then everybody synchronises, and is compared with what was said and with the server.
What a phone may ask in a minute is not bounded: these ask faster than any person.
"""

import argparse
import random
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from gateway.places import Place, in_memory, make_gateway
from journeys.moving_in import household
from pimgate.settings import Log
from pimgate.testing.network import Network
from pimgate.testing.running import Running, running
from pimgate_eas.settings import EasSettings

EDITS_OF_A_HOUSEHOLD = 200
SETTINGS = {"log": Log(requests=False), "plugins.eas": EasSettings(repeats_per_minute=0)}


def live(gateway: Running, number: int, loss: float, figures: Counter[str]) -> list[str]:
    """One household; what was not as it must be."""
    lines = (Network.lossy(number, loss), Network.lossy(number + 100_000, loss))
    walk, writers = household(gateway, f"p{number}@example.org", ("14.1", "12.1")[number % 2], lines)
    walk.chance = random.Random(number)
    while walk.edits < EDITS_OF_A_HOUSEHOLD:
        walk.step()
    walk.finish()
    figures["edits"] += walk.edits
    figures["households"] += 1
    figures["exchanges"] += sum(line.exchanges for line in lines)
    figures["faults"] += sum(line.faults for line in lines)
    figures["keys lost"] += sum(writer.phone.restarts for writer in writers)
    return walk.findings()


def main() -> None:
    parser = argparse.ArgumentParser(description="Count the edits that are lost, doubled or reverted.")
    parser.add_argument("edits", type=int, nargs="?", default=2_000)
    parser.add_argument("--loss", type=float, default=0.3)
    asked = parser.parse_args()
    figures: Counter[str] = Counter()
    found: list[str] = []
    begun = time.monotonic()
    with TemporaryDirectory(dir=in_memory()) as room:
        place = Place("sqlite", "sqlite:///pimgate.db", Path(room))
        with make_gateway(place, "eas", "dav", **SETTINGS) as core, running(core) as gateway:
            while figures["edits"] < asked.edits:
                found += live(gateway, figures["households"], asked.loss, figures)
    print(f"{len(found)} of {figures['edits']:,} edits lost, doubled or reverted; {figures['keys lost']} keys lost")
    print(
        f"{figures['faults']:,} of {figures['exchanges']:,} exchanges went wrong; {figures['households']} households, ",
        end="",
    )
    print(f"{time.monotonic() - begun:.0f} s")
    for each in found:
        print(f"  {each}")


if __name__ == "__main__":
    main()
