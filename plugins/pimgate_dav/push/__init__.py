"""WebDAV-Push: programs that ask for it are told at once that a collection changed, through the push service that they name.

`subscriptions`  who wants to hear of what, and how that is kept
`registering`    the requests: subscribe, subscribe anew, leave
`properties`     what a collection says of it
`keys`           the keys of this deployment: how push services know it (VAPID), and the topics
`message`        what is said, and its encryption: a push service learns only that there is something
`reaching`       the request to the push service, which may never lead into this network
`table`          what one process remembers of all subscriptions: which there are for a collection, and when each is due
`ringing`        the service: woken by the bell, it tells each subscription at most once in a while

Sources: WebDAV-Push (draft-bitfire-webdav-push), RFC 8030, 8188, 8291, 8292. A message says no more than "look": polling by getctag
and sync-token works as ever, and whoever misses one finds out by that.
"""
