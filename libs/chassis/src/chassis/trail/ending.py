"""Which entries are over, and up to which checkpoint they may go: found by walking along them, so nothing broken is let go.

The checkpoint stays as the chain's beginning (`begun`). Who deletes is another matter: a role of the database that has one
function for it (`tables`).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.days import british_midnight
from chassis.retention.kinds import TRAIL
from chassis.retention.periods import months_before
from chassis.secrets import Secrets
from chassis.trail import begun as begun_
from chassis.trail.begun import begun_of
from chassis.trail.chaining import entry_of, is_genuine
from chassis.trail.checking import ENTRIES, Found, Walk
from chassis.trail.links import Begun

AT_LEAST = TRAIL.at_least
"""Months. The database holds it too (`tables`)."""
MOST = 20_000
"""Entries that go in one transaction, if there is a checkpoint among them."""
PAGE = 2_000

_OLDEST = text("select at from trail where org = :org and number > :after order by number limit 1")
_MARKS = text("select number, hash, seal from trail_checkpoint where org = :org and number > :after order by number limit 1000")


class ChainBrokenError(Exception):
    """A chain does not hold: nothing of it may go, for it shows what happened."""


@dataclass(frozen=True, slots=True)
class Due:
    """Entries that may go: from after `begun` up to a checkpoint."""

    begun: Begun
    number: int
    hash: bytes
    youngest: datetime


def over_before(day: date, months: int) -> datetime:
    """Entries of before this moment are over: midnight of the day so many months before, by British clocks."""
    return british_midnight(months_before(day, max(months, AT_LEAST)))


async def waits(connection: AsyncConnection, service: str, org: str, before: datetime) -> bool:
    """Whether the oldest entry is of before a moment."""
    begun = await begun_of(connection, service, org)
    at = (await connection.execute(_OLDEST, {"org": org, "after": begun.number})).scalar_one_or_none()
    return at is not None and at < before


async def due(connection: AsyncConnection, service: str, org: str, secrets: Secrets, before: datetime) -> Due | None:
    """The entries of before a moment, up to the last checkpoint among them; None where there is none.

    Ends at the first entry that is younger, whatever comes after. Raises `ChainBrokenError`.
    """
    if not await waits(connection, service, org, before):
        return None
    begun = await begun_of(connection, service, org)
    if not begun_.is_genuine(secrets, service, org, begun):
        raise ChainBrokenError(f"the beginning after {begun.number} was not made by this service")
    marks: dict[int, bytes] = {}
    for row in await connection.execute(_MARKS, {"org": org, "after": begun.number}):
        if not is_genuine(secrets, service, org, row):
            raise ChainBrokenError(f"the checkpoint at {row.number} was not made by this service")
        marks[row.number] = bytes(row.hash)
    walk, found, youngest = Walk(service, org, marks, begun), None, datetime.min.replace(tzinfo=UTC)
    while True:
        rows = (await connection.execute(ENTRIES, {"org": org, "after": walk.number, "page": PAGE})).all()
        for row in rows:
            if row.at >= before or (found is not None and row.number - begun.number > MOST):
                return found
            _assert_fits(walk.step(entry_of(row, row.number).said(), bytes(row.hash)))
            youngest = max(youngest, row.at)
            if row.number in marks:
                found = Due(begun, row.number, bytes(row.hash), youngest)
        if len(rows) < PAGE:
            return found


def _assert_fits(wrong: Found | None) -> None:
    if wrong is not None:
        raise ChainBrokenError(wrong.reason)
