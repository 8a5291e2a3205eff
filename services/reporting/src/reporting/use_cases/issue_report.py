"""Steps of a version that was prepared: a second person checks it, it is issued with its files, it is withdrawn."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from chassis.access import org_of
from chassis.errors import DomainError, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction, UnitOfWork
from reporting.adapters.issue_repository import Issue, IssueRepository, Kind, Signed
from reporting.domain.issuing import State, Step, after, is_repetition, reason_of
from reporting.domain.report_key import may_see
from reporting.use_cases.choose_quotes import areas_of, read_chosen
from reporting.use_cases.desk import DeskSetup
from reporting.use_cases.read_report import Reader

FileMaker = Callable[[Issue, int, Signed], Awaitable[Mapping[Kind, bytes]]]
"""Makes the files of a version with its number, and who issues it when."""


async def take_step(
    transaction: Transaction, setup: DeskSetup, identity: Identity, ident: UUID, step: Step, reason: str = ""
) -> Issue:
    """Check, send back or withdraw a version; the second click does nothing more. To issue one is `issue_report`.

    Raises 404, `step-not-possible`, `second-person` and `reason-missing`.
    """
    repository = IssueRepository(transaction, setup.secrets)
    issue = await _held(repository, identity, ident)
    if is_repetition(issue.state, step):
        return issue
    after(issue.state, step, identity.subject, issue.prepared.by)
    if step is Step.CHECK:
        await repository.check(ident, identity)
    else:
        what = "why it is withdrawn" if step is Step.WITHDRAW else "what has to be changed"
        await repository.end(ident, step, reason_of(reason, what), identity)
    return issue


async def issue_report(uow: UnitOfWork, setup: DeskSetup, make: FileMaker, identity: Identity, ident: UUID) -> None:
    """Issue a version that was checked, with its PDF and workbook, all or nothing.

    Its quotes are asked for once more, and the files are made, before anything is written: what stops in between leaves the
    version checked and not issued. Raises 404, `step-not-possible`, `quotes-gone`, `issued-meanwhile`, `published-meanwhile`
    (conflict), and as
    `QuoteClient.read` and what makes the files.
    """
    org = org_of(identity)
    async with uow.begin(org) as transaction:
        repository = IssueRepository(transaction, setup.secrets)
        issue = await repository.read(ident)
        if issue is None or not may_see(identity.areas, issue.key.service_area):
            raise not_found("version")
        if is_repetition(issue.state, Step.ISSUE):
            return
        after(issue.state, Step.ISSUE, identity.subject, issue.prepared.by)
        number = await repository.next_number(issue.key)
    await _assert_quotes(setup, org, identity, issue)
    signed = Signed(identity.subject, identity.label or identity.subject, setup.now())
    files = await make(issue, number, signed)
    async with uow.begin(org) as transaction:
        repository = IssueRepository(transaction, setup.secrets)
        held = await _held(repository, identity, ident)
        if held.state is State.ISSUED:
            return
        after(held.state, Step.ISSUE, identity.subject, held.prepared.by)
        if await repository.next_number(held.key) != number:
            detail = "Another version was issued just now. Nothing was changed. Look at it, and prepare this one anew."
            raise DomainError("issued-meanwhile", detail)
        await _assert_held_against_all(transaction, repository, setup, issue)
        await repository.issue(ident, number, signed.at, identity, files)


async def _assert_quotes(setup: DeskSetup, org: str, identity: Identity, issue: Issue) -> None:
    """Whether every quote may still be used, in the words in which it was checked."""
    now = await read_chosen(setup, org, areas_of(identity, issue.key), list(issue.quotes))
    if {each.quote_id: each.version for each in now} != dict(issue.quotes):
        detail = (
            "A quote in this version was withdrawn or reads otherwise since it was prepared. Nothing was issued. Send the "
            "version back, look at the quotes, and prepare it anew."
        )
        raise DomainError("quotes-gone", detail)


async def _assert_held_against_all(
    transaction: Transaction, repository: IssueRepository, setup: DeskSetup, issue: Issue
) -> None:
    """Whether a public version knows every other that the public has. Raises `published-meanwhile` (conflict)."""
    if issue.audience != "public":
        return
    await repository.one_by_one()
    protection = issue.content.view.protection
    known = {each.id for each in protection.against} if protection else set()
    key = issue.key
    reader = Reader(setup.today(), frozenset({key.service_area} if key.service_area else ()))
    there = await setup.reports.earlier_public(transaction, reader, key.report, key.period)
    if missed := [each.name for each in there if str(each.ident) not in known]:
        detail = (
            f"Since this version was prepared, other public figures of the same things were issued: {'; '.join(missed)}. "
            "Side by side they could give a small number away, so nothing was issued. Send this version back and prepare it "
            "anew: it is then held against them."
        )
        raise DomainError("published-meanwhile", detail)


async def _held(repository: IssueRepository, identity: Identity, ident: UUID) -> Issue:
    issue = await repository.hold(ident)
    if issue is None or not may_see(identity.areas, issue.key.service_area):
        raise not_found("version")
    return issue
