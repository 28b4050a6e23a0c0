"""A household on a running gateway, ready to begin."""

from gateway.places import PASSWORD
from journeys.clients import up_to_date
from journeys.household import Household
from journeys.walk import Place, Writer, first_writer, second_writer
from pimgate import collections, subscriptions
from pimgate.model.collections import CollectionId, CollectionKind, Role
from pimgate.testing.desktop import DAVX5, Desktop
from pimgate.testing.network import Network
from pimgate.testing.phone import Phone
from pimgate.testing.running import Running

ANDROID_AGENT = "Android-Mail/2025.11.02.827654321.Release"


def household(
    gateway: Running, login: str, older: str, lines: tuple[Network, Network]
) -> tuple[Household, list[Writer]]:
    """A new person with an iPhone, an Android phone of the dialect `older`, a desktop program, and a second book and calendar."""
    core = gateway.core
    with core.database.write() as work:
        person = core.people.create(work, login, PASSWORD)
        for kind in (CollectionKind.BOOK, CollectionKind.CALENDAR):
            collections.create(work, person.id, kind, "Second")
        standings = work.collections.standings(person.id)

    def address(collection_id: str) -> str:
        return f"{gateway.url}/dav/{person.id}/{collection_id}/"

    def turn(collection_id: str, is_on: bool) -> None:
        with core.database.write() as work:
            subscriptions.turn(work, person.id, CollectionId(collection_id), is_on=is_on)

    first = up_to_date(Phone(gateway.url, login, PASSWORD, "ApplFIRST", network=lines[0]))
    second = up_to_date(
        Phone(gateway.url, login, PASSWORD, "androidsecond", "Android", ANDROID_AGENT, older, network=lines[1])
    )
    writers = [first_writer(first), second_writer(second)]
    owned = [each.collection for each in standings if each.collection.owner == person.id]
    places = [
        Place(each.id, address(each.id), each.kind.value)
        for each in owned
        if each.role in (Role.DEFAULT, Role.ORDINARY)
    ]
    program = Desktop(gateway.url, login, PASSWORD, DAVX5)
    return Household(0, writers, program, places, address, writers[1], turn=turn), writers
