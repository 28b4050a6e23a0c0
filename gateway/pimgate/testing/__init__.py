"""For the tests of plugin authors; nothing in here runs in a gateway.

`contract`      `check_plugin`: does a plugin keep the promises that the core and its neighbours rely on?
`findings`      one promise that is not kept
`declarations`  what the hooks hand over: settings, kinds of client, routes, commands, ...
`gateways`      a plugin inside running gateways: started twice, and two in one process
`source`        what the source of a package imports and does, read as syntax trees
"""
