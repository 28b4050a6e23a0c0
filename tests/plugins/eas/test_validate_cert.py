"""ValidateCert over the wire: a status for each certificate, and limits."""

import base64

import pytest

from pimgate_eas.settings import EasSettings
from pimgate_eas.wbxml.element import Element
from plugins.eas.certificates import CA, DAY, MAIL, NOW, made
from plugins.eas.wire import Wire, folder_sync

ROOT = made("Root", None, *CA)
MIDDLE = made("Middle", ROOT, *CA)
ANNA = made("Anna", MIDDLE, MAIL)
OLD = made("Old", ROOT, since=NOW - 2 * DAY, until=NOW - DAY)


@pytest.fixture
def believing(make_core, tmp_path):
    file = tmp_path / "authorities.pem"
    file.write_bytes(ROOT.pem)
    with Wire(make_core("eas", **{"plugins.eas": EasSettings(trusted_authorities=str(file))})) as wire:
        yield wire


def text(octets: bytes) -> Element:
    return Element("ValidateCert:Certificate", text=base64.b64encode(octets).decode())


def asking(*certificates: Element, chain: tuple[Element, ...] = (), check: str | None = None) -> Element:
    parts = [Element("ValidateCert:CertificateChain", *chain)] if chain else []
    parts.append(Element("ValidateCert:Certificates", *certificates))
    if check is not None:
        parts.append(Element("ValidateCert:CheckCrl", text=check))
    return Element("ValidateCert:ValidateCert", *parts)


def statuses(wire: Wire, question: Element | bytes) -> list[str]:
    """The status of the whole, then those of the certificates."""
    answer = wire.ask("ValidateCert", question)
    assert answer is not None
    inside = [each.text_of("ValidateCert:Status") or "" for each in answer.find_all("ValidateCert:Certificate")]
    return [answer.text_of("ValidateCert:Status") or "", *inside]


def test_each_certificate_has_its_own_status(believing):
    question = asking(text(ANNA.der), text(OLD.der), text(b"nothing"), chain=(text(MIDDLE.der),))
    assert statuses(believing, question) == ["1", "1", "7", "3"]
    assert statuses(believing, asking(text(ANNA.der))) == ["1", "4"]


def test_folded_base64_and_octets_are_read_as_well(believing):
    folded = Element("ValidateCert:Certificate", text=base64.encodebytes(ANNA.der).decode().replace("\n", "\r\n"))
    assert statuses(believing, asking(folded, chain=(text(MIDDLE.der),))) == ["1", "1"]
    octets = made("Bert", ROOT).der
    size = bytes((0x80 | len(octets) >> 7, len(octets) & 0x7F))
    plain = b"\x03\x01\x6a\x00" + b"\x00\x0b" + b"\x45\x46\x47" + b"\xc3" + size + octets + b"\x01\x01\x01"
    assert statuses(believing, plain) == ["1", "1"]


def test_a_chain_with_something_else_in_it_is_no_chain(believing):
    assert statuses(believing, asking(text(ANNA.der), chain=(text(MIDDLE.der), text(b"x")))) == ["1", "5"]


def test_whether_a_certificate_was_revoked_is_not_known(believing):
    for check, expected in (("1", "16"), ("0", "1")):
        assert statuses(believing, asking(text(ANNA.der), chain=(text(MIDDLE.der),), check=check)) == ["1", expected]
    assert statuses(believing, asking(text(OLD.der), check="1")) == ["1", "7"]


@pytest.mark.parametrize(
    "question",
    [
        folder_sync("0"),
        Element("ValidateCert:ValidateCert"),
        asking(),
        asking(*[text(b"x")] * 101),
        asking(*[text(b"x")] * 51, chain=tuple([text(b"x")] * 50)),
    ],
)
def test_a_question_that_is_not_one_is_a_protocol_error(wire, question):
    assert statuses(wire, question) == ["2"]


def test_a_hundred_certificates_are_judged(believing):
    assert statuses(believing, asking(*[text(ANNA.der)] * 99, chain=(text(MIDDLE.der),))) == ["1"] * 100


def test_authorities_that_cannot_be_read_are_an_error_of_the_server(make_core):
    with Wire(make_core("eas", **{"plugins.eas": EasSettings(trusted_authorities="/nowhere/at.pem")})) as wire:
        assert statuses(wire, asking(text(ANNA.der))) == ["17"]
