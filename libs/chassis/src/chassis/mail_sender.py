"""The sender: takes mails from the queue of one service and hands them to a carrier, in order of time, for ever.

One at a time for each service: all its statements run on the connection that holds the advisory lock. A mail is claimed, and
the claim committed, before it is handed over; then its fate is written down. So a crash between the two repeats at most the one
mail that was under way, and no other. It is repeated under the same reference: as an SMTP message with the same Message-ID,
which most mail programs show once; GOV.UK Notify is asked first whether it has it.
"""

import asyncio
import contextlib
import traceback
import zlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chassis import tracing
from chassis.mail import MailSettings, mailer_of
from chassis.mail.message import Mailer, MailPutOff, MailRefused, MessageError
from chassis.mail_queue import unseal
from chassis.secrets import SealError, Secrets

log = structlog.get_logger(__name__)

BATCH = 100
SEND_SECONDS = 60.0  # for one mail in all
LEASE = timedelta(seconds=3 * SEND_SECONDS)  # after which a claimed mail was left behind: longer than any hand-over can take

SENT = Counter("loop_mail_sent_total", "Mails that the carrier has taken.", ["service"])
FAILED = Counter("loop_mail_failed_total", "Mails that were refused or given up.", ["service"])
WAITING = Gauge("loop_mail_waiting", "Mails that are still to be sent.", ["service"])

_LOCK = text("select pg_try_advisory_lock(:key)")
_WAITING = text("select count(*) from mail where state in ('waiting', 'sending')")
_HOLD = text("update mail set last_error = :reason where state = 'waiting' and last_error is distinct from :reason")
_DUE = text(
    """
    select org, id from mail where state in ('waiting', 'sending') and next_try_at <= now()
     order by next_try_at, id limit :batch
    """
)
# Only what is still due: whoever else came first has moved it on. A mail that was 'sending' was left behind by a crash.
_CLAIM = text(
    """
    update mail set state = 'sending', attempts = attempts + 1, doubtful = doubtful or state = 'sending',
                    next_try_at = now() + cast(:lease as interval)
     where org = :org and id = :id and state in ('waiting', 'sending') and next_try_at <= now()
    returning org, id, recipient, content, attempts, doubtful, traceparent
    """
)
# The number of the attempt stands in each: who was too slow, and has been replaced, changes nothing any more.
_SENT = text(
    """
    update mail set state = 'sent', sent_at = now(), last_error = null
     where org = :org and id = :id and state = 'sending' and attempts = :attempts
    """
)
_FAILED = text(
    """
    update mail set state = 'failed', last_error = :reason
     where org = :org and id = :id and state = 'sending' and attempts = :attempts
    """
)
_PUT_OFF = text(
    """
    update mail set state = 'waiting', last_error = :reason, doubtful = :doubtful, next_try_at = now() + cast(:wait as interval)
     where org = :org and id = :id and state = 'sending' and attempts = :attempts
    """
)
_GIVE_UP = text(
    """
    update mail set state = 'failed', last_error = 'given up: ' || coalesce(last_error, 'no attempt came to an end')
     where state in ('waiting', 'sending') and created_at < now() - cast(:age as interval)
       and (state = 'waiting' or next_try_at <= now())
    returning org, id, attempts, last_error
    """
)
_CLEAR = text(
    """
    update mail set recipient = null, content = null, traceparent = null where (org, id) in (
        select org, id from mail where state in ('sent', 'failed') and (recipient is not null or content is not null)
           and created_at < now() - cast(:kept as interval)
         limit :batch)
    """
)


@dataclass(frozen=True)
class Pace:
    """How fast and how long."""

    idle_seconds: float = 5.0
    """Between two looks at an empty queue."""
    first_wait: timedelta = timedelta(minutes=1)
    """After the first failed attempt at a mail; doubled after each further one."""
    longest_wait: timedelta = timedelta(minutes=30)
    """Between two attempts at a mail at most; also between two tries of a carrier that serves nobody."""
    give_up: timedelta = timedelta(days=3)
    """After which an unsent mail is given up: what it says is old by then."""
    kept: timedelta = timedelta(days=14)
    """After which the address and content of a mail that is done are deleted."""
    clear_seconds: float = 3600.0
    """Between two rounds of deleting."""

    def wait(self, attempts: int) -> timedelta:
        """How long a mail waits after so many failed attempts (1 or more)."""
        # Bounded before it is multiplied: 2^n of an old mail would overflow.
        return min(self.first_wait * (1 << min(attempts - 1, 20)), self.longest_wait)


class MailSender:
    """Sends one service's mails; add `run` to a worker's tasks."""

    def __init__(self, service: str, engine: AsyncEngine, secrets: Secrets, mailer: Mailer, pace: Pace | None = None) -> None:
        self.service = service
        self._engine = engine
        self._secrets = secrets
        self._mailer = mailer
        self._pace = pace or Pace()
        self.leading = False
        FAILED.labels(service)  # shown from the start: a rise from nothing would not be seen

    @classmethod
    def of(cls, service: str, engine: AsyncEngine, secrets: Secrets, settings: MailSettings) -> "MailSender":
        """The sender of a service's mails, by the carrier and the days that its worker's settings name."""
        pace = Pace(give_up=timedelta(days=settings.mail_give_up_days), kept=timedelta(days=settings.mail_keep_days))
        return cls(service, engine, secrets, mailer_of(settings), pace)

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`; the mail under way is finished, the next is not begun. Every failure is tried again."""
        delay = 0.1
        while not stopping.is_set():
            try:
                await self._lead(stopping)
                delay = 0.1
            except Exception as error:  # noqa: BLE001 - the sender must outlive whatever goes wrong around it
                log.warning("mail.sender_failed", reason=type(error).__name__, place=_place(error), retry_in=delay)
                await _pause(stopping, delay)
                delay = min(delay * 2, 30.0)
            finally:
                self.leading = False
                WAITING.labels(self.service).set(0)  # whoever sends now counts them
                with contextlib.suppress(Exception):  # what cannot be closed is not used again either
                    await self._mailer.close()

    async def _lead(self, stopping: asyncio.Event) -> None:
        async with self._engine.connect() as connection:
            key = zlib.crc32(f"mail {self.service}".encode())
            try:
                while not (await connection.execute(_LOCK, {"key": key})).scalar_one():
                    await connection.commit()
                    await _pause(stopping, self._pace.idle_seconds)
                    if stopping.is_set():
                        return
                await connection.commit()
                self.leading = True
                log.info("mail.leading", sender=self.service)
                await self._serve(connection, stopping)
            finally:
                # The connection goes back to a pool: without this the lock would go with it.
                await connection.invalidate()

    async def _serve(self, connection: AsyncConnection, stopping: asyncio.Event) -> None:
        clock = asyncio.get_running_loop()
        next_clearing = clock.time()
        pause = self._pace.idle_seconds
        while not stopping.is_set():
            if clock.time() >= next_clearing:
                await self.clear(connection)
                next_clearing = clock.time() + self._pace.clear_seconds
            try:
                dealt_with = await self.step(connection, stopping)
                pause = 0.0 if dealt_with >= BATCH else self._pace.idle_seconds
            except MailPutOff as error:
                # Nobody's mail goes through: the next one is tried after a while, not all of them at once.
                pause = min(max(pause, self._pace.idle_seconds) * 2, self._pace.longest_wait.total_seconds())
                log.warning("mail.held_up", reason=error.reason, retry_in=pause)
            await self._mailer.close()
            await _pause(stopping, pause)

    async def step(self, connection: AsyncConnection, stopping: asyncio.Event | None = None) -> int:
        """Send one batch of what is due; answers how many mails were dealt with.

        Raises `MailPutOff` when the carrier serves nobody at the moment. Everything is committed, mail by mail.
        """
        await self._give_up(connection)
        if reason := self._mailer.closed_because:
            await connection.execute(_HOLD, {"reason": reason})
            await self._count(connection)
            return 0
        due = (await connection.execute(_DUE, {"batch": BATCH})).all()
        await self._count(connection)
        done = 0
        for each in due:
            if stopping is not None and stopping.is_set():
                break
            done += await self._one(connection, each.org, each.id)
        if done:
            await self._count(connection)
        return done

    async def clear(self, connection: AsyncConnection) -> int:
        """Delete address and content of mails that are done and old; answers how many there were."""
        cleared = 0
        while True:
            found = (await connection.execute(_CLEAR, {"kept": self._pace.kept, "batch": BATCH})).rowcount
            await connection.commit()
            cleared += found
            if found < BATCH:
                break
        if cleared:
            log.info("mail.cleared", mails=cleared)
        return cleared

    async def _one(self, connection: AsyncConnection, org: str, mail_id: Any) -> int:
        """Claim, hand over, write down what came of it; 0 when somebody else has it."""
        found = await connection.execute(_CLAIM, {"org": org, "id": mail_id, "lease": LEASE})
        row = found.one_or_none()
        await connection.commit()  # before anything leaves, and no transaction stays open meanwhile
        if row is None:
            return 0
        attempt = {"org": row.org, "id": row.id, "attempts": row.attempts}
        about = {"mail": str(row.id), "org": row.org, "attempts": row.attempts}
        try:
            # In the trace of what asked for it; one that has waited for long is a trace of its own.
            with tracing.begin("mail", "client", tracing.of_late(row.id, row.traceparent)) as span:
                span.set("loop.org", row.org)
                span.set("loop.attempt", row.attempts)
                await self._hand_over(row)
        except MailRefused as error:
            await connection.execute(_FAILED, {**attempt, "reason": error.reason})
            await connection.commit()
            FAILED.labels(self.service).inc()
            log.warning("mail.failed", reason=error.reason, **about)
        except MailPutOff as error:
            wait = self._pace.wait(row.attempts)
            doubtful = row.doubtful or error.doubtful
            await connection.execute(_PUT_OFF, {**attempt, "reason": error.reason, "doubtful": doubtful, "wait": wait})
            await connection.commit()
            if error.for_all:
                raise
            log.info("mail.put_off", reason=error.reason, retry_in=wait.total_seconds(), **about)
        else:
            await connection.execute(_SENT, attempt)
            await connection.commit()
            SENT.labels(self.service).inc()
            log.info("mail.sent", **about)
        return 1

    async def _hand_over(self, row: Row[Any]) -> None:
        """Raises `MailRefused` or `MailPutOff`, whatever goes wrong."""
        try:
            message = unseal(self._secrets, row.org, row.recipient, row.content)
        except (SealError, MessageError, ValueError, TypeError):
            raise MailRefused("its content does not open with this installation's key") from None
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._mailer.send(message, str(row.id), doubtful=row.doubtful)
        except (MailPutOff, MailRefused):
            raise
        except TimeoutError:
            raise MailPutOff("the carrier did not answer in time", for_all=True, doubtful=True) from None
        except Exception as error:  # noqa: BLE001 - one mail's trouble must not end the sender
            # Its words may hold an address; where it happened does not.
            log.warning("mail.unexpected", reason=type(error).__name__, place=_place(error))
            raise MailPutOff(f"unexpected: {type(error).__name__}", doubtful=True) from None

    async def _give_up(self, connection: AsyncConnection) -> None:
        rows = (await connection.execute(_GIVE_UP, {"age": self._pace.give_up})).all()
        await connection.commit()
        FAILED.labels(self.service).inc(len(rows))
        for row in rows:
            log.warning("mail.given_up", mail=str(row.id), org=row.org, attempts=row.attempts, reason=row.last_error)

    async def _count(self, connection: AsyncConnection) -> None:
        WAITING.labels(self.service).set((await connection.execute(_WAITING)).scalar_one())
        await connection.commit()


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].name}:{frames[-1].lineno}" if frames else ""


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return
