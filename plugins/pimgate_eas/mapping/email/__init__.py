"""Mail as devices have it: the Email class. Pure.

    wanted(structure, options)                      which pieces of a message have to be fetched
    render(message, pieces, options, context)       the children of ApplicationData
    render_marks(flags, follow_up, context)          what of that may change while a device holds it
    read_edit(data)                                 what a device changes of a message: read, flag, categories
    drafted(data, before, context, ...)             the message that a device's draft is (16.0 and later)
    file_named(structure, section), content_of(...)    what a FileReference means

A message is never read whole for its first lines. Everything about it was written by strangers: see `pimgate.mail.mime`. Rendering
takes its time: callers run it in a worker, never on the event loop.

    options       what a request says about bodies
    fetching      which pieces are wanted
    message       what is known of a message without its octets
    rendering     all elements, in their order
    fields        a row a field: who, what, when
    body          Body, BodyPart and NativeBodyType
    attachments   the files of a message
    kinds         MessageClass and ContentClass
    meeting       MeetingRequest
    conversation  ids and topics of conversations
    flagging      Flag, both directions
    keywords      Categories <-> keywords of IMAP
    editing       a device's edit of a message
    drafts        a device's draft
"""

from pimgate_eas.mapping.email.attachments import File, content_of, file_named
from pimgate_eas.mapping.email.drafts import Draft, drafted
from pimgate_eas.mapping.email.editing import FlagEdit, read_edit
from pimgate_eas.mapping.email.fetching import wanted
from pimgate_eas.mapping.email.message import FollowUp, Message
from pimgate_eas.mapping.email.options import Options, read_options
from pimgate_eas.mapping.email.rendering import render, render_marks

__all__ = [
    "Draft",
    "File",
    "FlagEdit",
    "FollowUp",
    "Message",
    "Options",
    "content_of",
    "drafted",
    "file_named",
    "read_edit",
    "read_options",
    "render",
    "render_marks",
    "wanted",
]
