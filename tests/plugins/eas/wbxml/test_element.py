"""Element, as the code that reads requests and builds answers uses it."""

import pytest

from pimgate_eas.wbxml.element import Element


def sync() -> Element:
    return Element(
        "AirSync:Sync",
        Element(
            "AirSync:Collections",
            Element("AirSync:Collection", Element("AirSync:CollectionId", text="c1"), Element("AirSync:GetChanges")),
            Element("AirSync:Collection", Element("AirSync:CollectionId", text="c2")),
        ),
    )


def test_a_name_falls_apart_into_namespace_and_tag() -> None:
    element = Element("AirSyncBase:Body")
    assert (element.namespace, element.tag, element.name) == ("AirSyncBase", "Body", "AirSyncBase:Body")


def test_a_name_without_a_namespace_is_refused() -> None:
    with pytest.raises(ValueError, match="Namespace:Tag"):
        Element("Sync")


def test_a_path_leads_to_all_elements_at_its_end() -> None:
    collections = sync().path("AirSync:Collections", "AirSync:Collection")
    assert [collection.text_of("AirSync:CollectionId") for collection in collections] == ["c1", "c2"]
    assert sync().path("AirSync:Collections", "AirSync:Commands") == []
    assert sync().path() == [sync()]


def test_an_empty_element_has_empty_text_and_a_missing_one_the_default() -> None:
    collection = sync().path("AirSync:Collections", "AirSync:Collection")[0]
    assert collection.text_of("AirSync:GetChanges") == ""
    assert collection.text_of("AirSync:GetChanges", "1") == ""
    assert collection.text_of("AirSync:WindowSize") is None
    assert collection.text_of("AirSync:WindowSize", "100") == "100"


def test_only_direct_children_are_found() -> None:
    assert sync().has("AirSync:Collections")
    assert not sync().has("AirSync:Collection")
    assert sync().find("AirSync:Collection") is None
    assert len(sync().children[0].find_all("AirSync:Collection")) == 2


def test_a_child_can_be_added() -> None:
    element = Element("Ping:Ping")
    element.append(Element("Ping:Status", text="2"))
    assert element == Element("Ping:Ping", Element("Ping:Status", text="2"))


@pytest.mark.parametrize(
    "other",
    [
        Element("Ping:Ping", Element("Ping:Status", text="1")),
        Element("Ping:Ping", Element("Ping:Status", opaque=b"2")),
        Element("Ping:Ping", Element("Ping:MaxFolders", text="2")),
        Element("Ping:Ping", Element("Ping:Status", text="2"), Element("Ping:Status", text="2")),
        Element("Ping:Ping"),
        "Ping:Ping",
    ],
    ids=repr,
)
def test_documents_differ_in_content_name_or_number(other: object) -> None:
    assert Element("Ping:Ping", Element("Ping:Status", text="2")) != other


def test_empty_text_and_no_text_are_the_same_document() -> None:
    assert Element("Ping:Ping", text="") == Element("Ping:Ping", opaque=b"") == Element("Ping:Ping")


def test_repr_and_debug_xml_keep_contents_out_of_the_log() -> None:
    mail = Element(
        "ComposeMail:SendMail",
        Element("ComposeMail:ClientId", text="secret-id"),
        Element("ComposeMail:Mime", opaque=b"secret-mail"),
        Element("ComposeMail:SaveInSentItems"),
    )
    shown = repr(mail) + repr(mail.children[0]) + repr(mail.children[1]) + mail.to_debug_xml()
    assert "secret" not in shown
    assert mail.to_debug_xml() == (
        "<ComposeMail:SendMail>\n"
        "  <ComposeMail:ClientId>[9 characters]</ComposeMail:ClientId>\n"
        "  <ComposeMail:Mime>[11 octets]</ComposeMail:Mime>\n"
        "  <ComposeMail:SaveInSentItems/>\n"
        "</ComposeMail:SendMail>"
    )


def test_repr_of_a_large_element_stays_short() -> None:
    assert len(repr(Element("AirSync:Commands", *(Element("AirSync:Add") for _ in range(10_000))))) < 200


def test_debug_xml_shows_contents_when_asked() -> None:
    element = Element("Ping:Ping", Element("Ping:Id", text="<a&b>"), Element("AirSyncBase:Content", opaque=b"\x00\xff"))
    assert element.to_debug_xml(show_content=True) == (
        "<Ping:Ping>\n"
        "  <Ping:Id>&lt;a&amp;b&gt;</Ping:Id>\n"
        "  <AirSyncBase:Content>00 ff</AirSyncBase:Content>\n"
        "</Ping:Ping>"
    )
