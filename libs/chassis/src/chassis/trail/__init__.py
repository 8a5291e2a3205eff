"""The trail: who read or changed what in a service, chained by hashes for each organisation, so that a change of it shows.

`acting` says in whose name a request is handled, `writing` puts an entry into the transaction of the work itself, `links` is
the chain as arithmetic, `chaining` joins the entries in the worker, `checking` walks the chain, `reading`, `routes` and `desk`
show it. docs/decisions/0023 tells why the chain is made afterwards and not in the request.
"""
