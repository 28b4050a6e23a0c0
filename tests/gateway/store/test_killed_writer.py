"""A gateway that is killed while it writes: what it acknowledged is there, once, and nothing is half done."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateway.places import PASSWORD, Place, make_gateway
from pimgate.collections import create
from pimgate.model.collections import CollectionKind
from pimgate.model.items import Bookmark, Op
from pimgate.text.vcard import parse_card

KILLS = 10

WRITER = """
import sys
from pathlib import Path
from gateway.places import Place, make_gateway
from gateway.texts import card
from pimgate.items import keep
with make_gateway(Place("sqlite", sys.argv[1], Path(sys.argv[2]))) as core:
    for number in range(100_000):
        uid = f"{sys.argv[4]}-{number}"
        with core.database.write() as work:
            book = work.collections.by_id(sys.argv[3])
            keep(work, core.settings.limits, book, f"{uid}.vcf", card(uid))
        print(uid, flush=True)
"""


@pytest.mark.slow
def test_what_a_killed_writer_acknowledged_is_there_once(tmp_path: Path) -> None:
    place = Place("sqlite", "sqlite:///pimgate.db", tmp_path)
    with make_gateway(place) as core, core.database.write() as work:
        anna = core.people.create(work, "anna@example.org", PASSWORD)
        book = create(work, anna.id, CollectionKind.BOOK, "Friends")
    dice = random.Random(7)
    acknowledged: list[str] = []
    for life in range(KILLS):
        acknowledged += _write_until_killed(place, book.id, f"life{life}", dice.uniform(0.02, 0.15))
    assert len(acknowledged) > KILLS
    with make_gateway(place) as core, core.database.read() as work:
        items = work.items.all(book.id)
        uids = [str(parse_card(item.text).uid) for item in items]
        assert len(uids) == len(set(uids))
        assert set(acknowledged) <= set(uids)
        assert len(uids) <= len(acknowledged) + KILLS  # a commit may come before the kill and its answer after it
        found = work.collections.by_id(book.id)
        assert found is not None
        assert (found.item_count, found.size_bytes) == work.items.size(book.id)
        lines = work.journal.since(book.id, Bookmark(0), 100_000).changes
        assert [line.seq for line in lines] == list(range(1, len(items) + 1))
        assert {(line.op, line.item_id) for line in lines} == {(Op.CREATE, item.id) for item in items}


def _write_until_killed(place: Place, book: str, life: str, seconds: float) -> list[str]:
    """The UIDs that one writer acknowledged before it was killed, some time after its first."""
    command = [sys.executable, "-c", WRITER, place.url, str(place.directory), book, life]
    with subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(seconds)
        os.kill(writer.pid, signal.SIGKILL)
        rest = writer.stdout.read().splitlines(keepends=True)
    return [line.strip() for line in (first, *rest) if line.endswith("\n")]
