"""Messages that are due, for the worker: claimed, and what came of each. Every statement is one short transaction's."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from gateway.adapters import history
from gateway.domain.webhooks import Outcome

LEASE = timedelta(seconds=60)
"""After which a message that was claimed is due again: its worker has ended in the middle. Longer than an attempt may take."""

# A claim holds its subscriptions until it is committed, so that no two workers count room in one at once; who comes second
# takes others, or looks again a second later. The counting is a statement of its own: begun after the lock, it sees what was
# claimed before.
_HOLD = text(
    """
    select s.subscription_id from webhook_subscription s
     where s.status in ('live', 'unverified') and exists (
           select from webhook_message m where m.subscription_id = s.subscription_id and m.state = 'waiting'
              and m.next_try_at <= now() and (s.status = 'live' or m.type = :test))
       for no key update of s skip locked
    """
)
# Few of each subscription, and of one that fails a single message: who is slow or away waits for itself. What is under way is
# an attempt without an outcome, of whatever worker; one that is older than the lease was left behind.
_CLAIM = text(
    """
    with busy as (
        select m.subscription_id, count(*) as number
          from webhook_attempt a join webhook_message m using (message_id)
         where a.kind is null and a.at > now() - cast(:lease as interval) group by m.subscription_id
    ), due as (
        select m.message_id, m.next_try_at,
               row_number() over (partition by s.subscription_id order by m.next_try_at) as place,
               case when s.failing_since is null and s.status = 'live' then cast(:each as integer) else 1 end
               - coalesce(busy.number, 0) as room
          from webhook_subscription s left join busy on busy.subscription_id = s.subscription_id
         cross join lateral (
               select message_id, next_try_at from webhook_message
                where subscription_id = s.subscription_id and state = 'waiting' and next_try_at <= now()
                  and (s.status = 'live' or type = :test)
                order by next_try_at limit :each
                  for update skip locked) as m
         where s.subscription_id = any(:held) and s.status in ('live', 'unverified')
    )
    update webhook_message m
       set attempts = attempts + 1, next_try_at = now() + cast(:lease as interval)
      from (select message_id from due where place <= room order by next_try_at limit :places) as chosen,
           webhook_subscription s
     where m.message_id = chosen.message_id and s.subscription_id = m.subscription_id
    returning m.message_id, m.org, m.subscription_id, m.event_id, m.type, m.payload, m.attempts, m.attempts_before,
              m.traceparent, s.address, s.secret, s.previous_secret, s.types, s.areas, s.client_id
    """
)
_BEGIN = text(
    """
    insert into webhook_attempt (message_id, org, number)
    select * from unnest(cast(:ids as uuid[]), cast(:orgs as text[]), cast(:numbers as integer[]))
    on conflict do nothing
    """
)
_CLIENTS = text("select client_id, scopes, areas from client where client_id = any(:ids) and disabled_at is null")

# The number of the attempt stands in each: who was too slow, and has been replaced, changes nothing any more.
_DONE = text(
    """
    update webhook_message set state = :state, status = :status, kind = :kind, ms = :ms, done_at = now()
     where message_id = :id and state = 'waiting' and attempts = :number
    """
)
_PUT_OFF = text(
    """
    update webhook_message set status = :status, kind = :kind, ms = :ms, next_try_at = now() + cast(:wait as interval)
     where message_id = :id and state = 'waiting' and attempts = :number
    """
)
_TRIED = text("update webhook_attempt set status = :status, kind = :kind, ms = :ms where message_id = :id and number = :number")
_GOT_THROUGH = text(
    "update webhook_subscription set failing_since = null where subscription_id = :subscription and failing_since is not null"
)
_VERIFIED = text(
    """
    update webhook_subscription set status = 'live', live_from = coalesce(live_from, now()), revision = revision + 1
     where subscription_id = :subscription and status = 'unverified' returning org
    """
)
_FAILS = text(
    """
    update webhook_subscription set failing_since = now()
     where subscription_id = :subscription and failing_since is null and status = 'live'
    """
)
_DISABLE = text(
    """
    update webhook_subscription
       set status = 'disabled', reason = :reason, disabled_at = now(), revision = revision + 1
     where subscription_id = :subscription and status in ('live', 'paused')
       and (:reason = 'gone' or failing_since <= now() - cast(:age as interval))
    returning org, subscription_id, name, reason, contact, revision
    """
)
_WAITING = text(
    """
    select count(*) as number, extract(epoch from now() - min(m.kept_at)) as oldest
      from webhook_message m join webhook_subscription s using (subscription_id)
     where m.state = 'waiting' and s.status = 'live'
    """
)


async def claim(engine: AsyncEngine, places: int, each: int, test: str) -> list[Row[Any]]:
    """Take messages that are due, `places` at most; each is ours for the time of the lease.

    Of each subscription so many that no more than `each` are under way in all workers together.
    """
    async with engine.begin() as connection:
        held = list((await connection.execute(_HOLD, {"test": test})).scalars())
        if not held:
            return []
        names = {"held": held, "places": places, "each": each, "lease": LEASE, "test": test}
        rows = (await connection.execute(_CLAIM, names)).all()
        if rows:
            numbers = {
                "ids": [row.message_id for row in rows],
                "orgs": [row.org for row in rows],
                "numbers": [row.attempts for row in rows],
            }
            await connection.execute(_BEGIN, numbers)
    return list(rows)


async def reach_of(engine: AsyncEngine, clients: set[str]) -> dict[str, tuple[frozenset[str], frozenset[str]]]:
    """Scopes and service areas of machines that are in use."""
    if not clients:
        return {}
    async with engine.begin() as connection:
        rows = await connection.execute(_CLIENTS, {"ids": sorted(clients)})
        return {row.client_id: (frozenset(row.scopes), frozenset(row.areas)) for row in rows}


async def write_down(
    connection: AsyncConnection, row: Row[Any], outcome: Outcome, wait: timedelta | None, dropped: str = ""
) -> None:
    """What came of an attempt: done, given up (no `wait`), dropped, or to be tried again."""
    said = {
        "id": row.message_id,
        "number": row.attempts,
        "status": outcome.status,
        "kind": dropped or outcome.kind,
        "ms": outcome.ms,
    }
    await connection.execute(_TRIED, said)
    if outcome.taken or dropped or wait is None:
        state = "dropped" if dropped else "sent" if outcome.taken else "failed"
        await connection.execute(_DONE, {**said, "state": state})
    else:
        await connection.execute(_PUT_OFF, {**said, "wait": wait})


async def got_through(connection: AsyncConnection, row: Row[Any], *, test: bool) -> None:
    """The receiver takes messages: it has not failed since, and a new one is there."""
    await connection.execute(_GOT_THROUGH, {"subscription": row.subscription_id})
    if test and (verified := (await connection.execute(_VERIFIED, {"subscription": row.subscription_id})).first()):
        await history.chain(connection, "subscription", verified.org, row.subscription_id, "verified")


async def fails(connection: AsyncConnection, row: Row[Any]) -> None:
    """Remember since when nothing gets through."""
    await connection.execute(_FAILS, {"subscription": row.subscription_id})


async def disable(connection: AsyncConnection, subscription_id: str, reason: str, age: timedelta) -> Row[Any] | None:
    """Disable a subscription whose receiver is gone, or fails for longer than `age`; gives it where it was done here."""
    names = {"subscription": subscription_id, "reason": reason, "age": age}
    found = (await connection.execute(_DISABLE, names)).first()
    if found is not None:
        await history.chain(connection, "subscription", found.org, subscription_id, "disabled", {"reason": reason})
    return found


async def waiting(engine: AsyncEngine) -> tuple[int, float]:
    """How many messages wait for receivers that are not paused or disabled, and for how many seconds the oldest does."""
    async with engine.begin() as connection:
        row = (await connection.execute(_WAITING)).one()
    return row.number, float(row.oldest or 0)
