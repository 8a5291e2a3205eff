"""Events in: keeps those that somebody asked for, a message for each subscription, once however often an event arrives."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis import tracing
from chassis.consumer import Received
from chassis.dead_letters import forget_dead
from chassis.ids import new_id
from chassis.outbox import now
from contracts.base import RecordReduced
from contracts.feedback_stars import StarErased
from gateway.domain.webhook_events import Wish, name_of
from gateway.domain.webhook_messages import message, records_of
from gateway.domain.webhooks import KEPT

# One that is paused, disabled, or has a new address goes on collecting for a while, so that it misses nothing.
_ASKING = text(
    """
    select s.subscription_id, s.types, s.areas, s.live_from, s.client_id, c.scopes, c.areas as within, c.disabled_at
      from webhook_subscription s left join client c on c.org = s.org and c.client_id = s.client_id
     where s.org = :org and s.live_from is not null and (s.status in ('live', 'paused', 'unverified')
           or (s.status = 'disabled' and s.reason <> 'client' and s.disabled_at > now() - cast(:kept as interval)))
    """
)
_KEEP = text(
    """
    insert into webhook_message (message_id, org, subscription_id, event_id, type, payload, records, traceparent)
    select n.id, :org, n.subscription, n.event, n.type, n.payload, cast(string_to_array(n.records, ',') as uuid[]),
           n.traceparent
      from unnest(cast(:ids as uuid[]), cast(:subscriptions as text[]), cast(:events as text[]), cast(:types as text[]),
                  cast(:payloads as text[]), cast(:records as text[]), cast(:traces as text[]))
           with ordinality as n (id, subscription, event, type, payload, records, traceparent, number)
     order by n.number
    on conflict on constraint webhook_message_once do nothing
    """
)


# By the partial index of stars: nothing of an erased course may go out any more, whatever comes first.
_FORGET = text(
    """
    delete from webhook_message where org = :org and type like 'feedback.v1.star%' and type <> :erased
       and payload::jsonb -> 'data' ->> 'star_id' = any(cast(:stars as text[]))
    """
)


# Of a record of which nothing personal is left: bodies of what waits, and of what went. With them go the attempts.
_REDUCED = text("delete from webhook_message where org = :org and records && cast(:records as uuid[])")


class Keeping:
    """A projection (`chassis.consumer`) of the events of all services into messages."""

    async def apply(self, connection: AsyncConnection, org: str, events: Sequence[Received]) -> None:
        """Keep what is asked for of a batch of one organisation, and forget what was erased."""
        await self._keep(connection, org, events)
        if erased := [str(each.event.star_id) for each in events if isinstance(each.event, StarErased)]:
            await connection.execute(_FORGET, {"org": org, "erased": name_of(StarErased), "stars": erased})
        if reduced := [str(each.event.record_id) for each in events if isinstance(each.event, RecordReduced)]:
            await connection.execute(_REDUCED, {"org": org, "records": reduced})
            await forget_dead(connection, org, reduced)

    async def _keep(self, connection: AsyncConnection, org: str, events: Sequence[Received]) -> None:
        asking = [row for row in await connection.execute(_ASKING, {"org": org, "kept": KEPT}) if row.disabled_at is None]
        if not asking:
            return
        wishes = [(row.subscription_id, row.live_from, _wish(row)) for row in asking]
        # Of a rebuild: what is older was cleared away, and sent long ago.
        oldest = now() - KEPT
        kept: list[tuple[str, str, str, str, str, str | None]] = []
        for each in events:
            if each.occurred_at < oldest:
                continue
            name, data = str(each.envelope["type"]).removeprefix("loop."), each.event.model_dump(mode="json")
            takers = [ident for ident, since, wish in wishes if each.occurred_at >= since and wish.wants(name, data)]
            if takers:
                # What the contract names and nothing besides.
                body = message(name, str(each.envelope["time"]), data)
                about = ",".join(records_of(data))
                trace = tracing.of_late(each.id, each.envelope.get("traceparent"))
                kept += [(ident, str(each.id), name, body, about, trace) for ident in takers]
        if kept:
            names = ("subscriptions", "events", "types", "payloads", "records", "traces")
            rows = dict(zip(names, zip(*kept, strict=True), strict=True))
            await connection.execute(
                _KEEP, {"org": org, "ids": [new_id() for _ in kept], **{name: list(each) for name, each in rows.items()}}
            )

    async def clear(self, connection: AsyncConnection) -> None:
        """Nothing: what was kept is what keeps a message from being sent twice."""


def _wish(row: Any) -> Wish:
    scopes, within = (frozenset(row.scopes), frozenset(row.within)) if row.client_id else (None, frozenset())
    return Wish(frozenset(row.types), frozenset(row.areas), scopes, within)
