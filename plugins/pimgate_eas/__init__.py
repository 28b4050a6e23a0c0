"""Exchange ActiveSync: phones. See README.md for the map of this wing."""
