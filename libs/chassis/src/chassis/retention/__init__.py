"""How long records are kept, what goes when their time is over, and what stands against it; written once for all services.

A service declares its kinds of record (`kinds`), the organisation how long each is kept (`periods`). `finding` says what is
due, `holding` keeps holds, `running` is the worker that reduces one record a transaction by the role `<service>_retention`,
`redacting` takes what is personal out of the event log, `proofs` keeps a chained proof of each. `routes`, `desk` and
`showing` show it. docs/decisions/0025 tells why records are reduced rather than deleted whole.
"""
