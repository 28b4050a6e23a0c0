"""A program over CalDAV and a phone over ActiveSync invite each other: both see one meeting, and people outside get one mail."""

from collections.abc import Callable

import httpx
import pytest

from gateway.places import PASSWORD
from gateway.sink import listening
from journeys.clients import collection_of, up_to_date
from journeys.test_invitations import ANNA, BERT, ZOE, calendar, eventually, id_of, meeting, settled, told
from pimgate.core import Core
from pimgate.model.collections import CollectionKind
from pimgate.settings import Log
from pimgate.testing.phone import Phone
from pimgate.testing.phone_questions import Response
from pimgate.testing.running import Running, running
from plugins.dav.meeting_house import answered, guest, line_of
from plugins.dav.meeting_house import meeting as text_of

DAV_SESSION = {"User-Agent": "DAVx5/4.5.1-ose (dav4jvm; okhttp/5.1.0) Android/15"}


@pytest.mark.parametrize("kind", ["sqlite"])
def test_program_invites_a_phone_and_a_phone_a_program(make_core: Callable[..., Core]) -> None:
    with listening() as sink:
        core = make_core("eas", "dav", log=Log(requests=False), outgoing=sink.settings)
        with (
            running(core) as house,
            httpx.Client(
                base_url=house.url, verify=False, auth=(ANNA, PASSWORD), headers=DAV_SESSION, timeout=60
            ) as anna,
        ):
            bert = up_to_date(Phone(house.url, BERT, PASSWORD, "ApplBERT"))
            program_invites_phone(house, anna, bert)
            phone_invites_program(house, anna, bert)
            assert settled(house)
            assert sink.subjects(ZOE) == ["Invitation: Regatta", "Invitation: Regatta"]


def program_invites_phone(house: Running, anna: httpx.Client, bert: Phone) -> None:
    path = f"{annas_calendar(house)}r1.ics"
    for _ in range(2):
        assert anna.put(path, content=text_of("r1", guest(BERT), guest(ZOE))).status_code in (201, 204)
    bert_sees(house, bert, 1)
    (result,) = bert.respond([Response(calendar(house, BERT), id_of(bert, house, BERT), "1")])
    assert told(result, "Status") == ["1"]
    assert eventually(lambda: "PARTSTAT=ACCEPTED" in line_of(anna.get(path).text, BERT), True)


def phone_invites_program(house: Running, anna: httpx.Client, bert: Phone) -> None:
    bert.add(calendar(house, BERT), meeting(ANNA, ZOE))
    bert.sync()
    found: list[str] = []
    assert eventually(lambda: bool(found.extend(annas_invitations(house)) or found), True)
    path = f"{annas_calendar(house)}{found[0]}"
    copy = anna.get(path)
    by_tag = {"If-Schedule-Tag-Match": copy.headers["schedule-tag"]}
    assert anna.put(path, content=answered(copy.text, "TENTATIVE", ANNA), headers=by_tag).status_code == 204
    assert eventually(lambda: "2" in statuses(house, bert), True)
    assert bert.complaints == []


def annas_calendar(house: Running) -> str:
    with house.core.database.read() as work:
        account = house.core.people.get(work, ANNA)
    return f"/dav/{account.id}/{collection_of(house.core, CollectionKind.CALENDAR, ANNA).id}/"


def annas_invitations(house: Running) -> list[str]:
    """The names of what others invited Anna to."""
    with house.core.database.read() as work:
        items = work.items.all(collection_of(house.core, CollectionKind.CALENDAR, ANNA).id)
    return [item.head.name for item in items if item.head.uid != "r1"]


def bert_sees(house: Running, bert: Phone, count: int) -> None:
    def seen() -> int:
        bert.sync()
        return len(bert.items[calendar(house, BERT)])

    assert eventually(seen, count)


def statuses(house: Running, bert: Phone) -> list[str]:
    """What the phone says of Anna's answers."""
    bert.sync()
    return [
        status
        for data in bert.items[calendar(house, BERT)].values()
        for each in data.path("Calendar:Attendees", "Calendar:Attendee")
        if told(each, "Email") == [ANNA]
        for status in told(each, "AttendeeStatus")
    ]
