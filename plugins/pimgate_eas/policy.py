"""The policy that a device is asked to keep. It asks for nothing: no password, no wipe permission.

Each dialect gets only elements that it knows; a device that meets a foreign one asks for the policy for ever.
Source: MS-ASPROV, "EASProvisionDoc".
"""

from __future__ import annotations

from pimgate_eas.wbxml.element import Element

POLICY_TYPE = "MS-EAS-Provisioning-WBXML"

DOCUMENT: tuple[tuple[str, str], ...] = (
    ("DevicePasswordEnabled", "0"),
    ("AlphanumericDevicePasswordRequired", "0"),
    ("PasswordRecoveryEnabled", "0"),
    ("AttachmentsEnabled", "1"),
    ("MinDevicePasswordLength", "0"),
    ("AllowSimpleDevicePassword", "1"),
    ("DevicePasswordExpiration", "0"),
    ("DevicePasswordHistory", "0"),
    ("AllowStorageCard", "1"),
    ("AllowCamera", "1"),
    ("RequireDeviceEncryption", "0"),
    ("AllowHTMLEmail", "1"),
)


def provision_document() -> Element:
    """The policy as a device reads it."""
    rows = (Element(f"Provision:{name}", text=value) for name, value in DOCUMENT)
    return Element("Provision:EASProvisionDoc", *rows)
