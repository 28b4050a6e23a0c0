"""What programs keep with a collection is given back as it came: texts, and XML with names and attributes of its own."""

from xml.etree import ElementTree

from pimgate.api import CollectionKind
from plugins.dav.stage import DAVX5, SPACES, C, Stage, parsed

ALARM = (
    "<C:default-alarm-vevent-datetime>BEGIN:VALARM&#13;\nTRIGGER:-PT15M&#13;\nEND:VALARM&#13;\n"
    "</C:default-alarm-vevent-datetime>"
)
NESTED = (
    '<X:layout xmlns:X="urn:x" xmlns:Y="urn:y">before<Y:pane Y:width="4" name="a &lt; &quot;b&quot;" xml:lang="de">Büro &amp; '
    'Co<plain xmlns=""/>tail</Y:pane><D:href>/a%20b</D:href>after</X:layout>'
)
AVAILABLE = "<C:calendar-availability>BEGIN:VCALENDAR&#13;\nEND:VCALENDAR&#13;\n</C:calendar-availability>"


def canonical(text: str) -> str:
    return ElementTree.canonicalize(text, rewrite_prefixes=True)


VALUES = (
    NESTED,
    ALARM,
    AVAILABLE,
    '<X:note xmlns:X="urn:x">xml:&lt;a/&gt;</X:note>',
    '<X:note xmlns:X="urn:x">text:xml:</X:note>',
    '<X:empty xmlns:X="urn:x"/>',
)


def test_a_property_comes_back_as_it_was_kept(stage: Stage) -> None:
    program, path = stage.program(), stage.path(stage.owned(CollectionKind.CALENDAR))
    for value in VALUES:
        wanted = ElementTree.fromstring(f"<r {SPACES}>{value}</r>")[0]
        body = f"<D:propertyupdate {SPACES}><D:set><D:prop>{value}</D:prop></D:set></D:propertyupdate>"
        assert " 200 " in parsed(program.ask("PROPPATCH", path, body)).root.findtext(".//{DAV:}status", "")
        name = f'N:{wanted.tag.partition("}")[2]} xmlns:N="{wanted.tag[1:].partition("}")[0]}"'
        found = stage.program(DAVX5).propfind(path, name).of(path)[wanted.tag]
        assert canonical(ElementTree.tostring(found, "unicode")) == canonical(ElementTree.tostring(wanted, "unicode"))


def test_a_new_calendar_keeps_what_it_was_made_with(stage: Stage) -> None:
    program = stage.program()
    path = f"{program.home}made/"
    body = f"<C:mkcalendar {SPACES}><D:set><D:prop>{NESTED}</D:prop></D:set></C:mkcalendar>"
    assert program.ask("MKCALENDAR", path, body).status_code == 201
    found = program.propfind(path, 'X:layout xmlns:X="urn:x"').of(path)["{urn:x}layout"]
    assert found[0].attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "de"
    assert [each.tag for each in found.iter()] == ["{urn:x}layout", "{urn:y}pane", "plain", "{DAV:}href"]


def test_who_prefers_little_hears_nothing_of_what_is_not_there(stage: Stage) -> None:
    program, path = stage.program(), stage.path(stage.owned(CollectionKind.CALENDAR))
    body = f"<D:propfind {SPACES}><D:prop><D:displayname/><D:nothing/></D:prop></D:propfind>"
    for headers in ({"prefer": "return=minimal"}, {"prefer": "x, return=minimal; y"}, {"brief": "t"}):
        answer = program.ask("PROPFIND", path, body, depth="0", **headers)
        assert parsed(answer).missing(path) == set()
        assert answer.headers["Preference-Applied"] == "return=minimal"
    assert parsed(program.ask("PROPFIND", path, body, depth="0", prefer="return=representation")).missing(path)
    update = f"<D:propertyupdate {SPACES}><D:set><D:prop><C:calendar-description>x</C:calendar-description></D:prop>"
    minimal = program.ask("PROPPATCH", path, f"{update}</D:set></D:propertyupdate>", prefer="return=minimal")
    assert (minimal.status_code, minimal.content) == (200, b"")
    assert program.propfind(path, "C:calendar-description").of(path)[f"{C}calendar-description"].text == "x"
