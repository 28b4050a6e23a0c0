"""vCard and iCalendar as text that survives a round trip; recurrence; time zones. Pure: no I/O, no clock.

`lines` content lines, `component` the tree over them, `vcard` and `calendar` what the store indexes, `occurrences`
and `recurrence` when a series takes place, `timezones` names, ActiveSync blobs and VTIMEZONE, `events` editing a
series, `itip` messages about meetings, `search` how words are folded for looking things up.
"""
