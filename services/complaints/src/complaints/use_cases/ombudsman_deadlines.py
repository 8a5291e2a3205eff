"""The deadlines of an Ombudsman case: looked at, added, done."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from chassis.errors import not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.ombudsman_cases import CaseRow, OmbudsmanCases, StoredDeadline
from complaints.domain import ombudsman
from complaints.domain.codes import CodeCheck
from complaints.domain.ombudsman import Deadline, DeadlineKind
from complaints.domain.profile import Profile
from complaints.use_cases.ombudsman_recount import recount
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import may_see


@dataclass(frozen=True)
class CaseView:
    """A case with its deadlines."""

    case: CaseRow
    deadlines: Sequence[StoredDeadline]
    profile: Profile


@dataclass(frozen=True)
class NewDeadline:
    """What the Ombudsman wants, by when; `remedy` is the code of a remedy. `ident` makes it one, however often it is sent."""

    ident: UUID
    kind: DeadlineKind
    due_on: date
    what: str = field(repr=False)
    remedy: str | None = None


async def list_cases(transaction: Transaction, setup: Setup, identity: Identity) -> tuple[Sequence[CaseRow], Profile]:
    """The cases that the caller may see, what waits first."""
    profile = (await setup.profiles.current(transaction)).profile
    return await OmbudsmanCases(transaction, setup.secrets).list(identity.areas), profile


async def read_case(transaction: Transaction, setup: Setup, identity: Identity, case_id: UUID) -> CaseView:
    """A case. Raises `not-found`."""
    cases = OmbudsmanCases(transaction, setup.secrets)
    case = await _seen(cases, identity, case_id)
    profile = (await setup.profiles.current(transaction)).profile
    return CaseView(case, await cases.deadlines(case_id), profile)


async def add_deadline(
    transaction: Transaction, setup: Setup, identity: Identity, case_id: UUID, new: NewDeadline
) -> None:  # fmt: skip
    """Record by when the Ombudsman wants something; sent twice it is one. Raises `not-found`, `incomplete`, `unknown-codes`."""
    cases = OmbudsmanCases(transaction, setup.secrets)
    case = await _seen(cases, identity, case_id)
    ombudsman.check_new(new.due_on, new.what, case.accepted_on)
    remedy = new.remedy if new.kind == "remedy" else None
    check = CodeCheck((await setup.profiles.current(transaction)).profile, new.due_on)
    check.one_of("/remedy", remedy, check.profile.complaints.ombudsman_remedies)
    check.done()
    deadline = Deadline(new.ident, new.kind, new.due_on, None, remedy)
    if await cases.add(case_id, deadline, new.what.strip(), identity.subject):
        await recount(transaction, case_id)


async def finish_deadline(
    transaction: Transaction, setup: Setup, identity: Identity, case_id: UUID, ident: UUID, done_on: date
) -> None:
    """Record that it was done. Raises `not-found`, and what `ombudsman.finish` raises."""
    cases = OmbudsmanCases(transaction, setup.secrets)
    case = await _seen(cases, identity, case_id)
    deadline = await cases.lock(case_id, ident)
    if deadline is None:
        raise not_found("deadline")
    if ombudsman.finish(deadline, done_on, case.accepted_on, setup.today()) is not deadline:
        await cases.done(ident, done_on, identity.subject)
        await recount(transaction, case_id)


async def _seen(cases: OmbudsmanCases, identity: Identity, case_id: UUID) -> CaseRow:
    case = await cases.one(case_id)
    if case is None or not may_see(identity, case.service_area):
        raise not_found("Ombudsman case")
    return case
