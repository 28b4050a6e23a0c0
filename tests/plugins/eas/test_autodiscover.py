"""From an e-mail address and a password to the gateway's address, as phones ask for it."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pimgate.settings import Http
from pimgate_eas.autodiscover import NotAsked, schema_asked_for
from plugins.eas.wire import Wire

MOBILE = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"
OUTLOOK = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
ANSWER = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
PATH = "/autodiscover/autodiscover.xml"


def question(schema: str = MOBILE, address: str = "anna@example.org") -> str:
    request = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/requestschema/2006"
    return (
        f'<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="{request}"><Request>'
        f"<EMailAddress>{address}</EMailAddress><AcceptableResponseSchema>{schema}</AcceptableResponseSchema>"
        "</Request></Autodiscover>"
    )


def ask(wire: Wire, body: str | bytes, path: str = PATH) -> ElementTree.Element:
    headers = {"Authorization": wire.authorization, "Content-Type": "text/xml"}
    answer = wire.client.post(path, content=body, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    return ElementTree.fromstring(answer.text)


def code_of(answer: ElementTree.Element) -> str | None:
    return answer.findtext(f"{{{ANSWER}}}Response/{{{ANSWER}}}Error/{{{ANSWER}}}ErrorCode")


@pytest.mark.parametrize(
    "path", [PATH, "/Autodiscover/Autodiscover.xml", "/AutoDiscover/AutoDiscover.xml", PATH.upper()]
)
def test_a_phone_learns_where_activesync_is(wire, path):
    answer = ask(wire, question(), path)
    server = answer.find(f"{{{MOBILE}}}Response/{{{MOBILE}}}Action/{{{MOBILE}}}Settings/{{{MOBILE}}}Server")
    assert answer.tag == f"{{{ANSWER}}}Autodiscover"
    assert server is not None
    assert server.findtext(f"{{{MOBILE}}}Type") == "MobileSync"
    url = server.findtext(f"{{{MOBILE}}}Url") or ""
    assert url == f"{str(wire.client.base_url).rstrip('/')}/Microsoft-Server-ActiveSync"
    user = answer.find(f"{{{MOBILE}}}Response/{{{MOBILE}}}User")
    assert user is not None
    assert user.findtext(f"{{{MOBILE}}}EMailAddress") == "anna@example.org"
    assert wire.client.options(url, headers={"Authorization": wire.authorization}).status_code == 200


def test_the_public_address_is_told_where_the_operator_named_one(make_core):
    with Wire(make_core("eas", http=Http(public_url="https://mail.example.org/"))) as wire:
        assert "<Url>https://mail.example.org/Microsoft-Server-ActiveSync</Url>" in ElementTree.tostring(
            ask(wire, question())
        ).decode().replace("ns1:", "")
        answer = wire.client.get("/autodiscover/autodiscover.json?Protocol=ActiveSync")
        assert answer.json()["Url"] == "https://mail.example.org/Microsoft-Server-ActiveSync"


def test_whose_account_it_is_follows_from_the_password_and_not_from_the_question(wire):
    answer = ask(wire, question(address="bert@example.org"))
    assert b"bert" not in ElementTree.tostring(answer)


def test_without_a_right_password_nothing_is_told(wire, monkeypatch):
    monkeypatch.setattr("pimgate.guesses.DELAYS_SECONDS", (0,))
    for headers in ({}, {"Authorization": "Basic YW5uYTp3cm9uZw=="}, {"Authorization": "Bearer x"}):
        for method in ("GET", "POST"):
            answer = wire.client.request(method, PATH, content=question(), headers=headers)
            assert answer.status_code == 401
            assert "Basic" in answer.headers["www-authenticate"]
            assert "ActiveSync" not in answer.text


def test_another_schema_is_refused_in_the_words_of_the_protocol(wire):
    assert code_of(ask(wire, question(OUTLOOK))) == "601"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not xml",
        "<a/>",
        question(""),
        question()[:-5],
        '<!DOCTYPE a [<!ENTITY b "c">]>' + question(),
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><Autodiscover>&b;</Autodiscover>',
        "<a>" * 500,
        "<Autodiscover><Request>" + "<x/>" * 500 + "</Request></Autodiscover>",
        question("a" * 10_000),
        b"\xff\xfe\x00",
        b"\x00",
        b'<?xml version="1.0" encoding="nobody-knows"?><a/>',
    ],
)
def test_what_is_no_question_gets_an_error_and_never_a_failure(wire, body):
    assert code_of(ask(wire, body)) == "600"


def test_a_question_that_is_too_long_is_not_read(wire):
    answer = wire.client.post(PATH, content=b" " * 20_000, headers={"Authorization": wire.authorization})
    assert answer.status_code == 413


@given(st.binary(max_size=200))
def test_nothing_breaks_the_reader(octets):
    with pytest.raises(NotAsked):
        schema_asked_for(octets)


# The JSON form


def test_the_json_form_needs_no_password_and_tells_no_more_than_the_address(wire):
    base = str(wire.client.base_url).rstrip("/")
    for person in ("anna@example.org", "nobody@example.org"):
        found = wire.client.get(
            "/autodiscover/autodiscover.json", params={"Email": person, "Protocol": "ActiveSync", "RedirectCount": "1"}
        )
        assert found.status_code == 200
        assert found.json() == {"Protocol": "ActiveSync", "Url": f"{base}/Microsoft-Server-ActiveSync"}
    older = wire.client.get("/AutoDiscover/AutoDiscover.json/v1.0/anna@example.org?protocol=autodiscoverv1")
    assert older.json() == {"Protocol": "AutodiscoverV1", "Url": f"{base}{PATH}"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "MandatoryParameterMissing"),
        ("?Protocol=", "MandatoryParameterMissing"),
        ("?Protocol=Ews", "InvalidProtocol"),
    ],
)
def test_a_protocol_that_is_not_spoken_is_refused_in_json(wire, query, code):
    answer = wire.client.get(f"/autodiscover/autodiscover.json{query}")
    assert answer.status_code == 400
    assert answer.json()["ErrorCode"] == code
    assert "Ews" not in answer.json()["ErrorMessage"]
