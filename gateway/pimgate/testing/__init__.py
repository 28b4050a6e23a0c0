"""For tests, ours and those of plugin authors; nothing in here runs in a gateway.

The contract of plugins:
`contract`      `check_plugin`: does a plugin keep the promises that the core and its neighbours rely on?
`findings`      one promise that is not kept
`declarations`  what the hooks hand over: settings, kinds of client, routes, commands, ...
`gateways`      a plugin inside running gateways: started twice, and two in one process
`source`        what the source of a package imports and does, read as syntax trees

A gateway and its clients, over real sockets:
`running`       a whole gateway on a free port
`network`       what lies between: it loses, cuts, repeats and delays
`phone`         a phone that speaks ActiveSync, with a model of its own of what it was told (its parts: `phone_*`)
`desktop`       a program that speaks CalDAV and CardDAV
`browser`       a browser without script, on the pages

The phone is a client of ActiveSync and uses the codec `pimgate_eas.wbxml`: the one exception from "the core never imports a wing".
"""
