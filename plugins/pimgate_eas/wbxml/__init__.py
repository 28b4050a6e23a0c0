"""WBXML as ActiveSync uses it: bytes to a tree of elements and back. No I/O, no clock, nothing of ActiveSync's meaning."""
