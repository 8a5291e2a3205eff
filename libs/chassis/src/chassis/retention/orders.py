"""Erasure of one record on request (Article 17): who decided it on which ground, and what stands against it.

The page writes an order; the worker obeys it by the same way as what is due. So the processes that serve requests have no
right to delete anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from chassis.errors import DomainError, FieldError
from chassis.errors import Kind as ErrorKind
from chassis.ids import new_id
from chassis.retention import finding, holding
from chassis.retention.finding import Record
from chassis.retention.holding import InForce
from chassis.retention.kinds import Kind
from chassis.retention.periods import due_on, period_words
from chassis.secrets import SealError, Secrets
from chassis.unit_of_work import Transaction

PURPOSE = "retention/order"
LONGEST = 2_000

_ADD = text(
    "insert into retention_order (org, id, kind, record_id, ground_sealed, asked_on, decided_by) "
    "values (:org, :id, :kind, :record_id, :ground, :asked_on, :by) "
    "on conflict (org, kind, record_id) where done_at is null and refused is null do nothing returning id"
)
_ALL = text(
    "select id, kind, record_id, ground_sealed, asked_on, decided_by, decided_at, done_at, refused from retention_order "
    "order by decided_at desc limit 200"
)


@dataclass(frozen=True, slots=True)
class Order:
    """An erasure that was decided, and what became of it."""

    id: UUID
    kind: str
    record_id: UUID
    ground: str
    asked_on: date
    decided_by: str
    decided_at: datetime
    done_at: datetime | None
    refused: str | None


def refusal(kind: Kind, record: Record | None, holds: Sequence[InForce], secrets: Secrets, org: str, today: date) -> str:
    """Why a record is not erased before its time; empty where nothing stands against it."""
    if record is None:
        return "There is no such record."
    if record.reduced:
        return "What was personal of it has gone already."
    held = finding.held_by(holds, secrets, org, kind, record)
    if held:
        return _held(held)
    if record.since is None:
        return f"It is not over yet. {kind.counts_from}"
    if kind.at_least and (until := due_on(record.since, kind.at_least)) > today:
        kept = period_words(kind.at_least)
        return f"It has to be kept for {kept}, until {until.day} {until:%B %Y}: {kind.because}"
    return ""


def _held(held: Sequence[InForce]) -> str:
    if any(each.scope == "restricted" for each in held):
        return "Its use is restricted (Article 18). The data protection officer has to end the restriction first."
    if any(each.scope == "asked" for each in held):
        return "A request of a person that is not answered has it among its records: answer and close the request first."
    several = f"{len(held)} holds stand" if len(held) > 1 else "A hold stands"
    return f"{several} against it. A hold always wins: it has to be lifted first."


async def decide(
    transaction: Transaction,
    secrets: Secrets,
    by: str,
    kind: Kind,
    ident: UUID,
    ground: str,
    asked_on: date | None,
    today: date,
) -> None:
    """Order that a record is erased; again while it waits is the same order. Raises `incomplete`, `erasure-refused`."""
    errors = []
    if not ground.strip() or len(ground) > LONGEST:
        errors.append(FieldError("/ground", f"Write on which ground, in {LONGEST:,} characters at most"))
    if asked_on is None or asked_on > today:
        errors.append(FieldError("/asked_on", "Enter the day on which the person asked, today at the latest"))
    if errors or asked_on is None:
        raise DomainError("incomplete", "Nothing was erased. See `errors`.", ErrorKind.MALFORMED, tuple(errors))
    await holding.lock(transaction)
    why = await stands_against(transaction, secrets, kind, ident, today)
    if why:
        raise DomainError("erasure-refused", f"Nothing was erased. {why}")
    names = {"org": transaction.org, "id": new_id(), "kind": kind.code, "record_id": ident, "by": by, "asked_on": asked_on}
    await transaction.connection.execute(_ADD, {**names, "ground": secrets.seal(transaction.org, PURPOSE, ground.strip())})


async def stands_against(transaction: Transaction, secrets: Secrets, kind: Kind, ident: UUID, today: date) -> str:
    """Why a record is not erased before its time, empty for nothing."""
    record = await finding.one(transaction, kind, ident)
    return refusal(kind, record, await holding.in_force(transaction), secrets, transaction.org, today)


async def every(transaction: Transaction, secrets: Secrets) -> Sequence[Order]:
    """The orders, newest first."""
    return [
        Order(
            row.id,
            row.kind,
            row.record_id,
            _opened(secrets, transaction.org, row.ground_sealed),
            row.asked_on,
            row.decided_by,
            row.decided_at,
            row.done_at,
            row.refused,
        )
        for row in await transaction.connection.execute(_ALL)
    ]


def _opened(secrets: Secrets, org: str, sealed: bytes) -> str:
    try:
        return secrets.open(org, PURPOSE, bytes(sealed))
    except SealError:
        return holding.LOST


_WAITING = text(
    "select true from retention_order where kind = :kind and record_id = :id and done_at is null and refused is null"
)


async def waiting(transaction: Transaction, kind: str, ident: UUID) -> bool:
    """Whether an erasure was decided and is not done yet."""
    found = (await transaction.connection.execute(_WAITING, {"kind": kind, "id": ident})).scalar_one_or_none()
    return found is not None
