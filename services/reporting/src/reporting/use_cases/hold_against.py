"""Holding a public report against the public versions that were issued before: which concern it, and what they tell today."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from chassis.days import british_day
from chassis.errors import DomainError
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from reporting.adapters.issue_repository import Issue, IssueRepository
from reporting.adapters.tally_repository import TallyRepository
from reporting.domain import comparing, evaluation, kpi_tables
from reporting.domain.cut import Cut
from reporting.domain.evaluation import Scope
from reporting.domain.expansion import expanded
from reporting.domain.headline_rows import resolved
from reporting.domain.meanings import meanings
from reporting.domain.profile import Profile
from reporting.domain.protection import Against
from reporting.domain.published_before import Before
from reporting.domain.recipes import Report, Table
from reporting.domain.tallies import Answers, Count, Key, Tally
from reporting.use_cases.report_periods import period_of


@dataclass(frozen=True)
class Earlier:
    """A public version, the tables of it that concern a report, and for what they are filled again."""

    ident: UUID
    name: str
    tables: tuple[Table, ...]
    scope: Scope
    issue: Issue


async def earlier_versions(
    transaction: Transaction, secrets: Secrets, profile: Profile, recipe: Report, scope: Scope
) -> list[Earlier]:
    """The public versions that count what a report counts, in part or whole; withdrawn ones too, since they were seen.

    They are found whoever asks: a figure of another service area is as public as one's own.
    """
    spans = _spans(recipe, scope)
    first = min((each for each, _ in spans.values()), default=scope.period.first)
    async with transaction.whole_organisation():
        issues = await IssueRepository(transaction, secrets).public_since(first)
    found = [_earlier(issue, profile, scope, recipe, spans) for issue in issues]
    return [each for each in found if each is not None and each.tables]


async def told_before(transaction: Transaction, earlier: Sequence[Earlier], profile: Profile, answers: Answers) -> list[Before]:
    """Those versions as they are counted today. `answers` are counts that are there already."""
    wanted = {tally for each in earlier for table in each.tables for tally in evaluation.tallies(table, each.scope)}
    counted: Mapping[Tally, Mapping[Key, Count]] = {}
    if missing := wanted - answers.keys():
        async with transaction.whole_organisation():
            counted = await TallyRepository(transaction).answer(missing, meanings(profile))
    everything = {**counted, **answers}
    return [
        Before(
            each.name,
            tuple(evaluation.fill(table, each.scope, everything) for table in each.tables),
            each.issue.content.view.tables,
        )
        for each in earlier
    ]


def against(earlier: Sequence[Earlier]) -> tuple[Against, ...]:
    """What a report was held against, to be kept with it."""
    return tuple(Against(str(each.ident), each.name) for each in earlier)


def _spans(recipe: Report, scope: Scope) -> dict[str, tuple[date, date]]:
    """From when to when each measure is counted."""
    spans: dict[str, tuple[date, date]] = {}
    for tally in evaluation.needed(recipe, scope):
        first, last = spans.get(tally.measure, (tally.first, tally.last))
        spans[tally.measure] = min(first, tally.first), max(last, tally.last)
    return spans


def _earlier(
    issue: Issue, profile: Profile, scope: Scope, recipe: Report, spans: Mapping[str, tuple[date, date]]
) -> Earlier | None:
    """A version with the tables that concern the report; None where the profile has its report or its period no more."""
    found = profile.reports.report(issue.key.report)
    if found is None:
        return None
    try:
        whole = resolved(expanded(found, profile), profile)
        period = period_of(profile, whole, issue.key.period)
        whole = comparing.compared(whole, comparing.steps_of(period, Cut().compare))
    except DomainError:
        return None
    areas = frozenset({issue.key.service_area} if issue.key.service_area else ())
    at = replace(scope, period=period, today=british_day(issue.content.as_of), areas=areas, teams=frozenset())
    kpis = {code for table in recipe.tables for code in kpi_tables.kpis_of(table)}
    name = f"version {issue.number} of {issue.title}, {issue.period_label}"
    if issue.content.area:
        name = f"{name}, {issue.content.area}"
    tables = tuple(table for table in whole.tables if _concerns(table, at, spans) or kpis & {*kpi_tables.kpis_of(table)})
    return Earlier(issue.id, name, tables, at, issue)


def _concerns(table: Table, scope: Scope, spans: Mapping[str, tuple[date, date]]) -> bool:
    return any(
        tally.measure in spans and tally.first <= spans[tally.measure][1] and spans[tally.measure][0] <= tally.last
        for tally in evaluation.tallies(table, scope)
    )
