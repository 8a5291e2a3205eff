"""Send messages of a subscription again: one, all of a span of days, or what did not get through."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_

from chassis.days import british_day, british_midnight
from chassis.errors import DomainError, not_found
from gateway.adapters import webhook_log
from gateway.domain.webhook_messages import first_id_of
from gateway.domain.webhooks import KEPT
from gateway.use_cases.webhook_setup import Asking, WebhookSetup, hold_webhook, malformed, note

BATCH = 1_000
MOST = 100_000
"""Messages of one request; what is beyond is asked for again."""


@dataclass(frozen=True)
class Again:
    """Which: one `event_id`; all from a day to a day; with `unsent` only what failed or waits. No days: of all days."""

    event_id: str | None = None
    first: date | None = None
    last: date | None = None
    unsent: bool = False


async def replay_webhook(setup: WebhookSetup, asking: Asking, subscription_id: str, again: Again) -> int:
    """Let messages be sent again, and answer how many. Raises DomainError for a message that is not kept (any more)."""
    which = _which(again, setup.clock())
    done, after = 0, None
    while done < MOST:
        async with setup.recording.begin(asking.org) as transaction:
            found, *_ = await hold_webhook(transaction, asking, subscription_id)
            if found.status not in {"live", "paused"}:
                raise DomainError("not-live", "It sends nothing now. Let it go on first, then send again.")
            ids = await webhook_log.send_anew(transaction.connection, subscription_id, which, after, BATCH)
            if again.event_id and not ids:
                raise not_found("message, or it is older than thirty days")
            if ids:
                note(transaction, subscription_id, "replayed", messages=len(ids))
        done, after = done + len(ids), _last(ids, after)
        if len(ids) < BATCH:
            break
    return done


def _last(ids: list[UUID], before: UUID | None) -> UUID | None:
    return ids[-1] if ids else before


def _which(again: Again, moment: datetime) -> ColumnElement[bool]:
    if again.event_id is not None:
        return webhook_log.is_event(again.event_id)
    if not again.unsent and again.first is None:
        raise malformed("/first", "say from which day on", "malformed-span")
    if again.first and again.last and again.first > again.last:
        raise malformed("/first", "must not be after the last day", "malformed-span")
    # Nothing is kept outside of these, and days without end have no identifiers.
    oldest, newest = british_day(moment - KEPT) - timedelta(days=1), british_day(moment) + timedelta(days=1)
    first, last = (min(max(each, oldest), newest) for each in (again.first or oldest, again.last or newest))
    begin, end = (first_id_of(british_midnight(each)) for each in (first, last + timedelta(days=1)))
    span = webhook_log.is_between(begin, end)
    return and_(span, webhook_log.is_unsent()) if again.unsent else span
