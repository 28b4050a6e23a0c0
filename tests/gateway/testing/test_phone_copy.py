"""What a simulated phone makes of answers, right and wrong ones: answers are written here as a server would send them."""

import pytest

from pimgate.testing.phone_copy import FolderCopy
from pimgate.testing.phone_forms import contact
from pimgate_eas.wbxml.element import Element

ANN, BEN = contact("Ann", "Archer"), contact("Ben", "Baker")
Told = tuple[FolderCopy, list[str]]


@pytest.fixture
def told() -> Told:
    """A folder that has fetched one contact, `c:1`, and is at key 2; and its complaints."""
    complaints: list[str] = []
    copy = FolderCopy("c", complaints.append)
    ask(copy)
    copy.take(answer("1"))
    ask(copy)
    copy.take(answer("2", commands=[put("Add", "c:1", ANN)]))
    assert complaints == []
    return copy, complaints


def ask(copy: FolderCopy) -> Element:
    return copy.question(100, changes=True, options=None)


def answer(
    key: str, *, commands: list[Element] | None = None, responses: list[Element] | None = None, has_more: bool = False
) -> Element:
    whole = Element("AirSync:Collection", Element("AirSync:SyncKey", text=key), Element("AirSync:Status", text="1"))
    if has_more:
        whole.append(Element("AirSync:MoreAvailable"))
    if responses is not None:
        whole.append(Element("AirSync:Responses", *responses))
    if commands is not None:
        whole.append(Element("AirSync:Commands", *commands))
    return whole


def put(command: str, server_id: str, data: Element | None = None) -> Element:
    name = Element("AirSync:ServerId", text=server_id)
    return Element(f"AirSync:{command}", name, *([data] if data is not None else []))


def response(command: str, status: str, server_id: str = "", client_id: str = "") -> Element:
    parts = [("ClientId", client_id), ("ServerId", server_id), ("Status", status)]
    return Element(f"AirSync:{command}", *(Element(f"AirSync:{name}", text=text) for name, text in parts if text))


def test_first_question_carries_no_edits() -> None:
    copy = FolderCopy("c", pytest.fail)
    copy.add("new1", BEN)
    assert ask(copy).find("AirSync:Commands") is None
    assert len(copy.edits) == 1


def test_phone_takes_what_it_is_told(told: Told) -> None:
    copy, complaints = told
    copy.take(answer("3", commands=[put("Change", "c:1", BEN), put("Add", "c:2", ANN)]))
    copy.take(answer("4", commands=[put("Delete", "c:2")]))
    assert copy.items == {"c:1": BEN}
    assert complaints == []


def test_edit_is_sent_until_it_is_acknowledged(told: Told) -> None:
    copy, _ = told
    edit = copy.add("new1", BEN)
    assert ask(copy) == ask(copy)
    copy.take(answer("3", responses=[response("Add", "1", "c:2", "new1")]))
    assert edit.is_accepted
    assert copy.items["c:2"] == BEN
    assert ask(copy).find("AirSync:Commands") is None


def test_new_item_that_was_edited_meanwhile_keeps_its_client_id(told: Told) -> None:
    copy, _ = told
    copy.add("new1", BEN)
    ask(copy)
    copy.change("new1", {"Contacts:JobTitle": "Baker"})
    (sent,) = ask(copy).path("AirSync:Commands", "AirSync:Add")
    assert sent.text_of("AirSync:ClientId") == "new1"
    assert sent.path("AirSync:ApplicationData", "Contacts:JobTitle")[0].text == "Baker"


def test_unsent_edit_lies_over_what_the_server_says(told: Told) -> None:
    copy, _ = told
    ask(copy)
    copy.change("c:1", {"Contacts:JobTitle": "Bowyer"})
    copy.take(answer("3", commands=[put("Change", "c:1", BEN)]))
    assert copy.items["c:1"].text_of("Contacts:LastName") == "Baker"
    assert copy.items["c:1"].text_of("Contacts:JobTitle") == "Bowyer"


def test_refused_edit_ends_and_the_servers_version_stands(told: Told) -> None:
    copy, complaints = told
    edit = copy.change("c:1", {"Contacts:JobTitle": "Archer"})
    ask(copy)
    copy.take(answer("3", responses=[response("Change", "7", "c:1")], commands=[put("Change", "c:1", BEN)]))
    assert edit.status == "7"
    assert copy.items == {"c:1": BEN}
    assert copy.edits == []
    assert complaints == []


def test_unknown_key_starts_anew_and_keeps_edits(told: Told) -> None:
    copy, complaints = told
    copy.change("c:1", {"Contacts:JobTitle": "Archer"})
    copy.start_anew()
    ask(copy)
    copy.take(answer("11"))
    ask(copy)
    copy.take(
        answer("12", responses=[], commands=[put("Add", "c:1", ANN)]),
    )
    assert complaints == ["c: an empty Responses"]
    assert copy.items.keys() == {"c:1"}


def test_deleted_item_that_never_left_the_phone_is_not_sent(told: Told) -> None:
    copy, _ = told
    copy.add("new1", BEN)
    copy.delete("new1")
    assert ask(copy).find("AirSync:Commands") is None


def test_deleted_item_that_may_have_left_is_taken_back_by_its_server_id(told: Told) -> None:
    copy, _ = told
    copy.add("new1", BEN)
    ask(copy)
    copy.delete("new1")
    ask(copy)
    copy.take(answer("3", responses=[response("Add", "1", "c:2", "new1")]))
    (sent,) = ask(copy).path("AirSync:Commands", "AirSync:Delete")
    assert sent.text_of("AirSync:ServerId") == "c:2"
    assert "c:2" not in copy.items


FAULTS = {
    "Add of c:1, which is here already": answer("3", commands=[put("Add", "c:1", BEN)]),
    "Change of c:9, which was never added": answer("3", commands=[put("Change", "c:9", BEN)]),
    "Delete of c:9, which is not here": answer("3", commands=[put("Delete", "c:9")]),
    "MoreAvailable without any progress": answer("3", has_more=True),
    "an empty Commands": answer("3", commands=[]),
    "an answer without a SyncKey": answer(""),
    "a response to Add x, which was not asked for": answer("3", responses=[response("Add", "1", "c:2", "x")]),
    "Fetch of c:1 makes no sense": answer("3", commands=[put("Fetch", "c:1", BEN)]),
}


@pytest.mark.parametrize("complaint", FAULTS)
def test_phone_complains_of_what_would_confuse_a_real_one(told: Told, complaint: str) -> None:
    copy, complaints = told
    ask(copy)
    copy.take(FAULTS[complaint])
    assert complaints == [f"c: {complaint}"]


def test_phone_complains_of_an_id_used_twice(told: Told) -> None:
    copy, complaints = told
    copy.take(answer("3", commands=[put("Delete", "c:1")]))
    copy.take(answer("4", commands=[put("Add", "c:1", BEN)]))
    assert complaints == ["c: Add of c:1, an id that was used before"]


def test_phone_complains_when_its_new_item_is_not_answered(told: Told) -> None:
    copy, complaints = told
    copy.add("new1", BEN)
    ask(copy)
    copy.take(answer("3"))
    assert complaints == ["c: no response to the new item new1"]
    assert len(copy.edits) == 1


def test_phone_complains_when_a_new_item_gets_the_id_of_another(told: Told) -> None:
    copy, complaints = told
    copy.add("new1", BEN)
    ask(copy)
    copy.take(answer("3", responses=[response("Add", "1", "c:1", "new1")]))
    assert complaints == ["c: the new item new1 got an id that is missing or taken: 'c:1'"]


def test_phone_complains_of_an_unknown_status(told: Told) -> None:
    copy, complaints = told
    copy.change("c:1", {"Contacts:JobTitle": "Archer"})
    ask(copy)
    copy.take(answer("3", responses=[response("Change", "4711", "c:1")]))
    assert complaints == ["c: status 4711 for Change c:1"]


def test_phone_that_deleted_something_itself_does_not_mind_a_delete_of_it(told: Told) -> None:
    copy, complaints = told
    copy.delete("c:1")
    ask(copy)
    copy.take(answer("3", commands=[put("Delete", "c:1")]))
    assert complaints == []


def test_deletion_of_something_that_comes_back_at_once_was_refused(told: Told) -> None:
    copy, complaints = told
    edit = copy.delete("c:1")
    ask(copy)
    copy.take(answer("3", commands=[put("Add", "c:1", BEN)]))
    assert edit.status == "7"
    assert copy.items == {"c:1": BEN}
    assert complaints == []
