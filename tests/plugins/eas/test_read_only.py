"""Collections that a person may only read: whatever a phone does to them, it ends with what the server has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest

from gateway.places import PASSWORD
from pimgate import sharing, subscriptions
from pimgate.core import Core
from pimgate.items import keep
from pimgate.model.collections import Collection, CollectionKind, Grant, Ownership, Right
from pimgate.settings import Visibility
from pimgate.testing import phone_forms
from pimgate.testing.phone import Phone
from pimgate.testing.running import running
from pimgate.visibility import OthersOnPhones
from pimgate_eas.wbxml.element import Element
from plugins.eas.mapping.items import text_of

AT = datetime(2026, 3, 1, 10, tzinfo=UTC)


@dataclass(frozen=True)
class Sample:
    """One class of data: what the collection holds, what a phone changes of it, and what it adds."""

    file: str
    field: str
    new: Element


SAMPLES = {
    CollectionKind.BOOK: Sample("apple-ios-person.vcf", "Contacts:JobTitle", phone_forms.contact("New", "One")),
    CollectionKind.CALENDAR: Sample("davx5-event-duration.ics", "Calendar:Subject", phone_forms.event("New", AT, AT)),
    CollectionKind.TASKS: Sample(
        "apple-task-with-two-alarms.ics", "Tasks:Subject", phone_forms.task("New", date(2026, 3, 1))
    ),
    CollectionKind.NOTES: Sample("jtx-board-note.ics", "Notes:Subject", phone_forms.note("New", "words")),
}


def shared(core: Core, sort: CollectionKind, access: Right) -> Collection:
    """Bert's default collection with one item, which anna sees."""
    with core.database.write() as work:
        anna, bert = (core.people.get(work, f"{each}@example.org") for each in ("anna", "bert"))
        standings = work.collections.standings(bert.id)
        theirs = next(
            each.collection for each in standings if (each.collection.kind, each.ownership) == (sort, Ownership.DEFAULT)
        )
        sharing.grant(work, Grant(theirs.id, anna.id, access))
        subscriptions.subscribe(work, anna.id, theirs.id)
        file = SAMPLES[sort].file
        keep(work, core.settings.limits, theirs, file, text_of(file))
    return theirs


def texts_in(core: Core, collection: Collection) -> list[str]:
    with core.database.read() as work:
        return [item.text for item in work.items.all(collection.id)]


@pytest.mark.parametrize("policy", [OthersOnPhones.READ_ONLY, OthersOnPhones.FULL])
@pytest.mark.parametrize("version", ["14.1", "16.1"])
@pytest.mark.parametrize("sort", SAMPLES)
def test_refused_edits_leave_the_phone_with_what_the_server_has(
    make_core: Callable[..., Core], sort: CollectionKind, version: str, policy: OthersOnPhones
) -> None:
    """Read-only by the operator's word where the right would do, or by the right where the operator's word would."""
    core = make_core("eas", visibility=Visibility(shared_on_phones=policy))
    theirs = shared(core, sort, Right.WRITE if policy is OthersOnPhones.READ_ONLY else Right.READ)
    before, sample = texts_in(core, theirs), SAMPLES[sort]
    with running(core) as found:
        phone = Phone(found.url, "anna@example.org", PASSWORD, "ApplREAD", version=version)
        phone.sync_folders()
        phone.sync()
        [(item, data)] = phone.items[theirs.id].items()
        changed = phone.change(theirs.id, item, {sample.field: "Mine"})
        phone.sync()
        assert (changed.status, phone.items[theirs.id]) == ("7", {item: data})
        deleted = phone.delete(theirs.id, item)
        phone.sync()
        assert (deleted.status, phone.items[theirs.id]) == ("7", {item: data})
        added = phone.add(theirs.id, sample.new)
        phone.sync()
        assert (added.status, phone.items[theirs.id]) == ("1", {item: data})
        assert phone.complaints == []
    assert texts_in(core, theirs) == before
