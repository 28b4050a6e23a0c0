"""What the operator asks of phones: the section `[plugins.eas.policy]`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pimgate.api import setting

MOST_BYTES = 2_147_483_647


class Compliance(StrEnum):
    """Which answers to the policy are good enough where it is demanded."""

    FULL = "full"
    PARTIAL = "partial"
    ANY = "any"


class Bluetooth(StrEnum):
    OFF = "off"
    HANDS_FREE = "hands-free"
    ON = "on"


class CalendarAge(StrEnum):
    ALL = "all"
    TWO_WEEKS = "2 weeks"
    MONTH = "1 month"
    THREE_MONTHS = "3 months"
    SIX_MONTHS = "6 months"


class MailAge(StrEnum):
    ALL = "all"
    DAY = "1 day"
    THREE_DAYS = "3 days"
    WEEK = "1 week"
    TWO_WEEKS = "2 weeks"
    MONTH = "1 month"


class SignatureHash(StrEnum):
    SHA1 = "SHA1"
    MD5 = "MD5"


class Cipher(StrEnum):
    TRIPLE_DES = "3DES"
    DES = "DES"
    RC2_128 = "RC2-128"
    RC2_64 = "RC2-64"
    RC2_40 = "RC2-40"


class Negotiation(StrEnum):
    NONE = "none"
    STRONG = "strong"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """What phones are asked to keep. The defaults ask for nothing; what a phone cannot do makes it refuse the account."""

    accept: Compliance = setting(
        Compliance.PARTIAL,
        "With require_policy, what a phone must have done with the policy: full, partial (at least its password), any (also "
        "managed by somebody else).",
    )
    password: bool = setting(
        False, "The phone must be locked by a password; the settings up to password_recovery need it."
    )
    password_length: int = setting(0, "Least length of that password.", least=1, most=16, unset=0)
    password_alphanumeric: bool = setting(False, "The password must contain letters.")
    password_complex_characters: int = setting(
        1, "Of how many kinds its characters must be: small, capital, digits, signs.", least=1, most=4
    )
    password_simple: bool = setting(True, "Passwords such as 1111 or 1234 will do.")
    password_days: int = setting(0, "The password must be changed after this many days.", least=1, most=730, unset=0)
    password_history: int = setting(0, "So many earlier passwords must not be used again.", least=0, most=50)
    lock_seconds: int = setting(
        0, "The phone locks itself when it was not used this long.", least=1, most=9998, unset=0
    )
    wipe_after_guesses: int = setting(
        0, "The phone erases itself after so many wrong passwords.", least=4, most=16, unset=0
    )
    password_recovery: bool = setting(
        False, "The phone may leave a recovery password here; `pimgate device show --recovery-password` tells it."
    )
    encryption: bool = setting(False, "The phone must encrypt what it stores.")
    card_encryption: bool = setting(False, "The phone must encrypt its storage card.")
    attachments: bool = setting(True, "Attachments may be fetched.")
    attachment_bytes: int = setting(0, "Largest attachment that may be fetched.", least=1, most=MOST_BYTES, unset=0)
    storage_card: bool = setting(True, "A storage card may be used.")
    camera: bool = setting(True, "The camera may be used.")
    unsigned_applications: bool = setting(True, "Programs without a signature may run.")
    unsigned_packages: bool = setting(True, "Packages without a signature may be installed.")
    wifi: bool = setting(True, "Wi-Fi may be used.")
    text_messages: bool = setting(True, "Text messages may be used.")
    other_mail_accounts: bool = setting(True, "Mail accounts by POP or IMAP may be set up.")
    consumer_mail: bool = setting(True, "Private mail accounts may be set up.")
    bluetooth: Bluetooth = setting(Bluetooth.ON, "Bluetooth: on, hands-free, off.")
    infrared: bool = setting(True, "Infrared may be used.")
    manual_sync_when_roaming: bool = setting(False, "While roaming nothing is synchronised by itself.")
    desktop_sync: bool = setting(True, "The phone may be synchronised with a desktop computer.")
    html_mail: bool = setting(True, "Mail may be fetched as HTML.")
    browser: bool = setting(True, "The browser may be used.")
    remote_desktop: bool = setting(True, "Remote desktops may be used.")
    internet_sharing: bool = setting(True, "The phone may share its connection.")
    calendar_age: CalendarAge = setting(
        CalendarAge.ALL, "How far back calendars go at most: all, 2 weeks, 1 month, 3 months, 6 months."
    )
    mail_age: MailAge = setting(
        MailAge.ALL, "How far back mail goes at most: all, 1 day, 3 days, 1 week, 2 weeks, 1 month."
    )
    mail_text_kilobytes: int = setting(-1, "Most of a plain mail that is fetched.", least=0, most=MOST_BYTES, unset=-1)
    mail_html_kilobytes: int = setting(-1, "Most of an HTML mail that is fetched.", least=0, most=MOST_BYTES, unset=-1)
    sign_mail: bool = setting(False, "Mail must be signed by S/MIME.")
    encrypt_mail: bool = setting(False, "Mail must be encrypted by S/MIME.")
    signature_hash: SignatureHash = setting(SignatureHash.SHA1, "Hash of signatures: SHA1, MD5.")
    cipher: Cipher = setting(Cipher.TRIPLE_DES, "Cipher of encrypted mail: 3DES, DES, RC2-128, RC2-64, RC2-40.")
    cipher_negotiation: Negotiation = setting(
        Negotiation.ANY, "Another cipher may be agreed on where a recipient needs it: none, strong, any."
    )
    soft_certificates: bool = setting(True, "Certificates kept in software may sign.")
    unapproved_programs: list[str] = setting([], "Built-in programs that must not run.")
    approved_programs: list[str] = setting([], "Hashes of the programs that may run; empty: all.")
