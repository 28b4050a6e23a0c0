"""A phone that shows the last two weeks of its calendar, while a clock moves, both sides write and answers get lost."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from journeys.clients import collection_of, iphone
from pimgate.items import drop, keep
from pimgate.model.collections import Collection, CollectionKind
from pimgate.model.items import ItemHead
from pimgate.testing.network import Network
from pimgate.testing.phone import Phone
from pimgate.testing.phone_forms import event
from pimgate.testing.running import Running
from pimgate.text.events import new_event

BEGIN = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAYS = {"4": 14, "5": 31}
STEPS = 40


class Summer:
    """What happens, one step after the other, by chance."""

    def __init__(self, gateway: Running, phone: Phone, calendar: Collection, chance: random.Random) -> None:
        self.core, self.phone, self.calendar, self.chance = gateway.core, phone, calendar, chance
        self.now, self.filter, self.made = BEGIN, "4", 0
        self.phone.look_back("Calendar", self.filter)
        self._set_clock()

    def step(self) -> None:
        what = (self.somebody_writes, self.somebody_writes, self.somebody_removes, self.the_phone_adds)
        more = (self.the_phone_moves, self.the_phone_removes, self.time_goes_by, self.the_person_chooses, self.meet)
        self.chance.choice((*what, *more))()

    def somebody_writes(self) -> None:
        heads = self._heads()
        self.made += 1
        place: ItemHead | str = (
            self.chance.choice(heads) if heads and self.chance.random() < 0.6 else f"{self.made}.ics"
        )
        uid = place.uid if isinstance(place, ItemHead) else f"made-{self.made}"
        start = self._some_time()
        text = new_event(uid, start, start + timedelta(hours=1), stamp=self.now, summary=f"Theirs {self.made}")
        if self.chance.random() < 0.2:
            text = text.replace("END:VEVENT", "RRULE:FREQ=DAILY;COUNT=10\r\nEND:VEVENT")
        with self.core.database.write() as work:
            keep(work, self.core.settings.limits, self.calendar, place, text)

    def somebody_removes(self) -> None:
        if heads := self._heads():
            with self.core.database.write() as work:
                drop(work, self.chance.choice(heads))

    def the_phone_adds(self) -> None:
        start = self._some_time()
        self.phone.add(self.calendar.id, event("Mine", start, start + timedelta(hours=1)))

    def the_phone_moves(self) -> None:
        if items := sorted(self.phone.items.get(self.calendar.id, {})):
            start = self._some_time()
            times = {"StartTime": start, "EndTime": start + timedelta(hours=1)}
            fields = {f"Calendar:{name}": at.strftime("%Y%m%dT%H%M%SZ") for name, at in times.items()}
            self.phone.change(self.calendar.id, self.chance.choice(items), fields)

    def the_phone_removes(self) -> None:
        if items := sorted(self.phone.items.get(self.calendar.id, {})):
            self.phone.delete(self.calendar.id, self.chance.choice(items))

    def time_goes_by(self) -> None:
        self.now += timedelta(hours=self.chance.randint(1, 100))
        self._set_clock()

    def the_person_chooses(self) -> None:
        self.filter = self.chance.choice(("0", "4", "5"))
        self.phone.look_back("Calendar", self.filter)

    def meet(self) -> None:
        """A synchronisation, and what the phone shows then."""
        self.phone.sync(self.calendar.id, window=self.chance.choice((1, 3, 100)))
        assert self.phone.items.get(self.calendar.id, {}).keys() == self.shown()

    def shown(self) -> set[str]:
        cut = self.now - timedelta(days=DAYS.get(self.filter, 100_000))
        return {
            f"{self.calendar.id}:{head.id}"
            for head in self._heads()
            if head.lasts_until is None or head.lasts_until > cut.timestamp()
        }

    def _heads(self) -> list[ItemHead]:
        with self.core.database.read() as work:
            return work.items.heads(self.calendar.id)

    def _some_time(self) -> datetime:
        return self.now.replace(microsecond=0) + timedelta(hours=self.chance.randint(-40 * 24, 5 * 24))

    def _set_clock(self) -> None:
        self.core.database.clock = self.now.timestamp


@pytest.mark.parametrize("seed", range(4))
def test_a_phone_shows_just_what_is_not_too_old_whatever_happens(gateway: Running, seed: int) -> None:
    phone = iphone(gateway.url, network=Network.lossy(seed, 0.25))
    summer = Summer(gateway, phone, collection_of(gateway.core, CollectionKind.CALENDAR), random.Random(seed))
    for _ in range(STEPS):
        summer.step()
    summer.meet()
    assert phone.complaints == []
