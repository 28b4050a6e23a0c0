"""Mail as devices read, search, move and answer it: messages from the mail server, in the words of ActiveSync."""
