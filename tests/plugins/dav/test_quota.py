"""What somebody keeps and may keep (RFC 4331): told to whom it concerns, true after every write, and refused by its name."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

import httpx
import pytest

from pimgate.api import Collection, CollectionKind, Right, collections
from pimgate.core import Core
from pimgate.settings import Accounts, Limits, Log
from plugins.dav.stage import BOB, SPACES, C, D, Multistatus, Program, Stage, card, event, staged

MOST = 6_000
USED, AVAILABLE = f"{D}quota-used-bytes", f"{D}quota-available-bytes"
NAMES = ("D:quota-used-bytes", "D:quota-available-bytes")


@dataclass(frozen=True)
class Kept:
    """What a resource says: None for what it does not say."""

    used: int | None
    available: int | None


def said(found: Multistatus, href: str) -> Kept:
    texts = [found.of(href)[name].text if name in found.of(href) else None for name in (USED, AVAILABLE)]
    return Kept(*(int(text) if text is not None else None for text in texts))


def asked(program: Program, path: str) -> Kept:
    return said(program.propfind(path, *NAMES), path)


def sized(uid: str, size_bytes: int) -> str:
    """An event of so many octets."""
    return event(uid, "x" * (size_bytes - len(event(uid, ""))))


def rule(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, ElementTree.fromstring(answer.content)[0].tag


FULL = (507, f"{D}quota-not-exceeded")


@pytest.fixture
def small(make_core: Callable[..., Core]) -> Iterator[Stage]:
    """A gateway where people may keep little."""
    limits = Limits(bytes_per_person=MOST, items_per_collection=3, collections_per_person=6)
    accounts = Accounts(guesses_per_minute=1000, guesses_per_day=10_000)
    with staged(make_core("dav", limits=limits, accounts=accounts, log=Log(requests=False))) as found:
        yield found


def default(stage: Stage) -> Collection:
    return stage.owned(CollectionKind.CALENDAR)


def test_what_is_left_is_what_fits_to_the_last_octet(small: Stage) -> None:
    program, diary = small.program(), small.path(default(small))
    assert asked(program, diary) == Kept(0, MOST)
    assert program.ask("PUT", f"{diary}1.ics", sized("1", 4_000)).status_code == 201
    small.put(small.owned(CollectionKind.BOOK), "1.vcf", card("1"))
    book = len(card("1"))
    left = MOST - 4_000 - book
    assert (asked(program, diary), asked(program, program.home)) == (Kept(4_000, left), Kept(4_000 + book, left))
    assert rule(program.ask("PUT", f"{diary}2.ics", sized("2", left + 1))) == FULL
    assert asked(program, diary) == Kept(4_000, left)
    assert program.ask("PUT", f"{diary}2.ics", sized("2", left)).status_code == 201
    assert asked(program, program.home) == Kept(MOST, 0)
    found = program.propfind(program.home, *NAMES, depth="1")
    assert {said(found, href).available for href in found.hrefs} == {0, None}, "None is left to the organisation's book"
    assert sum(said(found, href).used or 0 for href in found.hrefs if href != program.home) == MOST


def test_full_person_still_shrinks_moves_and_deletes(small: Stage) -> None:
    program, diary = small.program(), small.path(default(small))
    with small.core.database.write() as work:
        other = small.path(collections.create(work, small.alice.id, CollectionKind.CALENDAR, "Other"))
    for name, size in (("1", 4_000), ("2", 2_000)):
        assert program.ask("PUT", f"{diary}{name}.ics", sized(name, size)).status_code == 201
    assert rule(program.ask("COPY", f"{diary}1.ics", destination=f"{other}1.ics")) == FULL
    assert rule(program.ask("PUT", f"{diary}1.ics", sized("1", 4_001))) == FULL
    attached = program.ask("POST", f"{diary}1.ics?action=attachment-add", b"notes", content_type="text/plain")
    assert rule(attached) == FULL
    assert program.ask("PUT", f"{diary}1.ics", sized("1", 4_000).replace("xx", "yy")).status_code == 204
    assert program.ask("MOVE", f"{diary}1.ics", destination=f"{other}1.ics").status_code == 201
    assert (asked(program, diary), asked(program, other)) == (Kept(2_000, 0), Kept(4_000, 0))
    assert program.ask("PUT", f"{other}1.ics", sized("1", 3_000)).status_code == 204
    assert program.ask("DELETE", f"{diary}2.ics").status_code == 204
    assert asked(program, diary) == Kept(0, 3_000)


def test_limits_of_number_are_called_by_the_same_name(small: Stage) -> None:
    program, diary = small.program(), small.path(default(small))
    assert [program.ask("PUT", f"{diary}{n}.ics", event(str(n))).status_code for n in range(3)] == [201] * 3
    assert rule(program.ask("PUT", f"{diary}3.ics", event("3"))) == FULL
    assert program.ask("MKCALENDAR", f"{program.home}second/").status_code == 201
    assert rule(program.ask("MKCALENDAR", f"{program.home}third/")) == FULL
    body = "<D:resourcetype><D:collection/><A:addressbook/></D:resourcetype>"
    body = f"<D:mkcol {SPACES}><D:set><D:prop>{body}</D:prop></D:set></D:mkcol>"
    assert rule(program.ask("MKCOL", f"{program.home}fourth/", body)) == FULL


def test_who_may_not_write_learns_nothing_of_what_somebody_keeps(small: Stage) -> None:
    diary = default(small)
    small.put(diary, "1.ics", sized("1", 1_500))
    small.share(diary, Right.READ)
    bob, path = small.program(login=BOB), small.path(diary, small.bob)
    assert asked(bob, path) == Kept(None, None)
    assert bob.propfind(path, *NAMES).missing(path) == {USED, AVAILABLE}
    assert asked(bob, bob.home) == Kept(0, MOST)
    small.share(diary, Right.WRITE)
    assert asked(bob, path) == Kept(1_500, MOST - 1_500)
    assert rule(bob.ask("PUT", f"{path}2.ics", sized("2", 4_501))) == FULL
    assert asked(bob, bob.home) == Kept(0, MOST), "what stands in Alice's calendar is hers"


def test_it_is_said_by_name_alone_and_written_by_nobody(small: Stage) -> None:
    program, diary = small.program(), small.path(default(small))
    for path in (diary, program.home):
        for body, is_named in (("<D:allprop/>", False), ("<D:propname/>", True)):
            asking = f"<D:propfind {SPACES}>{body}</D:propfind>"
            found = Multistatus(ElementTree.fromstring(program.ask("PROPFIND", path, asking, depth="0").content))
            assert ({USED, AVAILABLE} <= set(found.of(path))) is is_named
    for name in ("quota-used-bytes", "quota-available-bytes"):
        body = f"<D:set><D:prop><D:{name}>1</D:{name}></D:prop></D:set>"
        refused = program.ask("PROPPATCH", diary, f"<D:propertyupdate {SPACES}>{body}</D:propertyupdate>")
        assert "403" in refused.text
        assert C not in refused.text


def test_without_a_limit_nothing_is_said_to_be_left(make_core: Callable[..., Core]) -> None:
    with staged(make_core("dav", limits=Limits(bytes_per_person=0), log=Log(requests=False))) as stage:
        program, diary = stage.program(), stage.path(default(stage))
        program.ask("PUT", f"{diary}1.ics", sized("1", 50_000))
        assert asked(program, diary) == asked(program, program.home) == Kept(50_000, None)
