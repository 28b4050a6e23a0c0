"""Anna says her working hours in a program; Bert plans a meeting on his phone, and sees her away at night, also after a restart."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from gateway.places import PASSWORD, Place, make_gateway
from journeys.clients import ANNA, up_to_date
from pimgate.settings import Log
from pimgate.testing.phone import Phone
from pimgate.testing.running import Running, running
from plugins.dav.test_availability import hours, set_to

BERT = "bert@example.org"
SPRING_DAY = "2027-04-01T00:00:00.000Z", "2027-04-02T00:00:00.000Z"


@pytest.mark.parametrize("kind", ["sqlite"])
def test_phone_of_a_colleague_shows_the_nights_as_away(database: Place) -> None:
    with gateway(database) as house:
        phone = up_to_date(Phone(house.url, BERT, PASSWORD, "ApplBERT"))
        assert phone.free_busy(ANNA, *SPRING_DAY) == "0" * 48
        says_hours(house)
        assert phone.free_busy(ANNA, *SPRING_DAY) == "3" * 14 + "0" * 16 + "3" * 18
    with gateway(database) as house:
        later = up_to_date(Phone(house.url, BERT, PASSWORD, "ApplBERT"))
        assert later.free_busy(ANNA, *SPRING_DAY) == "3" * 14 + "0" * 16 + "3" * 18
        assert later.free_busy(BERT, *SPRING_DAY) == "0" * 48
        assert later.complaints == []


@contextmanager
def gateway(database: Place) -> Iterator[Running]:
    with make_gateway(database, "eas", "dav", log=Log(requests=False)) as core, running(core) as house:
        yield house


def says_hours(house: Running) -> None:
    """From nine to five in Berlin."""
    with house.core.database.read() as work:
        account = house.core.people.get(work, ANNA)
    with httpx.Client(base_url=house.url, verify=False, auth=(ANNA, PASSWORD), timeout=60) as program:
        answer = program.request("PROPPATCH", f"/dav/{account.id}/inbox/", content=set_to(hours()))
    assert answer.status_code == 207, answer.text
