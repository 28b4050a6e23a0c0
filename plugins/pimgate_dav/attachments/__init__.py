"""Managed attachments (RFC 8607): files of events that programs bring, change and take away one by one.

`held`         lines that hold a file, as they are kept, and lines that give its address, as programs read them
`addresses`    where the octets of a file are got
`shown`        texts as programs read them: an address in the place of each managed file
`kept`         texts as programs write them: the file in the place of each address of ours
`editing`      a file more, another one, one less: in the whole series or in single occurrences. Pure
`posting`      the three actions
`giving`       the octets

A file lies in the text of its event and nowhere else: phones find it there, guests get it with their copy, and it goes with
the event.
"""
