"""Looks of a worker at its own database and at the broker, each of a bounded price (`chassis.figures`)."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import nats.errors
from nats.aio.client import Client
from prometheus_client import REGISTRY
from pydantic import TypeAdapter
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import figures
from chassis.consumer import BatchApplier
from chassis.event_log import LogClient
from chassis.jetstream import assert_connected, stream_name
from chassis.operating.told import Consumer, Dead, Mails, Outbox, Retention, Stream, Trail

KIND = """
    case when reason like 'unknown event type %' then 'unknown-type'
         when reason like 'data does not fit %' then 'does-not-fit'
         when reason = 'no valid organisation' then 'no-organisation'
         when reason like '% in the projection' then 'projection'
         else 'refused' end
"""
"""The kind of a dead letter, by what `chassis.consumer` wrote as its reason."""

_DEAD = text(
    f"""
    select consumer, source, {KIND} as kind, count(*) as number, min(failed_at) as oldest
      from (select consumer, source, reason, failed_at from dead_letter where redriven_at is null limit :most) as waiting
     group by 1, 2, 3 order by 1, 2, 3
    """  # noqa: S608 - a constant
)
_POSITIONS = text("select consumer, source, sequence, moved_at from consumer_position order by consumer, source")
_HAS_MAILS = text("select to_regclass('mail') is not null")
_MAILS = text(
    """
    select count(*) as waiting, coalesce(extract(epoch from clock_timestamp() - min(created_at)), 0) as oldest
      from (select created_at from mail where state in ('waiting', 'sending') limit :most) as waiting
    """
)
# A backward step along the numbers of each organisation.
_LAST = text(
    """
    select p.org, (select max(t.number) from trail t where t.org = p.org) as number
      from (select distinct org from profile) p order by p.org
    """
)
_LOG_SECONDS = 2.0
_TIME = TypeAdapter(datetime)


async def _rows(engine: AsyncEngine, look: Any, **names: Any) -> Sequence[Row[Any]]:
    async with engine.begin() as connection:
        await figures.limit(connection)
        return (await connection.execute(look, names)).all()


async def outbox(engine: AsyncEngine) -> Outbox:
    """What waits to be published."""
    row = await figures.outbox(engine)
    return Outbox(depth=row.depth, head=row.head, oldest_seconds=row.oldest or 0)


async def dead(engine: AsyncEngine) -> list[Dead]:
    """Dead letters by consumer, source and kind."""
    return [Dead.model_validate(dict(row._mapping)) for row in await _rows(engine, _DEAD, most=figures.MOST)]  # noqa: SLF001 - SQLAlchemy's documented way


async def mails(engine: AsyncEngine) -> Mails | None:
    """Mails that wait; None where the service sends none."""
    if not (await _rows(engine, _HAS_MAILS))[0][0]:
        return None
    row = (await _rows(engine, _MAILS, most=figures.MOST))[0]
    return Mails(waiting=row.waiting, oldest_seconds=row.oldest)


async def trail(engine: AsyncEngine) -> Trail:
    """How the trail stands."""
    row = await figures.trail(engine)
    last = {each.org: each.number or 0 for each in await _rows(engine, _LAST)}
    return Trail(unjoined_seconds=row.oldest or 0, checked_at=row.checked_at, broken=row.broken, last=last)


async def retention(service: str) -> Retention:
    """What this worker's own figures say of it."""
    looked = REGISTRY.get_sample_value("loop_retention_looked_timestamp_seconds", {"service": service})
    failed = REGISTRY.get_sample_value("loop_retention_records_total", {"service": service, "what": "failed"})
    return Retention(looked_at=datetime.fromtimestamp(looked, UTC) if looked else None, failed=int(failed or 0))


async def stream(client: Client, source: str) -> Stream:
    """The stream of a source. Raises where the broker does not answer, or has none."""
    assert_connected(client)
    info = await client.jetstream(timeout=2).stream_info(stream_name(source))
    cluster = info.cluster
    behind = sum(1 for each in (cluster.replicas or [] if cluster else []) if each.offline or not each.current)
    return Stream(
        name=stream_name(source),
        messages=info.state.messages,
        bytes=info.state.bytes,
        last_sequence=info.state.last_seq,
        replicas=info.config.num_replicas or 1,
        behind=behind,
        leader=cluster.leader if cluster else None,
    )


class Consumers:
    """A consumer with its sources."""

    def __init__(self, engine: AsyncEngine, client: Client, appliers: Sequence[BatchApplier], logs: LogClient) -> None:
        self._engine = engine
        self._client = client
        self._sources = tuple((each.consumer, each.source) for each in appliers)
        self._logs = logs

    async def tell(self) -> list[Consumer]:
        """How far each source is, against the producer's log and by the broker, all asked at once."""
        rows = {(row.consumer, row.source): row for row in await _rows(self._engine, _POSITIONS)}
        known = [rows[each] for each in self._sources if each in rows]
        return list(await asyncio.gather(*(self._one(row) for row in known)))

    async def _one(self, row: Row[Any]) -> Consumer:
        (behind, seconds), broker = await asyncio.gather(self._behind(row), self._of_broker(row))
        return Consumer(
            consumer=row.consumer, source=row.source, position=row.sequence, moved_at=row.moved_at, behind=behind,
            behind_seconds=seconds, **broker,
        )  # fmt: skip

    async def _behind(self, row: Row[Any]) -> tuple[int | None, float | None]:
        try:
            async with asyncio.timeout(_LOG_SECONDS):
                page = await self._logs.read(row.source, row.sequence, limit=1)
        except (httpx.HTTPError, OSError, TimeoutError):
            return None, None
        if not page.events:
            return max(page.head - row.sequence, 0), 0.0
        first = _TIME.validate_python(page.events[0]["time"])
        return page.head - row.sequence, max((datetime.now(UTC) - first).total_seconds(), 0)

    async def _of_broker(self, row: Row[Any]) -> dict[str, int | None]:
        try:
            assert_connected(self._client)
            info = await self._client.jetstream(timeout=2).consumer_info(stream_name(row.source), row.consumer)
        except (nats.errors.Error, OSError, TimeoutError):
            return {}
        delivered = info.delivered.stream_seq if info.delivered else None
        return {"delivered": delivered, "pending": info.num_pending, "redelivered": info.num_redelivered}
