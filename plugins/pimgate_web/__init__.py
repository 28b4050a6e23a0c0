"""The pages: a person's address books and calendars with their switches, and their devices."""
