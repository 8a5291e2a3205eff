"""The archive: base copies of PostgreSQL's files and every segment of its write-ahead log, encrypted, to go back to a moment.

ADR 0042. `keeper` writes it while `loop up` runs, `recovery` reads it in `loop restore --to`, `series` knows what lies where.
"""
