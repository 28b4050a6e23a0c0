"""What programs keep with items: written all or nothing, given back as it came, gone where the item goes, and nobody's news."""

from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import httpx
import pytest
from defusedxml import ElementTree as RadicalesParser
from sqlalchemy import event as sql

from pimgate.api import Collection, CollectionKind, NoRoom, Right
from pimgate_dav.properties.dead import elements, stored_name, stored_value
from pimgate_dav.properties.instructions import instructions_of
from pimgate_dav.xml_in import read_xml
from pimgate_dav.xml_out import multistatus
from plugins.dav.stage import BOB, DAVX5, SPACES, A, D, Program, Stage, card, event, parsed

NOTE = '<X:note xmlns:X="urn:x">7</X:note>'
NAME = 'X:note xmlns:X="urn:x"'
TAG = "{urn:x}note"


def update(*changes: str) -> str:
    """A PROPPATCH that sets these properties in turn; what begins with a minus is taken away."""
    parts = [("remove", each.removeprefix("-")) if each.startswith("-") else ("set", each) for each in changes]
    inner = "".join(f"<D:{verb}><D:prop>{each}</D:prop></D:{verb}>" for verb, each in parts)
    return f"<D:propertyupdate {SPACES}>{inner}</D:propertyupdate>"


def statuses(answer: httpx.Response) -> dict[str, str]:
    """What became of each property."""
    return {
        each.tag: (propstat.findtext(f"{D}status") or "").split(" ")[1]
        for propstat in parsed(answer).root.iter(f"{D}propstat")
        for each in propstat.iterfind(f"{D}prop/*")
    }


def note(program: Program, path: str) -> str | None:
    found = program.propfind(path, NAME).of(path).get(TAG)
    return found.text if found is not None else None


@pytest.fixture
def book(stage: Stage) -> Collection:
    book = stage.owned(CollectionKind.BOOK)
    stage.put(book, "1.vcf", card("1"))
    stage.put(book, "2.vcf", card("2"))
    return book


HOSTILE = (
    '<x xmlns="">no namespace</x>',
    "<xml:odd><xml:odd/></xml:odd>",
    '<X:n xmlns:X="urn:x" xml:lang="de" X:a="&lt;&quot;&#10;&#9;" b="&apos;">Büro</X:n>',
    '<X:n xmlns:X="urn:&quot;&lt;&amp;">]]&gt; &lt;![CDATA[ %s %d { }</X:n>',
    '<X:n xmlns:X="urn:x"><![CDATA[<D:href>/</D:href>]]></X:n>',
    '<X:n xmlns:X="urn:x">xml:&lt;?whole?&gt;</X:n>',
    '<X:n xmlns:X="urn:x">text:</X:n>',
    '<X:n xmlns:X="urn:x">&#13;&#10; \t &#x85;&#x2028;&#x1F4A9;&#xFDD0; &#0169;</X:n>',
    '<X:n xmlns:X="urn:x">one<a xmlns="">two<b xmlns="urn:b" a="1">three</b>four</a>five<X:n/>six</X:n>',
    f'<X:n xmlns:X="urn:x">{"<X:a>" * 50}{"</X:a>" * 50}</X:n>',
    '<D:prop><D:resourcetype/><D:set xml:lang=""/></D:prop>',
)


def test_hostile_values_come_back_as_the_same_to_other_parsers() -> None:
    for value in HOSTILE:
        found = read_xml(update(value).encode())
        assert found is not None
        (instruction,) = instructions_of(found)
        assert instruction.value is not None
        before = canonical(instruction.value)
        kept = {stored_name(instruction.name): stored_value(instruction.value)}
        assert all(name.startswith("{") for name in kept)
        written = RadicalesParser.fromstring(multistatus(elements(kept).values(), None))
        assert canonical(written[0]) == before, value
        assert list(elements(kept)) == [instruction.name]


def canonical(found: Element) -> str:
    return ElementTree.canonicalize(ElementTree.tostring(found, "unicode"), rewrite_prefixes=True)


def test_a_long_namespace_is_not_written_out_thousands_of_times() -> None:
    value = f'<X:n xmlns:X="{"n" * 9_000}">{"<X:n/>" * 9_000}</X:n>'
    found = read_xml(update(value).encode())
    assert found is not None
    (instruction,) = instructions_of(found)
    assert instruction.value is not None
    with pytest.raises(NoRoom):
        stored_value(instruction.value)


def test_language_around_a_value_is_kept_with_it(stage: Stage, book: Collection) -> None:
    program, path = stage.program(), f"{stage.path(book)}1.vcf"
    for place in (path, stage.path(book)):
        body = update(NOTE).replace("<D:set>", '<D:set xml:lang="fr">')
        assert statuses(program.ask("PROPPATCH", place, body)) == {TAG: "200"}
        (found,) = program.propfind(place, NAME).of(place).values()
        assert (found.text, found.attrib) == ("7", {"{http://www.w3.org/XML/1998/namespace}lang": "fr"})


def test_every_question_that_means_it_is_answered_and_the_item_is_no_news(stage: Stage, book: Collection) -> None:
    program, here = stage.program(), stage.path(book)
    path, other = f"{here}1.vcf", f"{here}2.vcf"
    before, token = program.ask("GET", path), parsed(program.sync(here)).token
    assert program.ask("PROPPATCH", path, update(NOTE), if_match='"other"').status_code == 412
    minimal = program.ask("PROPPATCH", path, update(NOTE), if_match=before.headers["etag"], prefer="return=minimal")
    assert (minimal.status_code, minimal.content) == (200, b"")
    props = f"<D:getetag/><{NAME}/>"
    multiget = (
        f"<A:addressbook-multiget {SPACES}><D:prop>{props}<A:address-data/></D:prop><D:href>{path}</D:href>"
        f"<D:href>{other}</D:href></A:addressbook-multiget>"
    )
    query = f"<A:addressbook-query {SPACES}><D:prop>{props}</D:prop>{{}}</A:addressbook-query>"
    fits = '<A:filter><A:prop-filter name="FN"><A:text-match>ada</A:text-match></A:prop-filter></A:filter>'
    reader = stage.program(DAVX5)
    for answer in (
        reader.propfind(here, "D:getetag", NAME, depth="1"),
        parsed(reader.ask("PROPFIND", here, "", depth="1")),
        parsed(reader.report(here, multiget)),
        parsed(reader.report(here, query.format(""))),
        parsed(reader.report(here, query.format(fits))),
        parsed(reader.sync(here, props=props)),
    ):
        assert answer.of(path)[TAG].text == "7"
        assert answer.of(path)[f"{D}getetag"].text == before.headers["etag"]
        assert TAG not in answer.of(other)
    data = parsed(reader.report(here, multiget)).of(path)[f"{A}address-data"].text or ""
    assert data.replace("\r\n", "\n") == card("1").replace("\r\n", "\n")
    names = parsed(reader.ask("PROPFIND", path, f"<D:propfind {SPACES}><D:propname/></D:propfind>", depth="0"))
    assert TAG in names.of(path)
    after = parsed(reader.sync(here, token))
    assert (after.hrefs, after.token) == ([], token)


def test_instructions_are_followed_in_order_and_all_or_none(stage: Stage, book: Collection) -> None:
    program, path = stage.program(), f"{stage.path(book)}1.vcf"
    assert statuses(program.ask("PROPPATCH", path, update(f"-{NOTE}", NOTE, NOTE.replace("7", "8")))) == {TAG: "200"}
    assert note(program, path) == "8"
    for protected in ("<D:getetag/>", "<A:address-data/>", "-<D:resourcetype/>"):
        found = program.ask("PROPPATCH", path, update(NOTE, protected))
        assert sorted(statuses(found).values()) == ["403", "424"]
        assert "cannot-modify-protected-property" in found.text
    large = f'<X:large xmlns:X="urn:x">{"é" * 40_000}</X:large>'
    refused = program.ask("PROPPATCH", path, update(f"-{NOTE}", large))
    assert statuses(refused) == {TAG: "424", "{urn:x}large": "507"}
    assert "quota-not-exceeded" in refused.text
    many = "".join(f"<n{number}/>" for number in range(201))
    assert set(statuses(program.ask("PROPPATCH", path, update(f"-{NOTE}", many))).values()) == {"424", "507"}
    assert note(program, path) == "8"
    assert statuses(program.ask("PROPPATCH", path, update("<D:displayname>a file</D:displayname>"))) == {
        f"{D}displayname": "200"
    }
    assert statuses(program.ask("PROPPATCH", path, update(NOTE, f"-{NOTE}", "-<nothing/>"))) == {
        TAG: "200",
        "nothing": "200",
    }
    assert note(program, path) is None


def test_properties_stay_with_an_edit_and_go_where_the_item_goes(stage: Stage, book: Collection) -> None:
    program, here = stage.program(), stage.path(book)
    there = f"{program.home}there/"
    made = "<D:resourcetype><D:collection/><A:addressbook/></D:resourcetype>"
    body = f"<D:mkcol {SPACES}><D:set><D:prop>{made}</D:prop></D:set></D:mkcol>"
    assert program.ask("MKCOL", there, body).status_code == 201
    assert program.ask("PUT", f"{there}2.vcf", card("9")).status_code == 201
    for path, value in ((f"{here}1.vcf", NOTE), (f"{there}2.vcf", NOTE.replace("7", "9"))):
        program.ask("PROPPATCH", path, update(value))
    program.ask("PUT", f"{here}1.vcf", card("1", "Ada King"))
    assert note(program, f"{here}1.vcf") == "7"
    program.ask("COPY", f"{here}1.vcf", destination=f"{stage.url}{there}1.vcf")
    assert [note(program, f"{place}1.vcf") for place in (here, there)] == ["7", "7"]
    program.ask("COPY", f"{here}2.vcf", destination=f"{stage.url}{there}2.vcf")
    assert note(program, f"{there}2.vcf") is None, "what it replaces is gone, and it had none"
    program.ask("DELETE", f"{there}1.vcf")
    program.ask("MOVE", f"{here}1.vcf", destination=f"{stage.url}{there}2.vcf", overwrite="T")
    assert note(program, f"{there}2.vcf") == "7"
    program.ask("DELETE", f"{there}2.vcf")
    program.ask("PUT", f"{there}2.vcf", card("9"))
    assert note(program, f"{there}2.vcf") is None


def test_who_may_write_an_item_writes_its_properties_and_who_may_read_reads(stage: Stage) -> None:
    diary = stage.owned(CollectionKind.CALENDAR)
    stage.put(diary, "o.ics", event("o"))
    stage.put(diary, "p.ics", event("p", "Dentist", "20270301T120000Z", "CLASS:PRIVATE"))
    stage.share(diary, Right.READ)
    alice, bob = stage.program(), stage.program(login=BOB)
    mine, his = stage.path(diary), stage.path(diary, stage.bob)
    for name in ("o.ics", "p.ics"):
        alice.ask("PROPPATCH", f"{mine}{name}", update(NOTE))
    listed = parsed(bob.ask("PROPFIND", his, "", depth="1"))
    assert [TAG in listed.of(f"{his}{name}") for name in ("o.ics", "p.ics")] == [True, False]
    refused = bob.ask("PROPPATCH", f"{his}o.ics", update(f"-{NOTE}"))
    assert (refused.status_code, "need-privileges" in refused.text) == (403, True)
    stage.share(diary, Right.WRITE)
    assert bob.ask("PROPPATCH", f"{his}p.ics", update(f"-{NOTE}")).status_code == 403
    assert statuses(bob.ask("PROPPATCH", f"{his}o.ics", update(NOTE.replace("7", "8")))) == {TAG: "200"}
    renamed = update("<D:displayname>Bob's</D:displayname>")
    assert bob.ask("PROPPATCH", his, renamed).status_code == 403, "the name of a calendar is its manager's"
    assert [note(alice, f"{mine}{name}") for name in ("o.ics", "p.ics")] == ["8", "7"]
    allowed = bob.propfind(f"{his}o.ics", "D:current-user-privilege-set").of(f"{his}o.ics")
    assert f"{D}write-properties" in {each.tag for each in allowed[f"{D}current-user-privilege-set"].iter()}


@contextmanager
def asked_of_the_store(stage: Stage) -> Iterator[list[str]]:
    """The statements about properties of items, while the block lasts."""
    found: list[str] = []

    def heard(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if "item_property" in statement:
            found.append(statement)

    sql.listen(stage.core.database.engine, "before_cursor_execute", heard)
    try:
        yield found
    finally:
        sql.remove(stage.core.database.engine, "before_cursor_execute", heard)


def test_a_list_looks_for_them_once_and_only_if_it_may_mean_them(stage: Stage, book: Collection) -> None:
    program, here = stage.program(), stage.path(book)
    usual = ("D:getetag", "D:getcontenttype", "D:resourcetype", "D:creationdate", "CS:getctag", "D:displayname")
    with asked_of_the_store(stage) as found:
        program.propfind(here, *usual[:-1], depth="1")
        program.sync(here, props="<D:getetag/><A:address-data/>")
        assert found == []
        answer = program.propfind(here, *usual, NAME, "A:address-data", depth="1")
        assert len(found) == 1
    assert f"{A}address-data" in answer.missing(f"{here}1.vcf"), "it is no property, and least of all an empty one"
