"""Contacts: a vCard as ApplicationData of the Contacts class, and a device's edit laid onto the card.

`fields` is the table of all fields. A device knows slots (Email1Address to Email3Address, HomePhoneNumber and
Home2PhoneNumber); a card has as many lines as its owner likes. `slots` says which line stands in which slot; lines
beyond the slots are not shown and stay.

Sources: MS-ASCNTC "Elements", MS-ASAIRS "Body", RFC 6350, RFC 2426.
"""

from pimgate_eas.mapping.contacts.editing import patch
from pimgate_eas.mapping.contacts.rendering import render

__all__ = ["patch", "render"]
