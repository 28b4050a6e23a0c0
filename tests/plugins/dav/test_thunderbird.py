"""A conversation as Thunderbird has it: from the host's name to a second program that sees what the first one wrote."""

from pimgate.api import CollectionKind
from plugins.dav.stage import DAVX5, SPACES, THUNDERBIRD, A, C, D, Stage, card, event, parsed


def test_thunderbird_finds_its_calendars_and_books_from_the_host_name(stage: Stage) -> None:
    program = stage.program()
    for service in ("caldav", "carddav"):
        redirect = program.ask("PROPFIND", f"/.well-known/{service}", depth="0")
        assert (redirect.status_code, redirect.headers["location"]) == (301, "/dav/")
    assert program.ask("PROPFIND", "/").headers["location"] == "/dav/"
    root = program.propfind("/dav/", "D:current-user-principal", "D:resourcetype", "C:calendar-home-set")
    principal = root.of("/dav/")[f"{D}current-user-principal"].findtext(f"{D}href")
    assert principal == program.home
    names = (
        "C:calendar-home-set",
        "A:addressbook-home-set",
        "C:calendar-user-address-set",
        "D:owner",
        "D:principal-URL",
    )
    of_principal = program.propfind(principal, *names).of(principal)
    assert of_principal[f"{C}calendar-home-set"].findtext(f"{D}href") == program.home
    assert of_principal[f"{A}addressbook-home-set"].findtext(f"{D}href") == program.home
    assert "mailto:anna@example.org" in [each.text for each in of_principal[f"{C}calendar-user-address-set"]]
    assert {"Contacts", "Collected", "Calendar", "Tasks", "Notes", "Directory"} == set(program.listed())


def test_options_is_answered_to_anybody_and_says_nothing(stage: Stage) -> None:
    stranger = stage.program(password="wrong")
    answers = [
        stranger.client.options(path, auth=lambda request: request)
        for path in ("/dav/", program_home(stage), "/dav/nothing/at/all")
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert len({(answer.headers["dav"], answer.headers["allow"], answer.text) for answer in answers}) == 1
    assert "calendar-access" in answers[0].headers["dav"]
    assert "addressbook" in answers[0].headers["dav"]
    assert "2" not in answers[0].headers["dav"].split(", ")


def program_home(stage: Stage) -> str:
    return f"/dav/{stage.alice.id}/"


def test_thunderbird_syncs_contacts_and_a_second_program_sees_its_edit(stage: Stage) -> None:
    program, other = stage.program(), stage.program(DAVX5)
    book = stage.path(stage.owned(CollectionKind.BOOK))
    made = program.ask("PUT", f"{book}ada.vcf", card("ada"), content_type="text/vcard")
    assert made.status_code == 201
    first = parsed(program.sync(book, props="<D:getetag/><A:address-data/>"))
    found = first.of(f"{book}ada.vcf")
    assert found[f"{D}getetag"].text == made.headers["etag"]
    assert found[f"{A}address-data"].text == card("ada")
    seen = parsed(other.sync(book))
    assert seen.of(f"{book}ada.vcf")[f"{D}getetag"].text == made.headers["etag"]

    changed = program.ask("PUT", f"{book}ada.vcf", card("ada", mail="countess@example.org"))
    assert changed.status_code == 204
    news = parsed(other.sync(book, seen.token))
    assert news.hrefs == [f"{book}ada.vcf"]
    assert news.of(f"{book}ada.vcf")[f"{D}getetag"].text == changed.headers["etag"]

    assert program.ask("DELETE", f"{book}ada.vcf").status_code == 204
    last = parsed(other.sync(book, news.token))
    assert last.status(f"{book}ada.vcf") == "404"
    assert parsed(other.sync(book, last.token)).hrefs == []


def test_thunderbird_reads_a_calendar_by_multiget_after_the_list_of_etags(stage: Stage) -> None:
    program = stage.program()
    calendar = stage.path(stage.owned(CollectionKind.CALENDAR))
    for number in range(3):
        program.ask("PUT", f"{calendar}{number}.ics", event(f"uid-{number}"))
    listed = program.propfind(calendar, "D:getetag", "D:getcontenttype", depth="1")
    assert sorted(listed.hrefs) == [calendar, *(f"{calendar}{number}.ics" for number in range(3))]
    assert "component=VEVENT" in (listed.of(f"{calendar}0.ics")[f"{D}getcontenttype"].text or "")
    hrefs = f"<D:href>{calendar}1.ics</D:href><D:href>{calendar}missing.ics</D:href><D:href>/elsewhere/1.ics</D:href>"
    body = f"<C:calendar-multiget {SPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>{hrefs}</C:calendar-multiget>"
    got = parsed(program.report(calendar, body))
    assert got.of(f"{calendar}1.ics")[f"{C}calendar-data"].text == event("uid-1")
    assert got.status(f"{calendar}missing.ics") == "404"
    assert got.status("/elsewhere/1.ics") == "404"


def test_edit_over_a_newer_version_is_refused(stage: Stage) -> None:
    program, other = stage.program(), stage.program(DAVX5)
    calendar = stage.path(stage.owned(CollectionKind.CALENDAR))
    etag = program.ask("PUT", f"{calendar}1.ics", event("1")).headers["etag"]
    newer = other.ask("PUT", f"{calendar}1.ics", event("1", "Dinner"), if_match=etag)
    assert newer.status_code == 204
    assert program.ask("PUT", f"{calendar}1.ics", event("1", "Breakfast"), if_match=etag).status_code == 412
    assert program.ask("PUT", f"{calendar}1.ics", event("1"), if_none_match="*").status_code == 412
    assert program.ask("DELETE", f"{calendar}1.ics", if_match=etag).status_code == 412
    assert program.ask("GET", f"{calendar}1.ics").text == event("1", "Dinner")
    unchanged = program.ask("GET", f"{calendar}1.ics", if_none_match=newer.headers["etag"])
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert program.ask("HEAD", f"{calendar}1.ics").headers["etag"] == newer.headers["etag"]


def test_thunderbird_keeps_its_kind_when_it_changes_its_name(stage: Stage) -> None:
    with stage.core.database.write() as work:
        secret, _ = stage.core.people.add_app_password(work, stage.alice.id, "desk", protocol="dav")
    assert stage.program(THUNDERBIRD, password=secret).listed().keys() >= {"Directory"}
    assert stage.program(DAVX5, password=secret).listed().keys() >= {"Directory"}, "pinned when it was first seen"
    assert "Directory" not in stage.program(DAVX5).listed()
