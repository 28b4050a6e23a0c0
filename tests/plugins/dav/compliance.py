"""The ledger of what is served of the specifications behind CalDAV and CardDAV: a section a row, with the test that holds it.

cd tests && ../.venv/bin/python -m plugins.dav.compliance --write    puts it into the wing's README
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from plugins.ledgers import show

TESTS = Path(__file__).parent
README = TESTS.parents[2] / "plugins" / "pimgate_dav" / "README.md"

YES, NO = "yes", "no"


class Row(NamedTuple):
    """A section by its title; whether it is served, or how far; the test that holds what is said, which may be missing only where
    nothing is served."""

    section: str
    served: str
    test: str = ""


LEDGER: Mapping[str, tuple[Row, ...]] = {
    "RFC 4918 (WebDAV)": (
        Row(
            "PROPFIND Method",
            "depth 0 and 1",
            "test_thunderbird.py::test_thunderbird_reads_a_calendar_by_multiget_after_the_list_of_etags",
        ),
        Row(
            "PROPFIND Method: infinite depth",
            "refused: propfind-finite-depth",
            "test_hostile_input.py::test_depth_without_bounds_is_refused",
        ),
        Row(
            "PROPPATCH Method",
            "of collections and items",
            "test_collections.py::test_name_colour_and_foreign_properties_are_kept",
        ),
        Row(
            "PROPPATCH Method: in order, all or nothing; 507",
            YES,
            "test_properties_of_items.py::test_instructions_are_followed_in_order_and_all_or_none",
        ),
        Row("Property Values: XML inside", YES, "test_kept_properties.py::test_a_property_comes_back_as_it_was_kept"),
        Row(
            "protected properties",
            "403, the rest 424",
            "test_collections.py::test_protected_property_stays_and_so_does_the_rest",
        ),
        Row(
            "Property Values: xml:lang, attributes, names without namespace",
            YES,
            "test_properties_of_items.py::test_language_around_a_value_is_kept_with_it",
        ),
        Row(
            "properties of items that programs keep",
            "by name, allprop, propname; in reports",
            "test_properties_of_items.py::test_every_question_that_means_it_is_answered_and_the_item_is_no_news",
        ),
        Row(
            "COPY for Properties, MOVE for Properties",
            "of items",
            "test_properties_of_items.py::test_properties_stay_with_an_edit_and_go_where_the_item_goes",
        ),
        Row(
            "MKCOL Method",
            "refused: a home holds what the gateway knows",
            "test_collections.py::test_collections_stand_only_in_ones_own_home",
        ),
        Row(
            "GET, HEAD for Collections",
            "everything as one text, to a limit",
            "test_forms.py::test_a_calendar_and_a_book_are_given_as_a_whole",
        ),
        Row(
            "DELETE Requirements",
            "also under conditions",
            "test_forms.py::test_a_collection_is_removed_only_in_the_version_that_is_named",
        ),
        Row(
            "COPY, MOVE Method",
            "of items, Overwrite heeded; not of collections",
            "test_collections.py::test_item_moves_between_calendars",
        ),
        Row(
            "LOCK, UNLOCK Method",
            "no: class 2 is not claimed",
            "test_thunderbird.py::test_options_is_answered_to_anybody_and_says_nothing",
        ),
        Row(
            "If Header",
            "of the resource that is addressed; state tokens match nothing",
            "test_conditions.py::test_one_list_of_an_if_has_to_hold_for_what_is_addressed",
        ),
        Row(
            "XML limits",
            "no document type, depth and nodes bounded",
            "test_hostile_input.py::test_bad_xml_is_refused_at_once",
        ),
    ),
    "RFC 4331 (Quota)": (
        Row(
            "DAV:quota-available-bytes, DAV:quota-used-bytes",
            "of homes and collections, to whoever may write there",
            "test_quota.py::test_what_is_left_is_what_fits_to_the_last_octet",
        ),
        Row(
            "Solution Overview: not by allprop, protected",
            YES,
            "test_quota.py::test_it_is_said_by_name_alone_and_written_by_nobody",
        ),
        Row(
            "Solution Overview: infinite limits",
            "used alone is said",
            "test_quota.py::test_without_a_limit_nothing_is_said_to_be_left",
        ),
        Row(
            "Error Reporting: DAV:quota-not-exceeded",
            "507; also for limits of number",
            "test_quota.py::test_limits_of_number_are_called_by_the_same_name",
        ),
        Row("Error Reporting: DAV:sufficient-disk-space", "no: a full disk is 503"),
    ),
    "RFC 9110 (HTTP)": (
        Row("If-Match, If-None-Match", YES, "test_thunderbird.py::test_edit_over_a_newer_version_is_refused"),
        Row("If-Unmodified-Since", YES, "test_conditions.py::test_what_changed_since_a_date_is_another_version"),
        Row(
            "Partial PUT",
            "refused: 400",
            "test_conditions.py::test_nothing_is_overwritten_under_a_condition_that_does_not_hold",
        ),
        Row("304 (Not Modified)", YES, "test_forms.py::test_a_calendar_and_a_book_are_given_as_a_whole"),
        Row(
            "ETag: of the octets that are given", YES, "test_octets.py::test_calendar_object_comes_back_as_it_was_sent"
        ),
        Row("Range", NO),
    ),
    "RFC 5689 (Extended MKCOL)": (
        Row(
            "MKCOL with a resource type",
            "books and calendars",
            "test_collections.py::test_book_is_made_by_extended_mkcol",
        ),
    ),
    "RFC 8144 (Prefer)": (
        Row(
            "return=minimal: PROPFIND, REPORT, PROPPATCH; Brief",
            YES,
            "test_kept_properties.py::test_who_prefers_little_hears_nothing_of_what_is_not_there",
        ),
        Row(
            "return=representation",
            "of managed attachments only",
            "test_attachments.py::test_file_is_added_read_changed_and_taken_away",
        ),
        Row("depth-noroot", NO),
    ),
    "RFC 6578 (Collection Synchronization)": (
        Row(
            "DAV:sync-collection Report",
            YES,
            "test_thunderbird.py::test_thunderbird_syncs_contacts_and_a_second_program_sees_its_edit",
        ),
        Row(
            "DAV:limit, 507, a token to go on with",
            YES,
            "test_sync.py::test_limit_cuts_the_first_synchronisation_and_loses_nothing",
        ),
        Row(
            "DAV:valid-sync-token; expiry",
            "403; 400 to Thunderbird's books",
            "test_sync.py::test_bad_token_is_answered_so_that_each_program_recovers",
        ),
        Row("Sync-level infinite; sync of the home", NO),
    ),
    "RFC 4791 (CalDAV)": (
        Row(
            "MKCALENDAR Method",
            YES,
            "test_collections.py::test_calendar_stands_where_its_maker_put_it_and_is_seen_everywhere",
        ),
        Row("supported-calendar-component-set", YES, "test_collections.py::test_components_say_what_a_calendar_is"),
        Row("supported-calendar-component-sets", YES, "test_collections.py::test_home_says_what_calendars_may_take"),
        Row(
            "Calendar Object Resources: octets kept",
            YES,
            "test_octets.py::test_calendar_object_comes_back_as_it_was_sent",
        ),
        Row("Preconditions of PUT", "each by its name", "test_errors.py::test_refusals_name_the_rule_that_was_broken"),
        Row("calendar-query REPORT", YES, "test_queries.py::test_calendar_query_finds_what_fits"),
        Row(
            "calendar-query: tasks, journal entries",
            YES,
            "test_queries.py::test_tasks_are_found_by_what_they_are",
        ),
        Row(
            "calendar-query: times of alarms and properties",
            YES,
            "test_radicale.py::test_filters_are_decided_as_radicale_does_it",
        ),
        Row("calendar-multiget REPORT", YES, "test_radicale.py::test_lanes_say_what_radicale_says"),
        Row(
            "free-busy-query REPORT",
            "400 days at most",
            "test_forms.py::test_free_and_busy_times_of_a_calendar_come_from_all_that_takes_time",
        ),
        Row("calendar-data: comp, prop, novalue", YES, "test_forms.py::test_a_program_gets_the_parts_that_it_asks_for"),
        Row(
            "expand",
            "10,000 occurrences at most",
            "test_radicale.py::test_series_are_written_out_as_radicale_does_it",
        ),
        Row("limit-recurrence-set", YES, "test_forms.py::test_only_the_changed_occurrences_of_a_window_come_along"),
        Row("limit-freebusy-set", "no: there are no VFREEBUSY resources"),
        Row("calendar-timezone", "read and checked", "test_zones.py::test_a_zone_is_one_truth_under_two_names"),
        Row(
            "Date and Floating Time; CALDAV:timezone",
            "in the zone of the query, of the calendar, or of the deployment",
            "test_zones.py::test_floating_times_and_whole_days_are_asked_in_the_zone_that_is_meant",
        ),
        Row(
            "Location of a new calendar",
            "409 without a parent",
            "test_collections.py::test_collections_stand_only_in_ones_own_home",
        ),
        Row("max-resource-size", YES, "test_errors.py::test_refusals_name_the_rule_that_was_broken"),
        Row(
            "max-attendees-per-instance",
            "of meetings that the owner of the calendar organizes; copies of guests are kept with whoever is in them",
            "test_zones.py::test_an_event_invites_no_more_people_than_the_calendar_says",
        ),
        Row("max-instances, min-date-time, max-date-time", "no: nothing is refused for its date or for having no end"),
    ),
    "RFC 6352 (CardDAV)": (
        Row("addressbook-query Report", YES, "test_queries.py::test_addressbook_query_finds_who_fits"),
        Row(
            "addressbook-query: limit",
            YES,
            "test_visibility.py::test_book_without_download_answers_few_entries_and_only_to_a_search",
        ),
        Row("addressbook-multiget Report", YES, "test_radicale.py::test_lanes_say_what_radicale_says"),
        Row(
            "address-data: prop, novalue",
            YES,
            "test_forms.py::test_a_program_gets_the_lines_of_a_card_that_it_asks_for",
        ),
        Row(
            "address-data: conversion between versions",
            "where a version is named; else as it is kept",
            "test_forms.py::test_a_card_is_given_in_the_version_that_is_asked_for_and_kept_as_it_is",
        ),
        Row("Preconditions of PUT", "each by its name", "test_errors.py::test_refusals_name_the_rule_that_was_broken"),
    ),
    "RFC 7809 (Time Zones by Reference)": (
        Row(
            "Server Advertised Capability; timezone-service-set",
            "where the operator names a service of RFC 7808",
            "test_zones.py::test_programs_may_leave_rules_out_where_a_service_gives_them",
        ),
        Row(
            "Time Zones in CalDAV Responses: CalDAV-Timezones",
            "T and F, wherever calendar data are given; else what is kept",
            "test_zones.py::test_a_program_says_whether_it_wants_the_rules_of_zones",
        ),
        Row(
            "Time Zones in CalDAV Requests",
            "events without the rules of known zones; others are kept",
            "test_zones.py::test_a_program_says_whether_it_wants_the_rules_of_zones",
        ),
        Row("calendar-timezone-id", YES, "test_zones.py::test_a_zone_is_one_truth_under_two_names"),
        Row(
            "calendar-query: timezone-id",
            YES,
            "test_zones.py::test_floating_times_and_whole_days_are_asked_in_the_zone_that_is_meant",
        ),
    ),
    "RFC 7953 (Availability)": (
        Row(
            "CALDAV:calendar-availability Property",
            "of the inbox, also by Apple's name",
            "test_availability.py::test_hours_are_one_truth_under_both_names",
        ),
        Row(
            "Combining VAVAILABILITY Components; Calculating Free-Busy Time",
            "for every protocol",
            "test_availability.py::test_colleagues_hear_when_somebody_is_not_available_and_nothing_else",
        ),
        Row(
            "AVAILABLE",
            "once a day at most; RANGE=THISANDFUTURE is refused",
            "test_availability.py::test_what_is_no_availability_is_refused_and_nothing_changes",
        ),
        Row("VAVAILABILITY as a calendar object; calendar-availability in the DAV header", NO),
    ),
    "RFC 6638 (Scheduling)": (
        Row(
            "Scheduling Outbox Collection; Requesting Busy Time Information",
            YES,
            "test_scheduling.py::test_outbox_tells_when_colleagues_are_taken_and_of_strangers_nothing",
        ),
        Row(
            "Scheduling Inbox Collection",
            "without sync-collection; filters are not looked at",
            "test_scheduling.py::test_what_arrived_stands_in_the_inbox_until_the_guest_has_dealt_with_it",
        ),
        Row(
            "Organizer Scheduling Object Resources",
            "events",
            "test_scheduling.py::test_people_inside_get_it_in_their_calendar_and_people_outside_by_mail",
        ),
        Row(
            "Attendee Scheduling Object Resources",
            "events",
            "test_scheduling.py::test_answer_of_a_guest_is_an_edit_of_their_copy",
        ),
        Row("Schedule Agent Parameter", YES, "test_scheduling.py::test_people_whom_the_client_tells_are_left_to_it"),
        Row("Schedule Force Send Parameter", YES, "test_scheduling.py::test_whoever_is_to_be_told_in_any_case_is"),
        Row(
            "Schedule Status Parameter", YES, "test_scheduling.py::test_same_put_again_tells_nobody_and_changes_nothing"
        ),
        Row(
            "Schedule-Reply Request Header",
            YES,
            "test_scheduling.py::test_deleted_invitation_is_declined_unless_the_guest_wants_no_answer",
        ),
        Row(
            "Schedule-Tag; If-Schedule-Tag-Match",
            "answers are merged",
            "test_scheduling.py::test_edit_by_tag_keeps_an_answer_that_its_client_did_not_know",
        ),
        Row("Preconditions of PUT, COPY, MOVE", YES, "test_scheduling.py::test_meeting_has_one_organizer_and_one_copy"),
        Row(
            "CALDAV:schedule-calendar-transp",
            "counts for every protocol",
            "test_scheduling.py::test_calendar_that_takes_no_time_is_left_out",
        ),
        Row(
            "CALDAV:schedule-default-calendar-URL",
            "read; nobody moves it",
            "test_scheduling.py::test_programs_find_inbox_and_outbox",
        ),
        Row("Tasks; meetings in calendars of others", NO),
    ),
    "RFC 3744 (Access Control), RFC 3253": (
        Row(
            "DAV:acl, DAV:acl-restrictions, DAV:supported-privilege-set",
            "read; acl by who manages",
            "test_people.py::test_rights_are_read_by_whoever_manages_and_edited_by_nobody",
        ),
        Row(
            "ACL Method",
            "refused: rights are given by sharing",
            "test_people.py::test_rights_are_read_by_whoever_manages_and_edited_by_nobody",
        ),
        Row(
            "DAV:principal-property-search, DAV:principal-search-property-set",
            YES,
            "test_people.py::test_colleagues_are_found_by_name_and_address_where_the_directory_is_searched",
        ),
        Row(
            "DAV:principal-match, DAV:acl-principal-prop-set",
            YES,
            "test_people.py::test_rights_are_read_by_whoever_manages_and_edited_by_nobody",
        ),
        Row(
            "DAV:expand-property",
            "four levels, 200 resources",
            "test_people.py::test_calendars_that_one_did_not_subscribe_to_are_opened_at_their_owner",
        ),
    ),
    "RFC 8607 (Managed Attachments)": (
        Row(
            "attachment-add, attachment-update, attachment-remove; Cal-Managed-ID",
            YES,
            "test_attachments.py::test_file_is_added_read_changed_and_taken_away",
        ),
        Row(
            "rid Query Parameter",
            "the series and single occurrences",
            "test_attachments.py::test_single_occurrences_have_files_of_their_own",
        ),
        Row(
            "Adding Existing Managed Attachments via PUT",
            "whatever the person may read; addresses elsewhere stay",
            "test_attachments.py::test_file_follows_into_another_event_and_through_a_move",
        ),
        Row(
            "Retrieving Attachments; Access Control",
            "by whoever may read the event",
            "test_attachments.py::test_guests_get_the_file_with_their_copy_and_nobody_else_learns_of_it",
        ),
        Row(
            "Error Handling; max-attachment-size, max-attachments-per-resource",
            "each by its name",
            "test_attachments.py::test_refusals_name_the_rule",
        ),
    ),
    "RFC 6764 (Locating Services)": (
        Row(
            "Well-Known URIs",
            "any method",
            "test_programs.py::test_way_in_is_found_with_any_method_and_without_a_password",
        ),
        Row(
            "DNS SRV and TXT",
            "printed for the operator",
            "test_dns.py::test_records_name_both_services_with_their_path",
        ),
    ),
    "CardDAV Directory Gateway (draft-daboo)": (
        Row(
            "CARDDAV:directory-gateway, CARDDAV:directory",
            "named, not listed",
            "test_directory.py::test_directory_is_named_by_the_principal_and_lists_nothing",
        ),
        Row(
            "queries limited, 507",
            "answered by the directory of the gateway",
            "test_directory.py::test_answer_that_is_cut_says_so",
        ),
    ),
    "WebDAV-Push (draft-bitfire)": (
        Row(
            "transports, topic, triggers; Web Push with VAPID",
            "changed contents of collections",
            "test_push.py::test_program_hears_of_a_change_and_nobody_between_reads_it",
        ),
        Row("Message Encryption (RFC 8291)", YES, "test_push.py::test_message_is_encrypted_as_the_example_of_the_rfc"),
        Row(
            "registration, update, removal, expiry",
            YES,
            "test_push.py::test_subscription_ends_when_it_is_left_or_nobody_is_there",
        ),
        Row(
            "Push-Dont-Notify",
            "of one's own subscriptions",
            "test_push.py::test_program_is_not_told_of_what_it_did_itself",
        ),
        Row("property updates; updates of homes", NO),
    ),
    "CalendarServer, Apple": (
        Row("getctag", YES, "test_sync.py::test_ctag_moves_with_every_change_and_with_nothing_else"),
        Row(
            "calendarserver-principal-search",
            "people",
            "test_people.py::test_guests_are_completed_by_what_their_words_begin_with",
        ),
        Row(
            "caldav-proxy",
            "read; delegates are not edited",
            "test_people.py::test_owner_sees_the_members_of_the_groups_and_nobody_else_does",
        ),
        Row(
            "caldav-sharing, notifications",
            "calendars; without publishing",
            "test_people.py::test_calendar_is_offered_accepted_left_and_taken_back",
        ),
        Row(
            "default alarms, calendar-order",
            "kept",
            "test_kept_properties.py::test_a_property_comes_back_as_it_was_kept",
        ),
    ),
}
"""By specification."""


def rows() -> list[Row]:
    return [row for each in LEDGER.values() for row in each]


def ledger() -> str:
    """The whole of it, as Markdown."""
    lines: list[tuple[str, ...]] = [("specification", "section", "served", "held by"), ("---",) * 4]
    for name, sections in LEDGER.items():
        lines += [(name, row.section, row.served, _test(row.test)) for row in sections]
    return _joined(lines)


def _joined(lines: Iterable[tuple[str, ...]]) -> str:
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _test(name: str) -> str:
    return f"`{name.partition('::')[2] or name}`" if name else ""


if __name__ == "__main__":
    show(README, ledger())
