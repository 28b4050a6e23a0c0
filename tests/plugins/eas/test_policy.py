"""The policy document: what each version knows of the settings, and nothing that was not asked for."""

import dataclasses

import pytest

from pimgate_eas.policy import CODES, TABLE, fingerprint, provision_document
from pimgate_eas.policy_settings import Bluetooth, CalendarAge, Cipher, MailAge, Negotiation, PolicySettings
from pimgate_eas.versions import VERSIONS
from pimgate_eas.wbxml.codec import decode, encode
from pimgate_eas.wbxml.element import Element

ONLY_12_0 = 12
STRICT = PolicySettings(
    password=True,
    password_length=8,
    password_days=90,
    lock_seconds=300,
    wipe_after_guesses=10,
    camera=False,
    bluetooth=Bluetooth.HANDS_FREE,
    calendar_age=CalendarAge.SIX_MONTHS,
    mail_age=MailAge.MONTH,
    encrypt_mail=True,
    cipher=Cipher.RC2_40,
    cipher_negotiation=Negotiation.NONE,
    unapproved_programs=["solitaire.exe"],
    approved_programs=["QUJD"],
)


def said(settings: PolicySettings, version: str = "16.1") -> dict[str, str]:
    return {each.tag: each.text or "" for each in provision_document(settings, version).children}


def test_every_setting_is_an_element_but_those_about_the_answer_and_the_lists() -> None:
    names = {each.name for each in dataclasses.fields(PolicySettings)}
    assert names - {row.setting for row in TABLE} == {"accept", "unapproved_programs", "approved_programs"}
    assert len({row.element for row in TABLE}) == len(TABLE) == 40


def test_every_word_has_its_number() -> None:
    assert all(len(numbers) == len(words) for words, numbers in CODES.items())


def test_settings_arrive_as_the_numbers_of_the_protocol() -> None:
    found = said(STRICT)
    expected = {
        "DevicePasswordEnabled": "1",
        "MinDevicePasswordLength": "8",
        "DevicePasswordExpiration": "90",
        "MaxInactivityTimeDeviceLock": "300",
        "MaxDevicePasswordFailedAttempts": "10",
        "AllowCamera": "0",
        "AllowWiFi": "1",
        "AllowBluetooth": "1",
        "MaxCalendarAgeFilter": "7",
        "MaxEmailAgeFilter": "5",
        "RequireEncryptionSMIMEAlgorithm": "4",
        "AllowSMIMEEncryptionAlgorithmNegotiation": "0",
        "MaxAttachmentSize": "",
        "MaxEmailBodyTruncationSize": "-1",
    }
    assert {name: found[name] for name in expected} == expected
    document = provision_document(STRICT, "16.1")
    [program] = document.path("Provision:UnapprovedInROMApplicationList", "Provision:ApplicationName")
    assert program.text == "solitaire.exe"
    assert document.path("Provision:ApprovedApplicationList", "Provision:Hash")[0].text == "QUJD"


def test_what_needs_a_password_is_not_asked_for_without_one() -> None:
    found = said(PolicySettings(password=False, password_length=8, wipe_after_guesses=4, password_simple=False))
    assert (found["MinDevicePasswordLength"], found["MaxDevicePasswordFailedAttempts"]) == ("", "")
    assert found["AllowSimpleDevicePassword"] == "1"


def test_older_version_hears_only_what_it_knows() -> None:
    assert len(said(STRICT, "12.0")) == ONLY_12_0
    assert "AllowCamera" not in said(STRICT, "12.0")


def test_fingerprint_changes_when_and_only_when_the_document_does() -> None:
    no_camera = PolicySettings(camera=False)
    assert fingerprint(no_camera, "12.0") == fingerprint(PolicySettings(), "12.0")
    assert fingerprint(no_camera, "16.1") != fingerprint(PolicySettings(), "16.1")
    assert fingerprint(PolicySettings(password_length=4), "16.1") == fingerprint(PolicySettings(), "16.1")


@pytest.mark.parametrize("version", VERSIONS)
def test_document_survives_the_wire(version: str) -> None:
    answer = Element("Provision:Provision", provision_document(STRICT, version))
    assert decode(encode(answer)) == answer
