"""The end of a service's trail: entries that are over go up to a sealed checkpoint, unless a hold stands (ADR 0036).

A kind of its own: its time is a line of retention.yaml as every kind's, and what goes is no record but the first part of a
chain. Any hold and any restriction keeps the whole of it, whatever they hold: who opened what may be what a claim is about.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

import structlog
from sqlalchemy import text

from chassis.days import british_day
from chassis.retention import holding
from chassis.secrets import Secrets
from chassis.trail import begun, ending
from chassis.trail.ending import AT_LEAST, Due, over_before
from chassis.trail.links import Begun
from chassis.unit_of_work import Transaction

log = structlog.get_logger(__name__)

_OLDEST_REQUEST = text("select min(received_on) from subject_request where closed_on is null")
_LET_GO = text("select trail_let_go(:number, :hash, :at, :seal, :months)")

What = Literal["nothing", "held", "due"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How the trail stands: how long it is kept (None: for good), where it begins, whether something holds it.

    `due`: its oldest entry is over, so that a run lets some go, up to the last checkpoint among those that are.
    """

    months: int | None
    begun: Begun
    genuine: bool
    held: bool
    due: bool


async def is_held(transaction: Transaction) -> bool:
    """Whether a hold or a restriction stands in the organisation. An open request is no hold of the trail: see `before`."""
    return any(each.scope != "asked" for each in await holding.in_force(transaction))


async def before(transaction: Transaction, months: int, today: date) -> datetime:
    """The moment before which entries are over.

    What was in its time when a person's request came stays until the request is closed. In a large council there is always an
    open one: if each kept the whole trail, no period would ever do anything.
    """
    over = over_before(today, months)
    oldest: date | None = (await transaction.connection.execute(_OLDEST_REQUEST)).scalar_one()
    return over if oldest is None else min(over, over_before(oldest, months))


async def standing(transaction: Transaction, secrets: Secrets, service: str, months: int | None, today: date) -> Standing:
    """How the trail stands; nothing is changed by asking."""
    org = transaction.org
    begins = await begun.begun_of(transaction.connection, service, org)
    genuine = begun.is_genuine(secrets, service, org, begins)
    due = False
    if months is not None:
        over = await before(transaction, months, today)
        due = await ending.waits(transaction.connection, service, org, over)
    return Standing(max(months, AT_LEAST) if months else None, begins, genuine, await is_held(transaction), due)


async def look(transaction: Transaction, secrets: Secrets, service: str, months: int, now: datetime) -> tuple[What, Due | None]:
    """What may go, found by walking along it. Raises `ending.ChainBrokenError`."""
    connection, org = transaction.connection, transaction.org
    over = await before(transaction, months, british_day(now))
    if not await ending.waits(connection, service, org, over):
        return "nothing", None
    if await is_held(transaction):
        return "held", None
    found = await ending.due(connection, service, org, secrets, over)
    return ("due" if found else "nothing"), found


async def let_go(transaction: Transaction, secrets: Secrets, service: str, months: int, due: Due, now: datetime) -> int:
    """Let go what `look` found, under the lock of `holding`; answers how many entries.

    0 where a hold was placed meanwhile, a request came that needs them, or somebody else did it.
    """
    connection, org = transaction.connection, transaction.org
    if await begun.begun_of(connection, service, org) != due.begun or await is_held(transaction):
        return 0
    if due.youngest >= await before(transaction, months, british_day(now)):
        return 0
    at = now.astimezone(UTC)
    seal = begun.seal_of(secrets, service, org, due.number, due.hash, at)
    names = {"number": due.number, "hash": due.hash, "at": at, "seal": seal, "months": months}
    gone: int = (await connection.execute(_LET_GO, names)).scalar_one()
    # Also where the log goes, out of reach of whoever has the database.
    log.info("trail.let_go", org=org, number=due.number, hash=due.hash.hex(), entries=gone)
    return gone
