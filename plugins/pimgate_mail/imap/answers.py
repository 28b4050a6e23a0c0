"""How a command can end otherwise than well. Source: RFC 9051, "Server Responses - Status Responses"."""


class Bad(Exception):
    """The command cannot be understood; the text is one public sentence."""


class No(Exception):
    """The command is understood and not done: a response code ("" for none) and one public sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class Goodbye(Exception):
    """The conversation is over; the text follows `* BYE`, "" when everything was said."""
