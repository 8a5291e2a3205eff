"""What comes before something is taken away because its time is over: the database has to agree on the time.

One of them may be wrong by years (an empty battery, a virtual machine that was restored), and what was taken away does not come
back when it is set right. Both wrong alike is not noticed.
"""

import time

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

APART = 60.0
"""Seconds by which they may differ here; half of it is borne between services (`chassis.identity.LEEWAY`)."""

_THERE = text("select extract(epoch from clock_timestamp())")


class TimeInDoubtError(Exception):
    """Two clocks differ; nothing whose time is over should be taken away by either."""


async def assert_same_time(connection: AsyncConnection) -> None:
    """Raise TimeInDoubtError, which says by how much the database is ahead or behind, where it is more than `APART`."""
    before = time.time()
    there = float((await connection.execute(_THERE)).scalar_one())
    # What lies between asking and being answered is nobody's fault.
    apart = max(before - there, there - time.time(), 0.0)
    if apart > APART:
        way = "behind" if there < before else "ahead of"
        msg = f"the clock of the database is {apart:.0f} s {way} this one: nothing is taken away until they agree"
        raise TimeInDoubtError(msg)
