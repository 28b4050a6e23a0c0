"""Mail that a device sends, each message once."""
