"""FolderSync: one set difference, whatever the reason why a folder comes or goes."""

from pimgate import collections, subscriptions
from pimgate.model.collections import CollectionId, CollectionKind
from pimgate_eas.folders import Folder, difference
from pimgate_eas.wbxml.element import Element
from plugins.eas.wire import Wire, folder_sync


def names(answer: Element | None, kind: str) -> list[str]:
    assert answer is not None
    found = answer.path("FolderHierarchy:Changes", f"FolderHierarchy:{kind}")
    return [
        each.text_of("FolderHierarchy:DisplayName") or each.text_of("FolderHierarchy:ServerId") or "" for each in found
    ]


def key_of(answer: Element | None) -> str:
    assert answer is not None
    return answer.text_of("FolderHierarchy:SyncKey") or ""


def turn(wire: Wire, collection_id: str, is_on: bool) -> None:
    with wire.core.database.write() as work:
        anna = work.people.by_login("anna@example.org")
        assert anna
        subscriptions.turn(work, anna.id, CollectionId(collection_id), is_on=is_on)


def test_an_iphone_sees_its_own_collections_with_their_types(wire):
    answer = wire.ask("FolderSync", folder_sync("0"))
    assert answer is not None
    types = {
        each.text_of("FolderHierarchy:DisplayName"): each.text_of("FolderHierarchy:Type")
        for each in answer.path("FolderHierarchy:Changes", "FolderHierarchy:Add")
    }
    assert types == {"Tasks": "7", "Calendar": "8", "Contacts": "9", "Notes": "10", "Collected": "14"}


def test_a_switch_turned_off_is_one_delete_and_turned_on_again_one_add(wire):
    collected = wire.folders()["Collected"]
    answer = wire.ask("FolderSync", folder_sync("0"))
    key = key_of(answer)
    turn(wire, collected, is_on=False)
    answer = wire.ask("FolderSync", folder_sync(key))
    assert (names(answer, "Delete"), names(answer, "Add"), names(answer, "Update")) == ([collected], [], [])
    turn(wire, collected, is_on=True)
    answer = wire.ask("FolderSync", folder_sync(key_of(answer)))
    assert (names(answer, "Add"), names(answer, "Delete")) == (["Collected"], [])


def kept(wire: Wire, collection_id: str) -> bool:
    with wire.core.database.read() as work:
        [device] = work.devices.all()
        return work.shelf.get(device.id, f"eas/sync/{collection_id}") is not None


def test_what_was_kept_of_a_folder_goes_once_the_phone_has_acknowledged_its_end(wire):
    collected = wire.folders()["Collected"]
    key = key_of(wire.ask("FolderSync", folder_sync("0")))
    wire.begin(collected)
    turn(wire, collected, is_on=False)
    following = key_of(wire.ask("FolderSync", folder_sync(key)))
    assert kept(wire, collected), "this answer may be lost"
    wire.ask("FolderSync", folder_sync(following))
    assert not kept(wire, collected)


def test_what_was_kept_of_a_folder_that_came_back_stays(wire):
    collected = wire.folders()["Collected"]
    key = key_of(wire.ask("FolderSync", folder_sync("0")))
    wire.begin(collected)
    turn(wire, collected, is_on=False)
    following = key_of(wire.ask("FolderSync", folder_sync(key)))
    turn(wire, collected, is_on=True)
    wire.ask("FolderSync", folder_sync(following))
    assert kept(wire, collected)


def test_a_phone_that_begins_anew_is_told_what_is_there_now(wire):
    folders = wire.folders()
    turn(wire, folders["Collected"], is_on=False)
    assert "Collected" not in wire.folders()
    turn(wire, folders["Collected"], is_on=True)
    assert wire.folders() == folders


def test_a_first_question_asked_twice_gets_the_same_bytes(wire):
    first = wire.octets("FolderSync", folder_sync("0"))
    assert wire.octets("FolderSync", folder_sync("0")) == first


def test_a_repeated_question_gets_the_same_bytes(wire):
    folders = wire.folders()
    key = key_of(wire.ask("FolderSync", folder_sync("0")))
    turn(wire, folders["Collected"], is_on=False)
    first = wire.octets("FolderSync", folder_sync(key))
    turn(wire, folders["Collected"], is_on=True)
    assert wire.octets("FolderSync", folder_sync(key)) == first


def test_nothing_new_keeps_the_key(wire):
    key = key_of(wire.ask("FolderSync", folder_sync("0")))
    answer = wire.ask("FolderSync", folder_sync(key))
    assert key_of(answer) == key
    assert names(answer, "Add") == []


def test_a_new_name_is_an_update_under_the_same_id(wire):
    with wire.core.database.write() as work:
        anna = work.people.by_login("anna@example.org")
        assert anna
        made = collections.create(work, anna.id, CollectionKind.CALENDAR, "Work")
    key = key_of(wire.ask("FolderSync", folder_sync("0")))
    with wire.core.database.write() as work:
        collections.change(work, anna.id, made.id, name="Office")
    answer = wire.ask("FolderSync", folder_sync(key))
    assert names(answer, "Update") == ["Office"]


def test_an_unknown_key_is_refused(wire):
    answer = wire.ask("FolderSync", folder_sync("4711"))
    assert answer is not None
    assert answer.text_of("FolderHierarchy:Status") == "9"
    answer = wire.ask("FolderSync", Element("FolderHierarchy:FolderSync"))
    assert answer is not None
    assert answer.text_of("FolderHierarchy:Status") == "10"


def test_a_restart_with_key_zero_gives_the_same_ids_and_keeps_the_collections_keys(wire):
    from plugins.eas.wire import collection, status_of

    first = wire.folders()
    key = wire.begin(first["Contacts"])
    assert wire.folders() == first
    assert status_of(wire.sync(collection(first["Contacts"], key))[first["Contacts"]]) == "1"


def test_a_folder_that_changes_its_type_is_another_folder():
    commands = difference({"c1": Folder("Work", "13")}, {"c1": Folder("Work", "8")})
    assert [command.tag for command in commands] == ["Delete", "Add"]


def test_what_stands_in_a_folder_that_becomes_another_comes_again():
    """A phone that deletes a folder deletes what stands in it; nothing is told of a folder before the one it stands in."""
    known = {"a": Folder("Work", "12"), "b": Folder("Boats", "12", "a"), "c": Folder("Attic", "12")}
    told = difference(known, {**known, "a": Folder("Work", "5")})
    assert said(told) == [("Delete", "b"), ("Delete", "a"), ("Add", "a"), ("Add", "b")]
    moved = {"a": known["a"], "c": Folder("Attic", "12", "d"), "d": Folder("House", "12", "a"), "b": known["b"]}
    assert said(difference(known, moved)) == [("Add", "d"), ("Update", "c")]
    assert said(difference(known, {"c": known["c"]})) == [("Delete", "b"), ("Delete", "a")]


def said(commands: list[Element]) -> list[tuple[str, str]]:
    return [(each.tag, each.text_of("FolderHierarchy:ServerId") or "") for each in commands]
