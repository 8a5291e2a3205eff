"""Reading what was issued: the list, a version with what became of its quotes, its files; and what is different today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.errors import DomainError, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from reporting.adapters import progress_repository
from reporting.adapters.issue_repository import Issue, IssueRepository, Kind
from reporting.domain.cut import Cut
from reporting.domain.frozen_report import Frozen
from reporting.domain.issuing import SEEN
from reporting.domain.report_changes import Change, changes
from reporting.domain.report_key import ReportKey, may_see
from reporting.domain.tables import ReportView
from reporting.use_cases.desk import DeskSetup

PAGE = 50
WRITERS = ("role:qa-officer", "role:complaints-officer")


@dataclass(frozen=True)
class Version:
    """A version as it may be shown: without the words of quotes that were withdrawn since, and when each was."""

    issue: Issue
    content: Frozen
    withdrawn: Mapping[UUID, date]


@dataclass(frozen=True)
class SinceIssued:
    """The last version of a report that is read live, and the figures that changed since."""

    issue: Issue
    changes: tuple[Change, ...]


async def read_version(transaction: Transaction, setup: DeskSetup, identity: Identity, ident: UUID) -> Version:
    """A version that was issued; for those who write reports, also one on its way. Raises 404.

    Whether its quotes may still be used is told by events, so while a rebuild reads those a version with quotes is not
    answered (`being-rebuilt`).
    """
    repository = IssueRepository(transaction, setup.secrets)
    issue = await repository.read(ident)
    if issue is None or not _visible(identity, issue):
        raise not_found("version")
    if issue.quotes:
        await progress_repository.assert_complete(transaction)
    withdrawn = await repository.withdrawn_quotes(issue.quotes)
    return Version(issue, issue.content.without([str(each) for each in withdrawn]), withdrawn)


async def read_file(
    transaction: Transaction, setup: DeskSetup, identity: Identity, ident: UUID, kind: Kind
) -> tuple[Issue, bytes, str]:
    """A file of a version, the same bytes as on the day on which it was issued, and their SHA-256.

    The PDF holds the words of its quotes. Once one of them is withdrawn it goes to those who write reports alone, who keep
    the record and issue the report again. Raises 404, and `quote-withdrawn` (conflict).
    """
    version = await read_version(transaction, setup, identity, ident)
    if kind == "pdf" and version.withdrawn and not identity.may(*WRITERS):
        detail = (
            "A quote in this file was withdrawn after it was issued, so it is not handed out any more. The figures and texts "
            "are on the page and in the workbook. Ask for the report to be issued again without the quote."
        )
        raise DomainError("quote-withdrawn", detail)
    found = await IssueRepository(transaction, setup.secrets).file(ident, kind)
    if found is None:
        raise not_found("file: the version is not issued")
    return version.issue, *found


def key_shown(identity: Identity, cut: Cut, view: ReportView) -> ReportKey | None:
    """The report that somebody reads live, as it would be issued; None where it is cut to what no report is issued for."""
    areas = cut.areas or tuple(identity.areas)
    if cut.teams or cut.compare or len(areas) > 1:
        return None
    return ReportKey(view.code, view.period.code, next(iter(areas), ""))


async def since_issued(
    transaction: Transaction, setup: DeskSetup, identity: Identity, cut: Cut, view: ReportView
) -> SinceIssued | None:
    """The last version of the report that somebody reads live, and what is different today; None where none was issued."""
    key = key_shown(identity, cut, view)
    issue = await IssueRepository(transaction, setup.secrets).last_issued(key) if key else None
    return SinceIssued(issue, changes(issue.content.view.tables, view.tables)) if issue else None


def _visible(identity: Identity, issue: Issue) -> bool:
    return may_see(identity.areas, issue.key.service_area) and (issue.state in SEEN or identity.may(*WRITERS))


async def list_issued(
    transaction: Transaction,
    setup: DeskSetup,
    identity: Identity,
    *,
    report: str | None = None,
    period: str | None = None,
    after: str | None = None,
    limit: int = PAGE,
) -> tuple[Sequence[Issue], str | None]:
    """What was issued and somebody may see, the last first; and the cursor of the next page. Raises `malformed-cursor`."""
    return await IssueRepository(transaction, setup.secrets).listed(sorted(identity.areas), report, period, after, limit)
