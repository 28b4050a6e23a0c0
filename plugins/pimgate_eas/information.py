"""What a device says of itself, in Provision and in Settings. Source: MS-ASCMD, "DeviceInformation"; MS-ASPROV,
"settings:DeviceInformation"."""

from __future__ import annotations

from collections.abc import Mapping

from pimgate_eas.wbxml.element import Element

FIELDS: Mapping[str, str] = {
    "Settings:Model": "model",
    "Settings:OS": "os",
    "Settings:OSLanguage": "os_language",
    "Settings:FriendlyName": "friendly_name",
    "Settings:PhoneNumber": "phone_number",
    "Settings:MobileOperator": "mobile_operator",
    "Settings:IMEI": "imei",
    "Settings:UserAgent": "agent",
}


def told_in(information: Element) -> dict[str, str] | None:
    """What it says, by the core's names; None if it sets nothing."""
    given = information.find("Settings:Set")
    if given is None:
        return None
    return {FIELDS[each.name]: each.text or "" for each in given.children if each.name in FIELDS}
