"""Meetings over CalDAV (RFC 6638). Who is told what is the core's: here its words are those of the RFC.

`arranged`   the View that the lanes write through: its writes tell everybody whom they concern
`rules`      what is looked at before a meeting is kept: tags, the owner's part in it, one copy of each
`tags`       Schedule-Tag, and If-Schedule-Tag-Match
`outbox`     when are these people free?
`freebusy`   that question and its answers as iCalendar. Pure
`inbox`      what arrived, for programs that show it
`availability`  when its owner is available
"""
