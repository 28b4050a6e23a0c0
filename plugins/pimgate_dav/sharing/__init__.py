"""Sharing as Apple's programs do it: the owner of a calendar invites people, and each decides (caldav-sharing of CalendarServer).

A share is a grant of the core, and whoever accepts it subscribes; so the pages, phones and programs agree.

`inviting`       the owner's word: whom a calendar is shared with, and what they may do
`notifications`  what was shared with a person and not yet decided, as programs find it; and the person's word
`words`          the elements of both
"""
