"""People as resources (RFC 3744): who may be known of, found by a search, and who sees whose calendars.

`privileges`  what may be done with a collection, in the words of access control
`proxies`     the two groups of those who see a person's calendars, as Apple's programs ask for them
`others`      the principals of colleagues
`looking`     the properties of whatever address an answer names
`reports`     searches for people, and reports about them
`searches`    what the searches look for, and who fits
"""
