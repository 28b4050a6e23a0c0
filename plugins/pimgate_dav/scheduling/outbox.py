"""The outbox: when are these people free? (RFC 6638, "Scheduling Outbox Collection", "Requesting Busy Time Information").

Invitations do not leave by it: they follow from what is kept in a calendar. Somebody who does not exist and somebody who may not be
asked about are answered in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from pimgate.api import AccountId, NoSuchItem, Refused, Span, busy
from pimgate.text import itip
from pimgate.text.errors import BadText
from pimgate.text.expansion import Effort
from pimgate.text.lines import Line
from pimgate_dav.answer import Answer, xml
from pimgate_dav.errors import Precondition
from pimgate_dav.layout import OUTBOX, Place, place_of
from pimgate_dav.names import caldav, dav
from pimgate_dav.properties.asking import answered, wanted_of
from pimgate_dav.properties.of_people import home_href, privileges, root_href
from pimgate_dav.scheduling.freebusy import Question, answer, name_of, read_question
from pimgate_dav.visit import Visit
from pimgate_dav.xml_out import document, element, escaped, href, multistatus, response

NOBODY: Final = "3.7;Invalid calendar user"
DONE: Final = "2.0;Success"
MOST_IN_ALL: Final = timedelta(days=4_000)
"""The time that is looked at for one question, that of all people together."""

TABLE: Final[Mapping[str, Callable[[Visit], str | None]]] = {
    dav("resourcetype"): lambda _visit: element(dav("collection")) + element(caldav("schedule-outbox")),
    dav("displayname"): lambda _visit: "Outbox",
    dav("owner"): home_href,
    dav("current-user-principal"): home_href,
    dav("principal-collection-set"): root_href,
    dav("current-user-privilege-set"): lambda _visit: (
        privileges("read") + privileges("schedule-send", "schedule-send-freebusy", of=caldav)
    ),
    dav("supported-report-set"): lambda _visit: "",
    caldav("supported-calendar-data"): lambda _visit: '<C:calendar-data content-type="text/calendar" version="2.0"/>',
    caldav("supported-calendar-component-set"): lambda _visit: '<C:comp name="VFREEBUSY"/>',
    caldav("max-resource-size"): lambda visit: str(visit.core.settings.limits.item_bytes),
}


def propfind(visit: Visit) -> Answer:
    """The outbox itself: there is never anything in it."""
    if visit.ask.place.item:
        raise NoSuchItem(visit.ask.place.item)
    inner = answered(wanted_of(visit.ask.xml, visit.ask.headers), TABLE, lambda row: row(visit))
    return xml(
        207, multistatus([response(Place(visit.viewer.account.id, OUTBOX).href, inner)], visit.settings.answer_bytes)
    )


def post(visit: Visit) -> Answer:
    """The busy times of everybody whom the question names, each once, in a response of their own."""
    if visit.ask.place.item:
        raise NoSuchItem(visit.ask.place.item)
    question = _question(visit)
    if not itip.same_address(name_of(question.organizer), visit.viewer.account.login):
        raise Precondition(403, caldav("organizer-allowed"), "One asks in one's own name only.")
    now = datetime.fromtimestamp(visit.work.now, UTC)
    effort = Effort(busy.MOST_EFFORT)
    people: dict[str, Line] = {}
    for person in question.people:
        people.setdefault(_address(visit, person), person)
    parts = [_of_person(visit, question, asked, now, effort) for asked in people.items()]
    return xml(200, document(caldav("schedule-response"), "".join(parts)))


def _question(visit: Visit) -> Question:
    try:
        text = visit.ask.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Precondition(403, caldav("valid-calendar-data"), "The text is not in UTF-8.") from error
    try:
        question = read_question(text)
    except BadText as error:
        raise Precondition(403, caldav("valid-scheduling-message"), error.reason) from error
    asked_for = question.end - question.start
    if asked_for > busy.LONGEST or asked_for * len(question.people) > MOST_IN_ALL:
        raise Precondition(403, caldav("valid-scheduling-message"), "The question is about too long a time.")
    return question


def _of_person(visit: Visit, question: Question, asked: tuple[str, Line], now: datetime, effort: Effort) -> str:
    """What is said of one person, who is given by address and by how the question names them."""
    address, person = asked
    spans = _spans(visit, question, address, effort)
    recipient = element(caldav("recipient"), href(person.text.strip()))
    status = element(caldav("request-status"), DONE if spans is not None else NOBODY)
    data = "" if spans is None else element(caldav("calendar-data"), escaped(answer(question, person, spans, now)))
    return element(caldav("response"), recipient + status + data)


def _spans(visit: Visit, question: Question, address: str, effort: Effort) -> list[Span] | None:
    me, time = visit.viewer.account, (question.start, question.end)
    try:
        return busy.busy(visit.core, visit.work, me, address, *time, besides=question.besides, effort=effort)
    except Refused:
        return None


def _address(visit: Visit, person: Line) -> str:
    """The mail address of somebody, who may be named by their principal."""
    name = name_of(person)
    if "@" in name:
        return name
    try:
        place = place_of(urlsplit(name).path)
    except (ValueError, NoSuchItem):
        return name
    found = visit.people.by_id(AccountId(place.account)) if place.is_home else None
    return found.login if found is not None else name
