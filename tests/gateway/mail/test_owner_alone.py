"""Mail is its owner's, and comes to phones alone: every other way to a collection ends before a mail folder."""

from collections.abc import Callable

import pytest

from gateway.mail.letters import listed
from pimgate import collections, sharing, subscriptions
from pimgate.catalogue import Catalogue
from pimgate.core import Core
from pimgate.errors import CollectionHidden, NoSuchCollection
from pimgate.mail import folder_list
from pimgate.mail.arrangement import arrange
from pimgate.model.clients import Cause, ClientKind, Exposure, Profile, Viewer
from pimgate.model.collections import CollectionId, CollectionKind, Grant, Ownership, Right
from pimgate.model.people import Account
from pimgate.settings import Mail
from pimgate.store.work import Work
from pimgate.visibility import KINDS, PHONES, OthersOnPhones, Policy, Preset, Question, decide

Person = Callable[[str], Account]
PLUGINS = ("eas", "dav", "web")


@pytest.fixture
def gateway(make_core: Callable[..., Core]) -> Core:
    return make_core(*PLUGINS)


@pytest.fixture
def catalogue(gateway: Core) -> Catalogue:
    return Catalogue(Policy(preset=Preset.OPEN), gateway.settings.limits, has_mail=True)


def inbox_of(gateway: Core, work: Work, login: str) -> tuple[Account, CollectionId]:
    owner = gateway.people.get(work, login)
    known, position = folder_list.known(work, owner.id)
    folder_list.keep(work, owner.id, arrange(known, [listed("INBOX")]), position)
    return owner, work.mail.mailboxes(owner.id)[0].collection_id


def through(account: Account, kind: str) -> Viewer:
    """A client that could show anything."""
    return Viewer(account, ClientKind(kind, kind), Profile("", kind))


@pytest.mark.parametrize("column", [*KINDS, ""])
@pytest.mark.parametrize("ownership", list(Ownership))
@pytest.mark.parametrize("right", list(Right))
@pytest.mark.parametrize("switch", [True, False, None])
def test_mail_is_full_on_its_owners_phones_and_hidden_everywhere_else(
    column: str, ownership: Ownership, right: Right, switch: bool | None
) -> None:
    policy = Policy(Preset.OPEN, OthersOnPhones.FULL, OthersOnPhones.FULL)
    verdict = decide(Question(column, CollectionKind.MAILBOX, ownership, right, switch), policy)
    is_shown = column in PHONES and ownership in (Ownership.DEFAULT, Ownership.OWN) and right is not Right.NONE
    assert verdict.exposure is (Exposure.FULL if is_shown else Exposure.HIDDEN)
    assert verdict.may_write is (is_shown and right >= Right.WRITE)
    assert not is_shown or verdict.cause is Cause.MAIL


def test_phone_of_the_owner_opens_the_folder_and_nobody_elses_does(gateway: Core, catalogue: Catalogue) -> None:
    with gateway.database.write() as work:
        anna, inbox = inbox_of(gateway, work, "anna@example.org")
        bert = gateway.people.get(work, "bert@example.org")
        work.collections.grant(Grant(inbox, None, Right.MANAGE))  # as if somebody had written it into the rows
        for kind in ("eas-ios", "eas-other"):
            assert catalogue.open_folder(work, through(anna, kind), inbox).id == inbox
            assert inbox in [each.standing.collection.id for each in catalogue.visible_to(work, through(anna, kind))]
            with pytest.raises(NoSuchCollection):
                catalogue.open_folder(work, through(bert, kind), inbox)
            assert inbox not in [each.standing.collection.id for each in catalogue.sights(work, through(bert, kind))]
        assert (
            catalogue.is_folder(work, through(anna, "eas-ios"), inbox),
            catalogue.is_folder(work, through(bert, "eas-ios"), inbox),
        ) == (True, False)


@pytest.mark.parametrize("client", ["dav", "outlook", "thunderbird", "web", "stranger"])
def test_other_clients_of_the_owner_do_not_open_it(gateway: Core, catalogue: Catalogue, client: str) -> None:
    with gateway.database.write() as work:
        anna, inbox = inbox_of(gateway, work, "anna@example.org")
        with pytest.raises(CollectionHidden):
            catalogue.open_folder(work, through(anna, client), inbox)
        assert inbox not in [each.standing.collection.id for each in catalogue.visible_to(work, through(anna, client))]


@pytest.mark.parametrize("client", [*KINDS, "stranger"])
@pytest.mark.parametrize("even_if_unlisted", [True, False])
def test_no_client_opens_it_as_a_collection_of_texts(
    gateway: Core, catalogue: Catalogue, client: str, even_if_unlisted: bool
) -> None:
    with gateway.database.write() as work:
        anna, inbox = inbox_of(gateway, work, "anna@example.org")
        with pytest.raises(NoSuchCollection):
            catalogue.open_view(work, through(anna, client), inbox, even_if_unlisted=even_if_unlisted)


def test_kinds_of_client_that_are_no_phones_do_not_even_declare_mail(gateway: Core) -> None:
    declared = {name for name, kind in gateway.client_kinds.items() if CollectionKind.MAILBOX in kind.shows}
    assert declared <= {"eas-ios", "eas-other"}


def test_deployment_without_mail_shows_no_folders(gateway: Core) -> None:
    without = Catalogue(Policy(), gateway.settings.limits)
    with gateway.database.write() as work:
        anna, inbox = inbox_of(gateway, work, "anna@example.org")
        assert inbox not in [each.standing.collection.id for each in without.sights(work, through(anna, "eas-ios"))]
        with pytest.raises(NoSuchCollection):
            without.open_folder(work, through(anna, "eas-ios"), inbox)


def test_collection_of_texts_is_no_mail_folder(gateway: Core, catalogue: Catalogue) -> None:
    with gateway.database.write() as work:
        anna = gateway.people.get(work, "anna@example.org")
        book = collections.create(work, anna.id, CollectionKind.BOOK, "Friends")
        with pytest.raises(NoSuchCollection):
            catalogue.open_folder(work, through(anna, "eas-ios"), book.id)


Deed = Callable[[Core, Work, Account, CollectionId], object]
DEEDS: dict[str, Deed] = {
    "subscribe": lambda core, work, who, inbox: subscriptions.subscribe(work, who.id, inbox),
    "unsubscribe": lambda core, work, who, inbox: subscriptions.unsubscribe(work, who.id, inbox),
    "turn": lambda core, work, who, inbox: subscriptions.turn(work, who.id, inbox, is_on=False),
    "rename": lambda core, work, who, inbox: collections.change(work, who.id, inbox, name="Mine"),
    "remove": lambda core, work, who, inbox: collections.remove(work, who.id, inbox),
    "operator renames": lambda core, work, who, inbox: collections.rename_as_operator(work, inbox, "Mine"),
    "operator removes": lambda core, work, who, inbox: collections.remove_as_operator(work, inbox),
    "share": lambda core, work, who, inbox: sharing.grant(work, Grant(inbox, None, Right.READ)),
    "owner shares": lambda core, work, who, inbox: sharing.grant_by(work, who.id, Grant(inbox, None, Right.READ)),
    "pages look": lambda core, work, who, inbox: core.catalogue.standing(work, who.id, inbox),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_that_is_done_to_collections_is_done_to_a_mail_folder(gateway: Core, deed: str) -> None:
    with gateway.database.write() as work:
        anna, inbox = inbox_of(gateway, work, "anna@example.org")
        with pytest.raises(NoSuchCollection):
            DEEDS[deed](gateway, work, anna, inbox)


def test_operators_lists_and_the_limit_of_collections_do_not_count_mail_folders(gateway: Core) -> None:
    with gateway.database.write() as work:
        anna = gateway.people.get(work, "anna@example.org")
        before = work.collections.count_of_owner(anna.id)
        _, inbox = inbox_of(gateway, work, "anna@example.org")
        assert work.collections.count_of_owner(anna.id) == before
        assert inbox not in [each.id for each in work.collections.all()]


def test_gateway_has_mail_just_where_a_mail_server_is_named(make_core: Callable[..., Core]) -> None:
    assert make_core().mail is None
    assert make_core(mail=Mail(host="imap.example.org")).mail is not None
