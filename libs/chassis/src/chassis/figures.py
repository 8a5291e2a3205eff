"""What a scrape shows of the database: asked by the worker every half minute, so that a scrape itself asks nothing.

Every look has a bounded price: it reads along an index, or counts up to `MOST`, and the server cuts it off after `SECONDS`. All
workers of a service look, and show the same; whoever adds up over processes takes the maximum. A look that fails leaves its
figures as they were, and `loop_figures_gathered_timestamp_seconds` says how old they are.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from time import time
from typing import Any

import structlog
from prometheus_client import Gauge
from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis.consumer import POSITION
from chassis.relay import UNPUBLISHED
from chassis.repeating import repeat
from chassis.rounds import organisations
from chassis.trail.checking import BROKEN, CHECKED
from chassis.unit_of_work import Transaction, UnitOfWork

log = structlog.get_logger(__name__)

EVERY_SECONDS = 30.0
SECONDS = 2
"""After which the server cuts off a statement of a look."""
MOST = 10_000
"""Rows that are counted at most: beyond it, it does not matter how many more there are."""

GATHERED = Gauge("loop_figures_gathered_timestamp_seconds", "When a look last came to its end.", ["service", "look"])
OLDEST = Gauge("loop_outbox_oldest_seconds", "For how long the oldest event waits to be published.", ["service"])
HEAD = Gauge("loop_outbox_head", "Number of the newest event that has one.", ["service"])
DEAD = Gauge("loop_dead_letters_waiting", "Events that are put aside and were not applied since.", ["consumer", "source"])
UNJOINED = Gauge("loop_trail_unjoined_seconds", "For how long the oldest entry waits to be joined to its chain.", ["service"])

Look = Callable[[], Awaitable[None]]

_LIMIT = text(f"set local statement_timeout = '{SECONDS}s'")
# A backward step along an index each: the newest number, and the oldest of either kind that waits.
_OUTBOX = text(
    """
    select (select count(*) from (select from outbox where sequence is null limit :most) as n)
           + (select count(*) from (select from outbox where published_at is null and sequence is not null limit :most) as u)
             as depth,
           coalesce((select max(sequence) from outbox), 0) as head,
           extract(epoch from clock_timestamp() - least(
               (select recorded_at from outbox where sequence is null order by position limit 1),
               (select recorded_at from outbox where published_at is null and sequence is not null order by sequence limit 1)
           )) as oldest
    """
)
_POSITIONS = text("select consumer, source, sequence from consumer_position")
# Along the index of those that wait (`dead_letter_waiting`): those that were applied since cost nothing.
_DEAD = text(
    """
    select p.consumer, p.source, count(d.source) as number
      from consumer_position p
      left join (select consumer, source from dead_letter where redriven_at is null limit :most) as d
        on d.consumer = p.consumer and d.source = p.source
     group by p.consumer, p.source
    """
)
_TRAIL = text(
    """
    select extract(epoch from clock_timestamp()
               - (select min(at) from (select at from trail where number is null limit :most) as waiting)) as oldest,
           (select min(checked_at) from trail_check) as checked_at,
           (select count(*) from trail_check where broken_at is not null) as broken
    """
)


async def outbox(engine: AsyncEngine) -> Row[Any]:
    """What waits in the outbox: `depth`, `head`, `oldest` in seconds, None where nothing waits."""
    return await _one(engine, _OUTBOX)


async def trail(engine: AsyncEngine) -> Row[Any]:
    """How the trail stands: `oldest` that is not joined, in seconds, `checked_at`, and how many chains are `broken`."""
    return await _one(engine, _TRAIL)


async def _one(engine: AsyncEngine, look: TextClause) -> Row[Any]:
    async with engine.begin() as connection:
        await connection.execute(_LIMIT)
        return (await connection.execute(look, {"most": MOST})).one()


class Filling:
    """A gauge whose labels come and go, as organisations do: what is not there any more is taken out."""

    def __init__(self, gauge: Gauge) -> None:
        self._gauge = gauge
        self._known: set[tuple[str, ...]] = set()

    def fill(self, values: Mapping[tuple[str, ...], float]) -> None:
        """Show these values, by the labels in their order, and no others."""
        for labels, value in values.items():
            self._gauge.labels(*labels).set(value)
        for gone in self._known - values.keys():
            self._gauge.remove(*gone)
        self._known = set(values)


class Figures:
    """A worker's task: every half minute each look, one after another."""

    def __init__(self, service: str, engine: AsyncEngine) -> None:
        self._service = service
        self._engine = engine
        self._looks: dict[str, Look] = {}

    def add(self, name: str, look: Look) -> None:
        """Look at something more; `name` stands in the label `look`."""
        self._looks[name] = look
        GATHERED.labels(self._service, name).set(0)  # what never comes to its end is old from the start

    def add_events(self) -> None:
        """What waits in the outbox."""
        self.add("outbox", self._outbox)

    def add_consumer(self) -> None:
        """How far the consumer is, and what it put aside."""
        self.add("consumer", self._consumer)

    def add_trail(self) -> None:
        """Whether the trail is joined and checked, and holds."""
        self.add("trail", self._trail)

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`."""
        await repeat(self.once, EVERY_SECONDS, stopping, put_off="figures.put_off")

    async def once(self) -> None:
        """Look at everything. What fails is logged; the others are not kept waiting."""
        for name, look in self._looks.items():
            try:
                await look()
            except Exception as error:  # noqa: BLE001 - the figures stay as they were, and their age shows
                log.warning("figures.look_failed", look=name, reason=type(error).__name__)
            else:
                GATHERED.labels(self._service, name).set(time())

    async def _outbox(self) -> None:
        row = await outbox(self._engine)
        UNPUBLISHED.labels(self._service).set(row.depth)
        HEAD.labels(self._service).set(row.head)
        OLDEST.labels(self._service).set(row.oldest or 0)

    async def _consumer(self) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(_LIMIT)
            positions = (await connection.execute(_POSITIONS)).all()
            dead = (await connection.execute(_DEAD, {"most": MOST})).all()
        for row in positions:
            POSITION.labels(row.consumer, row.source).set(row.sequence)
        for row in dead:
            DEAD.labels(row.consumer, row.source).set(row.number)

    async def _trail(self) -> None:
        row = await trail(self._engine)
        UNJOINED.labels(self._service).set(row.oldest or 0)
        BROKEN.labels(self._service).set(row.broken)
        if row.checked_at is not None:
            CHECKED.labels(self._service).set(moment(row.checked_at))


def moment(at: datetime) -> float:
    """Seconds since 1970, as Prometheus tells moments."""
    return at.timestamp()


def by_organisation(
    uow: UnitOfWork,
    ask: Callable[[Transaction], Awaitable[Sequence[float]]],
    gauges: Sequence[Gauge],
) -> Look:
    """A look at each organisation by itself: `ask` answers a figure for each gauge, whose one label is `org`."""
    fillings = [Filling(gauge) for gauge in gauges]

    async def look() -> None:
        found: dict[str, Sequence[float]] = {}
        for org in await organisations(uow):
            async with uow.begin(org) as transaction:
                await limit(transaction.connection)
                found[org] = await ask(transaction)
        for number, filling in enumerate(fillings):
            filling.fill({(org,): figures[number] for org, figures in found.items()})

    return look


async def limit(connection: AsyncConnection) -> None:
    """Let the server cut off the statements of this transaction after `SECONDS`."""
    await connection.execute(_LIMIT)
