"""Names of mailboxes: how they are kept, what lies above them, which are impossible."""

from .records import MailboxProblem

INBOX = "INBOX"
SEPARATOR = "/"
MAX_NAME_CHARACTERS = 250


def canonical(name: str) -> str:
    """The name as it is kept: INBOX, which people write as they like, in capitals."""
    first, separator, below = name.partition(SEPARATOR)
    return INBOX + separator + below if first.upper() == INBOX else name


def above(name: str) -> list[str]:
    """The mailboxes above one, topmost first: `a/b/c` lies below `a` and `a/b`."""
    parts = name.split(SEPARATOR)
    return [SEPARATOR.join(parts[:count]) for count in range(1, len(parts))]


def require_name(name: str) -> None:
    """Raise MailboxProblem for a name that cannot be listed or stepped through."""
    is_plain = name.isascii() and name.isprintable() and not set(name) & set('*%"\\')
    if not is_plain or len(name) > MAX_NAME_CHARACTERS or not all(name.split(SEPARATOR)):
        raise MailboxProblem("CANNOT", "A mailbox cannot have this name.")
