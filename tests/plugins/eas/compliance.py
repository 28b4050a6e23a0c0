"""The ledger of what is served, made from the tables of the wing: commands, classes and their elements in each dialect, features
of Sync, and what is not served with the answer that one gets. Each row names the test that holds it.

    cd tests && ../.venv/bin/python -m plugins.eas.compliance --write    puts it into the wing's README
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from enum import IntEnum
from pathlib import Path

from pimgate_eas import mapping, status
from pimgate_eas.classes import CLASSES, EMAIL
from pimgate_eas.commands import COMMANDS
from pimgate_eas.mapping.contacts.fields import FIELDS
from pimgate_eas.query import COMMANDS as CODES
from pimgate_eas.versions import VERSIONS, knows, number
from pimgate_eas.wbxml.codepages import TOKENS
from plugins.ledgers import show

TESTS = Path(__file__).parents[2]
README = TESTS.parent / "plugins" / "pimgate_eas" / "README.md"
MAPPING = Path(str(mapping.__file__)).parent

SINCE: Mapping[str, str] = {**{each.name: each.since for each in CLASSES.values()}, EMAIL: ""}
"""The classes, and the version that each came with."""

HELD: Mapping[str, tuple[type[IntEnum], str]] = {
    "Find": (status.Find, "test_find.py::test_people_are_found_whatever_version_was_agreed_on"),
    "FolderCreate": (status.FolderChange, "test_replay_matrix.py::test_a_lost_answer_is_given_again"),
    "FolderDelete": (status.FolderChange, "test_replay_matrix.py::test_a_lost_answer_is_given_again"),
    "FolderSync": (status.FolderSync, "test_folders.py::test_an_iphone_sees_its_own_collections_with_their_types"),
    "FolderUpdate": (status.FolderChange, "test_replay_matrix.py::test_a_lost_answer_is_given_again"),
    "GetAttachment": (IntEnum, "test_mail_fetch.py::test_older_device_asks_for_a_file_by_name"),
    "GetItemEstimate": (status.Estimate, "test_item_estimate.py::test_the_estimate_is_what_sync_then_brings"),
    "ItemOperations": (status.ItemOperations, "test_item_operations.py::test_a_fetched_item_is_what_sync_sends"),
    "MeetingResponse": (status.MeetingResponse, "test_replay_matrix.py::test_a_lost_answer_is_given_again"),
    "MoveItems": (status.MoveItems, "test_replay_matrix.py::test_a_lost_answer_is_given_again"),
    "Ping": (status.Ping, "test_ping.py::test_a_new_contact_wakes_the_phone_and_names_the_folder"),
    "Provision": (status.Provision, "test_provision.py::test_a_phone_fetches_the_policy_and_acknowledges_it"),
    "ResolveRecipients": (status.ResolveRecipients, "test_resolverecipients.py"),
    "Search": (status.Search, "test_search.py::test_every_field_that_is_known_is_shown"),
    "SendMail": (status.Nothing, "test_sending.py::test_a_message_leaves_and_its_copy_is_kept"),
    "SmartForward": (status.Nothing, "test_sending_answers.py::test_a_forward_brings_the_files_along"),
    "SmartReply": (status.Nothing, "test_sending_answers.py::test_a_reply_quotes_the_original_and_marks_it"),
    "Settings": (
        status.Settings,
        "test_settings_command.py::test_several_parts_are_answered_in_their_order_and_fail_alone",
    ),
    "Sync": (status.Sync, "test_replay_matrix.py::test_the_same_again_gets_the_same_bytes_and_does_nothing"),
    "ValidateCert": (status.ValidateCert, "test_validate_cert.py::test_each_certificate_has_its_own_status"),
}
"""By command: its own statuses, beside those that all may answer; and the test."""

NAMESPACES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "Contacts": (("Contacts", "Contacts2"), "mapping/contacts/test_lines.py"),
    "Calendar": (("Calendar",), "mapping/calendar/test_fields.py"),
    "Tasks": (("Tasks",), "mapping/tasks/test_fields.py"),
    "Notes": (("Notes",), "mapping/notes/test_notes.py"),
    "Email": (("Email", "Email2"), "mapping/email/test_elements.py"),
}
"""By class: where its elements stand, and the tests of its fields."""

LEFT_OUT: Mapping[str, str] = {
    "Contacts:Alias": "of the recipient cache, which is not kept here",
    "Contacts:WeightedRank": "of the recipient cache, which is not kept here",
    "Email2:UmCallerID": "voice mail",
    "Email2:UmUserNotes": "voice mail",
    "Email2:UmAttDuration": "voice mail",
    "Email2:UmAttOrder": "voice mail",
    "Email2:AccountId": "of people with several accounts on one server",
    "Email2:ReceivedAsBcc": "nobody can tell it from a mailing list",
    "Email2:LastVerbExecutionTime": "IMAP keeps that a message was answered, not when",
}
"""Elements that are neither shown nor taken over, and why."""

FEATURES: tuple[tuple[str, str], ...] = (
    (
        "several collections",
        "test_first_synchronisation.py::test_one_window_is_shared_by_all_collections_and_nothing_is_forgotten",
    ),
    ("WindowSize, MoreAvailable", "test_sync.py::test_a_phone_gets_everything_in_windows_and_then_nothing"),
    ("GetChanges", "test_dialects.py::test_changes_come_unless_they_are_refused_and_never_with_the_first_key"),
    ("FilterType, SoftDelete", "test_filter.py::test_an_item_that_ages_leaves_the_phone_once"),
    ("Supported and ghosting", "test_sync.py::test_elements_that_a_device_leaves_out_are_nothing_for_notes"),
    ("Conflict", "test_sync.py::test_when_both_sides_changed_an_item_the_server_wins_unless_the_phone_asked_otherwise"),
    ("Fetch", "test_sync.py::test_what_is_fetched_again_and_again_does_not_fill_the_memory"),
    (
        "Wait, HeartbeatInterval, Limit",
        "test_dialects.py::test_a_12_1_phone_waits_in_minutes_and_later_ones_in_seconds_as_well",
    ),
    ("empty requests", "test_sync.py::test_an_empty_request_repeats_the_last_that_waited"),
    ("Partial", "test_sync_waiting.py::test_a_partial_request_names_what_changed_and_asks_for_the_rest_as_before"),
    (
        "Class beside the collection (12.1)",
        "test_dialects.py::test_a_12_1_phone_names_the_class_and_reads_it_in_each_answer",
    ),
    ("InstanceId: one occurrence (16.x)", "test_replay_matrix.py::test_a_changed_question_adds_only_what_is_new"),
    (
        "attachments of events (16.x)",
        "test_event_attachments.py::test_files_are_added_to_and_deleted_from_an_event_one_by_one",
    ),
    ("the last answer again", "test_replay_matrix.py::test_a_lost_answer_is_given_again"),
    ("messages: marks alone, both ways", "test_mail.py::test_marks_go_both_ways_and_are_not_told_back"),
    ("DeletesAsMoves", "test_mail.py::test_deleted_messages_go_to_the_trash_unless_they_are_to_be_gone"),
    ("drafts, Send (16.x)", "test_mail_drafts.py::test_draft_is_sent_once_and_leaves_the_folder"),
)
"""Of Sync, by name."""

NOT_SERVED: tuple[tuple[str, str, str], ...] = (
    ("commands not listed above", "HTTP 501", "test_compliance.py::test_a_command_that_is_not_listed_is_answered_501"),
    ("rights management", "Settings 168", "test_settings_command.py::test_there_is_no_rights_management"),
    ("document library", "Search 2, 13 or 14", "test_search.py::test_other_stores_are_never_said_to_hold_nothing"),
    (
        "document library",
        "ItemOperations 9",
        "test_item_operations.py::test_what_is_fetched_elsewhere_or_not_at_all_says_so",
    ),
    (
        "text messages (SMS)",
        "their Options are passed over",
        "test_dialects.py::test_options_for_text_messages_are_not_taken_for_those_of_the_folder",
    ),
    (
        "emptying what is no mail",
        "ItemOperations 16",
        "test_item_operations.py::test_a_folder_of_ours_is_never_emptied",
    ),
    (
        "moving what comes later to a conversation",
        "it is moved once",
        "test_mail_operations.py::test_conversation_moves_once_and_what_was_sent_stays",
    ),
    (
        "revocation lists",
        "ValidateCert 16",
        "test_validate_cert.py::test_whether_a_certificate_was_revoked_is_not_known",
    ),
    ("compressed requests", "HTTP 415", "test_answer.py::test_a_compressed_body_is_refused_with_415_and_not_read"),
)
"""What is not there, what a device hears instead, and the test."""


def named_tests() -> set[str]:
    """All tests that the ledger leans on."""
    rows = [*(test for _, test in HELD.values()), *(test for _, test in NAMESPACES.values())]
    return {*rows, *(test for _, test in FEATURES), *(test for _, _, test in NOT_SERVED)}


def elements_of(class_name: str, version: str = VERSIONS[-1]) -> set[str]:
    """The elements that a class has in a version."""
    return {name for name in TOKENS if name.partition(":")[0] in NAMESPACES[class_name][0] and knows(version, name)}


def spoken_of(class_name: str) -> set[str]:
    """Those of them that the translation speaks of. A series of tasks is translated by that of events."""
    folder = MAPPING / class_name.lower()
    files = [*MAPPING.glob("*.py"), *folder.rglob("*.py"), MAPPING.parent / "sync" / "edits.py"]
    files += [MAPPING / "calendar" / "recurrence.py"] if class_name == "Tasks" else []
    said = {text for file in files for text in _texts(file)}
    said |= {row.tag for row in FIELDS}
    is_by_tag = class_name in ("Tasks", "Email")
    tags = {text.partition(":")[2] or text for text in said} if is_by_tag else said
    return {name for name in elements_of(class_name) if name in said or name.partition(":")[2] in tags}


def _texts(file: Path) -> Iterable[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))


def ledger() -> str:
    """The whole of it, as Markdown."""
    return "\n\n".join((_commands(), _classes(), _features(), _not_served()))


def _commands() -> str:
    rows = []
    for name, command in sorted(COMMANDS.items()):
        own, test = HELD[name]
        announced = [each for each in VERSIONS if number(command.since) <= number(each) <= number(command.until)]
        versions = announced[0] if len(announced) == 1 else f"{announced[0]} to {announced[-1]}"
        rows.append((name, versions, " ".join(str(int(each)) for each in own), test))
    return _table(("command", "announced in", "its own statuses", "held by"), rows)


def _classes() -> str:
    rows = []
    for name, since in SINCE.items():
        spoken = spoken_of(name)
        counts = [_count(name, version, since, spoken) for version in VERSIONS]
        left_out = ", ".join(sorted(element.partition(":")[2] for element in elements_of(name) - spoken))
        rows.append((name, *counts, left_out, NAMESPACES[name][1]))
    return _table(("class: elements", *VERSIONS, "left out", "held by"), rows)


def _count(class_name: str, version: str, since: str, spoken: set[str]) -> str:
    if number(version) < number(since):
        return "none"
    known = elements_of(class_name, version)
    return f"{len(known & spoken)} of {len(known)}"


def _features() -> str:
    return _table(("Sync", "held by"), FEATURES)


def _not_served() -> str:
    dead = ", ".join(sorted(set(CODES.values()) - set(COMMANDS)))
    rows = [(f"{what}: {dead}" if "commands" in what else what, answer, test) for what, answer, test in NOT_SERVED]
    return _table(("not served", "answered", "held by"), rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *((*row[:-1], _test(row[-1])) for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _test(name: str) -> str:
    file, _, function = name.partition("::")
    return f"`{function or file}`"


if __name__ == "__main__":
    show(README, ledger())
