"""A rush on the public form: what is taken all the same, what is asked to wait, and what officers are told.

Anybody can fill the form by a program. Nobody's address reaches this service, so what can be seen is the pace; the gateway
counts by address besides (`LOOP_RATE_FORM`). What was begun is always kept and can always be sent: a complaint is never refused
for what others do. Only to begin a new one must wait while very many are being written. Limits are ours: a hall of 200 families
who write at once is well within them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

WITHIN = timedelta(minutes=10)
MOST_BEING_WRITTEN = 400
"""Drafts of a council that were touched within these minutes, beyond which nobody begins a new one."""

WAIT_SECONDS = 60
"""After which it is worth trying again."""

MARKED = 20
"""Forms that were sent within these minutes, from which on each of them is marked for officers."""


def in_a_rush(moments: Sequence[datetime]) -> frozenset[datetime]:
    """Those of the moments at which forms were sent that belong to a rush: `MARKED` or more lie within `WITHIN`."""
    ordered = sorted(moments)
    found: set[datetime] = set()
    first = 0
    for last, moment in enumerate(ordered):
        while moment - ordered[first] > WITHIN:
            first += 1
        if last - first + 1 >= MARKED:
            found.update(ordered[first : last + 1])
    return frozenset(found)
