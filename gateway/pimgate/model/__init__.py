"""The nouns of the house. Standard library only; no I/O, no clock.

`people`       who somebody is
`collections`  address books, calendars and the like; rights, subscriptions, ownership
`items`        one text in a collection; changes and bookmarks
`clients`      the kinds of client, what a device can show, how a collection appears on it
`devices`      the programs and phones that come in, whatever their protocol
"""
