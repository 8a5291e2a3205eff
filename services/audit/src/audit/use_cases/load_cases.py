"""Put cases on the list of a round, as a system posts them or somebody pastes them; the same list again changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from audit.adapters.rounds import CaseRow, RoundRepository
from audit.adapters.sealing import CASE_NUMBER
from audit.context import Context
from audit.domain.case_list import ListedCase, violations
from audit.domain.round import RoundState
from audit.domain.sampling import MOST_LISTED
from audit.use_cases.record_outcomes import CASE
from audit.use_cases.take_round import Target, hold_round
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a list; `listed` is how many cases the round has now."""

    added: int
    changed: int
    unchanged: int
    removed: int
    listed: int


async def load_cases(
    transaction: Transaction,
    context: Context,
    loader: Identity,
    target: Target,
    cases: Sequence[ListedCase],
    *,
    replace: bool = False,
) -> Loaded:
    """Put cases on a round's list; with `replace` it holds these and no others afterwards. All of them, or none.

    Raises `not-found`, `wrong-state` once it is drawn, `stale`, `invalid-cases` with every wrong place (`/cases/<n>/<field>`),
    and `too-many-cases`.
    """
    held = await hold_round(transaction, loader, target.round_id)
    held.expect("its list of cases is fixed", RoundState.PREPARING)
    held.expect_revision(target.revision)
    areas = held.rules.service_areas
    errors = list(violations(cases, areas))
    if errors:
        detail = "No case was put on the list, since some do not fit. See `errors`."
        raise DomainError("invalid-cases", detail, Kind.MALFORMED, tuple(errors[:200]))
    repository = RoundRepository(transaction)
    rows = [_row(transaction.org, context, case, areas) for case in cases]
    added, changed, removed = await repository.put_cases(held.id, rows, replace=replace)
    listed = (await repository.standings(held.id)).get("listed", 0)
    if listed > MOST_LISTED:
        detail = f"A round has {MOST_LISTED:,} cases at most; with these it would have {listed:,}. Nothing was put on the list."
        raise DomainError("too-many-cases", detail, Kind.MALFORMED)
    if added or changed or removed:
        await repository.touch(held.id)
        figures = {"added": added, "changed": changed, "removed": removed, "listed": listed}
        await repository.add_step(held.id, loader.subject, "listed", **figures)
    return Loaded(added, changed, len(rows) - added - changed, removed, listed)


def _row(org: str, context: Context, case: ListedCase, areas: Sequence[str]) -> CaseRow:
    return CaseRow(
        case_key=context.secrets.pseudonym(org, CASE, case.case_reference),
        case_sealed=context.secrets.seal(org, CASE_NUMBER, case.case_reference),
        service_area=case.service_area or areas[0],
        team=case.team,
        worker=case.worker,
        practice_on=case.practice_on,
    )
