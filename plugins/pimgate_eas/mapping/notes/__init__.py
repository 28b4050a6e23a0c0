"""Notes: an iCalendar object with a VJOURNAL as ApplicationData of the Notes class, and a device's edit laid onto the object.

`fields` is the table of all fields. The class came with version 14.0; older devices are not offered notes at all.

Sources: MS-ASNOTE "Elements", RFC 5545 "Journal Component".
"""

from pimgate_eas.mapping.notes.editing import patch
from pimgate_eas.mapping.notes.rendering import render

__all__ = ["patch", "render"]
