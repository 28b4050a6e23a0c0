"""A client of IMAP servers: what is said, what is heard, and one connection.

`saying`, `searching`  commands as octets; nothing that came from outside is ever said unescaped (pure)
`hearing`              answers as values, within limits (pure)
`understanding`, `values`  from these to what callers want to know (pure)
`answers`, `numbers`   that is: messages, mailboxes, sets of UIDs (pure)
`names`, `sections`    names of mailboxes and of parts of messages (pure)
`stream`               octets of a connection, TLS begun in the middle of it
`conversation`         one command at a time, and what the server says meanwhile
`mailboxes`, `messages`, `editing`, `waiting`  the verbs
`sasl`                 a login in the words of SASL (pure)
`connecting`           from an address and a login to a `Connection`
`errors`               what can go wrong
"""

from pimgate.mail.imap.answers import (
    Address,
    Appended,
    Changes,
    Copied,
    Envelope,
    Exists,
    Expunged,
    Fetched,
    Listed,
    Overflow,
    Selected,
    Status,
    Stored,
    Unasked,
    Vanished,
)
from pimgate.mail.imap.connecting import Connection, Place, connect
from pimgate.mail.imap.conversation import MESSAGE_BYTES
from pimgate.mail.imap.editing import FlagChange
from pimgate.mail.imap.errors import Away, BadAnswer, BadLogin, Busy, Missing, Rejected, Unsayable
from pimgate.mail.imap.hearing import Value
from pimgate.mail.imap.mailboxes import Known
from pimgate.mail.imap.messages import Item
from pimgate.mail.imap.numbers import MOST_UID, UidSet
from pimgate.mail.imap.sasl import Login, Way
from pimgate.mail.imap.saying import Streamed
from pimgate.mail.imap.searching import Criterion
from pimgate.mail.imap.sections import Section
from pimgate.mail.imap.waiting import Idling

__all__ = [
    "MESSAGE_BYTES",
    "MOST_UID",
    "Address",
    "Appended",
    "Away",
    "BadAnswer",
    "BadLogin",
    "Busy",
    "Changes",
    "Connection",
    "Copied",
    "Criterion",
    "Envelope",
    "Exists",
    "Expunged",
    "Fetched",
    "FlagChange",
    "Idling",
    "Item",
    "Known",
    "Listed",
    "Login",
    "Missing",
    "Overflow",
    "Place",
    "Rejected",
    "Section",
    "Selected",
    "Status",
    "Stored",
    "Streamed",
    "UidSet",
    "Unasked",
    "Unsayable",
    "Value",
    "Vanished",
    "Way",
    "connect",
]
