"""Draw the sample of a round, once; and take a draw back, for all to see, as long as nobody was given an audit of it."""

import secrets
from collections import Counter
from dataclasses import replace

from audit.adapters.round_audits import RoundAudits
from audit.adapters.rounds import CaseRow, RoundRepository
from audit.context import Context
from audit.domain.case_list import team_fits
from audit.domain.profile import AuditProfile
from audit.domain.round import Round, RoundState
from audit.domain.sampling import LARGEST_SEED, Candidate, draw
from audit.use_cases.take_round import Target, hold_round
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.unit_of_work import Transaction


async def draw_round(
    transaction: Transaction, context: Context, officer: Identity, target: Target, seed: int | None = None
) -> Round:
    """Draw the sample; a round that is drawn already stays as it is. Without a seed one is made up, and kept.

    Raises `not-found`, `stale`, `malformed-seed`, `empty-list`, and `nothing-eligible` with what kept the cases out.
    """
    held = await hold_round(transaction, officer, target.round_id)
    if held.state is not RoundState.PREPARING:
        return held
    held.expect_revision(target.revision)
    if seed is not None and not 0 <= seed <= LARGEST_SEED:
        raise DomainError("malformed-seed", f"A seed is a whole number from 0 to {LARGEST_SEED}.", Kind.MALFORMED)
    seed = secrets.randbelow(LARGEST_SEED) if seed is None else seed
    repository = RoundRepository(transaction)
    listed = await repository.cases(held.id)
    if not listed:
        raise DomainError("empty-list", "There is no case on the list yet, so nothing can be drawn. Load the cases first.")
    profile = (await context.profiles.current(transaction)).profile
    candidates = await _candidates(repository, held, listed, profile)
    standings = draw(candidates, held.rules.sample, held.eligibility, seed)
    found = Counter(each.standing for each in standings)
    if not found["picked"]:
        why = Counter(each.reason.code for each in standings)
        detail = "None of the cases may be drawn: " + ", ".join(f"{code} {number}" for code, number in why.most_common()) + "."
        raise DomainError("nothing-eligible", detail, extra={"excluded": dict(why)})
    await repository.stand(held.id, standings)
    drawn = replace(held, state=RoundState.DRAWN, seed=seed, drawn_at=context.now(), revision=held.revision + 1)
    await repository.change(drawn)
    await repository.add_step(
        held.id, officer.subject, "drawn", seed=str(seed), **{name: found[name] for name in sorted(found)}
    )
    return drawn


async def undo_draw(transaction: Transaction, officer: Identity, target: Target) -> Round:
    """Take a draw back, so that the list can be put right. The history keeps that there was one, and its seed.

    Raises `not-found`, `stale`, `wrong-state`, and `already-allocated` once somebody was given an audit.
    """
    held = await hold_round(transaction, officer, target.round_id)
    if held.state is RoundState.PREPARING:
        return held
    held.expect("its draw stands", RoundState.DRAWN)
    held.expect_revision(target.revision)
    if await RoundAudits(transaction).of(held.id):
        detail = "The cases are allocated already, so the draw stands. Withdraw single audits instead."
        raise DomainError("already-allocated", detail)
    repository = RoundRepository(transaction)
    await repository.undraw(held.id)
    undone = replace(held, state=RoundState.PREPARING, seed=None, drawn_at=None, revision=held.revision + 1)
    await repository.change(undone)
    await repository.add_step(held.id, officer.subject, "draw-undone", seed=str(held.seed))
    return undone


async def _candidates(
    repository: RoundRepository, held: Round, listed: list[CaseRow], profile: AuditProfile
) -> list[Candidate]:
    since = held.eligibility.not_audited_since
    keys = [case.case_key for case in listed]
    audited = await repository.audited(held.id, keys, since) if since is not None else {}
    return [
        Candidate(
            key=case.case_key,
            service_area=case.service_area,
            team=case.team,
            team_fits=team_fits(profile, case.service_area, case.team, held.circulate_on),
            practice_on=case.practice_on,
            audited_on=audited.get(case.case_key),
        )
        for case in listed
    ]
