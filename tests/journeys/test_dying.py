"""The gateway dies at the worst moments: before a commit, after it, amid the answer, before a message leaves, amid a migration.
Phones go on with the next one: no key is lost, nothing is lost or doubled."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.effort import few
from gateway.places import Place
from journeys.clients import ANNA, collection_of, iphone, texts_in
from journeys.earlier import Earlier, lay_down
from journeys.serving import SETTINGS, Serving
from journeys.test_invitations import BERT, meeting
from pimgate.model.collections import Collection, CollectionKind
from pimgate.testing.phone import Phone
from pimgate.testing.phone_comparison import compare
from pimgate.testing.phone_forms import contact


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    found = Serving(tmp_path)
    yield found
    found.stop()


class Life:
    """Anna's phone, and a gateway that dies at one point whenever the phone does something that matters."""

    def __init__(self, serving: Serving, point: str) -> None:
        self.serving, self.core = serving, serving.furnish()
        serving.dies_at = point
        serving.start()
        self.phone = iphone(serving.url)
        self.phone.call_when_lost(serving.start)
        self.friends = self.phone.folders and self._folder("Friends")

    def _folder(self, name: str) -> str:
        assert self.phone.create_folder(name, "14") == "1"
        self.phone.sync()
        return self.phone.folder_named(name)

    def dies(self, act: Callable[[], object]) -> None:
        """Something that the phone asks for, and the gateway dies of."""
        before = self.serving.deaths
        self.serving.arm()
        act()
        assert self.serving.deaths == before + 1

    @property
    def book(self) -> Collection:
        return collection_of(self.core, CollectionKind.BOOK)


@pytest.mark.parametrize("point", few(["after the commit"], ["before the commit", "amid the answer"]))
def test_phone_goes_on_when_the_gateway_dies(serving: Serving, point: str) -> None:
    life = Life(serving, point)
    phone, book, friends = life.phone, life.book.id, life.friends
    rosa, oda = phone.add(book, contact("Rosa", "Red")), phone.add(book, contact("Oda", "Orange"))
    life.dies(phone.sync)
    phone.change(book, rosa.server_id, {"Contacts:JobTitle": "Pilot"})
    phone.delete(book, oda.server_id)
    life.dies(phone.sync)
    life.dies(lambda: phone.move([rosa.server_id], book, friends))
    life.dies(lambda: phone.create_folder("Garden", "13"))
    life.dies(lambda: phone.rename_folder(phone.folder_named("Garden"), "Orchard"))
    life.dies(lambda: phone.delete_folder(phone.folder_named("Orchard")))
    phone.sync_folders()
    phone.sync()
    assert (phone.restarts, phone.complaints) == (0, [])
    with life.core.database.read() as work:
        kept = {each: [item.text for item in work.items.all(each)] for each in (book, friends)}
        names = [each.name for each in work.collections.all()]
    assert [len(each) for each in kept.values()] == [0, 1]
    assert "TITLE:Pilot" in kept[friends][0]
    assert (names.count("Friends"), names.count("Garden"), names.count("Orchard")) == (1, 0, 0)
    assert compare(phone, kept).differences == ()
    life.core.close()


def test_invitation_arrives_once_when_the_gateway_dies_before_sending(serving: Serving) -> None:
    life = Life(serving, "before sending")
    calendar = collection_of(life.core, CollectionKind.CALENDAR, ANNA)
    edit = life.phone.add(calendar.id, meeting(BERT))
    serving.arm()
    life.phone.sync()
    assert edit.is_accepted
    serving.wait_for_death()
    serving.start()
    berts = collection_of(life.core, CollectionKind.CALENDAR, BERT)
    serving.wait_until(lambda: len(texts_in(life.core, berts)) > 0)
    assert [text.count("SUMMARY:Regatta") for text in texts_in(life.core, berts)] == [1]
    with life.core.database.read() as work:
        assert [entry.state.value for entry in work.outbox.all()] == ["sent"]
    assert (life.phone.restarts, life.phone.complaints) == (0, [])
    life.core.close()


@pytest.mark.parametrize(
    "statement", [2, 12, *(pytest.param(each, marks=pytest.mark.slow) for each in range(1, 30) if each not in (2, 12))]
)
def test_migration_that_is_interrupted_begins_again(serving: Serving, statement: int) -> None:
    earlier = left_by_the_first_release(serving)
    serving.dies_at = f"amid migration {statement}"
    serving.arm()
    with pytest.raises(TimeoutError):
        serving.start()
    serving.wait_for_death()
    serving.dies_at = ""
    serving.start()
    phone = Phone(serving.url, ANNA, "correct horse", "ApplF0ANNA")
    phone.recall(earlier.iphone)
    phone.sync_folders()
    phone.sync()
    assert (phone.restarts, phone.complaints) == (0, [])
    assert [len(phone.items[each]) for each in (earlier.book, earlier.calendar)] == [14, 4]


def left_by_the_first_release(serving: Serving) -> Earlier:
    serving.settings.write_text(SETTINGS.format(port=serving.port))
    return lay_down(Place("sqlite", "sqlite:///pimgate.db", serving.directory))
