"""Which certificates are believed, and what is said of the others."""

import pytest
from cryptography import x509
from hypothesis import example, given
from hypothesis import strategies as st

from pimgate_eas.certificates import Trust, judged, read, trusted_authorities
from pimgate_eas.status import ValidateCert
from plugins.eas.certificates import CA, DAY, MAIL, NOW, WEB, Made, made, usage

ROOT = made("Root", None, *CA)
MIDDLE = made("Middle", ROOT, *CA)
ANNA = made("Anna", MIDDLE, usage("digital_signature"), MAIL)
TRUST = Trust([ROOT.certificate])


def verdict(found: Made, *chain: Made, trust: Trust = TRUST) -> ValidateCert:
    return judged(found.certificate, [each.certificate for each in chain], trust, NOW)


def test_a_certificate_with_its_chain_up_to_a_trusted_authority_is_believed():
    assert verdict(ANNA, MIDDLE) is ValidateCert.OK
    assert verdict(ANNA, ROOT, MIDDLE) is ValidateCert.OK
    assert verdict(made("Bert", ROOT)) is ValidateCert.OK


def test_a_chain_without_its_link_or_without_a_trusted_end_is_not():
    assert verdict(ANNA) is ValidateCert.UNTRUSTED
    stranger = made("Stranger", None, *CA)
    assert verdict(made("Mallory", stranger), stranger) is ValidateCert.UNTRUSTED
    assert verdict(made("Mallory")) is ValidateCert.UNTRUSTED
    assert verdict(ANNA, MIDDLE, trust=Trust([])) is ValidateCert.UNTRUSTED


def test_one_that_only_claims_its_issuer_has_no_valid_signature():
    stranger = made("Stranger", None, *CA)
    assert verdict(made("Mallory", stranger, named_issuer="Root")) is ValidateCert.BAD_SIGNATURE
    assert verdict(made("Mallory", stranger, named_issuer="Middle"), MIDDLE) is ValidateCert.BAD_SIGNATURE
    impostor = made("Root", None, *CA)
    assert verdict(made("Mallory", impostor), impostor) is ValidateCert.BAD_SIGNATURE


def test_a_renewed_authority_of_the_same_name_is_tried_as_well():
    again = made("Root", None, *CA)
    assert verdict(made("Bert", ROOT), trust=Trust([again.certificate, ROOT.certificate])) is ValidateCert.OK


@pytest.mark.parametrize(("since", "until"), [(NOW - 2 * DAY, NOW - DAY), (NOW + DAY, NOW + 2 * DAY)])
def test_dates_are_kept_all_the_way_up(since, until):
    assert verdict(made("Bert", ROOT, since=since, until=until)) is ValidateCert.NOT_VALID_NOW
    old = made("Old", ROOT, *CA, since=since, until=until)
    assert verdict(made("Bert", old), old) is ValidateCert.CHAIN_NOT_VALID_NOW


@pytest.mark.parametrize(
    ("extensions", "expected"),
    [
        ((), ValidateCert.OK),
        ((usage("digital_signature"),), ValidateCert.OK),
        ((usage("content_commitment"),), ValidateCert.OK),
        ((MAIL,), ValidateCert.OK),
        ((usage("key_encipherment"),), ValidateCert.NOT_FOR_SIGNING),
        ((WEB,), ValidateCert.NOT_FOR_SIGNING),
        ((usage("digital_signature"), WEB), ValidateCert.NOT_FOR_SIGNING),
    ],
)
def test_what_is_not_made_for_signing_mail_is_not_believed_for_that(extensions, expected):
    assert verdict(made("Bert", ROOT, *extensions)) is expected


def test_only_an_authority_vouches_for_others():
    bert = made("Bert", ROOT)
    assert verdict(made("Mallory", bert), bert) is ValidateCert.CHAIN_USED_INCORRECTLY
    signer = made("Signer", ROOT, x509.BasicConstraints(ca=True, path_length=None), usage("digital_signature"))
    assert verdict(made("Mallory", signer), signer) is ValidateCert.CHAIN_USED_INCORRECTLY
    short = made("Short", ROOT, x509.BasicConstraints(ca=True, path_length=0))
    below = made("Below", short, *CA)
    assert verdict(made("Cleo", short), short) is ValidateCert.OK
    assert verdict(made("Mallory", below), below, short) is ValidateCert.BAD_CHAIN


def test_a_circle_ends():
    one = made("One", None, *CA)
    two = made("Two", one, *CA)
    back = made("One", two, *CA)
    assert verdict(made("Mallory", two), two, back) in (ValidateCert.BAD_CHAIN, ValidateCert.BAD_SIGNATURE)


@given(octets=st.binary(max_size=300))
def test_what_is_no_certificate_is_none(octets):
    assert read(octets) is None


@given(place=st.integers(0, len(ANNA.der) - 1), bit=st.integers(0, 7))
@example(place=11, bit=0)  # its version is none
def test_what_was_changed_in_a_certificate_is_never_believed_and_never_a_fault(place, bit):
    octets = bytearray(ANNA.der)
    octets[place] ^= 1 << bit
    found = read(bytes(octets))
    if found is not None and found.tbs_certificate_bytes == ANNA.certificate.tbs_certificate_bytes:
        return  # the damage is in how the signature is written, not in what was signed
    assert found is None or judged(found, [MIDDLE.certificate], TRUST, NOW) is not ValidateCert.OK


def test_the_operator_names_a_file_of_authorities_or_the_system_does(tmp_path):
    file = tmp_path / "authorities.pem"
    file.write_bytes(ROOT.pem + MIDDLE.pem)
    assert ROOT.certificate in trusted_authorities(str(file))
    assert ROOT.certificate not in trusted_authorities("")
    file.write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r".+"):
        trusted_authorities(str(file))
    with pytest.raises(OSError, match=r".+"):
        trusted_authorities(str(tmp_path / "missing.pem"))
