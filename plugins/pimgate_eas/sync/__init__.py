"""How a device is kept equal to a collection.

`keys`    generations of a synchronisation key: a new question, the same again, or one whose answer was lost (pure)
`state`   what is remembered of one device and one collection, as a small document (pure)
`engine`  which items to send next (pure)
"""
