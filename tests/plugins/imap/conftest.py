from plugins.imap.dovecot import dovecot

__all__ = ["dovecot"]
