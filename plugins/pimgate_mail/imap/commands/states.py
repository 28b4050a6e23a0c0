"""The states of a conversation in which a command may be given."""

from enum import Enum, auto


class State(Enum):
    """Source: RFC 9051, "State and Flow Diagram"."""

    ANY = auto()
    LOGGED_OUT = auto()
    LOGGED_IN = auto()
    SELECTED = auto()
