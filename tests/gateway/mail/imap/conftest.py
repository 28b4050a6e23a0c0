from gateway.mail.dovecot import dovecot

__all__ = ["dovecot"]
