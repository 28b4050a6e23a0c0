"""Folders as a mail server lists them, against those that are known."""

from gateway.mail.letters import listed
from pimgate.mail.arrangement import MOST_FOLDERS, Arrangement, Listed, arrange, places
from pimgate.model.collections import CollectionId
from pimgate.model.mail import Mailbox, SpecialUse


def known(number: int, path: str, *, mailbox_id: str = "", validity: int = 0, following: int = 0) -> Mailbox:
    return Mailbox(
        CollectionId(f"c{number}"), path, "/", mailbox_id=mailbox_id, uid_validity=validity, uid_next=following
    )


def shape(*folders: Listed) -> list[tuple[str, str, str]]:
    """Name, parent and use of each folder that is shown."""
    return [(each.name, each.parent, each.special_use.value) for each in places(folders)]


def summary(found: Arrangement) -> tuple[dict[str, str], list[str], list[str]]:
    """Where each known folder stands now; what is new; what went."""
    return (
        {each.collection_id: place.listed.path for each, place in found.kept},
        [place.listed.path for place in found.created],
        [each.path for each in found.removed],
    )


def test_folders_have_the_last_part_of_their_path_as_name_and_stand_below_their_parents() -> None:
    found = shape(listed("Work/2026/May"), listed("INBOX"), listed("Work"), listed("Work/2026"))
    assert found == [("Inbox", "", "inbox"), ("Work", "", ""), ("2026", "Work", ""), ("May", "Work/2026", "")]


def test_folder_whose_parent_is_not_listed_keeps_the_path_in_its_name() -> None:
    assert shape(listed("INBOX"), listed("Work/2026"))[1] == ("Work/2026", "", "")


def test_folder_without_messages_is_shown_just_for_what_is_below_it() -> None:
    inbox, empty = listed("INBOX"), listed("Old", "\\noselect")
    assert shape(inbox, empty) == [("Inbox", "", "inbox")]
    assert shape(inbox, empty, listed("Old/2019"))[1:] == [("Old", "", ""), ("2019", "Old", "")]
    assert shape(inbox, listed("A", "\\noselect"), listed("A/B", "\\nonexistent")) == [("Inbox", "", "inbox")]


def test_server_without_a_delimiter_has_folders_at_the_top_alone() -> None:
    assert shape(Listed("INBOX", ""), Listed("a/b", "")) == [("Inbox", "", "inbox"), ("a/b", "", "")]


def test_special_use_is_what_the_server_says_and_else_what_a_folder_is_called() -> None:
    said = shape(listed("INBOX"), listed("Gesendet", "\\sent"), listed("Sent"), listed("Deleted Items"))
    assert sorted(said[1:]) == [("Deleted Items", "", "trash"), ("Gesendet", "", "sent"), ("Sent", "", "")]


def test_only_one_folder_has_each_special_use() -> None:
    uses = [
        use for _, _, use in shape(listed("INBOX"), listed("A", "\\trash"), listed("B", "\\trash"), listed("Trash"))
    ]
    assert uses == ["inbox", "trash", "", ""]


def test_folders_below_the_inbox_are_known_by_their_usual_names() -> None:
    dots = [Listed(path, ".") for path in ("INBOX", "INBOX.Sent", "INBOX.Work.Sent", "INBOX.Work")]
    assert {(each.name, each.special_use) for each in places(dots)} == {
        ("Inbox", SpecialUse.INBOX),
        ("Sent", SpecialUse.SENT),
        ("Work", SpecialUse.NONE),
    } | {("Sent", SpecialUse.NONE)}


def test_absurd_paths_and_numbers_of_folders_are_left_out() -> None:
    many = [listed(f"f{number:05}") for number in range(MOST_FOLDERS + 10)]
    found = places([listed("INBOX"), listed("x" * 5_000), listed(""), *many])
    assert len(found) == MOST_FOLDERS
    assert found[0].name == "Inbox"


def test_folder_is_the_same_while_its_path_is() -> None:
    found = arrange(
        [known(1, "INBOX"), known(2, "Work"), known(3, "Gone")], [listed("INBOX"), listed("Work"), listed("New")]
    )
    assert summary(found) == ({"c1": "INBOX", "c2": "Work"}, ["New"], ["Gone"])


def test_renamed_folder_is_known_by_its_id_and_so_are_two_that_swapped_names() -> None:
    before = [known(1, "A", mailbox_id="F1"), known(2, "B", mailbox_id="F2"), known(3, "C", mailbox_id="F3")]
    now = [listed("B", mailbox_id="F1"), listed("A", mailbox_id="F2"), listed("D", mailbox_id="F3")]
    assert summary(arrange(before, now)) == ({"c1": "B", "c2": "A", "c3": "D"}, [], [])


def test_folder_made_anew_under_the_same_name_is_another_one() -> None:
    found = arrange([known(1, "A", mailbox_id="F1")], [listed("A", mailbox_id="F9")])
    assert summary(found) == ({}, ["A"], ["A"])


def test_folder_learns_its_id_when_the_server_begins_to_give_ids() -> None:
    assert summary(arrange([known(1, "A")], [listed("A", mailbox_id="F1")]))[0] == {"c1": "A"}


def test_folder_that_looks_like_one_that_went_is_suspected_to_be_it() -> None:
    before = [known(1, "A", validity=7, following=20), known(2, "B", validity=8, following=1), known(3, "C")]
    found = arrange(before, [listed("X", validity=7, following=20), listed("Y", validity=8, following=2), listed("Z")])
    ((folder, place),) = found.suspects()
    assert (folder.path, place.listed.path) == ("A", "X")
    assert summary(found.with_renamed(found.suspects())) == ({"c1": "X"}, ["Y", "Z"], ["B", "C"])


def test_folder_whose_name_another_one_took_is_looked_for_under_its_new_one() -> None:
    before = [known(1, "A", validity=7, following=20)]
    found = arrange(before, [listed("A", validity=9, following=1), listed("B", validity=7, following=20)])
    assert summary(found.with_renamed(found.suspects())) == ({"c1": "B"}, ["A"], [])
    assert summary(arrange(before, [listed("A", validity=9, following=1)])) == ({"c1": "A"}, [], [])


def test_folders_of_which_somebody_says_that_they_were_renamed_are_known_by_that() -> None:
    found = arrange([known(1, "A"), known(2, "A/B")], [listed("C"), listed("C/B"), listed("D")])
    assert summary(found.with_renamed(found.told({"A": "C", "A/B": "C/B", "X": "D"}))) == (
        {"c1": "C", "c2": "C/B"},
        ["D"],
        [],
    )


def test_folder_that_is_still_there_although_it_was_not_listed_is_not_removed() -> None:
    found = arrange([known(1, "A"), known(2, "B")], [])
    assert summary(found.without_removing(found.removed[:1])) == ({}, [], ["B"])
