"""In which form the text of an item is given: as it is kept, or as a request asks for it.

`asked`    what a request asks of texts, as one function
`expanded` series written out one by one
`parts`    only some components and properties
`limited`  only the changed occurrences of a window
`whole`    everything of a collection in one text
`zones`    with or without the rules of time zones

What is kept is never changed by any of them.
"""
