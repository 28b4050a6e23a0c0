"""The store: the only rooms that know SQL.

`database`     one engine, units of work for reading and for writing
`work`         what a unit of work offers: rows by noun, the journal, what to ring after the commit
`tables`       the tables; `migrations/` brings a database to them
`people`, `collections`, `items`, `journal`, `devices`, `shelf`   rows by noun
`watch`        what other processes committed
"""
