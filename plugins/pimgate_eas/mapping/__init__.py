"""Application data of ActiveSync <-> vCard and iCalendar text. Pure: no I/O, no clock; times are handed in.

`contacts` and `calendar` each offer

    render(text, context) -> list[Element]           the children of AirSync:ApplicationData
    patch(text, data, context, ghosted=, uid=) -> str    a device's edit laid onto the stored text

and are tables: a row a field, read and written side by side (see `rows`). A device's value is compared with what we
would show for that field; only where the two differ is the property behind it touched, so an edit that changes
nothing gives back the same octets, and what a device cannot express survives it.

`context` is who looks and in which dialect; `errors` the one way it can fail.
"""
