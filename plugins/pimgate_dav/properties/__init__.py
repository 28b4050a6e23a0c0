"""Live properties: a table for each sort of resource, a row a property.

`of_people`       the root, and a person: principal and home in one
`of_collections`  address books, calendars, task and note lists
`of_items`        contacts and calendar objects
`many_items`      the same question about many of them
`asking`          what a request wants of them: named ones, all, or just their names
`dead`            what programs keep with collections and items, XML inside included
`instructions`    what a PROPPATCH wants, and the answer to it
`writable`        what programs may write of a collection that means something to us
`zone`            in which time zone floating times of a calendar are meant
`quota`           how much somebody keeps, and what they have left
`protected`       those that nobody may write

A row is a function that gives what stands inside the property, already XML, or None where this resource does not have it.
"""
