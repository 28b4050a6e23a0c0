"""Answers for people who are away, carried out by their mail server: a Sieve script of ours, put there by ManageSieve.

`scripts`     an absence as a script; what a script says of others (pure)
`hearing`     lines of a ManageSieve server as values, within limits (pure)
`conversation`  one connection, and its verbs
`vacations`   from a person's absence to the script on the server, and back; no script of theirs is ever changed
"""

from pimgate.mail.sieve.conversation import Conversation, Script, connect
from pimgate.mail.sieve.vacations import NotTaken, Vacations

__all__ = ["Conversation", "NotTaken", "Script", "Vacations", "connect"]
