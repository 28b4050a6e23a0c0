"""The directory of a person's home: searched, fetched by what was found, and never downloaded."""

from collections.abc import Callable, Iterator

import pytest

from gateway.testing.clay import Install, install
from pimgate.api import CollectionKind, Ownership
from pimgate.core import Core
from pimgate.settings import Accounts, Log, Visibility
from plugins.dav.stage import APPLE, SPACES, A, D, Multistatus, P, Program, Stage, card, parsed, staged

__all__ = ["install"]

PHOTO = "PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQ=="


@pytest.fixture
def kind() -> str:
    """One data base: who may be found is tested elsewhere, on all."""
    return "sqlite"


PARTNERS = """
from pimgate.api import DirectoryEntry

PARTNERS = {
    "Paula Partner": ("paula@partner.example", {"org": "Partner; Ltd", "tel-work": "030 1", "given": "Paula", "family": "Partner"}),
    "Partners' door": ("", {"tel-work": "030 2"}),
}

@hookimpl
def pimgate_directory(core, work, account, query, limit):
    if not query:
        raise AssertionError("nobody asks for everybody")
    fitting = [each for each in PARTNERS.items() if query.lower() in f"{each[0]} {each[1][0]}".lower()]
    return [DirectoryEntry(name, email, "Partners", fields) for name, (email, fields) in fitting][:limit]
"""


@pytest.fixture
def stage(make_core: Callable[..., Core], install: Install) -> Iterator[Stage]:
    """A gateway with a second source of people. The operator lets programs in general search the books of the organisation."""
    accounts = Accounts(guesses_per_minute=1000, guesses_per_day=10_000)
    searched = Visibility(cells={"dav/book/domain/off": "search"})
    with staged(
        make_core("dav", install(PARTNERS), accounts=accounts, log=Log(requests=False), visibility=searched)
    ) as found:
        yield found


def directory_of(program: Program) -> str:
    found = program.propfind(program.home, "A:directory-gateway").of(program.home)
    return found[f"{A}directory-gateway"].findtext(f"{D}href") or ""


def searched(
    program: Program, filter_: str, props: str = "<D:getetag/><A:address-data/>", more: str = ""
) -> Multistatus:
    body = f"<A:addressbook-query {SPACES}><D:prop>{props}</D:prop>{filter_}{more}</A:addressbook-query>"
    return parsed(program.report(directory_of(program), body))


def either(words: str, *names: str) -> str:
    """Some property with these words, as Apple's Contacts asks."""
    parts = "".join(
        f'<A:prop-filter name="{name}"><A:text-match match-type="contains">{words}</A:text-match></A:prop-filter>'
        for name in names or ("FN", "EMAIL", "NICKNAME")
    )
    return f'<A:filter test="anyof">{parts}</A:filter>'


def test_directory_is_named_by_the_principal_and_lists_nothing(stage: Stage) -> None:
    program = stage.program(APPLE)
    where = directory_of(program)
    assert where == f"{program.home}directory/"
    assert where not in program.listed().values()
    names = ("D:resourcetype", "D:supported-report-set", "D:current-user-privilege-set", "P:exposure", "D:sync-token")
    shown = program.propfind(where, *names, depth="1")
    assert shown.hrefs == [where]
    assert {each.tag for each in shown.of(where)[f"{D}resourcetype"]} == {
        f"{D}collection",
        f"{A}addressbook",
        f"{A}directory",
    }
    assert shown.of(where)[f"{P}exposure"].text == "search"
    assert shown.missing(where) == {f"{D}sync-token"}
    for refused in (program.sync(where), program.report(where, f"<D:expand-property {SPACES}/>")):
        assert (refused.status_code, "supported-report" in refused.text) == (403, True)
    everybody = f"<A:addressbook-query {SPACES}><D:prop><D:getetag/></D:prop></A:addressbook-query>"
    assert program.report(where, everybody).status_code == 403
    assert program.ask("PUT", f"{where}new.vcf", card("new")).status_code == 405
    assert program.ask("MKCOL", where, f"<D:mkcol {SPACES}/>", content_type="application/xml").status_code == 405
    assert program.ask("PROPFIND", f"{where}1.vcf", depth="0").status_code == 404
    assert stage.program(APPLE, "bert@example.org").ask("PROPFIND", where, depth="0").status_code == 404


def test_person_is_found_in_switched_off_books_and_fetched_again(stage: Stage) -> None:
    book = stage.make(CollectionKind.BOOK, Ownership.SHARED, is_on=False)
    text = card("zoe", "Zoë Müller", "zoe@customer.example").replace("END:", f"{PHOTO}\r\nEND:")
    stage.put(book, "zoe.vcf", text)
    program = stage.program()
    for words in ("zoe", "MÜLL", "customer.ex"):
        found = searched(program, either(words))
        (href,) = found.hrefs
        assert found.of(href)[f"{A}address-data"].text == text
    one = f"<D:prop><D:getetag/><A:address-data/></D:prop><D:href>{href}</D:href><D:href>{href[:-5]}999999.vcf</D:href>"
    twice = f"{one}<D:href>{href}?again</D:href>"
    again = parsed(
        program.report(directory_of(program), f"<A:addressbook-multiget {SPACES}>{twice}</A:addressbook-multiget>")
    )
    assert again.hrefs.count(href) == 1
    assert again.of(href)[f"{A}address-data"].text == text
    assert again.of(href)[f"{D}getetag"].text == found.of(href)[f"{D}getetag"].text
    assert again.status(f"{href[:-5]}999999.vcf") == "404"
    other = stage.program(APPLE)
    assert searched(other, either("zoe")).hrefs == [], "this kind of client may not search books of others"
    stolen = parsed(
        other.report(directory_of(other), f"<A:addressbook-multiget {SPACES}>{one}</A:addressbook-multiget>")
    )
    assert stolen.status(href) == "404", "nor fetch from them, whatever address it heard of"


def test_nobody_gets_cards_by_counting(stage: Stage) -> None:
    book = stage.make(CollectionKind.BOOK, Ownership.OWN, is_on=False)
    for number in range(5):
        stage.put(book, f"{number}.vcf", card(f"uid-{number}", f"Ada Number{number}", f"ada{number}@example.org"))
    program = stage.program()
    where, found = directory_of(program), searched(program, either("ada")).hrefs
    with stage.core.database.read() as work:
        numbers = [head.id for head in work.items.heads(book.id)]
    near = [f"{'B' if each[len(where)] == 'A' else 'A'}{each[len(where) + 1 :]}" for each in found]
    counted = [where + name for name in (*near, *(f"{number}.vcf" for number in numbers))]
    hrefs = "".join(f"<D:href>{href}</D:href>" for href in (*found, *counted))
    body = f"<A:addressbook-multiget {SPACES}><D:prop><A:address-data/></D:prop>{hrefs}</A:addressbook-multiget>"
    again = parsed(program.report(where, body))
    assert [again.status(href) for href in counted] == ["404"] * 10
    assert sorted(again.of(href)[f"{A}address-data"].text or "" for href in found) == sorted(
        card(f"uid-{number}", f"Ada Number{number}", f"ada{number}@example.org") for number in range(5)
    )


def test_answer_that_is_cut_says_so(stage: Stage) -> None:
    book = stage.make(CollectionKind.BOOK, Ownership.OWN, is_on=False)
    for number in range(55):
        stage.put(book, f"{number}.vcf", card(f"uid-{number}", f"Ada Number{number}", f"ada{number}@example.org"))
    program = stage.program()
    where = directory_of(program)
    cut = searched(program, either("ada"))
    assert (len(cut.hrefs), cut.status(where)) == (51, "507")
    limited = searched(program, either("ada"), more="<A:limit><A:nresults>2</A:nresults></A:limit>")
    assert (len(limited.hrefs), limited.status(where)) == (3, "507")
    whole = searched(program, either("ada number54"))
    assert (len(whole.hrefs), whole.status(where)) == (1, "")
    both = (
        either("ada", "FN")
        .replace("anyof", "allof")
        .replace(
            "</A:filter>", '<A:prop-filter name="EMAIL"><A:text-match>ada7@</A:text-match></A:prop-filter></A:filter>'
        )
    )
    assert len(searched(program, both).hrefs) == 1


def test_people_of_another_directory_are_found_and_fetched_again(stage: Stage) -> None:
    program = stage.program(APPLE)
    found = searched(program, either("partner"))
    cards = {found.of(href)[f"{A}address-data"].text or "": href for href in found.hrefs}
    paula = next(text for text in cards if "FN:Paula Partner" in text)
    assert "EMAIL;TYPE=INTERNET:paula@partner.example\r\n" in paula
    assert "ORG:Partner\\; Ltd\r\n" in paula
    hrefs = "".join(f"<D:href>{href}</D:href>" for href in cards.values())
    strange = "".join(
        f"<D:href>{directory_of(program)}{name}</D:href>" for name in ("~.vcf", "~!!!.vcf", "~AAAA.vcf", "x", "9" * 40)
    )
    body = (
        f"<A:addressbook-multiget {SPACES}><D:prop><A:address-data/></D:prop>{hrefs}{strange}</A:addressbook-multiget>"
    )
    again = parsed(program.report(directory_of(program), body))
    assert {again.of(href)[f"{A}address-data"].text for href in cards.values()} == set(cards)
    assert len(again.hrefs) == len(cards) + 5


def test_operator_lets_a_kind_of_program_search_the_organisation(stage: Stage) -> None:
    program = stage.program(APPLE)
    found = searched(program, either("bert@"), '<A:address-data><A:prop name="EMAIL"/></A:address-data>')
    (href,) = found.hrefs
    text = found.of(href)[f"{A}address-data"].text or ""
    assert "EMAIL" in text
    assert "FN:" not in text, "as much of a card as was asked for"
    assert "Directory" not in program.listed()
