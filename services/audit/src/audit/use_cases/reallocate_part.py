"""Give one part of an audit, or its review, to somebody else, by hand and with a reason; the conflict rules hold here too."""

from dataclasses import dataclass
from uuid import UUID

from audit.adapters.audits import AuditRepository, Record
from audit.adapters.directory import Directory
from audit.adapters.round_audits import RoundAudits
from audit.adapters.rounds import RoundRepository
from audit.context import Context
from audit.domain.allocation import kind_of
from audit.domain.audit import State
from audit.domain.conflicts import REVIEW, Case, Problem, Staff, broken, candidates
from audit.domain.notices import Notice, NoticeKind
from audit.domain.programme import AllocationRules
from audit.domain.round import REALLOCATION_REASONS, Round
from audit.domain.steps import reallocate
from audit.domain.timetable import months_before
from audit.use_cases.notify import notify
from audit.use_cases.problems import rules_broken
from audit.use_cases.take_round import see_round
from audit.use_cases.withdraw_audit import find_audit, hold_audit
from chassis.errors import DomainError, Kind, not_found, unknown_code
from chassis.identity import Identity
from chassis.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class Reallocation:
    """Which part of which audit goes to whom, and why. `part` is a code, or `review`."""

    audit_id: UUID
    part: str
    person: str
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Who has a part, and who else may have it under the rules, with how many audits they have in the round."""

    reference: str
    round_id: UUID | None
    part: str
    person: str
    others: tuple[tuple[str, int], ...]


async def reallocate_part(transaction: Transaction, context: Context, officer: Identity, wanted: Reallocation) -> Record:
    """Reallocate. To whoever has it already changes nothing.

    How many audits somebody has in a month is not held against a decision by hand. Raises `not-found`, `already-submitted`,
    `unknown-reason`, and `conflict-rule` with each rule that is against it.
    """
    if wanted.reason not in REALLOCATION_REASONS:
        error = unknown_code("/reason", wanted.reason, [*REALLOCATION_REASONS])
        raise DomainError("unknown-reason", "Choose a reason.", Kind.MALFORMED, (error,))
    record, held = await hold_audit(transaction, officer, wanted.audit_id)
    people = _people(record)
    before = people.get(wanted.part)
    if before is None:
        raise not_found("part")
    if before == wanted.person:
        return record
    _expect_fits(record, held, people | {wanted.part: wanted.person}, wanted.part, await _staff(transaction, context))
    if wanted.part == REVIEW:
        if record.audit.state in {State.CLOSED, State.WITHDRAWN}:
            raise DomainError("wrong-state", "There is no review to hold any more. Nothing was changed.")
        await RoundAudits(transaction).set_reviewer(record.audit.id, wanted.person)
    else:
        after = reallocate(record.audit, wanted.part, wanted.person)
        await AuditRepository(transaction).save(record.audit, after)
    detail = {"from": before, "to": wanted.person, "reason": wanted.reason}
    await AuditRepository(transaction).add_step(record.audit.id, officer.subject, "reallocated", wanted.part, **detail)
    if held is not None:
        rounds = RoundRepository(transaction)
        await rounds.add_step(held.id, officer.subject, "reallocated", reference=record.reference, part=wanted.part)
        await rounds.touch(held.id)
    if record.audit.state is not State.PLANNED:
        path = f"/audit/audits/{record.audit.id}"
        about = f"{wanted.part}:{record.revision}"
        await notify(transaction, context, [Notice(NoticeKind.ALLOCATED, record.reference, wanted.person, path, about)])
    return record


async def who_may(transaction: Transaction, context: Context, officer: Identity, audit_id: UUID, part: str) -> Choice:
    """Who else may have a part of an audit: those who break no rule. Raises `not-found`."""
    record = await find_audit(transaction, officer, audit_id)
    held = await see_round(transaction, officer, record.round_id) if record.round_id is not None else None
    people, staff = _people(record), await _staff(transaction, context)
    if part not in people:
        raise not_found("part")
    able, _ = candidates(part, _case(record), staff, _rules(held))
    loads = await RoundAudits(transaction).loads(held, months_before(held.submit_by, 12)) if held is not None else None
    given = loads.round.get(kind_of(part), {}) if loads else {}
    fitting = [
        (code, given.get(code, 0))
        for code in able
        if code != people[part] and not _relevant(record, held, people | {part: code}, part, staff)
    ]
    return Choice(record.reference, record.round_id, part, people[part], tuple(sorted(fitting, key=lambda each: each[::-1])))


def _people(record: Record) -> dict[str, str]:
    held = {code: part.person for code, part in record.audit.parts.items()}
    review = record.audit.open_review
    reviewer = review.reviewer if review is not None else record.audit.reviewer
    return held | ({REVIEW: reviewer} if reviewer is not None else {})


def _case(record: Record) -> Case:
    return Case(record.case_key or record.reference, record.service_area, record.team, record.worker)


def _rules(held: Round | None) -> AllocationRules:
    return held.rules.allocation if held is not None else AllocationRules()


async def _staff(transaction: Transaction, context: Context) -> Staff:
    return Staff(await Directory(transaction, context.secrets).everybody())


def _expect_fits(record: Record, held: Round | None, people: dict[str, str], part: str, staff: Staff) -> None:
    problems = _relevant(record, held, people, part, staff)
    if problems:
        raise rules_broken(problems, record.reference)


def _relevant(record: Record, held: Round | None, people: dict[str, str], part: str, staff: Staff) -> list[Problem]:
    found = broken(_case(record), people, staff, _rules(held))
    # What is wrong elsewhere in the audit is not made worse by this, except for the moderator's independence.
    return [each for each in found if each.part == part or (each.rule == "independent-moderator" and part != REVIEW)]
