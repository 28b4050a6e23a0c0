"""A phone sends Sync for contacts with an edit of its own; its answer is lost, and it asks again."""

from dataclasses import dataclass, field

import pytest

from journeys.clients import collection_of, iphone, position_of, texts_in, thunderbird, url_of
from journeys.texts import card
from pimgate.model.collections import CollectionKind
from pimgate.testing.network import ANSWER_LOST, HUNG_UP, REPEATED, REQUEST_LOST, Fate, Network, Reply
from pimgate.testing.phone_forms import contact
from pimgate.testing.running import Running


@dataclass
class Recording(Network):
    """Keeps the requests that leave, and the answers that arrive."""

    requests: list[bytes] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def carry(self, base_url: str, request: bytes, seconds: float) -> Reply:
        self.requests.append(request)
        reply = super().carry(base_url, request, seconds)
        self.replies.append(reply)
        return reply


FATES = {
    "lost": ANSWER_LOST,
    "cut in the head": Fate(answer_share=0.1),
    "cut near the end": Fate(answer_share=0.99),
    "not waited for": HUNG_UP,
    "asked twice": REPEATED,
    "never asked": REQUEST_LOST,
}


@pytest.mark.parametrize("fate", FATES)
def test_repeated_question_has_one_effect(gateway: Running, fate: str) -> None:
    network = Recording()
    phone = iphone(gateway.url, network=network)
    book = collection_of(gateway.core, CollectionKind.BOOK)
    before = position_of(gateway.core, book.id)
    edit = phone.add(book.id, contact("Rosa", "Travelling", "rosa@example.com"))
    network.requests.clear()
    network.send_next(FATES[fate])
    phone.sync(book.id)
    assert edit.is_accepted
    assert [text.count("FN:Rosa Travelling") for text in texts_in(gateway.core, book)] == [1]
    assert position_of(gateway.core, book.id) == before + 1
    assert len(set(network.requests)) == 1, "a phone that did nothing meanwhile asks with the same octets"
    assert list(phone.items[book.id]) == [edit.server_id]
    assert phone.complaints == []


def test_repeated_question_gets_the_same_bytes_even_after_other_changes(gateway: Running) -> None:
    network = Recording()
    phone = iphone(gateway.url, network=network)
    book = collection_of(gateway.core, CollectionKind.BOOK)
    phone.add(book.id, contact("Rosa", "Travelling"))
    phone.sync(book.id)
    request, reply = network.requests[-1], network.replies[-1]
    url = url_of(gateway.url, gateway.core, book)
    assert thunderbird(gateway.url).put(f"{url}oda.vcf", card("oda", "Oda", "Travelling"), is_new=True).status == 201
    before = position_of(gateway.core, book.id)
    assert network.carry(gateway.url, request, 10).body == reply.body
    assert position_of(gateway.core, book.id) == before
    phone.sync(book.id)
    assert len(phone.items[book.id]) == 2
    assert phone.complaints == []


def test_edit_made_while_the_answer_was_lost_joins_the_repeated_question(gateway: Running) -> None:
    network = Network()
    phone = iphone(gateway.url, network=network)
    book = collection_of(gateway.core, CollectionKind.BOOK)
    first = phone.add(book.id, contact("Rosa", "Travelling"))
    added = []
    phone.call_when_lost(lambda: added.append(phone.add(book.id, contact("Oda", "Travelling"))))
    network.send_next(ANSWER_LOST)
    phone.sync(book.id)
    assert first.is_accepted
    assert added[0].is_accepted
    assert len(texts_in(gateway.core, book)) == len(phone.items[book.id]) == 2
    assert phone.complaints == []


def test_new_contact_that_is_edited_while_its_answer_was_lost_keeps_both(gateway: Running) -> None:
    network = Network()
    phone = iphone(gateway.url, network=network)
    book = collection_of(gateway.core, CollectionKind.BOOK)
    edit = phone.add(book.id, contact("Rosa", "Travelling"))
    phone.call_when_lost(lambda: phone.change(book.id, edit.id, {"Contacts:JobTitle": "Pilot"}) and None)
    network.send_next(ANSWER_LOST)
    phone.sync(book.id)
    (text,) = texts_in(gateway.core, book)
    assert "FN:Rosa Travelling" in text
    assert "TITLE:Pilot" in text
    assert phone.complaints == []


def test_contact_that_is_deleted_while_its_answer_was_lost_is_gone_everywhere(gateway: Running) -> None:
    network = Network()
    phone = iphone(gateway.url, network=network)
    book = collection_of(gateway.core, CollectionKind.BOOK)
    edit = phone.add(book.id, contact("Rosa", "Travelling"))
    phone.call_when_lost(lambda: phone.delete(book.id, edit.id) and None)
    network.send_next(ANSWER_LOST)
    phone.sync(book.id)
    phone.sync(book.id)
    assert texts_in(gateway.core, book) == []
    assert phone.items[book.id] == {}
    assert phone.complaints == []


def test_edit_whose_answer_was_lost_is_no_conflict_with_itself(gateway: Running) -> None:
    network = Network()
    phone = iphone(gateway.url, network=network)
    book = collection_of(gateway.core, CollectionKind.BOOK)
    added = phone.add(book.id, contact("Rosa", "Travelling"))
    phone.sync(book.id)
    change = phone.change(book.id, added.server_id, {"Contacts:JobTitle": "Pilot"})
    phone.call_when_lost(lambda: phone.change(book.id, added.server_id, {"Contacts:CompanyName": "Air"}) and None)
    network.send_next(ANSWER_LOST)
    phone.sync(book.id)
    assert change.is_accepted
    (text,) = texts_in(gateway.core, book)
    assert "TITLE:Pilot" in text
    assert "ORG:Air" in text
    assert phone.complaints == []
