"""Whatever a device sends, in whatever dialect: an answer in its terms, and never a failure of ours."""

import base64

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.effort import examples
from pimgate.testing.phone_line import foreign_in
from pimgate_eas.commands import COMMANDS
from pimgate_eas.versions import VERSIONS
from pimgate_eas.wbxml.codec import decode, encode
from pimgate_eas.wbxml.codepages import OPAQUE_ELEMENTS, TOKENS
from pimgate_eas.wbxml.element import Element
from plugins.eas.test_sync import book_of
from plugins.eas.wire import TYPE, Wire, add, collection, contact, key_of

ANSWERS = {200, 400, 403, 404, 413, 449, 501, 503, 507}
PATH = "/Microsoft-Server-ActiveSync"
PATIENT = ("HeartbeatInterval", "Wait")
"""Elements that make a request hang if they make sense."""

NAMESPACES = {
    "GetItemEstimate": ("AirSync",),
    "ItemOperations": ("AirSync", "AirSyncBase"),
    "Provision": ("Settings",),
    "Search": ("AirSync", "AirSyncBase"),
    "Sync": ("AirSyncBase", "Contacts", "Calendar"),
}
"""Besides that of the command itself."""

WORDS = st.one_of(
    st.sampled_from(
        [
            *(
                "",
                "0",
                "1",
                "2",
                "-1",
                "99999999999999999999",
                "0-9",
                "9-0",
                "x" * 300,
                "\u0130",
                "T",
                "GAL",
                "Mailbox",
            ),
            *(
                "20260230T250000Z",
                "20260101T000000Z",
                "2026-01-01T00:00:00.000Z",
                "c:1",
                "a@b",
                "../..",
                "%s{0}",
                "\ufffe",
            ),
        ]
    ),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12),
)


def trees(command: str, ids: list[str]) -> st.SearchStrategy[Element]:
    """Requests that begin as those of the command, name what is there, and go astray."""
    root = COMMANDS[command].root or "AirSync:Sync"
    spaces = {root.partition(":")[0], *NAMESPACES.get(command, ())}
    near = [name for name in TOKENS if name.partition(":")[0] in spaces]
    names = st.sampled_from(near) | st.sampled_from(near) | st.sampled_from(sorted(TOKENS))
    leaves = st.builds(leaf, names, st.sampled_from(ids) | WORDS)
    inner = st.recursive(
        leaves, lambda children: st.builds(branch, names, st.lists(children, max_size=4)), max_leaves=12
    )
    return st.builds(branch, st.just(root), st.lists(inner, max_size=4))


def leaf(name: str, word: str) -> Element:
    if name in OPAQUE_ELEMENTS:
        return Element(name, opaque=word.encode() or None)
    if name.endswith(PATIENT) and word.isdigit():
        word = "0"
    return Element(name, text=word or None)


def branch(name: str, children: list[Element]) -> Element:
    return Element(name) if name in OPAQUE_ELEMENTS else Element(name, *children)


def check(wire: Wire, command: str, version: str, body: bytes) -> None:
    phone = wire.twin(version=version)
    octets = phone.octets(command, body)
    assert phone.status in ANSWERS, f"{command} in {version} was answered {phone.status}"
    if phone.status == 200 and octets and phone.headers.get("content-type") == TYPE:
        answer = decode(octets)
        assert foreign_in(answer, version) == []
        assert version != "12.1" or all(int(status) <= 100 for status in statuses_in(answer))


def statuses_in(answer: Element) -> list[str]:
    below = [status for child in answer.children for status in statuses_in(child)]
    return [answer.text, *below] if answer.tag == "Status" and answer.text else below


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_no_body_of_elements_is_a_failure_of_ours(wire, command):
    book = book_of(wire)
    key = key_of(wire.sync(collection(book, wire.begin(book), commands=(add("c1", *contact("Ann", "Alpha")),)))[book])
    ids = [book, key, f"{book}:1"]

    @settings(max_examples=examples(12, 200), deadline=None, suppress_health_check=list(HealthCheck))
    @given(body=trees(command, ids), version=st.sampled_from(VERSIONS))
    def send(body: Element, version: str) -> None:
        check(wire, command, version, encode(body))

    send()


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_no_octets_are_a_failure_of_ours(wire, command):
    good = encode(Element(COMMANDS[command].root or "AirSync:Sync", Element("AirSync:SyncKey", text="0")))

    @settings(max_examples=examples(10, 100), deadline=None, suppress_health_check=list(HealthCheck))
    @given(body=st.binary(max_size=80) | st.binary(max_size=20).map(lambda more: good[:-1] + more), data=st.data())
    def send(body: bytes, data: st.DataObject) -> None:
        check(wire, command, data.draw(st.sampled_from(VERSIONS)), body)

    send()


def test_no_item_is_a_failure_of_ours(wire):
    book = book_of(wire)
    names = [name for name in TOKENS if name.partition(":")[0] in ("Contacts", "Contacts2", "AirSyncBase", "Calendar")]

    @settings(max_examples=examples(15, 200), deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        fields=st.lists(st.builds(leaf, st.sampled_from(names), WORDS), max_size=8), version=st.sampled_from(VERSIONS)
    )
    def send(fields: list[Element], version: str) -> None:
        phone = wire.twin(device="Appl" + version.replace(".", ""), version=version)
        phone.folders()
        key = phone.begin(book)
        part = phone.sync(collection(book, key, commands=(add("c1", *contact("Ann", "Alpha"), *fields),)))[book]
        assert part.text_of("AirSync:Status") == "1"
        assert key_of(part)

    send()


def test_no_packed_query_is_a_failure_of_ours(wire):
    start = bytes([161, 9, 9, 4, 5]) + b"Appl1" + bytes([0, 6]) + b"iPhone"

    @settings(max_examples=examples(40, 300), deadline=None, suppress_health_check=list(HealthCheck))
    @given(query=st.binary(max_size=60) | st.binary(max_size=20).map(lambda more: start + more) | st.text(max_size=40))
    def send(query: bytes | str) -> None:
        line = base64.b64encode(query).decode() if isinstance(query, bytes) else query
        answer = wire.client.post(PATH, params=line, headers={"Authorization": wire.authorization})
        assert answer.status_code in ANSWERS

    send()
