"""Searching in mail: what a device asks, in the words of IMAP, and what was found, part by part."""
