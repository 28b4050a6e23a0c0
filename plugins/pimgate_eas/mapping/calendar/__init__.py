"""Events: an iCalendar object as ApplicationData of the Calendar class, and a device's edit laid onto the object.

`fields` is the table of plain fields, `when` the four elements that together say the time, `recurrence` the pattern,
`guests` and `meeting` who takes part, `places` where, `attachments` the files that an event carries, `exceptions`
changed and deleted occurrences in both models: inside the event (below 16.0) and one by one by InstanceId (16.x).
`rendering` and `editing` put them together.

What other people's private events show is decided before their text comes here.

Sources: MS-ASCAL "Elements", MS-ASAIRS "InstanceId" and "Location", MS-ASDTYPE "TimeZone", RFC 5545.
"""

from pimgate_eas.mapping.calendar.attachments import attachment, receipt
from pimgate_eas.mapping.calendar.editing import differs, patch, patch_instance
from pimgate_eas.mapping.calendar.rendering import render

__all__ = ["attachment", "differs", "patch", "patch_instance", "receipt", "render"]
