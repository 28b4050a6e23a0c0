"""Messages that strangers wrote: octets in, values out. Pure, and made for the worst of them.

    limits      what is looked at of a message, and what is too much
    fields      a header as names and values; parameters of a field
    words       encoded words, and text that is fit to be shown
    addresses   who wrote to whom
    headers     what a person sees above a message
    parts       a message as a tree of parts, and which part is what
    structure   that tree from an IMAP server's BODYSTRUCTURE
    layout      that tree, and where its parts lie, from the octets of a message
    pieces      what of a message has to be fetched
    charsets, transfer    octets to text
    html_tokens, html_safe, html_text, plain    HTML made harmless, and text made of it
    bodies      what people read of a message, as plain text or HTML
    cutting     a text cut to size
    original    a message as it is, in a form that fits into text
    rewriting   a message with other fields, or another content

The time that each function takes grows with what it is given, never faster, and what it is given is bounded by `limits`. A megabyte
of HTML still takes a good part of a second: callers run these functions in a worker, never on the event loop.
"""
