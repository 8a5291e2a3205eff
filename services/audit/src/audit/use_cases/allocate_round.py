"""Give the picked cases of a round to auditors, moderators and reviewers, all of them or none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from audit.adapters.directory import Directory
from audit.adapters.round_audits import AuditRow, NewAudit, RoundAudits
from audit.adapters.rounds import CaseRow, RoundRepository
from audit.context import Context
from audit.domain.allocation import Allocation, Wanted, allocate, parts_of
from audit.domain.audit import MODERATION
from audit.domain.conflicts import REVIEW, Case, Staff
from audit.domain.profile import Tool
from audit.domain.round import Round, RoundState
from audit.domain.timetable import months_before
from audit.use_cases.problems import allocation_impossible
from audit.use_cases.take_round import Target, hold_round
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class Allocated:
    """A round, and the audits that were made of it now: none where all picked cases had theirs."""

    round: Round
    audits: tuple[NewAudit, ...]


async def allocate_round(transaction: Transaction, context: Context, officer: Identity, target: Target) -> Allocated:
    """Make an audit of every picked case that has none. Doing it again changes nothing.

    Raises `not-found`, `wrong-state`, `stale`, and `allocation-impossible` with the rule that is in the way for each case.
    """
    held = await hold_round(transaction, officer, target.round_id)
    held.expect("it cannot be allocated", RoundState.DRAWN, RoundState.CIRCULATED)
    there = await RoundAudits(transaction).of(held.id)
    without = await picked_without_audit(transaction, held, there)
    if not without:
        return Allocated(held, ())
    held.expect_revision(target.revision)
    made = await make_audits(transaction, context, officer, held, without, number=len(there))
    await RoundRepository(transaction).touch(held.id)
    return Allocated(held, made)


async def picked_without_audit(transaction: Transaction, held: Round, audits: Sequence[AuditRow]) -> list[CaseRow]:
    """The picked cases that have no audit yet, in the order of the draw."""
    have = {audit.case_key for audit in audits}
    cases = await RoundRepository(transaction).cases(held.id)
    return [case for case in cases if case.standing == "picked" and case.case_key not in have]


async def make_audits(
    transaction: Transaction,
    context: Context,
    officer: Identity,
    held: Round,
    cases: Sequence[CaseRow],
    *,
    number: int,
    days: tuple[date, date] | None = None,
) -> tuple[NewAudit, ...]:
    """Allocate cases of a round that is held, and make their audits, submitted and moderated by its days or by others.

    `number` is how many audits the round has already.
    """
    tool, _ = await context.tools.tool(transaction, held.tool, held.tool_version)
    staff = Staff(await Directory(transaction, context.secrets).everybody())
    found = await _allocate(transaction, held, cases, tool, staff)
    if found.problems:
        raise allocation_impossible(found.problems, cases)
    submit_by, moderate_by = days or (held.submit_by, held.moderate_by)
    audits = tuple(
        _new_audit(case, held.reference(place), found.given[case.case_key], submit_by, moderate_by)
        for place, case in enumerate(cases, number + 1)
    )
    repository = RoundAudits(transaction)
    await repository.add(held, tool.scale, audits)
    await repository.add_steps([audit.id for audit in audits], officer.subject, "allocated")
    await RoundRepository(transaction).add_step(held.id, officer.subject, "allocated", audits=len(audits))
    return audits


async def _allocate(transaction: Transaction, held: Round, cases: Sequence[CaseRow], tool: Tool, staff: Staff) -> Allocation:
    wanted = Wanted(
        cases=[case_of(case) for case in cases],
        parts=parts_of(tool),
        reviewer=held.rules.needs_reviewer,
        rules=held.rules.allocation,
        seed=held.seed or 0,
    )
    loads = await RoundAudits(transaction).loads(held, months_before(held.submit_by, 12))
    return allocate(wanted, staff, loads)


def case_of(case: CaseRow | AuditRow) -> Case:
    """A case as the conflict rules see it."""
    return Case(case.case_key, case.service_area, case.team, case.worker)


def _new_audit(case: CaseRow, reference: str, given: Mapping[str, str], submit_by: date, moderate_by: date) -> NewAudit:
    return NewAudit(
        id=new_id(),
        reference=reference,
        case_key=case.case_key,
        parts={part: person for part, person in given.items() if part != REVIEW},
        reviewer=given.get(REVIEW),
        submit_by=submit_by,
        moderate_by=moderate_by if MODERATION in given else None,
    )
