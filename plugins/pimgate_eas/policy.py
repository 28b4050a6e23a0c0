"""The policy that a device is asked to keep: from the settings to the document that its dialect knows, a row an element. Pure.

A document holds only elements that its version knows, and its fingerprint is made of just those: a device that is told of a new
policy and finds none asks for ever.
Source: MS-ASPROV, "EASProvisionDoc" and its elements.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pimgate.api import Profile
from pimgate_eas.policy_settings import (
    Bluetooth,
    CalendarAge,
    Cipher,
    MailAge,
    Negotiation,
    PolicySettings,
    SignatureHash,
)
from pimgate_eas.versions import knows
from pimgate_eas.wbxml.codec import encode
from pimgate_eas.wbxml.element import Element

POLICY_TYPE = "MS-EAS-Provisioning-WBXML"

CODES: Mapping[type[StrEnum], str] = {
    Bluetooth: "012",
    CalendarAge: "04567",
    MailAge: "012345",
    SignatureHash: "01",
    Cipher: "01234",
    Negotiation: "012",
}
"""The numbers of the words of each enum, in the order of its members."""


@dataclass(frozen=True, slots=True)
class Row:
    """One element and its setting. One that needs `password` or `smime` is as if it were not set where the policy demands neither
    a password nor signed or encrypted mail."""

    element: str
    setting: str
    text: Callable[[Any], str]
    needs: str = ""


def _yes(value: bool) -> str:
    return "1" if value else "0"


def _code(word: StrEnum) -> str:
    return CODES[type(word)][list(type(word)).index(word)]


def _number_or_empty(value: int) -> str:
    """Types that may be empty say so when there is no limit; an earlier one goes by that."""
    return str(value) if value else ""


TABLE: tuple[Row, ...] = (
    Row("DevicePasswordEnabled", "password", _yes),
    Row("AlphanumericDevicePasswordRequired", "password_alphanumeric", _yes, "password"),
    Row("RequireStorageCardEncryption", "card_encryption", _yes),
    Row("PasswordRecoveryEnabled", "password_recovery", _yes, "password"),
    Row("AttachmentsEnabled", "attachments", _yes),
    Row("MinDevicePasswordLength", "password_length", _number_or_empty, "password"),
    Row("MaxInactivityTimeDeviceLock", "lock_seconds", _number_or_empty, "password"),
    Row("MaxDevicePasswordFailedAttempts", "wipe_after_guesses", _number_or_empty, "password"),
    Row("MaxAttachmentSize", "attachment_bytes", _number_or_empty),
    Row("AllowSimpleDevicePassword", "password_simple", _yes, "password"),
    Row("DevicePasswordExpiration", "password_days", _number_or_empty, "password"),
    Row("DevicePasswordHistory", "password_history", str, "password"),
    Row("AllowStorageCard", "storage_card", _yes),
    Row("AllowCamera", "camera", _yes),
    Row("RequireDeviceEncryption", "encryption", _yes),
    Row("AllowUnsignedApplications", "unsigned_applications", _yes),
    Row("AllowUnsignedInstallationPackages", "unsigned_packages", _yes),
    Row("MinDevicePasswordComplexCharacters", "password_complex_characters", str, "password"),
    Row("AllowWiFi", "wifi", _yes),
    Row("AllowTextMessaging", "text_messages", _yes),
    Row("AllowPOPIMAPEmail", "other_mail_accounts", _yes),
    Row("AllowBluetooth", "bluetooth", _code),
    Row("AllowIrDA", "infrared", _yes),
    Row("RequireManualSyncWhenRoaming", "manual_sync_when_roaming", _yes),
    Row("AllowDesktopSync", "desktop_sync", _yes),
    Row("MaxCalendarAgeFilter", "calendar_age", _code),
    Row("AllowHTMLEmail", "html_mail", _yes),
    Row("MaxEmailAgeFilter", "mail_age", _code),
    Row("MaxEmailBodyTruncationSize", "mail_text_kilobytes", str),
    Row("MaxEmailHTMLBodyTruncationSize", "mail_html_kilobytes", str),
    Row("RequireSignedSMIMEMessages", "sign_mail", _yes),
    Row("RequireEncryptedSMIMEMessages", "encrypt_mail", _yes),
    Row("RequireSignedSMIMEAlgorithm", "signature_hash", _code, "smime"),
    Row("RequireEncryptionSMIMEAlgorithm", "cipher", _code, "smime"),
    Row("AllowSMIMEEncryptionAlgorithmNegotiation", "cipher_negotiation", _code, "smime"),
    Row("AllowSMIMESoftCerts", "soft_certificates", _yes),
    Row("AllowBrowser", "browser", _yes),
    Row("AllowConsumerEmail", "consumer_mail", _yes),
    Row("AllowRemoteDesktop", "remote_desktop", _yes),
    Row("AllowInternetSharing", "internet_sharing", _yes),
)
"""In the order of the schema. The two lists of programs come after it."""

NOTHING_ASKED = PolicySettings()


def policy_for(settings: PolicySettings, profile: Profile) -> PolicySettings:
    """What a sort of device is asked to keep: nothing, if it cannot."""
    return settings if profile.keeps_policies else NOTHING_ASKED


def provision_document(settings: PolicySettings, version: str) -> Element:
    """The policy as a device of this version reads it."""
    asked = {"": True, "password": settings.password, "smime": settings.sign_mail or settings.encrypt_mail}
    document = Element("Provision:EASProvisionDoc")
    for row in TABLE:
        if knows(version, f"Provision:{row.element}"):
            value = getattr(settings if asked[row.needs] else NOTHING_ASKED, row.setting)
            document.append(Element(f"Provision:{row.element}", text=row.text(value)))
    _list(document, "UnapprovedInROMApplicationList", "ApplicationName", settings.unapproved_programs, version)
    _list(document, "ApprovedApplicationList", "Hash", settings.approved_programs, version)
    return document


def _list(document: Element, name: str, each: str, values: list[str], version: str) -> None:
    if values and knows(version, f"Provision:{name}"):
        document.append(Element(f"Provision:{name}", *(Element(f"Provision:{each}", text=value) for value in values)))


def fingerprint(settings: PolicySettings, version: str) -> str:
    """What changes when, and only when, the document for this version does."""
    return hashlib.sha256(encode(provision_document(settings, version))).hexdigest()[:16]
