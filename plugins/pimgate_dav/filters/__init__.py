"""Filters of queries: read once, refused if they make no sense or ask too much, answered from the index as far as it goes.

`times`         time ranges
`words`         text matches and their collations
`of_books`      addressbook-query: our own reader of cards decides
`conditions`    calendar-query: what a filter asks
`of_calendars`  calendar-query: the index and the occurrence table decide, our own reader of texts where they can't
`of_components` what is asked of components, properties and parameters
`moments`       when tasks, alarms and properties take place, and series of which the index does not know
`floating`      floating times and whole days in the zone that is meant
`zone_asked`    the zone that a query names
"""
