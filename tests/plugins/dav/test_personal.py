"""What a person's programs keep with collections of others and with their home is theirs alone."""

from pimgate.api import CollectionKind, Grant, Ownership, Right, sharing
from plugins.dav.stage import BOB, ICAL, SPACES, Program, Stage, parsed

COLOUR = '<I:calendar-color symbolic-color="custom">#FF2968FF</I:calendar-color>'
ORDER = "<I:calendar-order>3</I:calendar-order>"
ALARM = "<C:default-alarm-vevent-date>BEGIN:VALARM\r\nEND:VALARM\r\n</C:default-alarm-vevent-date>"
TAKEN_BACK = "<D:remove><D:prop><I:calendar-color/></D:prop></D:remove>"


def proppatch(program: Program, path: str, *properties: str, more: str = "") -> int:
    """The status of the request, or of the first property."""
    body = f"<D:propertyupdate {SPACES}><D:set><D:prop>{''.join(properties)}</D:prop></D:set>{more}</D:propertyupdate>"
    answer = program.ask("PROPPATCH", path, body)
    return int(answer.text.partition("HTTP/1.1 ")[2][:3]) if answer.status_code == 207 else answer.status_code


def looks(program: Program, path: str) -> tuple[str | None, str | None]:
    """Colour and order of a collection."""
    found = program.propfind(path, "I:calendar-color", "I:calendar-order").of(path)
    colour, order = (found.get(f"{ICAL}{name}") for name in ("calendar-color", "calendar-order"))
    return None if colour is None else colour.text, None if order is None else order.text


def test_shared_calendar_has_a_colour_of_its_own_for_each_reader(stage: Stage) -> None:
    calendar = stage.make(CollectionKind.CALENDAR, Ownership.SHARED)
    alice, bob = stage.program(), stage.program(login=BOB)
    path, at_bobs = stage.path(calendar), stage.path(calendar, stage.bob)
    assert proppatch(bob, at_bobs, "<I:calendar-color>#00FF00FF</I:calendar-color>") == 200
    assert proppatch(alice, path, COLOUR, ORDER, ALARM) == 200
    assert looks(alice, path) == ("#FF2968FF", "3")
    assert looks(bob, at_bobs) == ("#00FF00FF", None)
    at_home = alice.propfind(alice.home, "I:calendar-color", depth="1").of(path)
    assert at_home[f"{ICAL}calendar-color"].text == "#FF2968FF"
    assert proppatch(alice, path, ORDER, more=TAKEN_BACK) == 200
    assert looks(alice, path) == ("#00FF00FF", "3")


def test_what_everybody_sees_of_a_shared_calendar_stays(stage: Stage) -> None:
    calendar = stage.make(CollectionKind.CALENDAR, Ownership.SHARED)
    alice, path = stage.program(), stage.path(calendar)
    assert proppatch(alice, path, COLOUR, "<D:displayname>Mine</D:displayname>") == 403
    assert proppatch(alice, path, COLOUR, "<CS:getctag>1</CS:getctag>") in (403, 424)
    assert looks(alice, path) == (None, None)
    assert proppatch(alice, path, f"<I:calendar-order>{'3' * 140_000}</I:calendar-order>") == 507


def test_home_keeps_what_programs_write_there_and_nothing_else_changes(stage: Stage) -> None:
    alice, bob = stage.program(), stage.program(login=BOB)
    assert proppatch(alice, alice.home, ALARM) == 200
    (found,) = (parsed(alice.ask("PROPFIND", alice.home, depth="0")).of(alice.home)[name] for name in (ALARM_NAME,))
    assert (found.text or "").startswith("BEGIN:VALARM")
    assert ALARM_NAME in bob.propfind(bob.home, "C:default-alarm-vevent-date").missing(bob.home)
    assert proppatch(alice, alice.home, "<D:displayname>Somebody</D:displayname>") == 403
    assert proppatch(alice, bob.home, ALARM) == 404


def test_what_was_kept_goes_when_the_calendar_is_seen_no_more(stage: Stage) -> None:
    calendar = stage.make(CollectionKind.CALENDAR, Ownership.SHARED)
    alice, path = stage.program(), stage.path(calendar)
    assert proppatch(alice, path, COLOUR) == 200
    with stage.core.database.write() as work:
        sharing.grant(work, Grant(calendar.id, stage.alice.id, Right.NONE))
    assert proppatch(alice, path, COLOUR) == 404
    assert proppatch(alice, alice.home, ALARM) == 200
    with stage.core.database.read() as work:
        assert list(work.shelf.get_many(stage.alice.id, "dav/own/")) == ["dav/own/"]


ALARM_NAME = "{urn:ietf:params:xml:ns:caldav}default-alarm-vevent-date"
