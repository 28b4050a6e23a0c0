"""Under which conditions something is written: what a program did not know of is not overwritten."""

import pytest

from pimgate.api import CollectionKind, WrongVersion
from pimgate_dav.conditions import check_version
from pimgate_dav.errors import BadRequest
from pimgate_dav.layout import Place
from pimgate_dav.visit import Ask
from plugins.dav.stage import Stage, event

HERE, THERE = "/dav/p/c/1.ics", "/dav/p/c/2.ics"
CHANGED_AT = 784111777.9  # Sun, 06 Nov 1994 08:49:37 GMT, and a bit


def holds(headers: dict[str, str], etag: str | None = "new") -> bool:
    try:
        check_version(Ask("PUT", Place("p", "c", "1.ics"), headers), etag, CHANGED_AT if etag is not None else None)
    except WrongVersion:
        return False
    return True


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('(["new"])', True),
        ('(["old"])', False),
        ('([W/"new"])', False),
        ('(["old"]) (["new"])', True),
        ('(["new"] ["old"])', False),
        ('(Not ["old"])', True),
        ('(not["new"])', False),
        ("(<urn:uuid:181d4fae>)", False),
        ('(["new"] <urn:uuid:181d4fae>)', False),
        ("(<urn:uuid:181d4fae>) (Not <DAV:no-lock>)", True),
        (f'<{HERE}> (["new"])', True),
        (f'<https://pim.example.org{HERE}>(["old"])(["new"])', True),
        (f'<{THERE}> (["new"])', False),
        (f'<{THERE}> (Not ["new"])', False),
        (f'<{THERE}> (["old"]) <{HERE}> (["new"])', True),
    ],
)
def test_one_list_of_an_if_has_to_hold_for_what_is_addressed(condition: str, expected: bool) -> None:
    assert holds({"if": condition}) is expected


def test_of_what_is_not_there_only_denials_hold() -> None:
    assert not holds({"if": '(["new"])'}, None)
    assert holds({"if": '(Not ["new"])'}, None)


@pytest.mark.parametrize(
    "condition", ["", "()", '["new"]', '(["new"', '("new")', "(Not)", f"<{HERE}>", f"({' ' * 60_000}x)", "(" * 60_000]
)
def test_an_if_that_is_none_is_said_to_be(condition: str) -> None:
    with pytest.raises(BadRequest):
        holds({"if": condition})


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Sun, 06 Nov 1994 08:49:37 GMT", True),
        ("Sunday, 06-Nov-94 08:49:37 GMT", True),
        ("Sun Nov  6 08:49:37 1994", True),
        ("Sun, 06 Nov 1994 08:49:36 GMT", False),
        ("yesterday", True),
        ("Sun, 06 Nov 99999999999999999999 08:49:36 GMT", True),
    ],
)
def test_what_changed_since_a_date_is_another_version(date: str, expected: bool) -> None:
    assert holds({"if-unmodified-since": date}) is expected
    assert holds({"if-unmodified-since": date, "if-match": '"new"'})
    assert holds({"if-unmodified-since": date}, None)


def test_nothing_is_overwritten_under_a_condition_that_does_not_hold(stage: Stage) -> None:
    program, path = stage.program(), stage.path(stage.owned(CollectionKind.CALENDAR)) + "1.ics"
    assert program.ask("PUT", path, event("1")).status_code == 201
    shown = program.ask("GET", path)
    old = "Sat, 01 Jan 2000 00:00:00 GMT"
    for status, headers in (
        (412, {"If": '(["bogus"])'}),
        (412, {"If": "(<urn:uuid:181d4fae>)"}),
        (412, {"If-Unmodified-Since": old}),
        (400, {"Content-Range": "bytes 0-9/10"}),
        (400, {"If": "?"}),
    ):
        for method in ("PUT",) if "Content-Range" in headers else ("PUT", "DELETE", "PROPPATCH", "GET"):
            if method == "PROPPATCH":
                body = '<propertyupdate xmlns="DAV:"><set><prop><x xmlns="urn:x"/></prop></set></propertyupdate>'
            else:
                body = event("1", "Dinner") if method == "PUT" else ""
            assert program.ask(method, path, body, **headers).status_code == status, (method, headers)
    assert program.ask("GET", path).content == shown.content
    seen = {
        "If": f"<{stage.url}{path}> ([{shown.headers['etag']}])",
        "If-Unmodified-Since": shown.headers["last-modified"],
    }
    assert program.ask("PUT", path, event("1", "Dinner"), **seen).status_code == 204
