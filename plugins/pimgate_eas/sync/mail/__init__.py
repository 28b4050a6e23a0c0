"""Messages in Sync. What is kept of them here is an index; they themselves lie on the mail server, which is never asked within a
unit of work. So a Sync that concerns mail goes through these steps, on the event loop and in units of work by turns:

    courier   brings the index up to date; has the device's edits carried out; fetches what will be sent; says who is away
    scene     what the device's edits meet: one read, which also tells whether the question is a repeated one
    deeds     flags, deletions and fetches on the mail server, each idempotent
    drafts    drafts that a device writes, and sends
    letters   a mail folder as the engine reads it
    side      a mail folder in a turn: the outcomes of the edits, and what was fetched
"""
