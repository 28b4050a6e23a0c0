"""The core's errors in DAV's words, and that an answer of refusal leaves nothing behind."""

from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from starlette.requests import Request

from pimgate import errors
from pimgate.api import AwayNow, CollectionKind, DeviceFacts, Identity, PimgateError, Refused, UidTaken
from pimgate.core import Core
from pimgate.testing.declarations import core_errors
from pimgate_dav.answer import Answer, plain
from pimgate_dav.door import Door
from pimgate_dav.errors import ERRORS, NOT_HERE, answer_for
from pimgate_dav.layout import Place
from pimgate_dav.visit import Visit
from plugins.dav.stage import A, C, D, Stage, card, event, task

PLACE = Place("pperson", "ccollection", "1.ics")


def test_every_error_has_a_row() -> None:
    assert {errors.PimgateError, *core_errors()} == set(ERRORS)


@pytest.mark.parametrize("of_kind", [CollectionKind.BOOK, CollectionKind.CALENDAR, None])
@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_error_is_answered_with_its_status_and_no_details(
    error: type[PimgateError], of_kind: CollectionKind | None
) -> None:
    made: PimgateError
    if error is errors.Throttled:
        made = errors.Throttled(30, "secret detail")
    elif error is UidTaken:
        made = UidTaken("other.ics")
    else:
        made = error("secret detail")
    answer = answer_for(made, PLACE, of_kind)
    assert answer.status == ERRORS[error].status
    assert b"secret detail" not in answer.body
    precondition = ERRORS[error].for_kind(of_kind)
    if precondition:
        assert ElementTree.fromstring(answer.body)[0].tag == precondition
    if error in (AwayNow, errors.Throttled):
        assert int(answer.headers["Retry-After"]) > 0
    if isinstance(made, errors.NotThere):
        assert answer.body == f"{NOT_HERE}\n".encode()


def test_refusals_name_the_rule_that_was_broken(stage: Stage) -> None:
    program = stage.program()
    calendar, book = stage.path(stage.owned(CollectionKind.CALENDAR)), stage.path(stage.owned(CollectionKind.BOOK))
    program.ask("PUT", f"{calendar}1.ics", event("1"))
    program.ask("PUT", f"{book}1.vcf", card("1"))
    large = event("large", "x" * 80).replace("SUMMARY", "\r\n".join(["X-PAD:" + "y" * 60] * 17_000) + "\r\nSUMMARY")
    refused = {
        "uid in a calendar": (program.ask("PUT", f"{calendar}2.ics", event("1")), 409, f"{C}no-uid-conflict"),
        "uid in a book": (program.ask("PUT", f"{book}2.vcf", card("1")), 409, f"{A}no-uid-conflict"),
        "no calendar object": (program.ask("PUT", f"{calendar}3.ics", "hello"), 403, f"{C}valid-calendar-data"),
        "no card": (program.ask("PUT", f"{book}3.vcf", event("3")), 403, f"{A}valid-address-data"),
        "a task among events": (program.ask("PUT", f"{calendar}4.ics", task("4")), 403, f"{C}valid-calendar-data"),
        "latin-1": (
            program.ask("PUT", f"{book}5.vcf", card("5", "Jos\xe9 X").encode("latin-1")),
            403,
            f"{A}valid-address-data",
        ),
        "too large": (program.ask("PUT", f"{calendar}6.ics", large), 413, f"{C}max-resource-size"),
    }
    for words, (answer, status, rule) in refused.items():
        assert answer.status_code == status, words
        assert ElementTree.fromstring(answer.content)[0].tag == rule, words
    conflict = ElementTree.fromstring(refused["uid in a calendar"][0].content)[0]
    assert conflict.findtext(f"{D}href") == f"{calendar}1.ics"


def test_default_collections_stay(stage: Stage) -> None:
    program = stage.program()
    for kind in (CollectionKind.BOOK, CollectionKind.CALENDAR, CollectionKind.TASKS):
        assert program.ask("DELETE", stage.path(stage.owned(kind))).status_code == 403
        assert program.ask("PROPFIND", stage.path(stage.owned(kind)), depth="0").status_code == 207


def test_methods_that_make_no_sense_at_a_place_are_named(stage: Stage) -> None:
    program = stage.program()
    calendar = stage.path(stage.owned(CollectionKind.CALENDAR))
    for method, path in (
        ("GET", "/dav/"),
        ("GET", program.home),
        ("PUT", calendar),
        ("DELETE", program.home),
    ):
        answer = program.ask(method, path, event("x") if method == "PUT" else "")
        assert answer.status_code == 405
        assert "PROPFIND" in answer.headers["allow"]
    for method in ("LOCK", "UNLOCK", "PATCH"):
        assert program.ask(method, calendar).status_code == 405


@pytest.mark.parametrize("ends", ["by an answer", "by an error of ours", "by an accident"])
def test_request_that_fails_after_it_wrote_leaves_nothing(make_core: Callable[..., Core], ends: str) -> None:
    core = make_core("dav")
    with core.database.read() as work:
        anna = work.people.by_login("anna@example.org")
        assert anna is not None
        calendar = next(
            each.collection for each in work.collections.standings(anna.id) if each.collection.kind == "calendar"
        )
    place = Place(anna.id, calendar.id, "1.ics")
    door, facts = Door(core), DeviceFacts("dav", "ua:test", agent="test")

    def half(visit: Visit) -> Answer:
        visit.view(visit.ask.place).put("1.ics", event("1"))
        if ends == "by an answer":
            return plain(409, "No.")
        raise Refused("no") if ends == "by an error of ours" else ZeroDivisionError

    with core.database.write() as work:
        device = core.devices.admit(work, Identity(anna), facts)
    viewer = core.viewer(Identity(anna), device)
    door._lanes = {"PUT": half}
    scope = {
        "type": "http",
        "scheme": "http",
        "method": "PUT",
        "headers": [],
        "query_string": b"",
        "server": ("here", 80),
    }
    request = Request(scope | {"path": place.href, "raw_path": place.href.encode()})
    if ends == "by an accident":
        with pytest.raises(ZeroDivisionError):
            door._work(request, b"", lambda _: viewer)
    else:
        answer = door._work(request, b"", lambda _: viewer)
        assert answer is not None
        assert answer.status in (403, 409)
    with core.database.read() as work:
        assert work.items.heads(calendar.id) == []
        assert work.journal.head(calendar.id) == 0
