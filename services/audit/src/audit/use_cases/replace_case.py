"""Replace a case of a round by the next of the draw: the first spare of the same stratum, so that teams stay covered."""

from dataclasses import dataclass

from audit.adapters.round_audits import RoundAudits
from audit.adapters.rounds import CaseRow, RoundRepository
from audit.domain.round import WITHDRAWAL_REASONS, Round, RoundState
from audit.domain.sampling import Reason, Standing, stratum_of
from audit.use_cases.take_round import Target, hold_round
from chassis.errors import DomainError, Kind, not_found, unknown_code
from chassis.identity import Identity
from chassis.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a case was replaced by; None where it was taken out and its stratum has no spare left."""

    by: CaseRow | None


def reason_for(code: str) -> str:
    """The code of a reason, if it is one. Raises `unknown-reason`."""
    if code not in WITHDRAWAL_REASONS:
        raise DomainError(
            "unknown-reason", "Choose a reason.", Kind.MALFORMED, (unknown_code("/reason", code, [*WITHDRAWAL_REASONS]),)
        )
    return code


async def replace_case(
    transaction: Transaction, officer: Identity, target: Target, place: int, reason: str, *, without_spare: bool = False
) -> Replaced:
    """Take a picked case that has no audit yet out of the draw, and let the next of its stratum move up.

    `place` is its place in the draw. Done twice, the second time changes nothing. Raises `not-found`, `wrong-state`, `stale`,
    `has-an-audit` (withdraw that instead), and `no-spare` unless `without_spare` says to go without.
    """
    held = await hold_round(transaction, officer, target.round_id)
    reason_for(reason)
    cases = await RoundRepository(transaction).cases(held.id)
    case = next((each for each in cases if each.place == place), None)
    if case is None:
        raise not_found("case of the draw")
    if case.standing == "excluded":
        return Replaced(None)
    if case.standing != "picked":
        raise DomainError("not-picked", "This case is a spare, so there is nothing to replace.")
    held.expect("its cases stand", RoundState.DRAWN, RoundState.CIRCULATED)
    held.expect_revision(target.revision)
    if any(audit.case_key == case.case_key for audit in await RoundAudits(transaction).of(held.id)):
        raise DomainError("has-an-audit", "This case has been allocated. Withdraw its audit instead.")
    spare = await move_up(transaction, held, case, cases, without_spare=without_spare)
    repository = RoundRepository(transaction)
    out = Standing(case.case_key, "excluded", Reason.of("taken-out", reason=reason), place)
    await repository.stand(held.id, [out])
    await repository.touch(held.id)
    figures = {"place": place, "moved_up": spare.place if spare else None, "reason": reason}
    await repository.add_step(held.id, officer.subject, "case-replaced", **figures)
    return Replaced(spare)


async def move_up(
    transaction: Transaction, held: Round, case: CaseRow, cases: list[CaseRow], *, without_spare: bool = False
) -> CaseRow | None:
    """Pick the first spare of a case's stratum in its place. Raises `no-spare` unless it may be done without."""
    by = held.rules.sample.stratify_by
    stratum = stratum_of(by, case.service_area, case.team)
    spare = next(
        (each for each in cases if each.standing == "spare" and stratum_of(by, each.service_area, each.team) == stratum), None
    )
    if spare is None:
        if without_spare:
            return None
        detail = "The draw has no spare case left in this team or service area. Nothing was changed. Go without, or leave it."
        raise DomainError("no-spare", detail)
    reason = Reason.of("replaced", stratum=stratum, place=case.place)
    await RoundRepository(transaction).stand(held.id, [Standing(spare.case_key, "picked", reason, spare.place or 0)])
    return spare
