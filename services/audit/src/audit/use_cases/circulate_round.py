"""Send the audits of a round to their auditors, all at once; and close a round when nobody is at work on it any more."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from audit.adapters.directory import Directory
from audit.adapters.round_audits import AuditRow, RoundAudits
from audit.adapters.rounds import RoundRepository
from audit.context import Context
from audit.domain.audit import State, is_auditor_part
from audit.domain.conflicts import Problem, Staff, broken
from audit.domain.notices import Notice, NoticeKind
from audit.domain.round import Round, RoundState
from audit.events.audit_allocated import audit_allocated
from audit.use_cases.allocate_round import case_of, picked_without_audit
from audit.use_cases.notify import notify
from audit.use_cases.problems import no_longer_fits
from audit.use_cases.take_round import Target, hold_round
from chassis.errors import DomainError
from chassis.identity import Identity
from chassis.unit_of_work import Transaction


async def circulate_round(transaction: Transaction, context: Context, officer: Identity, target: Target) -> Round:
    """Send out every planned audit. A round that is circulated already stays as it is.

    Raises `not-found`, `wrong-state`, `stale`, `not-allocated` while a picked case has nobody, and `no-longer-fits` where the
    staff directory has changed so that the conflict rules no longer let somebody have what they were given.
    """
    held = await hold_round(transaction, officer, target.round_id)
    if held.state in {RoundState.CIRCULATED, RoundState.CLOSED}:
        return held
    held.expect("there is nothing to circulate", RoundState.DRAWN)
    held.expect_revision(target.revision)
    audits = await RoundAudits(transaction).of(held.id)
    missing = await picked_without_audit(transaction, held, audits)
    if missing:
        detail = f"{len(missing)} of the picked cases are not allocated yet. Allocate them, then circulate all together."
        raise DomainError("not-allocated", detail)
    planned = [audit for audit in audits if audit.state == State.PLANNED.value]
    await _expect_fitting(transaction, context, held, planned)
    await send_out(transaction, context, officer, held, planned)
    circulated = replace(held, state=RoundState.CIRCULATED, circulated_at=context.now(), revision=held.revision + 1)
    repository = RoundRepository(transaction)
    await repository.change(circulated)
    await repository.add_step(held.id, officer.subject, "circulated", audits=len(planned))
    return circulated


async def send_out(
    transaction: Transaction, context: Context, officer: Identity, held: Round, planned: Sequence[AuditRow]
) -> None:
    """Send out planned audits of a round that is held: from now on their auditors see them, and others are told."""
    today, repository = context.today, RoundAudits(transaction)
    ids = [audit.id for audit in planned]
    await repository.circulate(ids, today)
    await repository.add_steps(ids, officer.subject, "circulated")
    for audit in planned:
        transaction.record(audit_allocated(audit, held, today))
    notices = [
        Notice(NoticeKind.ALLOCATED, audit.reference, person, f"/audit/audits/{audit.id}", part)
        for audit in planned
        for part, person in audit.people.items()
        if is_auditor_part(part)
    ]
    await notify(transaction, context, notices)


async def close_round(transaction: Transaction, officer: Identity, target: Target) -> Round:
    """Close a round. Raises `not-found`, `wrong-state`, `stale`, and `still-at-work` while audits are not moderated."""
    held = await hold_round(transaction, officer, target.round_id)
    if held.state is RoundState.CLOSED:
        return held
    held.expect("it cannot be closed", RoundState.CIRCULATED)
    held.expect_revision(target.revision)
    states = Counter(audit.state for audit in await RoundAudits(transaction).of(held.id))
    running = sum(states[state.value] for state in (State.PLANNED, State.AUDITING, State.SUBMITTED))
    if running:
        detail = f"{running} of its audits are not finished. Wait for them, or withdraw them with a reason."
        raise DomainError("still-at-work", detail, extra={"running": running})
    closed = replace(held, state=RoundState.CLOSED, revision=held.revision + 1)
    repository = RoundRepository(transaction)
    await repository.change(closed)
    await repository.add_step(held.id, officer.subject, "closed")
    return closed


async def _expect_fitting(transaction: Transaction, context: Context, held: Round, planned: Sequence[AuditRow]) -> None:
    staff = Staff(await Directory(transaction, context.secrets).everybody())
    problems: list[tuple[str, Problem]] = [
        (audit.reference, problem)
        for audit in planned
        for problem in broken(case_of(audit), audit.people, staff, held.rules.allocation)
    ]
    if problems:
        raise no_longer_fits(problems)
