"""The mail world behind the gateway.

`carrying` what it means to hand a message over, whoever takes it; `submission` handing over by SMTP; `imip` messages about
meetings as mail, and found in mail (pure). `imap` the client of the mail server, `logins` with whose secret it comes in,
`upstream` its connections.

`postroom` everybody's mail (`core.mail`), `postbox` one person's, `watcher` what watches it; `refreshing` and `listing` ask the
server, `describing` reads what it says of messages; `reconcile` and `arrangement` compare that with what is known (pure);
`index` and `folder_list` write it down; `folder` reads it for a device, `acting` does to messages and
`arranging` to folders what a device wants, on `both_sides`; `conversations` finds what belongs together. `mime` reads
messages from anywhere (pure).
"""
