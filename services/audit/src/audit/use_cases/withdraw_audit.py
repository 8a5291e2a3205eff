"""Take an audit out of its round, with a reason; the next case of the draw moves up where that is wanted."""

from dataclasses import dataclass
from uuid import UUID

from audit.adapters.audits import AuditRepository, Record
from audit.adapters.entries import WORDS
from audit.adapters.round_audits import RoundAudits
from audit.adapters.rounds import RoundRepository
from audit.context import Context
from audit.domain.audit import State
from audit.domain.round import Round, RoundState
from audit.domain.steps import withdraw
from audit.domain.timetable import days_of_replacement
from audit.use_cases.allocate_round import make_audits
from audit.use_cases.circulate_round import send_out
from audit.use_cases.replace_case import move_up, reason_for
from audit.use_cases.take_round import hold_round
from chassis.calendar import WorkingDays
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from contracts.audit import AuditWithdrawn

MOST_WORDS = 2000


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Which audit, why (a code, and words if anything is to be said beside it), and whether another case replaces it."""

    audit_id: UUID
    reason: str
    words: str = ""
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """The audit that was withdrawn, and the reference of the one that replaces it."""

    reference: str
    round_id: UUID | None
    replacement: str | None


async def withdraw_audit(transaction: Transaction, context: Context, officer: Identity, wanted: Withdrawal) -> Withdrawn:
    """Withdraw an audit. One that is withdrawn already stays as it is, and is not replaced a second time.

    Raises `not-found`, `not-withdrawable` once it counts, `unknown-reason`, `no-spare`, and `allocation-impossible` where the
    replacement cannot be given to anybody; then nothing is withdrawn either.
    """
    reason_for(wanted.reason)
    if len(wanted.words) > MOST_WORDS:
        raise DomainError("too-long", f"{MOST_WORDS:,} letters at most.", Kind.MALFORMED)
    record, held = await hold_audit(transaction, officer, wanted.audit_id)
    if record.audit.state is State.WITHDRAWN:
        return Withdrawn(record.reference, record.round_id, None)
    withdraw(record.audit)
    words = context.secrets.seal(transaction.org, WORDS, wanted.words.strip()) if wanted.words.strip() else None
    await RoundAudits(transaction).withdraw(record.audit.id, context.today, wanted.reason, words)
    await AuditRepository(transaction).add_step(record.audit.id, officer.subject, "withdrawn", reason=wanted.reason)
    # Of one that was never sent out nobody was told.
    if record.audit.state is not State.PLANNED:
        event = AuditWithdrawn(audit_id=record.audit.id, withdrawn_on=context.today, ground=wanted.reason)
        transaction.record(event)
    replacement = None
    if held is not None:
        rounds = RoundRepository(transaction)
        await rounds.add_step(held.id, officer.subject, "withdrawn", reference=record.reference, reason=wanted.reason)
        if wanted.replace:
            replacement = await _replace(transaction, context, officer, held, record)
        await rounds.touch(held.id)
    return Withdrawn(record.reference, record.round_id, replacement)


async def find_audit(transaction: Transaction, officer: Identity, audit_id: UUID) -> Record:
    """An audit of somebody's service areas, as it stands. Raises `not-found`."""
    found = await AuditRepository(transaction).read(audit_id)
    if found is None or (officer.areas and found.service_area not in officer.areas):
        raise not_found("audit")
    return found


async def hold_audit(transaction: Transaction, officer: Identity, audit_id: UUID) -> tuple[Record, Round | None]:
    """An audit and its round, both held, the round first: everybody takes them in that order. Raises `not-found`."""
    seen = await find_audit(transaction, officer, audit_id)
    held = await hold_round(transaction, officer, seen.round_id) if seen.round_id is not None else None
    record = await AuditRepository(transaction).hold(audit_id)
    if record is None:
        raise not_found("audit")
    return record, held


async def _replace(transaction: Transaction, context: Context, officer: Identity, held: Round, record: Record) -> str | None:
    held.expect("no case can move up", RoundState.DRAWN, RoundState.CIRCULATED)
    cases = await RoundRepository(transaction).cases(held.id)
    case = next(each for each in cases if each.case_key == record.case_key)
    spare = await move_up(transaction, held, case, cases)
    if spare is None:
        return None
    audits = RoundAudits(transaction)
    number = len(await audits.of(held.id))
    late = held.state is RoundState.CIRCULATED
    days = days_of_replacement(held.rules.timetable, held.submit_by, context.today, WorkingDays.load()) if late else None
    (made,) = await make_audits(transaction, context, officer, held, [spare], number=number, days=days)
    if late:
        await send_out(transaction, context, officer, held, [each for each in await audits.of(held.id) if each.id == made.id])
    return made.reference
