"""Every cell of the table for the kinds that come by DAV, as it is experienced over HTTP."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from pimgate.api import CollectionKind, Exposure, Ownership
from plugins.dav.stage import AGENTS, CS, SPACES, A, C, D, P, Program, Stage, card, event, parsed

TABLE = Path(__file__).parents[2] / "gateway" / "visibility.csv"
KINDS = {"book": CollectionKind.BOOK, "calendar": CollectionKind.CALENDAR}
TEXTS = {"book": card("ada"), "calendar": event("lunch")}
SWITCH = {"on": True, "off": False}


def cells(kind: str, class_: str) -> Iterator[tuple[Ownership, str, str]]:
    with TABLE.open(encoding="utf-8") as file:
        for row in csv.reader(line for line in file if not line.startswith("#")):
            if row[:2] == [kind, class_]:
                for ownership in Ownership if row[2] == "any" else [Ownership(row[2])]:
                    yield ownership, row[3], row[4]


@pytest.mark.parametrize("class_", KINDS)
@pytest.mark.parametrize("client", AGENTS)
def test_program_experiences_what_the_table_says(stage: Stage, client: str, class_: str) -> None:
    expected = {(ownership, switch): word for ownership, switch, word in cells(client, class_)}
    assert len(expected) == 8
    program = stage.program(AGENTS[client])
    experienced = {}
    for ownership, switch in expected:
        collection = stage.make(KINDS[class_], ownership, is_on=SWITCH[switch])
        item = "ada.vcf" if class_ == "book" else "lunch.ics"
        stage.put(collection, item, TEXTS[class_])
        experienced[ownership, switch] = experience(program, stage.path(collection), item, class_, switch)
        stage.empty(collection, item)
    assert experienced == expected


def experience(program: Program, path: str, item: str, class_: str, switch: str) -> str:
    """The exposure as a program would describe it, after making sure that all of it fits together."""
    sort = f"{A}addressbook" if class_ == "book" else f"{C}calendar"
    listing = program.propfind(program.home, "D:resourcetype", "P:exposure", "P:switch", depth="1")
    alone = program.propfind(path, "P:exposure").of(path)[f"{P}exposure"].text
    answers = {
        "get": program.ask("GET", f"{path}{item}").status_code,
        "sync": program.sync(path).status_code,
        "members": len(program.propfind(path, "D:getetag", depth="1").hrefs) - 1,
    }
    if path not in listing.hrefs:
        assert answers == {"get": 200, "sync": 207, "members": 1}, "whoever knows the address keeps it"
        return Exposure.HIDDEN
    listed = listing.of(path)
    types = {each.tag for each in listed[f"{D}resourcetype"]}
    assert listed[f"{P}switch"].text == switch
    assert listed[f"{P}exposure"].text == alone
    caching = program.ask("GET", f"{path}{item}").headers.get("cache-control", "")
    if alone == Exposure.REMOTE:
        assert types == {f"{D}collection", f"{A}directory"}
        assert answers == {"get": 403, "sync": 403, "members": 0}
        assert found(program, path) == [f"{path}{item}"]
    else:
        assert types - {f"{CS}shared"} == {f"{D}collection", sort}
        assert answers == {"get": 200, "sync": 207, "members": 1}
        assert ("no-store" in caching) == (alone == Exposure.ONLINE)
    return str(alone)


def found(program: Program, path: str) -> list[str]:
    query = (
        f"<A:addressbook-query {SPACES}><D:prop><D:getetag/></D:prop><A:filter>"
        '<A:prop-filter name="EMAIL"><A:text-match match-type="starts-with">ada@</A:text-match></A:prop-filter>'
        "</A:filter></A:addressbook-query>"
    )
    return parsed(program.report(path, query)).hrefs


def test_book_without_download_answers_few_entries_and_only_to_a_search(stage: Stage) -> None:
    book = stage.make(CollectionKind.BOOK, Ownership.OWN, is_on=False)
    for number in range(60):
        stage.put(book, f"{number}.vcf", card(f"uid-{number}", f"Ada Number{number}", f"ada{number}@example.org"))
    program, path = stage.program(), stage.path(book)
    query = f"<A:addressbook-query {SPACES}><D:prop><D:getetag/><A:address-data/></D:prop>{{}}</A:addressbook-query>"
    search = '<A:filter><A:prop-filter name="FN"><A:text-match>ada</A:text-match></A:prop-filter></A:filter>'
    many = parsed(program.report(path, query.format(search)))
    assert len([href for href in many.hrefs if href != path]) == 50
    assert many.status(path) == "507"
    few = parsed(program.report(path, query.format(f"{search}<A:limit><A:nresults>3</A:nresults></A:limit>")))
    assert len([href for href in few.hrefs if href != path]) == 3
    assert program.report(path, query.format("")).status_code == 403
    assert program.report(path, query.format('<A:filter><A:prop-filter name="FN"/></A:filter>')).status_code == 403
    multiget = f"<A:addressbook-multiget {SPACES}><D:prop><A:address-data/></D:prop>{{}}</A:addressbook-multiget>"
    hrefs = [f"<D:href>{path}{number}.vcf</D:href>" for number in range(60)]
    one = parsed(program.report(path, multiget.format(hrefs[1]))).of(f"{path}1.vcf")
    assert "FN:Ada Number1\r\n" in (one[f"{A}address-data"].text or "")
    assert program.report(path, multiget.format("".join(hrefs))).status_code == 403, "that would be a download"
    assert program.ask("PROPFIND", f"{path}1.vcf", depth="0").status_code == 404
    assert program.ask("PUT", f"{path}new.vcf", card("new")).status_code == 403
    missing = program.propfind(path, "D:sync-token", "CS:getctag").missing(path)
    assert len(missing) == 2, "a program would take them for an invitation to synchronise"


def test_collection_comes_back_when_its_switch_does(stage: Stage) -> None:
    book = stage.make(CollectionKind.BOOK, Ownership.OWN)
    program = stage.program(AGENTS["outlook"])
    assert stage.path(book) in program.listed().values()
    stage.turn(book.id, False)
    assert stage.path(book) not in program.listed().values()
    stage.turn(book.id, True)
    assert stage.path(book) in program.listed().values()
