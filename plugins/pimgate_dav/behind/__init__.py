"""Radicale, and all that knows it. No other room imports it.

`application`  Radicale's Application, set up for our store, and a request handed to it
`storage`      what it finds by path: root, home, collections, items; making collections
`collection`   one collection: a View in Radicale's words
`meta`         properties of collections in Radicale's words
`item`         one item in Radicale's words
`rights`       what may be done where, from the View

Importing Radicale has effects on the whole process: it registers XML prefixes, exchanges `xml.etree.ElementTree` in one place
and adds levels to `logging`. They come with this package, and it is only imported where the plugin is enabled.
"""
