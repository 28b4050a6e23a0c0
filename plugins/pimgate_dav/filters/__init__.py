"""Filters of queries: read once, refused if they make no sense, answered from the index as far as it goes.

`times`         time ranges
`words`         text matches and their collations
`of_books`      addressbook-query: our own reader of cards decides
`of_calendars`  calendar-query: the index and the occurrence table decide, Radicale's filter where other times are asked
`of_components` what is asked of components, properties and parameters
"""
