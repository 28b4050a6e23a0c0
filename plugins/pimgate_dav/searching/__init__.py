"""Search without download: the directory, a resource of each person's home that lists nothing and answers searches.

`people`    somebody who was found as a card with an address of their own, and the way back from that address
`names`     what cards are called there: nothing that anybody could guess, or get by counting
`gateway`   the resource: its properties, and the reports that it answers

Who may be found is the core's decision, the same for phones and desktops (`pimgate.api.directory`).
"""
