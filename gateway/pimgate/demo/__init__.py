"""The demonstration: a whole gateway with sample people on this machine, and a check of it from outside.

`people`      three people, and passwords that are made at the first start
`cards`       sample contacts, as programs write them
`events`      sample events, around today
`household`   people, collections, shares and switches, put into a new gateway
`letters`     sample mail, sent from one person to another
`place`       where a demonstration lives: its directory, its settings file, its ports
`stage`       the gateway while it runs, and what it says when everything listens
`words`       what a person types into a phone, Thunderbird and a mail program
`eyes`        how one collection appears on one client, as that client finds out
`table`       every cell of the visibility table, expected and experienced
`journeys`    items, mail, passwords and a waiting phone, from outside
`verdict`     both together, and how the result reads
"""
