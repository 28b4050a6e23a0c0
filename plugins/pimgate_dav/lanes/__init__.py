"""What is answered here, in front of Radicale: a lane is a function from a visit to an answer.

`items`        GET, HEAD, PUT and DELETE of items, DELETE of collections
`moving`       MOVE and COPY
`propfind`     PROPFIND
`proppatch`    what may not be written; the rest is Radicale's
`making`       where a collection may be made; the rest is Radicale's
`reports`      which reports there are; `sync`, `multiget` and `query` answer them, free-busy is Radicale's
`data`         one item in the answer of a report
`table`        the lane of each method
"""
