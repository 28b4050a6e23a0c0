"""Colleagues, what they share, and how programs find out: only of those whom a person may know of (RFC 3744, caldav-proxy,
caldav-sharing)."""

from collections.abc import Iterator
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import pytest

from gateway.places import PEOPLE
from pimgate.api import (
    Account,
    AccountId,
    Collection,
    CollectionKind,
    Grant,
    Right,
    collections,
    sharing,
    subscriptions,
)
from pimgate.directory import Directory
from pimgate.items import drop
from pimgate_dav.principals import proxies
from pimgate_dav.visit import Visit
from plugins.dav.meeting_house import meeting_house, new_uid
from plugins.dav.stage import APPLE, BOB, CS, DAVX5, SPACES, C, D, Multistatus, Program, Stage, card, event, parsed

ANNA, BERT, CLEO = PEOPLE
NAMES = "<D:displayname/><CS:email-address-set/><C:calendar-user-address-set/>"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with meeting_house(tmp_path_factory.mktemp("people")) as house:
        yield house.stage


@pytest.fixture
def fresh(stage: Stage) -> Collection:
    """A calendar of Anna's that nobody knows yet, with one event."""
    with stage.core.database.write() as work:
        made = collections.create(work, stage.alice.id, CollectionKind.CALENDAR, f"Boats {new_uid()}")
    stage.put(made, "1.ics", event("1"))
    return made


def give(stage: Stage, collection: Collection, right: Right) -> None:
    """A right for Bert, who has not subscribed."""
    with stage.core.database.write() as work:
        sharing.grant(work, Grant(collection.id, stage.bob.id, right))


def search(program: Program, *terms: tuple[str, str], test: str = "allof", path: str = "/dav/") -> Multistatus:
    wanted = "".join(
        f"<D:property-search><D:prop><{name}/></D:prop><D:match>{words}</D:match></D:property-search>"
        for name, words in terms
    )
    body = f'<D:principal-property-search {SPACES} test="{test}">{wanted}<D:prop>{NAMES}</D:prop>'
    return parsed(program.report(path, f"{body}</D:principal-property-search>", depth="0"))


# Searches


def test_colleagues_are_found_by_name_and_address_where_the_directory_is_searched(stage: Stage) -> None:
    bert = f"/dav/{stage.bob.id}/"
    thunderbird = stage.program()
    assert search(thunderbird, ("D:displayname", "bert")).hrefs == [bert]
    found = search(thunderbird, ("CS:email-address-set", "BERT@example")).of(bert)
    assert found[f"{C}calendar-user-address-set"].findtext(f"{D}href") == f"mailto:{BERT}"
    assert search(thunderbird, ("D:displayname", "bert"), ("CS:email-address-set", "cleo")).hrefs == []
    both = search(thunderbird, ("D:displayname", "bert"), ("D:displayname", "cleo"), test="anyof").hrefs
    assert (bert in both, len(both)) == (True, 2)
    assert search(thunderbird, ("D:displayname", "nobody at all")).hrefs == []


def test_program_finds_its_own_home_by_its_path(stage: Stage) -> None:
    """Thunderbird does so where nobody told it the principal."""
    program = stage.program()
    assert search(program, ("C:calendar-home-set", program.home.rstrip("/"))).hrefs == [program.home]


def test_guests_are_completed_by_what_their_words_begin_with(stage: Stage) -> None:
    program = stage.program()

    def complete(*tokens: str, context: str = "attendee", more: str = "") -> list[str]:
        words = "".join(f"<CS:search-token>{token}</CS:search-token>" for token in tokens)
        body = f'<CS:calendarserver-principal-search {SPACES} context="{context}">{words}{more}<D:prop>{NAMES}</D:prop>'
        return parsed(program.report("/dav/", f"{body}</CS:calendarserver-principal-search>", depth="0")).hrefs

    assert complete("ber") == complete("bert@exa") == [f"/dav/{stage.bob.id}/"]
    assert complete("ert") == complete("ber", context="resource") == []
    assert len(complete("example", more="<CS:limit><CS:nresults>1</CS:nresults></CS:limit>")) <= 1
    sort = program.report("/dav/", f"<D:principal-search-property-set {SPACES}/>", depth="0")
    assert (sort.status_code, "displayname" in sort.text) == (200, True)


def test_directory_is_searched_once_a_term_however_many_it_finds(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    confirmed = Directory.confirmed
    monkeypatch.setattr(
        Directory, "confirmed", lambda self, words, **how: asked.append(words) or confirmed(self, words, **how)
    )
    found = search(stage.program(), ("D:displayname", "bert"), ("D:displayname", "cleo"), test="anyof").hrefs
    assert len(found) == 2
    assert asked == ["bert", "cleo"]


def test_where_the_directory_is_hidden_only_those_who_share_are_known(stage: Stage, fresh: Collection) -> None:
    mac = stage.program(APPLE, CLEO)
    mac.home = f"/dav/{account_id(stage, CLEO)}/"
    anna = f"/dav/{stage.alice.id}/"
    absent = mac.ask("PROPFIND", f"/dav/p{'x' * 12}/", depth="0")
    unknown = mac.ask("PROPFIND", anna, depth="0")
    assert (unknown.status_code, unknown.content) == (404, absent.content)
    assert search(mac, ("D:displayname", "anna")).hrefs == []
    with stage.core.database.write() as work:
        sharing.grant(work, Grant(fresh.id, account_id(stage, CLEO), Right.READ))
    assert search(mac, ("D:displayname", "anna")).hrefs == [anna]
    assert mac.propfind(anna, "D:displayname").of(anna)[f"{D}displayname"].text
    for method in ("GET", "DELETE", "PROPPATCH", "MKCALENDAR", "POST"):
        assert mac.ask(method, anna).status_code == 404, method
    for segment in ("inbox", "outbox", "notifications", "directory"):
        assert mac.ask("PROPFIND", f"{anna}{segment}/", depth="1").status_code == 404


def account_id(stage: Stage, login: str) -> AccountId:
    with stage.core.database.read() as work:
        return stage.core.people.get(work, login).id


# Delegation


def test_what_is_named_again_and_again_is_said_and_worked_out_once(
    stage: Stage, fresh: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(stage, fresh, Right.READ)
    worked_out: list[Visit] = []
    groups = proxies._groups
    monkeypatch.setattr(proxies, "_groups", lambda visit: worked_out.append(visit) or groups(visit))
    bert = stage.program(APPLE, BOB)
    inner = "<D:property name='supported-privilege-set'/>" * 150
    wanted = "<D:property name='group-membership'/>" * 150
    wanted += f"<D:property name='calendar-proxy-read-for' namespace='{CS[1:-1]}'>{inner}</D:property>" * 2
    answer = bert.report(bert.home, f"<D:expand-property {SPACES}>{wanted}</D:expand-property>", depth="0")
    assert (answer.status_code, len(worked_out)) == (207, 1)
    assert answer.text.count("<D:group-membership>") == 1
    assert answer.text.count("<D:supported-privilege-set>") == 1
    long = f"<D:property name='{'n' * 500}'/>" * 100
    assert bert.report(bert.home, f"<D:expand-property {SPACES}>{long}</D:expand-property>").status_code == 400
    strange = "".join(f"<D:property name='{name}'/>" for name in ("1a", "é²", "", "a b", "--", "fine-1"))
    answer = bert.report(bert.home, f"<D:expand-property {SPACES}>{strange}</D:expand-property>")
    assert parsed(answer).missing(bert.home) == {f"{D}fine-1"}


def test_calendars_that_one_did_not_subscribe_to_are_opened_at_their_owner(stage: Stage, fresh: Collection) -> None:
    give(stage, fresh, Right.WRITE)
    mac = stage.program(APPLE, BOB)
    anna, group = f"/dav/{stage.alice.id}/", f"/dav/{stage.alice.id}/calendar-proxy-write/"
    inner = f'<D:property name="displayname"/><D:property name="calendar-home-set" namespace="{C[1:-1]}"/>'
    asked = f'<D:property name="calendar-proxy-write-for" namespace="{CS[1:-1]}">{inner}</D:property>'
    body = f'<D:expand-property {SPACES}>{asked}<D:property name="group-membership"><D:property name="principal-URL"/></D:property>'
    found = parsed(mac.report(mac.home, f"{body}</D:expand-property>", depth="0")).of(mac.home)
    assert [each.findtext(f"{D}href") for each in found[f"{CS}calendar-proxy-write-for"]] == [anna]
    assert group in [each.findtext(f"{D}href") for each in found[f"{D}group-membership"]]
    members = mac.propfind(group, "D:group-member-set").of(group)[f"{D}group-member-set"]
    assert [each.text for each in members] == [mac.home]

    path = f"{anna}{fresh.id}/"
    stage.put(fresh, "p.ics", event("p", "Dentist", "20270301T120000Z", "CLASS:PRIVATE"))
    assert "Dentist" not in mac.ask("GET", f"{path}p.ics").text
    stage.empty(fresh, "p.ics")
    assert path in mac.propfind(anna, "D:displayname", depth="1").hrefs
    listed = mac.propfind(path, "D:getetag", depth="1").hrefs
    assert listed == [path, f"{path}1.ics"]
    assert mac.ask("PUT", f"{path}2.ics", event("2")).status_code == 201
    assert parsed(mac.sync(path)).hrefs == [f"{path}1.ics", f"{path}2.ics"]
    assert mac.ask("MKCALENDAR", f"{anna}new/").status_code == 404
    with stage.core.database.write() as work:
        subscriptions.subscribe(work, stage.bob.id, fresh.id)
    assert path not in mac.propfind(anna, "D:displayname", depth="1").hrefs
    assert f"{mac.home}{fresh.id}/" in mac.listed().values()
    assert mac.ask("GET", f"{path}1.ics").status_code == 200, "whoever knows the address keeps it"
    give(stage, fresh, Right.NONE)
    assert mac.ask("GET", f"{path}1.ics").status_code == 404


def test_owner_sees_the_members_of_the_groups_and_nobody_else_does(stage: Stage, fresh: Collection) -> None:
    give(stage, fresh, Right.READ)
    group = f"/dav/{stage.alice.id}/calendar-proxy-{{}}/"
    owner = stage.program()

    def members(program: Program, which: str) -> list[str | None]:
        path = group.format(which)
        return [each.text for each in program.propfind(path, "D:group-member-set").of(path)[f"{D}group-member-set"]]

    assert f"/dav/{stage.bob.id}/" in members(owner, "read") + members(owner, "write")
    stranger = stage.program(DAVX5, CLEO)
    with stage.core.database.write() as work:
        sharing.grant(work, Grant(fresh.id, account_id(stage, CLEO), Right.READ))
    assert members(stranger, "read") == [f"/dav/{account_id(stage, CLEO)}/"]


# Rights


def test_rights_are_read_by_whoever_manages_and_edited_by_nobody(stage: Stage, fresh: Collection) -> None:
    give(stage, fresh, Right.WRITE)
    path = stage.path(fresh)
    owner, guest = stage.program(), stage.program(DAVX5, BOB)
    aces = owner.propfind(path, "D:acl").of(path)[f"{D}acl"]
    assert [each.findtext(f"{D}principal/{D}href") for each in aces] == [None, f"/dav/{stage.bob.id}/"]
    there = f"/dav/{stage.alice.id}/{fresh.id}/"
    assert f"{D}acl" in guest.propfind(there, "D:acl").missing(there)
    report = f"<D:acl-principal-prop-set {SPACES}><D:prop><D:displayname/></D:prop></D:acl-principal-prop-set>"
    assert parsed(owner.report(path, report, depth="0")).hrefs == [owner.home, f"/dav/{stage.bob.id}/"]
    assert guest.report(there, report, depth="0").status_code == 403
    refused = owner.ask("ACL", path, f"<D:acl {SPACES}/>")
    assert (refused.status_code, "no-protected-ace-conflict" in refused.text) == (403, True)
    assert owner.ask("ACL", f"{owner.home}c{'x' * 12}/").status_code == 404
    mine = f"<D:principal-match {SPACES}><D:self/><D:prop><D:displayname/></D:prop></D:principal-match>"
    assert parsed(owner.report("/dav/", mine, depth="0")).hrefs == [owner.home]


# Invitations to calendars


def share(program: Program, path: str, *changes: str) -> int:
    body = f"<CS:share {SPACES}>{''.join(changes)}</CS:share>"
    return program.ask("POST", path, body, content_type="application/xml").status_code


def to(address: str, access: str = "read-write") -> str:
    return f"<CS:set><D:href>mailto:{address}</D:href><CS:summary>Boats</CS:summary><CS:{access}/></CS:set>"


def states(program: Program, path: str) -> dict[str, str]:
    """Who has a calendar, and whether they took it."""
    found = program.propfind(path, "CS:invite").of(path).get(f"{CS}invite")
    return {
        each.findtext(f"{D}href") or "": next(
            part.tag.removeprefix(CS) for part in each if part.tag.startswith(f"{CS}invite-")
        )
        for each in (found.findall(f"{CS}user") if found is not None else [])
    }


def offer(program: Program) -> tuple[str, Element]:
    """The address of the only notification that there is for a person, and what it says."""
    path = f"{program.home}notifications/"
    (href,) = [each for each in program.propfind(path, "CS:notificationtype", depth="1").hrefs if each != path]
    return href, ElementTree.fromstring(program.ask("GET", href).content)


def test_calendar_is_offered_accepted_left_and_taken_back(stage: Stage, fresh: Collection) -> None:
    owner, mac, path = stage.program(), stage.program(APPLE, BOB), stage.path(fresh)
    clear(stage)
    assert share(owner, path, to(BERT)) == 200
    assert states(owner, path) == {f"mailto:{BERT}": "invite-noresponse"}
    types = owner.propfind(path, "D:resourcetype").of(path)[f"{D}resourcetype"]
    assert types.find(f"{CS}shared-owner") is not None
    _, told = offer(mac)
    host = told.findtext(f"{CS}invite-notification/{CS}hosturl/{D}href") or ""
    reply = (
        f"<CS:invite-reply {SPACES}><D:href>mailto:{BERT}</D:href><CS:invite-{{}}/>"
        f"<CS:hosturl><D:href>{host}</D:href></CS:hosturl></CS:invite-reply>"
    )
    taken = mac.ask("POST", mac.home, reply.format("accepted"), content_type="text/xml")
    there = ElementTree.fromstring(taken.content).findtext(f"{D}href") or ""
    assert there in mac.listed().values()
    assert states(owner, path) == {f"mailto:{BERT}": "invite-accepted"}
    assert mac.propfind(there, "D:resourcetype").of(there)[f"{D}resourcetype"].find(f"{CS}shared") is not None
    assert mac.ask("PUT", f"{there}3.ics", event("3")).status_code == 201
    assert mac.ask("DELETE", there).status_code == 204
    assert (there in mac.listed().values(), states(owner, path)) == (False, {f"mailto:{BERT}": "invite-declined"})
    assert share(owner, path, f"<CS:remove><D:href>mailto:{BERT}</D:href></CS:remove>") == 200
    assert states(owner, path) == {}
    assert mac.ask("POST", mac.home, reply.format("accepted"), content_type="text/xml").status_code == 404


def test_declined_offer_comes_back_only_with_more(stage: Stage, fresh: Collection) -> None:
    owner, mac, path = stage.program(), stage.program(APPLE, BOB), stage.path(fresh)
    clear(stage)
    share(owner, path, to(BERT, "read"))
    href, _ = offer(mac)
    assert mac.ask("DELETE", href).status_code == 204
    listing = f"{mac.home}notifications/"
    share(owner, path, to(BERT, "read"))
    assert mac.propfind(listing, "D:getetag", depth="1").hrefs == [listing]
    share(owner, path, to(BERT))
    assert offer(mac)[0] == href


def test_only_who_manages_shares_and_only_with_people_who_are_here(stage: Stage, fresh: Collection) -> None:
    owner, bert, path = stage.program(), stage.program(DAVX5, BOB), stage.path(fresh)
    give(stage, fresh, Right.WRITE)
    assert share(bert, f"/dav/{stage.alice.id}/{fresh.id}/", to(CLEO)) == 403
    assert share(owner, path, to(CLEO), to("zoe@outside.example")) == 403
    assert states(owner, path) == {f"mailto:{BERT}": "invite-noresponse"}
    assert share(owner, path) == 400
    assert owner.ask("POST", path, "x", content_type="text/plain").status_code == 415
    assert share(owner, f"{owner.home}c{'x' * 12}/", to(CLEO)) == 404


def hidden(stage: Stage) -> Account:
    """Somebody who has an account here, and whom no directory shows."""
    with stage.core.database.write() as work:
        made = stage.core.people.create(work, f"{new_uid()}@example.org", None, name="Secret Name")
        found = collections.directory(work)
        head = work.items.by_uid(found.id, f"urn:pimgate:{made.id}") if found else None
        assert head is not None
        drop(work, head)
    return made


def test_sharing_tells_nothing_of_people_who_are_not_shown(stage: Stage, fresh: Collection) -> None:
    """Whoever is not shown is answered like nobody, to the octet, and nothing of the calendar changes."""
    owner, path, secret = stage.program(), stage.path(fresh), hidden(stage)
    stage.put(stage.owned(CollectionKind.BOOK), f"{secret.id}.vcf", card(secret.id, "A Guess", secret.login))
    for change in ("<CS:set><D:href>{}</D:href><CS:read/></CS:set>", "<CS:remove><D:href>{}</D:href></CS:remove>"):
        for there, absent in (
            (f"mailto:{secret.login}", "mailto:nobody@example.org"),
            (f"/dav/{secret.id}/", f"/dav/p{'x' * 12}/"),
        ):
            answers = [
                owner.ask("POST", path, f"<CS:share {SPACES}>{change.format(each)}</CS:share>", content_type="text/xml")
                for each in (there, absent)
            ]
            assert [each.status_code for each in answers] == [403, 403]
            assert answers[0].content == answers[1].content
    assert states(owner, path) == {}
    assert search(owner, ("CS:email-address-set", secret.login)).hrefs == []
    seen = [owner.ask("PROPFIND", each, depth="0") for each in (f"/dav/{secret.id}/", f"/dav/p{'x' * 12}/")]
    assert (seen[0].status_code, seen[0].content) == (404, seen[1].content)


def test_calendar_is_shared_by_typing_an_address_where_the_directory_is_not_shown(
    stage: Stage, fresh: Collection
) -> None:
    mac, path = stage.program(APPLE), stage.path(fresh)
    assert share(mac, path, to(CLEO)) == 200
    assert states(mac, path) == {f"mailto:{CLEO}": "invite-noresponse"}


def test_whoever_has_a_calendar_is_taken_off_it_also_when_they_are_no_longer_shown(
    stage: Stage, fresh: Collection
) -> None:
    manager, path, secret = stage.program(DAVX5, BOB), f"/dav/{stage.alice.id}/{fresh.id}/", hidden(stage)
    give(stage, fresh, Right.MANAGE)
    with stage.core.database.write() as work:
        sharing.grant(work, Grant(fresh.id, secret.id, Right.READ))
    remove = f"<CS:remove><D:href>mailto:{secret.login}</D:href></CS:remove>"
    assert [share(manager, path, remove) for _ in range(2)] == [200, 403]


def clear(stage: Stage) -> None:
    """Nothing is offered to Bert any more."""
    with stage.core.database.write() as work:
        for standing in work.collections.standings(stage.bob.id):
            if standing.collection.owner == stage.alice.id:
                sharing.grant(work, Grant(standing.collection.id, stage.bob.id, Right.NONE))
